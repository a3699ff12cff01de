import { sql } from "drizzle-orm";
import { inject } from "vitest";
import { connect, runBatch } from "../../src/db/client.ts";
import { provisionTenant } from "../../src/domain/tenant/tenants/index.ts";
import { eventually } from "./eventually.ts";

export { eventually };

export type Reply = { status: number; headers: Headers; body: any; text: string };
type CallOptions = {
  body?: unknown;
  token?: string | null;
  headers?: Record<string, string>;
  raw?: BodyInit;
};

/** A tenant of its own for a test, and a way to call the API as it. */
export async function newTenant() {
  const slug = `t-${crypto.randomUUID().slice(0, 13)}`;
  const made = await provisionTenant(connect(inject("ownerUrl")), { slug, name: slug });
  const call = async (method: string, path: string, options: CallOptions = {}): Promise<Reply> => {
    const token = options.token === undefined ? made.tokens.admin : options.token;
    const headers: Record<string, string> = {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(options.body === undefined && typeof options.raw !== "string"
        ? {}
        : { "content-type": "application/json" }),
      ...options.headers,
    };
    const body = options.raw ?? (options.body === undefined ? null : JSON.stringify(options.body));
    const response = await fetch(`${inject("url")}/api/v3${path}`, { method, headers, body });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parse(text) };
  };
  return {
    ...made,
    slug,
    call,
    get: (path: string, options?: CallOptions) => call("GET", path, options),
    post: (path: string, body: unknown, options?: CallOptions) => call("POST", path, { body, ...options }),
    put: (path: string, body: unknown, options?: CallOptions) => call("PUT", path, { body, ...options }),
    patch: (path: string, body: unknown, options?: CallOptions) => call("PATCH", path, { body, ...options }),
    delete: (path: string, options?: CallOptions) => call("DELETE", path, options),
    /** The raw bytes of an answer. */
    async bytes(path: string, headers: Record<string, string> = {}) {
      const response = await fetch(`${inject("url")}/api/v3${path}`, {
        headers: { authorization: `Bearer ${made.tokens.admin}`, ...headers },
        redirect: "manual",
      });
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { status: response.status, headers: response.headers, bytes };
    },
    /** Creates and publishes an entry; answers its id. */
    async published(type: string, fields: object): Promise<string> {
      const created = await call("POST", `/content/${type}`, { body: fields });
      if (created.status !== 201) throw new Error(created.text);
      const done = await call("POST", "/content/publish", { body: { id: created.body.data.id } });
      if (done.status !== 200) throw new Error(done.text);
      return created.body.data.id as string;
    },
  };
}

export type Tenant = Awaited<ReturnType<typeof newTenant>>;

export const ARTICLE = {
  id: "article",
  name: "Article",
  fields: [
    { id: "title", type: "short_text", required: true, max: 100 },
    { id: "slug", type: "slug" },
    { id: "price", type: "number", min: 0 },
    { id: "rank", type: "integer" },
    { id: "live", type: "boolean" },
    { id: "day", type: "date" },
    { id: "kind", type: "enum", options: ["news", "essay", "note"] },
    { id: "body", type: "rich_text" },
    { id: "related", type: "reference", to: ["article"], multiple: true },
  ],
};

/** Runs statements as the owner of the database, inside the tenant's wall and the people's. */
export async function asOwner(tenant: Pick<Tenant, "tenantId">, ...statements: ReturnType<typeof sql>[]) {
  const [, ...results] = await runBatch(connect(inject("ownerUrl")), [
    sql`select set_config('app.tenant_id', ${tenant.tenantId}, true)`,
    ...statements,
  ]);
  return results;
}

/**
 * Waits until everybody was told of what changed in a tenant: what its events leave behind is done by
 * then.
 */
export async function delivered(tenant: Pick<Tenant, "tenantId">): Promise<void> {
  await eventually(async () => {
    const [waiting] = await asOwner(
      tenant,
      sql`select 1 from outbox where tenant_id = ${tenant.tenantId}::uuid and done_at is null limit 1`,
    );
    return waiting!.length === 0;
  });
}

/** How many SQL requests and Redis commands have been served so far. */
export async function databaseCalls(): Promise<number> {
  const sql = new URL(inject("ownerUrl"));
  const [requests, commands] = await Promise.all([
    fetch(`http://127.0.0.1:${sql.port}/stats`).then(
      (response) => response.json() as Promise<{ requests: number }>,
    ),
    fetch(inject("redisStatsUrl")).then((response) => response.json() as Promise<{ commands: number }>),
  ]);
  return requests.requests + commands.commands;
}

function parse(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
