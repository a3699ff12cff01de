import { fork, type ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startStack, type Stack } from "../../src/dev/stack.ts";
import { processes } from "./processes.ts";

const { values: options } = parseArgs({
  options: {
    live: { type: "boolean" },
    /** Sockets of one installation: each takes two of the file descriptors that its workerd may have. */
    sockets: { type: "string", default: "5000" },
    /** Installations beside each other, for more sockets than one process may have. */
    stacks: { type: "string", default: "1" },
    bursts: { type: "string", default: "10" },
    json: { type: "string" },
  },
});
const [SOCKETS, STACKS, BURSTS] = [options.sockets, options.stacks, options.bursts].map(Number) as [
  number,
  number,
  number,
];
const QUIET_EVENTS = 100;
const QUERY = `subscription { contentChanged(type: "article") { event id at entry { ... on ArticleEntry { title } } } }`;

console.log(
  `${STACKS} × ${SOCKETS} sockets, each with a subscription to every article, all the same; ${BURSTS} publications one after another are told to all of them. The clients are another process on this machine: ${cpus().length} × ${cpus()[0]!.model.trim()}. Latency is from the commit, by the clock of the database, to the client.`,
);
/** Of the entry that is published, of the first installation. */
let version = 1;
const stacks: Running[] = [];
for (let i = 0; i < STACKS; i++) stacks.push(await start());
const quiet = await measureQuiet(stacks[0]!);
const held = [];
for (const one of stacks) held.push(await hold(one));
const fanOut = await measureFanOut(stacks[0]!);
const report = { sockets: held.reduce((sum, { opened }) => sum + opened, 0), held, quiet, fan_out: fanOut };
console.log(JSON.stringify(report, null, 2));
if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
for (const { stack, clients, dataDir } of stacks) {
  clients.kill();
  await stack.close();
  rmSync(dataDir, { recursive: true, force: true });
}
process.exit(0);

type Running = {
  stack: Stack;
  dataDir: string;
  clients: ChildProcess;
  token: string;
  workerd: number;
  call(method: string, path: string, body: object): Promise<any>;
  id: string;
};

async function start(): Promise<Running> {
  const dataDir = mkdtempSync(join(tmpdir(), "flow-live-"));
  const known = new Set(workerds());
  const stack = await startStack({
    dataDir,
    port: 0,
    isQuiet: true,
    vars: { RATE_LIMIT_PER_MINUTE: "100000000" },
  });
  const workerd = workerds().find((pid) => !known.has(pid))!;
  const { tokens } = await stack.newTenant("live", "Live");
  const call = async (method: string, path: string, body: object) => {
    const headers = { authorization: `Bearer ${tokens.admin}`, "content-type": "application/json" };
    const response = await fetch(`${stack.url}/api/v3${path}`, {
      method,
      headers,
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(await response.text());
    return ((await response.json()) as { data: any }).data;
  };
  await call("PUT", "/types/article", {
    id: "article",
    name: "Article",
    fields: [{ id: "title", type: "short_text" }],
  });
  const { id } = await call("POST", "/content/article", { title: "0" });
  const clients = fork(join(import.meta.dirname, "live-clients.ts"), { stdio: "inherit" });
  return { stack, dataDir, clients, token: tokens.read, workerd, call, id };
}

function workerds(): number[] {
  return processes().flatMap(({ pid, name }) => (name.includes("workerd") ? [pid] : []));
}

function answerOf(clients: ChildProcess, kind: string): Promise<any> {
  return new Promise((resolve) => {
    const hear = (answer: { kind: string }) => {
      if (answer.kind !== kind) return;
      clients.off("message", hear);
      resolve(answer);
    };
    clients.on("message", hear);
  });
}

async function open({ stack, clients, token }: Running, count: number) {
  const opened = answerOf(clients, "opened");
  clients.send({
    kind: "open",
    port: Number(new URL(stack.url).port),
    count,
    token,
    query: QUERY,
    atOnce: 64,
  });
  return opened;
}

async function publish({ call, id }: Running, n: number): Promise<void> {
  await call("PATCH", `/content/article/${id}`, { version: n, title: String(n) });
  await call("POST", "/content/publish", { id });
}

/** Waits until the clients have been told so often. */
async function told(clients: ChildProcess, count: number) {
  for (;;) {
    const report = answerOf(clients, "report");
    clients.send({ kind: "report" });
    const answer = await report;
    if (answer.latencies.length >= count) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** One subscriber, one event after another. */
async function measureQuiet(running: Running) {
  await open(running, 1);
  running.clients.send({ kind: "begin" });
  for (let i = 1; i <= QUIET_EVENTS; i++) {
    await publish(running, version++);
    await told(running.clients, i);
  }
  const { latencies } = await told(running.clients, QUIET_EVENTS);
  return { events: QUIET_EVENTS, p50_ms: share(latencies, 0.5), p99_ms: share(latencies, 0.99) };
}

async function hold(running: Running) {
  const before = memoryOf(running.workerd);
  const { opened, failed, ms } = await open(running, SOCKETS);
  const after = memoryOf(running.workerd);
  return {
    opened,
    failed,
    opened_per_second: Math.round((opened / ms) * 1000),
    kb_per_socket: Math.round((after.rss - before.rss) / 1024 / opened),
    descriptors_per_socket: Math.round(((after.fds - before.fds) / opened) * 10) / 10,
  };
}

/** All sockets of one installation, one event after another. */
async function measureFanOut(running: Running) {
  const rates: number[] = [];
  const all: number[] = [];
  const sockets = SOCKETS + 1;
  for (let i = 0; i < BURSTS; i++) {
    running.clients.send({ kind: "begin" });
    await publish(running, version++);
    const { latencies, firstAt, lastAt } = await told(running.clients, sockets);
    rates.push((latencies.length / Math.max(1, lastAt - firstAt)) * 1000);
    for (const one of latencies) all.push(one);
  }
  return {
    sockets,
    events: BURSTS,
    messages: all.length,
    messages_per_second: Math.round(share(rates, 0.5)),
    p50_ms: share(all, 0.5),
    p99_ms: share(all, 0.99),
  };
}

function memoryOf(pid: number): { rss: number; fds: number } {
  const rss = processes().find((one) => one.pid === pid)?.rssBytes ?? 0;
  let fds = 0;
  try {
    fds = readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    // Another system: it is not known.
  }
  return { rss, fds };
}

function share(values: number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!);
}
