import { neon, neonConfig } from "@neondatabase/serverless";
import { Hono } from "hono";

type Bindings = {
  DATABASE_URL: string;
  DATABASE_ENDPOINT?: Fetcher;
  /** The same Worker behind this one, where FlowCMS has CONTENT behind its gateway. */
  BEHIND?: Fetcher;
};
let told = { body: "", etag: "", tenant: "", environment: "" };

const JSON_TYPE = { "content-type": "application/json" };

// What FlowCMS is compared with: nothing but Hono, and nothing but SQL, on the same machine in the same run.
const app = new Hono<{ Bindings: Bindings }>();

app.post("/configure", async (c) => {
  const body = await c.req.text();
  told = JSON.parse(body) as typeof told;
  await c.env.BEHIND?.fetch(c.req.url, { method: "POST", body });
  return c.text("ok");
});

app.post("/bare", async (c) => {
  await c.req.text();
  return c.body(told.body, 200, JSON_TYPE);
});

app.get("/bare", (c) =>
  c.req.header("if-none-match") === told.etag
    ? c.body(null, 304, { etag: told.etag })
    : c.body(told.body, 200, JSON_TYPE),
);

app.use("/sql/*", async (c, next) => (c.env.BEHIND ? c.env.BEHIND.fetch(c.req.raw) : next()));

/** Opens the tenant's scope and asks one question, in one round trip. */
async function ask(env: Bindings, text: string, params: unknown[]): Promise<Record<string, string>[]> {
  const sql = connect(env);
  const [, rows] = await sql.transaction([
    sql`select set_config('app.tenant_id', ${told.tenant}, true)`,
    sql.query(text, [told.tenant, told.environment, ...params]),
  ]);
  return rows as Record<string, string>[];
}

function connect(env: Bindings) {
  neonConfig.fetchEndpoint = (host, port) => `http://${host}:${port}/sql`;
  const through = env.DATABASE_ENDPOINT;
  if (through) neonConfig.fetchFunction = (to: string, init: RequestInit) => through.fetch(to, init as never);
  return neon(env.DATABASE_URL);
}

const answerOf = (rows: Record<string, string>[]) =>
  `{"status":"success","data":[${rows.map(({ doc }) => doc).join(",")}]}`;

app.get("/sql/get/:id", async (c) => {
  const rows = await ask(
    c.env,
    `select doc from published_entries where tenant_id = $1::uuid and environment_id = $2::uuid
      and entry_id = $3 and locale = 'en'`,
    [c.req.param("id")],
  );
  return c.body(answerOf(rows), 200, JSON_TYPE);
});

app.get("/sql/list", async (c) => {
  const rows = await ask(
    c.env,
    `select doc from published_entries where tenant_id = $1::uuid and environment_id = $2::uuid
      and type = 'bench' and locale = 'en' and (published_at, entry_id) < ($3::timestamptz, $4)
      order by published_at desc, entry_id desc limit 11`,
    [c.req.query("at"), c.req.query("id")],
  );
  return c.body(answerOf(rows.slice(0, 10)), 200, JSON_TYPE);
});

app.get("/sql/search", async (c) => {
  const rows = await ask(
    c.env,
    `with hits as materialized (select entry_id, ts_rank(document, q) as rank from bench_texts,
      websearch_to_tsquery('simple', $3) q where tenant_id = $1::uuid and document @@ q limit 10000)
    select (select count(*) from hits)::text as total, doc
    from (select * from hits order by rank desc, entry_id limit 10) page join published_entries base
      on base.tenant_id = $1::uuid and base.environment_id = $2::uuid and base.entry_id = page.entry_id
      and base.locale = 'en' order by rank desc, page.entry_id`,
    [c.req.query("q")],
  );
  return c.body(answerOf(rows), 200, JSON_TYPE);
});

app.post("/sql/insert", async (c) => {
  const data = await c.req.text();
  const sql = connect(c.env);
  const id = crypto.randomUUID();
  await sql`insert into bench_rows (tenant_id, id, data) values (${told.tenant}::uuid, ${id}, ${data}::jsonb)`;
  return c.body(`{"id":"${id}"}`, 201, JSON_TYPE);
});

export default app;
