import { sql } from "drizzle-orm";
import type { Context } from "../../../src/core/context.ts";
import { newId } from "../../../src/core/ids.ts";
import type { Stack } from "../../../src/dev/stack.ts";
import { createType } from "../../../src/domain/content/types/index.ts";
import { contextOf } from "../../support/system-context.ts";
import { drained } from "../drained.ts";
import { stackCpuMs, stackMemoryMb } from "../processes.ts";
import { rawRequest } from "../run-load.ts";
import { analyze, measure, note } from "./measuring.ts";

const ENTRIES = 400;
const CHANGES = 40;
const DOCUMENT = { query: "{ kind_1List(limit: 10) { id title slug price next { id } } }" };

type Tenant = Awaited<ReturnType<typeof newTenant>>;

function nameOf(n: number): string {
  return `kind_${n}`;
}

/** Ten fields, one of them a reference to the next type. */
function definition(n: number, of: number) {
  return {
    id: nameOf(n),
    name: `Kind ${n}`,
    fields: [
      { id: "title", type: "short_text", required: true },
      { id: "slug", type: "slug" },
      { id: "summary", type: "long_text" },
      { id: "price", type: "number" },
      { id: "pages", type: "integer" },
      { id: "is_open", type: "boolean" },
      { id: "day", type: "date" },
      { id: "colour", type: "enum", options: ["red", "green", "blue"] },
      { id: "next", type: "reference", ...(of > 1 ? { to: [nameOf((n % of) + 1)] } : {}) },
      { id: "body", type: "rich_text" },
    ],
  };
}

async function newTenant(stack: Stack, types: number, entries: number) {
  const tenant = await stack.newTenant(`growth-${crypto.randomUUID().slice(0, 8)}`, "Growth");
  const ctx = contextOf(stack.databases.appUrl, tenant);
  await createType(ctx, { definition: definition(1, types) }).catch(() =>
    // The type that it refers to comes later.
    createType(ctx, { definition: { ...definition(1, 1) } }),
  );
  if (types > 1) await copyTypes(ctx, types);
  const ids = Array.from({ length: entries }, () => newId("cnt"));
  for (let i = 0; i < ids.length; i += 100) {
    const some = ids.slice(i, i + 100);
    await bulk(stack, tenant.tokens.admin, [...created(some), ...some.map((id) => ({ op: "publish", id }))]);
  }
  return { ...tenant, ctx, ids };
}

/** The definitions of all types, as they are when each was made by itself. */
async function copyTypes(ctx: Context, types: number): Promise<void> {
  const full = await Promise.all(
    Array.from({ length: types }, (_, i) => {
      const { fields, ...rest } = definition(i + 1, types);
      const whole = fields.map((field) => ({
        required: false,
        unique: false,
        localized: false,
        multiple: false,
        ...field,
      }));
      return { ...rest, fields: whole };
    }),
  );
  await ctx.db.run([
    sql`insert into content_types (tenant_id, environment_id, id, version, definition)
      select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, one ->> 'id', 1, one
      from jsonb_array_elements(${JSON.stringify(full)}::jsonb) one
      on conflict (tenant_id, environment_id, id) do update set definition = excluded.definition`,
    sql`update environments set schema_version = schema_version + 1
      where tenant_id = ${ctx.tenantId}::uuid and id = ${ctx.environmentId}::uuid`,
  ]);
}

async function bulk(stack: Stack, token: string, operations: object[]): Promise<void> {
  const response = await fetch(`${stack.url}/api/v3/content/bulk`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ operations }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
}

function created(ids: string[]): object[] {
  const fields = (id: string) => ({ title: `Entry ${id}`, slug: id.replaceAll("_", "-"), price: 3 });
  return ids.map((id) => ({ op: "create", type: nameOf(1), id, fields: fields(id) }));
}

function asked({ tokens }: Tenant): Record<string, string> {
  return {
    authorization: `Bearer ${tokens.admin}`,
    "cache-control": "no-cache",
    "content-type": "application/json",
  };
}

function listOf(tenant: Tenant): string {
  return rawRequest("GET", `/api/v3/content/${nameOf(1)}?limit=10`, asked(tenant));
}

function queryOf(tenant: Tenant): string {
  return rawRequest("POST", "/api/v3/graphql", asked(tenant), DOCUMENT);
}

/** What requests cost in a tenant with so many types. */
export async function measureTypes(stack: Stack, types: number, ms: number): Promise<void> {
  const tenant = await newTenant(stack, types, ENTRIES);
  const { ids, ctx } = tenant;
  await analyze(stack);
  const scale = { entries: ENTRIES, types, tenants: 1 };
  const where = { stack, tenantId: tenant.tenantId, ms };
  const measured = (name: string, requests: string[], max?: number) =>
    measure(where, name, scale, requests, max);
  await measured("rest_list", [listOf(tenant)]);
  await measured("graphql_list", [queryOf(tenant)]);
  await measured(
    "write",
    ids.map((id) =>
      rawRequest("PATCH", `/api/v3/content/${nameOf(1)}/${id}`, asked(tenant), { title: `New ${id}` }),
    ),
  );
  await settled(ctx);
  await measured(
    "publish",
    ids.map((id) => rawRequest("POST", "/api/v3/content/publish", asked(tenant), { id })),
    ids.length,
  );
  await afterChange(stack, tenant, types);
}

/** Each entry gets a version that is not published. */
async function settled(ctx: Context): Promise<void> {
  const mine = sql`tenant_id = ${ctx.tenantId}::uuid and environment_id = ${ctx.environmentId}::uuid`;
  await ctx.db.run([
    sql`update entries set version = version + 1 where ${mine}`,
    sql`insert into entry_versions (tenant_id, environment_id, entry_id, version, type, data, created_by)
      select tenant_id, environment_id, id, version, type, data, 'bench' from entries where ${mine}`,
  ]);
}

/** What the first request costs after the schema has changed, by REST and by GraphQL. */
async function afterChange(stack: Stack, tenant: Tenant, types: number): Promise<void> {
  const change = () =>
    tenant.ctx.db.run([
      sql`update environments set schema_version = schema_version + 1
        where tenant_id = ${tenant.tenantId}::uuid and id = ${tenant.environmentId}::uuid`,
    ]);
  const headers = asked(tenant);
  const requests = {
    rest_list_after_change: [`/api/v3/content/${nameOf(1)}?limit=10`, { headers }],
    graphql_list_after_change: [
      "/api/v3/graphql",
      { method: "POST", headers, body: JSON.stringify(DOCUMENT) },
    ],
  } as const;
  for (const [name, [path, init]] of Object.entries(requests)) {
    await drained(stack.databases.ownerUrl, tenant.tenantId);
    let cpu = 0;
    for (let i = 0; i < CHANGES; i++) {
      await change();
      const before = stackCpuMs();
      const response = await fetch(stack.url + path, init);
      const text = await response.text();
      if (!response.ok || text.includes('"errors"')) throw new Error(`${name} was answered ${text}.`);
      cpu += stackCpuMs() - before;
    }
    note({ name, entries: ENTRIES, types, tenants: 1, requests: CHANGES, cpu_ms: cpu / CHANGES });
  }
}

/** Many tenants asked in turn, beside one of them asked as often. */
export async function measureTenants(
  stack: Stack,
  { count, types, ms }: { count: number; types: number; ms: number },
): Promise<void> {
  const tenants: Tenant[] = [];
  while (tenants.length < count) tenants.push(await newTenant(stack, types, 10));
  for (const { tenantId } of tenants) await drained(stack.databases.ownerUrl, tenantId);
  await analyze(stack);
  const before = stackMemoryMb();
  const where = { stack, tenantId: tenants[0]!.tenantId, ms };
  const one = { entries: 10, types, tenants: 1 };
  const many = { ...one, tenants: count };
  await measure(where, "rest_list_by_tenants", one, [listOf(tenants[0]!)]);
  await measure(where, "rest_list_first", many, tenants.map(listOf), count);
  await measure(where, "rest_list_by_tenants", many, tenants.map(listOf), 2 * count);
  await measure(where, "graphql_list_by_tenants", one, [queryOf(tenants[0]!)]);
  await measure(where, "graphql_list_first", many, tenants.map(queryOf), count);
  await measure(where, "graphql_list_by_tenants", many, tenants.map(queryOf), 2 * count);
  console.log(
    `\nMemory of the stack: ${before} MB before ${count} tenants were asked, ${stackMemoryMb()} after.`,
  );
}

/** Creates by bulk into an installation that was empty, 500 at a time. */
export async function measureBulk(stack: Stack, count: number): Promise<void> {
  const tenant = await newTenant(stack, 1, 0);
  const startedAt = performance.now();
  const before = stackCpuMs();
  for (let done = 0; done < count; done += 500) {
    const from = performance.now();
    const ids = Array.from({ length: Math.min(500, count - done) }, () => newId("cnt"));
    await bulk(stack, tenant.tokens.admin, created(ids));
    console.log(`  bulk of 500 after ${done}: ${((performance.now() - from) / 1000).toFixed(2)} s`);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(`  ${count} creates by bulk: ${seconds.toFixed(1)} s`);
  const cpuMs = (stackCpuMs() - before) / count;
  note({ name: "bulk_create", entries: count, types: 1, tenants: 1, requests: count, cpu_ms: cpuMs });
}
