import { inspectWorkers } from "./inspect.ts";
import type { Row } from "./rows.ts";
import { runLoad } from "./run-load.ts";

const REQUESTS = 150;
const CONCURRENCY = 4;
/** V8 notes one allocation in so many bytes. */
const INTERVAL_BYTES = 16 * 1024;

/**
 * What a request allocates on the heaps of all Workers, kilobytes: by V8's sampling of allocations,
 * with what the garbage collector has taken since.
 */
export async function allocatedKb(host: string, row: Row): Promise<number> {
  const inspectors = await inspectWorkers(host);
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
