import { fork } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { rawRequest, runLoad } from "../run-load.ts";
import { adapters, type Call, type Post } from "./adapters.ts";
import { Counted } from "./counted.ts";
import { readPeers, type Peer } from "./peer.ts";
import { postOf } from "./post-of.ts";
import { showTable, type Figure } from "./table.ts";

/** A running product and what the requests ask it for. */
type Subject = { peer: Peer; counted: Counted; cursors: (string | undefined)[]; posts: Post[] };

const { values: options } = parseArgs({
  options: {
    peers: { type: "string" },
    only: { type: "string", default: "list,id,slug,graphql,create" },
    seconds: { type: "string", default: "8" },
    json: { type: "string" },
  },
});
const PAGES = 200;
const MS = Number(options.seconds) * 1000;
const WARM_UP_MS = 1500;
const [MAX_CREATES, WARM_UP_CREATES] = [12_000, 1000];
const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? "?", node: process.version };
/** A run may be done in parts: it goes on with the figures of the file. */
const figures: Figure[] =
  options.json && existsSync(options.json) ? JSON.parse(readFileSync(options.json, "utf8")).figures : [];

const listed = readPeers(options.peers!);
const running = listed.find(({ adapter }) => adapter === "flowcms");
const started = running ? undefined : await startFlow();
const flow = await subjectOf(running ?? started!.peer);
const peers: Subject[] = [];
for (const peer of listed.filter((one) => one !== running)) peers.push(await subjectOf(peer));
for (const request of options.only.split(","))
  for (const concurrency of [1, 16])
    for (const peer of peers) {
      if (request === "graphql" && !adapters[peer.peer.adapter].graphql) continue;
      await measure(flow, request, concurrency);
      await measure(peer, request, concurrency);
    }
started?.child.disconnect();
showTable(figures);

async function startFlow() {
  if (!process.env["DATABASE_URL"])
    throw new Error("DATABASE_URL is not set: FlowCMS needs an empty database.");
  const child = fork(`${import.meta.dirname}/start-flow.ts`, { stdio: "inherit" });
  const peer = await new Promise<Peer>((resolve, reject) => {
    child.once("message", (message) => resolve(message as Peer));
    child.once("exit", (code) => reject(new Error(`FlowCMS ended with ${code} before it was ready.`)));
  });
  return { child, peer };
}

/** Reads the first pages for the ids, slugs and cursors to ask for. */
async function subjectOf(peer: Peer): Promise<Subject> {
  const adapter = adapters[peer.adapter];
  const subject: Subject = { peer, counted: new Counted(peer.pids, peer.database), cursors: [], posts: [] };
  let cursor: string | undefined;
  for (let page = 1; page <= PAGES; page++) {
    subject.cursors.push(cursor);
    const { posts, cursor: next } = adapter.read(JSON.parse(await ask(peer, adapter.list(page, cursor))));
    if (posts.length !== 10) throw new Error(`${peer.name}: page ${page} has ${posts.length} posts.`);
    subject.posts.push(...posts);
    cursor = next;
  }
  return subject;
}

function callsOf({ peer, cursors, posts }: Subject, request: string): Call[] {
  const adapter = adapters[peer.adapter];
  const { author, collection } = peer;
  if (request === "list") return cursors.map((cursor, i) => adapter.list(i + 1, cursor));
  if (request === "id") return posts.map(({ id }) => adapter.byId(id));
  if (request === "slug") return posts.map(({ slug }) => adapter.bySlug(slug));
  if (request === "graphql") return cursors.map((_, i) => adapter.graphql!(i + 1));
  if (request === "create")
    return Array.from({ length: MAX_CREATES }, (_, n) =>
      adapter.create({ ...postOf(n, `new-${n}-${crypto.randomUUID()}`), author }, collection),
    );
  throw new Error(`"${request}" is not a request: list, id, slug, graphql, create.`);
}

function headersOf(peer: Peer, { body, method, path }: Call): Record<string, string> {
  const isRead = method === "GET" || path.endsWith("graphql");
  const authorization = isRead ? peer.readAuthorization : peer.authorization;
  return {
    ...(authorization ? { authorization } : {}),
    ...(isRead ? { "cache-control": "no-cache" } : {}),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
}

/** One response, checked: what a load is sent must be what it is meant to be. */
async function ask(peer: Peer, call: Call, minBytes = 0): Promise<string> {
  const body = call.body === undefined ? null : JSON.stringify(call.body);
  const { method, path } = call;
  const response = await fetch(peer.url + path, { method, headers: headersOf(peer, call), body });
  const text = await response.text();
  if (!response.ok || text.includes('"errors":') || text.length < minBytes)
    throw new Error(`${peer.name}: ${path}: ${response.status}, ${text.length} bytes: ${text.slice(0, 500)}`);
  return text;
}

async function measure(subject: Subject, request: string, concurrency: number): Promise<void> {
  const { peer, counted } = subject;
  const { host, port } = new URL(peer.url);
  const calls = callsOf(subject, request);
  const hasTen = request === "list" || request === "graphql";
  const response = await ask(peer, calls.pop()!, (hasTen ? 10 : 1) * 2048);
  const requests = calls.map((call) =>
    rawRequest(call.method, call.path, { host, ...headersOf(peer, call) }, call.body),
  );
  // Each create has a slug that nothing else has, so it is sent once.
  const isOnce = request === "create";
  const warmUp = isOnce ? requests.splice(0, WARM_UP_CREATES) : requests;
  const send = (some: string[], ms: number) =>
    runLoad({ port: Number(port), concurrency, ms, max: isOnce ? some.length : 1e9 }, some);
  await send(warmUp, WARM_UP_MS);
  const { result, cpuMs } = await counted.during(() => send(requests, MS));
  if (Object.keys(result.statuses).some((status) => !status.startsWith("2")))
    return console.warn(`No figure: ${peer.name}, ${request}: ${JSON.stringify(result.statuses)}`);
  if (result.cache["HIT"]) throw new Error(`${peer.name}: ${request} was answered from the cache.`);
  const latencies = result.latenciesMs.toSorted((a, b) => a - b);
  const at = (share: number) => round(latencies[Math.floor(latencies.length * share)]!);
  figures.push({
    product: peer.name,
    request,
    concurrency,
    cpu_ms: round(cpuMs / latencies.length),
    rps: Math.round((latencies.length / result.elapsedMs) * 1000),
    p50_ms: at(0.5),
    p95_ms: at(0.95),
    memory_mb: counted.memoryMb,
    bytes: response.length,
  });
  console.log(JSON.stringify(figures.at(-1)));
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ machine, figures }, null, 2)}\n`);
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
