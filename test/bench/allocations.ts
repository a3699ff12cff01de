import type { Row } from "./rows.ts";
import { runLoad } from "./run-load.ts";

const REQUESTS = 150;
const CONCURRENCY = 4;
/** V8 notes one allocation in so many bytes. */
const INTERVAL_BYTES = 16 * 1024;

type Inspector = { call(method: string, params?: object): Promise<any>; close(): void };

/**
 * What a request allocates on the heaps of all Workers, kilobytes: by V8's sampling of allocations,
 * with what the garbage collector has taken since.
 */
export async function allocatedKb(host: string, row: Row): Promise<number> {
  const targets = (await (await fetch(`http://${host}/json`)).json()) as {
    id: string;
    webSocketDebuggerUrl: string;
  }[];
  const ours = targets.filter(({ id }) => id.startsWith("core:user:"));
  const inspectors = await Promise.all(ours.map((one) => inspect(one.webSocketDebuggerUrl)));
  const { port, requests } = row;
  const half = row.isOnce ? Math.min(REQUESTS, requests.length >> 1) : 0;
  await runLoad({ port, concurrency: CONCURRENCY, ms: 60_000, max: half || REQUESTS }, requests);
  const options = {
    samplingInterval: INTERVAL_BYTES,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  };
  await Promise.all(inspectors.map((one) => one.call("HeapProfiler.startSampling", options)));
  const measured = { port, concurrency: CONCURRENCY, ms: 60_000, max: half || REQUESTS };
  const { latenciesMs } = await runLoad(measured, requests.slice(half));
  let bytes = 0;
  for (const inspector of inspectors) {
    const { profile } = await inspector.call("HeapProfiler.stopSampling");
    for (const { size } of (profile as { samples: { size: number }[] }).samples) bytes += size;
    inspector.close();
  }
  return bytes / latenciesMs.length / 1024;
}

async function inspect(url: string): Promise<Inspector> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, (answer: unknown) => void>();
  let last = 0;
  socket.addEventListener("message", ({ data }) => {
    const { id, result } = JSON.parse(data as string) as { id: number; result: unknown };
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", reject);
  });
  return {
    call: (method, params = {}) =>
      new Promise((resolve) => {
        waiting.set(++last, resolve);
        socket.send(JSON.stringify({ id: last, method, params }));
      }),
    close: () => socket.close(),
  };
}
