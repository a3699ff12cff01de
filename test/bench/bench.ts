import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { sql } from "drizzle-orm";
import { bundleSizes } from "../../src/dev/build.ts";
import { connect } from "../../src/db/client.ts";
import { sweepOutbox } from "../../src/domain/tenant/events/index.ts";
import { startStack } from "../../src/dev/stack.ts";
import { SECOND_EDGE } from "../../src/dev/start-workers.ts";
import { buildBenchWorker } from "./build-bench-worker.ts";
import { stackCpuMs, stackMemoryMb } from "./processes.ts";
import { rawRequest, runLoad } from "./run-load.ts";
import { seedBench } from "./seed-bench.ts";
import { measureShapes } from "./shapes/run.ts";

type Figure = {
  name: string;
  concurrency: number;
  rps: number;
  p50_ms: number;
  p95_ms: number;
  p99_ms: number;
  cpu_ms: number;
  ratio: number | null;
};

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    entries: { type: "string", default: "10000" },
    shapes: { type: "boolean", default: false },
    only: { type: "string" },
  },
});
if (options.shapes) {
  const server = process.env["DATABASE_URL"];
  if (!server) throw new Error("DATABASE_URL is not set: the shapes need a Postgres server of their own.");
  await measureShapes(server, Number(options.entries), options.only);
  process.exit(0);
}
const MS = options.quick ? 2000 : 8000;
const WARM_UP_MS = 1000;
const dataDir = mkdtempSync(join(tmpdir(), "flow-bench-"));
const stack = await startStack({
  dataDir,
  port: 0,
  databaseUrl: process.env["DATABASE_URL"] || undefined,
  isQuiet: true,
  vars: { RATE_LIMIT_PER_MINUTE: "100000000" },
  extraWorkers: [await buildBenchWorker()],
  hasSecondEdge: true,
});
const idleMb = stackMemoryMb();
console.log(`Seeding ${options.entries} entries of 2 KB (${stack.databases.kind.postgres} Postgres) …`);
const tenant = await seedBench(stack, Number(options.entries));
const port = Number(new URL(stack.url).port);
const results: Figure[] = [];

const request = (method: string, path: string, headers: Record<string, string> = {}, body?: unknown) =>
  rawRequest(method, path, { authorization: `Bearer ${tenant.tokens.write}`, ...headers }, body);
const list = "/api/v3/content/bench?limit=10";
const fresh = { "cache-control": "no-cache" };
const query = { query: '{ content(type: "bench", limit: 10) { id title slug status publishedAt } }' };
const listed = await fetch(stack.url + list, { headers: { authorization: `Bearer ${tenant.tokens.write}` } });
const etag = listed.headers.get("etag")!;
const baselineUrl = await stack.workers.urlOf("flowcms-bench");
const told = { body: await listed.text(), tenant: tenant.tenantId, environment: tenant.environmentId };
await fetch(`${baselineUrl}/configure`, { method: "POST", body: JSON.stringify(told) });
const baselinePort = Number(new URL(baselineUrl).port);

for (const concurrency of [1, 16]) {
  const bare = await measure("bare_hono", concurrency, baselinePort, [request("GET", "/bare")]);
  await measure("cached_rest", concurrency, port, [request("GET", list)], bare.rps);
  const json = { "content-type": "application/json" };
  const posted = await measure("bare_hono_post", concurrency, baselinePort, [
    request("POST", "/bare", json, query),
  ]);
  await measure(
    "cached_graphql",
    concurrency,
    port,
    [request("POST", "/api/v3/graphql", json, query)],
    posted.rps,
  );
  await measure(
    "not_modified",
    concurrency,
    port,
    [request("GET", list, { "if-none-match": etag })],
    bare.rps,
  );
  const hand = await measure("handwritten_sql_list", concurrency, baselinePort, [request("GET", "/sql")]);
  await measure("uncached_list", concurrency, port, [request("GET", list, fresh)], hand.rps);
  await measure(
    "uncached_get",
    concurrency,
    port,
    numbers(500).map((n) => request("GET", `/api/v3/content/bench/${tenant.idOf(n)}`, fresh)),
    hand.rps,
  );
  await measure(
    "write",
    concurrency,
    port,
    numbers(2000).map((n) =>
      request(
        "PATCH",
        `/api/v3/content/bench/${tenant.idOf(n)}`,
        {},
        { title: `Changed ${n} at ${Date.now()}` },
      ),
    ),
  );
  await markChanged();
  await measure(
    "publish",
    concurrency,
    port,
    numbers(4000).map((n) => request("POST", "/api/v3/content/publish", {}, { id: tenant.idOf(4000 + n) })),
    undefined,
    4000,
  );
}
await drained();
await measureFreshness();
await measureRevocation();
const loadedMb = stackMemoryMb();
await stack.close();
rmSync(dataDir, { recursive: true, force: true });

const machine = {
  cpus: cpus().length,
  model: cpus()[0]?.model ?? "?",
  node: process.version,
  postgres: stack.databases.kind.postgres,
  entries: Number(options.entries),
};
const report = {
  machine,
  memory_mb: { idle: idleMb, after_load: loadedMb },
  bundles: bundleSizes(),
  results,
};
if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
console.log(
  `\nMemory of the stack: ${idleMb} MB idle, ${loadedMb} MB after load. Method: deployable bundles on a direct socket,`,
);
console.log(
  "raw keep-alive client in a process of its own, CPU summed over gateway, content, endpoint and database from /proc.",
);

/**
 * Waits until what earlier writes left to be delivered and indexed is done, so that it is nobody
 * else's cost.
 */
async function drained(): Promise<void> {
  const client = connect(stack.databases.appUrl);
  for (let quiet = 0; quiet < 3;) {
    quiet = (await sweepOutbox(client, 0)).length === 0 ? quiet + 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function measure(
  name: string,
  concurrency: number,
  toPort: number,
  requests: string[],
  baselineRps?: number,
  max = 1e9,
): Promise<Figure> {
  await drained();
  await runLoad({ port: toPort, concurrency, ms: WARM_UP_MS, max: Math.min(max / 20, 1e9) }, requests);
  const cpuBefore = stackCpuMs();
  const { latenciesMs, elapsedMs, statuses } = await runLoad(
    { port: toPort, concurrency, ms: MS, max },
    requests.length > 1 ? requests.toReversed() : requests,
  );
  const cpu = stackCpuMs() - cpuBefore;
  latenciesMs.sort((a, b) => a - b);
  const at = (share: number) =>
    Number(
      (latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * share))] ?? 0).toFixed(2),
    );
  const rps = Math.round((latenciesMs.length / elapsedMs) * 1000);
  const figure: Figure = {
    name,
    concurrency,
    rps,
    p50_ms: at(0.5),
    p95_ms: at(0.95),
    p99_ms: at(0.99),
    cpu_ms: Number((cpu / Math.max(1, latenciesMs.length)).toFixed(3)),
    ratio: baselineRps ? Number((rps / baselineRps).toFixed(2)) : null,
  };
  results.push(figure);
  console.log(
    `${name.padEnd(22)} c=${String(concurrency).padEnd(3)} ${String(rps).padStart(7)}/s  p50 ${figure.p50_ms}  p99 ${figure.p99_ms}  cpu ${figure.cpu_ms} ms${figure.ratio === null ? "" : `  ratio ${figure.ratio}`}  ${JSON.stringify(statuses)}`,
  );
  return figure;
}

/** Gives the entries that will be published a version that is not. */
async function markChanged(): Promise<void> {
  const mine = sql`tenant_id = ${tenant.tenantId}::uuid and environment_id = ${tenant.environmentId}::uuid`;
  await tenant.ctx.db.run([
    sql`update entries set version = version + 1 where ${mine}`,
    sql`insert into entry_versions (tenant_id, environment_id, entry_id, version, type, data, created_by)
    select tenant_id, environment_id, id, version, type, data, 'bench' from entries where ${mine}`,
  ]);
}

/** From the answer to a revocation until another isolate refuses the token. */
async function measureRevocation(): Promise<void> {
  const elsewhere = await stack.workers.urlOf(SECOND_EDGE);
  const times = await Promise.all(numbers(20).map(revoked));
  showTimes("revoked_elsewhere", times);

  async function revoked(n: number): Promise<number> {
    const { tokens } = await stack.newTenant(`revoked-${n}`, "Revoked");
    const admin = { authorization: `Bearer ${tokens.admin}` };
    const made = await fetch(`${stack.url}/api/v3/tokens`, {
      method: "POST",
      headers: admin,
      body: JSON.stringify({ name: "Leaked", scope: "read" }),
    });
    const { data } = (await made.json()) as { data: { id: string; token: string } };
    const isLetIn = async () => {
      const headers = { authorization: `Bearer ${data.token}` };
      const response = await fetch(`${elsewhere}/api/v3/types`, { headers });
      await response.body?.cancel();
      return response.status === 200;
    };
    if (!(await isLetIn())) throw new Error("A new token is refused.");
    await fetch(`${stack.url}/api/v3/tokens/${data.id}`, { method: "DELETE", headers: admin });
    const revokedAt = performance.now();
    while (await isLetIn()) {
      if (performance.now() - revokedAt > 60_000) throw new Error("A revoked token is let in.");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return performance.now() - revokedAt;
  }
}

/** From the answer to a publish until a cached read shows it. */
async function measureFreshness(): Promise<void> {
  const path = `/api/v3/content/bench/${tenant.idOf(1)}`;
  const base = stack.url;
  const headers = { authorization: `Bearer ${tenant.tokens.write}` };
  const times: number[] = [];
  for (let i = 0; i < 20; i++) {
    const title = `Fresh ${i} ${Date.now()}`;
    await (await fetch(base + path, { headers })).text();
    await (await fetch(base + path, { method: "PATCH", headers, body: JSON.stringify({ title }) })).text();
    await (
      await fetch(`${base}/api/v3/content/publish`, {
        method: "POST",
        headers,
        body: JSON.stringify({ id: tenant.idOf(1) }),
      })
    ).text();
    const publishedAt = performance.now();
    while (!(await (await fetch(base + path, { headers })).text()).includes(title))
      if (performance.now() - publishedAt > 10_000) throw new Error("A publish did not show within 10 s.");
    times.push(performance.now() - publishedAt);
  }
  showTimes("publish_to_fresh", times);
}

function showTimes(name: string, times: number[]): void {
  times.sort((a, b) => a - b);
  const at = (share: number) =>
    Number(times[Math.min(times.length - 1, Math.floor(times.length * share))]!.toFixed(1));
  const [p50_ms, p95_ms, p99_ms] = [at(0.5), at(0.95), at(0.99)];
  results.push({ name, concurrency: 1, rps: 0, p50_ms, p95_ms, p99_ms, cpu_ms: 0, ratio: null });
  console.log(`${name.padEnd(22)} p50 ${p50_ms} ms  p95 ${p95_ms} ms  most ${times.at(-1)!.toFixed(1)} ms`);
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}
