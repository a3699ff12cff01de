import { connect } from "node:net";

/** One load: raw requests sent round robin over keep-alive sockets, for so long or so many. */
export type Load = { port: number; requests: string[]; concurrency: number; ms: number; max: number };
/** `cache` counts what the edge says of its cache. */
export type LoadResult = {
  latenciesMs: number[];
  elapsedMs: number;
  statuses: Record<string, number>;
  cache: Record<string, number>;
};

const load = JSON.parse(process.argv[2]!) as Load;
const requests = (await readStdin()).split("\n---\n");
const result: LoadResult = { latenciesMs: [], elapsedMs: 0, statuses: {}, cache: {} };
const startedAt = performance.now();
let next = 0;
await Promise.all(Array.from({ length: load.concurrency }, runSocket));
result.elapsedMs = performance.now() - startedAt;
process.stdout.write(JSON.stringify(result));

function runSocket(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(load.port, "127.0.0.1");
    socket.setNoDelay(true);
    let sentAt = 0;
    let received = "";
    const send = () => {
      if (next >= load.max || performance.now() - startedAt > load.ms) {
        socket.destroy();
        resolve();
        return;
      }
      received = "";
      sentAt = performance.now();
      socket.write(requests[next++ % requests.length]!);
    };
    socket.on("connect", send);
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      if (!isWhole(received)) return;
      result.latenciesMs.push(performance.now() - sentAt);
      const status = received.slice(9, 12);
      result.statuses[status] = (result.statuses[status] ?? 0) + 1;
      const state = /\r\nx-flow-cache: (\w+)/i.exec(received.slice(0, 2000))?.[1];
      if (state) result.cache[state] = (result.cache[state] ?? 0) + 1;
      send();
    });
  });
}

function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  if (text.startsWith("HTTP/1.1 304") || text.startsWith("HTTP/1.1 204")) return true;
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end + 2));
  return length ? text.length - end - 4 >= Number(length[1]) : text.endsWith("\r\n0\r\n\r\n");
}

async function readStdin(): Promise<string> {
  let text = "";
  for await (const chunk of process.stdin) text += chunk;
  return text;
}
