import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { sql } from "drizzle-orm";
import type { Context } from "../../src/core/context.ts";
import { newId } from "../../src/core/ids.ts";
import { connect } from "../../src/db/client.ts";
import { startStack } from "../../src/dev/stack.ts";
import { createType } from "../../src/domain/content/types/index.ts";
import { sweepOutbox } from "../../src/domain/tenant/events/index.ts";
import { stackCpuMs, stackMemoryMb } from "./processes.ts";
import { rawRequest, runLoad } from "./run-load.ts";
import { contextOf } from "../support/system-context.ts";

type Figure = { name: string; types: number; tenants: number; requests: number; cpu_ms: number };

const { values: options } = parseArgs({
  options: {
    growth: { type: "boolean" },
    json: { type: "string" },
    types: { type: "string", default: "1,20,200" },
    tenants: { type: "string", default: "1000" },
    tenantTypes: { type: "string", default: "20" },
    ms: { type: "string", default: "3000" },
    bulk: { type: "string", default: "0" },
  },
});
const CONCURRENCY = 4;
const ENTRIES = 400;
const CHANGES = 40;
const DOCUMENT = { query: "{ kind_1List(limit: 10) { id title slug price next { id } } }" };

const dataDir = mkdtempSync(join(tmpdir(), "flow-growth-"));
const stack = await startStack({
  dataDir,
  port: 0,
  databaseUrl: process.env["DATABASE_URL"] || undefined,
  isQuiet: true,
  vars: { RATE_LIMIT_PER_MINUTE: "100000000" },
});
const port = Number(new URL(stack.url).port);
const owner = connect(stack.databases.ownerUrl);
const figures: Figure[] = [];
type Tenant = Awaited<ReturnType<typeof newTenant>>;

console.log(`CPU of the whole stack for each request, ${stack.databases.kind.postgres} Postgres:\n`);
if (Number(options.bulk) > 0) await measureBulk(Number(options.bulk));
for (const types of options.types.split(",").filter(Boolean)) await measureTypes(Number(types));
if (Number(options.tenants) > 0) await measureTenants(Number(options.tenants));
await stack.close();
rmSync(dataDir, { recursive: true, force: true });
if (options.json) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);

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

async function newTenant(types: number, entries: number) {
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
    await bulk(tenant.tokens.admin, [...created(some), ...some.map((id) => ({ op: "publish", id }))]);
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

async function bulk(token: string, operations: object[]): Promise<void> {
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

async function measureTypes(types: number): Promise<void> {
  const tenant = await newTenant(types, ENTRIES);
  const { ids, ctx } = tenant;
  const measured = (name: string, requests: string[], max?: number) => measure(name, types, 1, requests, max);
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
  await afterChange(tenant, types);
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
async function afterChange(tenant: Tenant, types: number): Promise<void> {
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
    await drained();
    let cpu = 0;
    for (let i = 0; i < CHANGES; i++) {
      await change();
      const before = stackCpuMs();
      const response = await fetch(stack.url + path, init);
      const text = await response.text();
      if (!response.ok || text.includes('"errors"')) throw new Error(`${name} was answered ${text}.`);
      cpu += stackCpuMs() - before;
    }
    note({ name, types, tenants: 1, requests: CHANGES, cpu_ms: cpu / CHANGES });
  }
}

/** Many tenants asked in turn, beside one of them asked as often. */
async function measureTenants(count: number): Promise<void> {
  const types = Number(options.tenantTypes);
  const tenants: Tenant[] = [];
  while (tenants.length < count) tenants.push(await newTenant(types, 10));
  await drained();
  const before = stackMemoryMb();
  await measure("rest_list", types, 1, [listOf(tenants[0]!)]);
  await measure("rest_list_first", types, count, tenants.map(listOf), count);
  await measure("rest_list", types, count, tenants.map(listOf), 2 * count);
  await measure("graphql_list", types, 1, [queryOf(tenants[0]!)]);
  await measure("graphql_list_first", types, count, tenants.map(queryOf), count);
  await measure("graphql_list", types, count, tenants.map(queryOf), 2 * count);
  console.log(
    `\nMemory of the stack: ${before} MB before ${count} tenants were asked, ${stackMemoryMb()} after.`,
  );
}

/** Creates by bulk into an installation that was empty, 500 at a time. */
async function measureBulk(count: number): Promise<void> {
  const tenant = await newTenant(1, 0);
  const startedAt = performance.now();
  const before = stackCpuMs();
  for (let done = 0; done < count; done += 500) {
    const from = performance.now();
    const ids = Array.from({ length: Math.min(500, count - done) }, () => newId("cnt"));
    await bulk(tenant.tokens.admin, created(ids));
    console.log(`  bulk of 500 after ${done}: ${((performance.now() - from) / 1000).toFixed(2)} s`);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(`  ${count} creates by bulk: ${seconds.toFixed(1)} s`);
  note({
    name: "bulk_create",
    types: 1,
    tenants: 1,
    requests: count,
    cpu_ms: (stackCpuMs() - before) / count,
  });
}

async function measure(name: string, types: number, tenants: number, requests: string[], max = 1e9) {
  await drained();
  await runLoad({ port, concurrency: CONCURRENCY, ms: 1000, max: Math.min(max, 200) / 10 }, requests);
  const before = stackCpuMs();
  const load = { port, concurrency: CONCURRENCY, ms: max < 1e9 ? 120_000 : Number(options.ms), max };
  const { latenciesMs, statuses } = await runLoad(load, requests);
  const cpu = stackCpuMs() - before;
  const done = latenciesMs.length;
  if (statuses["200"] !== done) throw new Error(`${name} was answered ${JSON.stringify(statuses)}.`);
  note({ name, types, tenants, requests: done, cpu_ms: cpu / done });
}

function note(figure: Figure): void {
  figures.push(figure);
  const like = figures.find(({ name }) => name === figure.name)!;
  console.log(
    `${figure.name.padEnd(26)} ${String(figure.types).padStart(4)} types ${String(figure.tenants).padStart(5)} tenants  ` +
      `${figure.cpu_ms.toFixed(2).padStart(7)} ms  ×${(figure.cpu_ms / like.cpu_ms).toFixed(2)}  (${figure.requests} requests)`,
  );
}

/** Waits until what earlier writes left to be done is done, so that it is nobody else's cost. */
async function drained(): Promise<void> {
  const client = connect(stack.databases.appUrl);
  for (let quiet = 0; quiet < 3;) {
    quiet = (await sweepOutbox(client, 0)).length === 0 ? quiet + 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await owner.query("analyze");
}
