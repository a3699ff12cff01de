import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { sql } from "drizzle-orm";
import { bundleSizes } from "../../src/dev/build.ts";
import { startStack, type Stack } from "../../src/dev/stack.ts";
import { contextOf } from "../support/system-context.ts";
import { allocatedKb } from "./allocations.ts";
import { BASELINE, buildBenchWorkers } from "./build-bench-worker.ts";
import { drained } from "./drained.ts";
import { timesToFresh, timesToRevoke } from "./freshness.ts";
import { toMarkdown } from "./markdown.ts";
import { measure, noteTimes, round, type Figure } from "./measure.ts";
import { stackMemoryMb } from "./processes.ts";
import { LIST, partOf, rowsOf, type Told } from "./rows.ts";
import { seedBench, type BenchTenant } from "./seed-bench.ts";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    /** Prints the table of the README. */
    markdown: { type: "boolean", default: false },
    entries: { type: "string" },
    only: { type: "string", default: "" },
  },
});
const ENTRIES = Number(options.entries ?? (options.quick ? 2000 : 10_000));
const CONCURRENCIES = options.quick ? [1, 16] : [1, 16, 64];
const PUBLISHES = options.quick ? 20 : 128;
const isWanted = (name: string) => new RegExp(options.only).test(name);

const dataDir = mkdtempSync(join(tmpdir(), "flow-bench-"));
const extraWorkers = await buildBenchWorkers();
const start = (inspectorPort?: number) =>
  startStack({
    ...{ dataDir, port: 0, isQuiet: true, extraWorkers, hasSecondEdge: true },
    databaseUrl: process.env["DATABASE_URL"] || undefined,
    vars: { RATE_LIMIT_PER_MINUTE: "100000000" },
    ...(inspectorPort === undefined ? {} : { inspectorPort }),
  });
let stack = await start();
const loadBefore = loadavg();
const idleMb = stackMemoryMb();
console.log(`Seeding ${ENTRIES} entries of 2 KB (${stack.databases.kind.postgres} Postgres) …`);
const tenant = await seedBench(stack, ENTRIES);
const measuring = {
  ...{ results: [] as Figure[], ms: options.quick ? 1500 : 6000, warmUpMs: options.quick ? 500 : 1000 },
  drained: () => drained(stack.databases.ownerUrl, tenant.tenantId),
};
const { results } = measuring;
const isBaseline = new Set<string>();

for (const [part, concurrency] of CONCURRENCIES.entries()) {
  const rows = rowsOf(tenant, await tell(stack, tenant), part, CONCURRENCIES.length);
  for (const row of rows) if (row.against && isWanted(row.name)) isBaseline.add(row.against);
  for (const row of rows) {
    if (!isWanted(row.name) && !isBaseline.has(row.name)) continue;
    if (row.name === "publish") await markChanged(partOf(ENTRIES, part, CONCURRENCIES.length));
    await measure(measuring, row, concurrency);
  }
  if (isWanted("publish_to_fresh")) {
    await measuring.drained();
    const times = await timesToFresh(stack, tenant, concurrency, PUBLISHES);
    noteTimes(results, "publish_to_fresh", concurrency, times);
  }
}
const loadedMb = stackMemoryMb();
if (isWanted("revoked_elsewhere") && !options.quick)
  noteTimes(results, "revoked_elsewhere", 20, await timesToRevoke(stack));
await stack.close();

// Once more with V8's inspector, which would cost the others time.
stack = await start(0);
await measureAllocations();
await stack.close();
rmSync(dataDir, { recursive: true, force: true });

const machine = {
  cpus: cpus().length,
  model: cpus()[0]?.model ?? "?",
  node: process.version,
  postgres: stack.databases.kind.postgres,
  entries: ENTRIES,
  /** The machine's load before and after: what else ran is in the figures. */
  load: { before: loadBefore.map((one) => round(one, 2)), after: loadavg().map((one) => round(one, 2)) },
};
const memory = { idle: idleMb, after_load: loadedMb };
const report = { machine, memory_mb: memory, bundles: bundleSizes(), results };
if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
if (options.markdown) console.log(`\n${toMarkdown(results)}`);
console.log(
  `\nMemory of the stack: ${idleMb} MB idle, ${loadedMb} MB after load. Method: deployable bundles on a direct socket,\n` +
    "raw keep-alive client in a process of its own, CPU summed over gateway, content, endpoint and database from /proc.",
);

/** Tells the baseline what it answers, and finds where each page of the list begins. */
async function tell(running: Stack, { tokens, tenantId, environmentId }: BenchTenant): Promise<Told> {
  const headers = { authorization: `Bearer ${tokens.write}`, "content-type": "application/json" };
  const listed = await fetch(running.url + LIST, { headers });
  const [body, etag] = [await listed.text(), listed.headers.get("etag")!];
  const baselineUrl = await running.workers.urlOf(BASELINE);
  await fetch(`${baselineUrl}/configure`, {
    method: "POST",
    body: JSON.stringify({ body, etag, tenant: tenantId, environment: environmentId }),
  });
  const cursors: string[] = [];
  const query =
    "query ($after: String) { benchConnection(first: 100, after: $after) { edges { cursor } pageInfo { endCursor hasNextPage } } }";
  for (let after: string | null = null; ;) {
    const sent = JSON.stringify({ query, variables: { after } });
    const answer = await fetch(`${running.url}/api/v3/graphql`, { method: "POST", headers, body: sent });
    const { benchConnection: page } = ((await answer.json()) as { data: { benchConnection: any } }).data;
    cursors.push(...page.edges.map(({ cursor }: { cursor: string }) => cursor));
    if (!page.pageInfo.hasNextPage) break;
    after = page.pageInfo.endCursor as string;
  }
  const ports = { flow: portOf(running.url), baseline: portOf(baselineUrl) };
  return { body, etag, cursors, ports };
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

/** Gives the entries that will be published a version that is not. */
async function markChanged(numbers: number[]) {
  const { tenantId, environmentId, idOf } = tenant;
  const ids = JSON.stringify(numbers.map(idOf));
  const mine = sql`tenant_id = ${tenantId}::uuid and environment_id = ${environmentId}::uuid
    and id in (select jsonb_array_elements_text(${ids}::jsonb))`;
  await contextOf(stack.databases.appUrl, tenant).db.run([
    sql`update entries set version = version + 1 where ${mine}`,
    sql`insert into entry_versions (tenant_id, environment_id, entry_id, version, type, data, created_by)
    select tenant_id, environment_id, id, version, type, data, 'bench' from entries where ${mine}`,
  ]);
}

/** Adds to the figures what a request of each row allocates. */
async function measureAllocations(): Promise<void> {
  const again = await tell(stack, tenant);
  const host = await stack.workers.inspectorHost();
  const kb = new Map<string, number>();
  // Writes again what was written would be refused: these are other numbers than before.
  const rows = rowsOf(tenant, again, CONCURRENCIES.length, CONCURRENCIES.length + 1);
  await markChanged(partOf(ENTRIES, CONCURRENCIES.length, CONCURRENCIES.length + 1));
  for (const row of rows) {
    if (!isWanted(row.name) && !isBaseline.has(row.name)) continue;
    const allocated = await allocatedKb(host, row);
    kb.set(row.name, allocated);
    console.log(`${row.name.padEnd(22)} allocates ${allocated.toFixed(1)} KB per request`);
    await drained(stack.databases.ownerUrl, tenant.tenantId);
  }
  for (const figure of results) {
    const own = kb.get(figure.name);
    const beside = figure.against === null ? undefined : kb.get(figure.against);
    if (own === undefined) continue;
    figure.allocated_kb = round(own, 1);
    figure.allocated_ratio = beside === undefined ? null : round(own / beside, 2);
  }
}
