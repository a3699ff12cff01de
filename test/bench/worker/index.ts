import { neon, neonConfig } from "@neondatabase/serverless";
import { Hono } from "hono";

type Bindings = { DATABASE_URL: string; DATABASE_ENDPOINT?: Fetcher };
let told = { body: "", tenant: "", environment: "" };

// What FlowCMS is compared with: nothing but Hono, and nothing but SQL, on the same machine in the same run.
const app = new Hono<{ Bindings: Bindings }>();

app.post("/configure", async (c) => {
  told = await c.req.json();
  return c.text("ok");
});

app.post("/bare", async (c) => {
  await c.req.text();
  return c.body(told.body, 200, { "content-type": "application/json" });
});

app.get("/bare", (c) => c.body(told.body, 200, { "content-type": "application/json" }));

app.get("/sql", async (c) => {
  neonConfig.fetchEndpoint = (host, port) => `http://${host}:${port}/sql`;
  const through = c.env.DATABASE_ENDPOINT;
  if (through) neonConfig.fetchFunction = (to: string, init: RequestInit) => through.fetch(to, init as never);
  const sql = neon(c.env.DATABASE_URL);
  const { tenant, environment } = told;
  const [, rows] = await sql.transaction([
    sql`select set_config('app.tenant_id', ${tenant}, true)`,
    sql`select doc from published_entries where tenant_id = ${tenant}::uuid
      and environment_id = ${environment}::uuid
      and type = 'bench' and locale = 'en' order by published_at desc, entry_id desc limit 10`,
  ]);
  const data = rows!.map((row) => (row as { doc: string }).doc).join(",");
  return c.body(`{"status":"success","data":[${data}]}`, 200, { "content-type": "application/json" });
});

export default app;
