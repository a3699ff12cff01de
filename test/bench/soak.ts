import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { startStack } from "../../src/dev/stack.ts";
import { newRandom } from "../support/random.ts";
import { drained } from "./drained.ts";
import { heapsInUseMb, inspectWorkers } from "./inspect.ts";
import { round } from "./measure.ts";
import { memoryByProcess } from "./processes.ts";
import { fieldsOf, seedBench } from "./seed-bench.ts";
import { searchedWords } from "./text.ts";

type Sample = { seconds: number; mb: Record<string, number> };

const at = process.argv.indexOf("--soak");
const MINUTES = Number(process.argv[at + 1]?.replace(/^--.*/, "") || 10);
const jsonAt = process.argv.indexOf("--json");
const ENTRIES = 2000;
const PER_SECOND = 60;
const CLIENTS = 8;
const SAMPLE_EVERY_MS = 10_000;
/** What of the run is not looked at for growth: caches and heaps find their size in it. */
const WARM_UP_SHARE = 0.3;
const IDLE_MS = 30_000;

const dataDir = mkdtempSync(join(tmpdir(), "flow-soak-"));
const stack = await startStack({
  ...{ dataDir, port: 0, isQuiet: true, databaseUrl: process.env["DATABASE_URL"] || undefined },
  inspectorPort: 0,
  vars: { RATE_LIMIT_PER_MINUTE: "100000000" },
});
await pause(5000);
const idleBefore = memoryByProcess();
show("idle", idleBefore);
const tenant = await seedBench(stack, ENTRIES);
const statuses: Record<string, number> = {};
const samples: Sample[] = [];
const heaps: Sample[] = [];
const inspectors = await inspectWorkers(await stack.workers.inspectorHost());
const startedAt = performance.now();
const endsAt = startedAt + MINUTES * 60_000;

const sampling = setInterval(() => {
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const sample = { seconds, mb: memoryByProcess() };
  samples.push(sample);
  show(`${String(seconds).padStart(5)} s`, sample.mb);
  void heapsInUseMb(inspectors).then((mb) => heaps.push({ seconds, mb }));
}, SAMPLE_EVERY_MS);
await Promise.all(Array.from({ length: CLIENTS }, (_, i) => client(i)));
clearInterval(sampling);
await drained(stack.databases.ownerUrl, tenant.tenantId);
await pause(IDLE_MS);
const idleAfter = memoryByProcess();
show("idle", idleAfter);
await stack.close();
rmSync(dataDir, { recursive: true, force: true });

const names = [...Object.keys(idleBefore), "all"];
const growth = Object.fromEntries(names.map((name) => [name, growthOf(name)]));
const least = { middle: leastHeaps(0.3, 0.55), end: leastHeaps(0.75, 1) };
console.log(`\nHeaps, least MB in the middle and at the end: ${JSON.stringify(least)}`);
console.log(`\n${JSON.stringify(statuses)}\nGrowth after warm-up, MB per hour: ${JSON.stringify(growth)}`);
const report = {
  ...{ minutes: MINUTES, per_second: PER_SECOND, load: loadavg().map((one) => round(one, 2)), statuses },
  ...{
    idle_before_mb: idleBefore,
    idle_after_mb: idleAfter,
    growth_mb_per_hour: growth,
    least_heaps_mb: least,
    samples,
  },
};
if (jsonAt >= 0) writeFileSync(process.argv[jsonAt + 1]!, `${JSON.stringify(report, null, 2)}\n`);
const failed = Object.keys(statuses).filter((status) => !/^(?:200|201|304)$/.test(status));
process.exit(failed.length > 0 ? 1 : 0);

/** The least of each Worker's heap within a part of the run, in which its garbage was collected. */
function leastHeaps(from: number, to: number): Record<string, number> {
  const least: Record<string, number> = {};
  for (const { mb } of heaps.slice(Math.floor(heaps.length * from), Math.ceil(heaps.length * to)))
    for (const [name, used] of Object.entries(mb)) least[name] = Math.min(least[name] ?? Infinity, used);
  return least;
}

/** Sends its share of the requests, one at a time and no faster than its rate. */
async function client(i: number): Promise<void> {
  const random = newRandom(i + 1);
  const step = (1000 * CLIENTS) / PER_SECOND;
  for (let next = performance.now(); next < endsAt; next += step) {
    const wait = next - performance.now();
    if (wait > 0) await pause(wait);
    const [method, path, body] = pick(random);
    const response = await fetch(`${stack.url}/api/v3${path}`, {
      method,
      headers: { authorization: `Bearer ${tenant.tokens.write}`, "content-type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
    });
    await response.arrayBuffer();
    statuses[response.status] = (statuses[response.status] ?? 0) + 1;
  }
}

/** Of a hundred requests 50 read, 15 search, 15 are GraphQL, 12 write and 8 publish. */
function pick(random: ReturnType<typeof newRandom>): [method: string, path: string, body?: unknown] {
  const n = 1 + random.below(ENTRIES);
  const kind = random.below(100);
  if (kind < 20) return ["GET", `/content/bench?limit=10&page=${1 + random.below(50)}`];
  if (kind < 50) return ["GET", `/content/bench/${tenant.idOf(n)}`];
  if (kind < 65) {
    const q = searchedWords(fieldsOf(n).body, random);
    return ["GET", `/content/bench?${new URLSearchParams({ q, limit: "10" })}`];
  }
  if (kind < 80) {
    const query = `query ($page: Int) { benchList(limit: 10, page: $page) { id title slug price publishedAt } }`;
    return ["POST", "/graphql", { query, variables: { page: 1 + random.below(50) } }];
  }
  if (kind < 86) {
    const { title, body, price } = fieldsOf(random.below(1_000_000));
    return ["POST", "/content/bench", { title, body, price }];
  }
  if (kind < 92)
    return ["PATCH", `/content/bench/${tenant.idOf(n)}`, { title: `Changed ${random.below(1e6)}` }];
  return ["POST", "/content/publish", { id: tenant.idOf(n) }];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The slope of the line that fits the samples after warm-up best. */
function growthOf(name: string): number {
  const kept = samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
  const points = kept.map(({ seconds, mb }) => [
    seconds / 3600,
    name === "all" ? sumOf(mb) : (mb[name] ?? 0),
  ]);
  const mean = (of: number) => points.reduce((sum, point) => sum + point[of]!, 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const above = points.reduce((sum, point) => sum + (point[0]! - x) * (point[1]! - y), 0);
  const below = points.reduce((sum, point) => sum + (point[0]! - x) ** 2, 0);
  return round(above / (below || 1), 1);
}

function sumOf(mb: Record<string, number>): number {
  return Object.values(mb).reduce((sum, one) => sum + one, 0);
}

function show(when: string, mb: Record<string, number>): void {
  console.log(`${when.padEnd(8)} ${JSON.stringify(mb)}  ${sumOf(mb)} MB`);
}
