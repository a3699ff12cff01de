import { peakMemoryMb, resetPeaks, stackCpuMs } from "./processes.ts";
import type { Row } from "./rows.ts";
import { runLoad } from "./run-load.ts";

/**
 * One row of the report. `ratio` is the rate, and `cpu_ratio` the CPU time, as a multiple of those of
 * the row `against`; `memory_mb` is the most resident memory of the stack meanwhile, and
 * `allocated_kb` what a request allocates on the heaps of the Workers, measured by itself.
 */
export type Figure = {
  name: string;
  concurrency: number;
  rps: number;
  p50_ms: number;
  p95_ms: number;
  p99_ms: number;
  cpu_ms: number;
  ratio: number | null;
  against: string | null;
  cpu_ratio: number | null;
  memory_mb: number | null;
  allocated_kb: number | null;
  allocated_ratio: number | null;
};

/** What of a row's requests it is warmed up with. */
const WARM_UP_SHARE = 0.05;

export type Measuring = { ms: number; warmUpMs: number; drained: () => Promise<void>; results: Figure[] };

/** Runs one row and prints it. Throws when it was not answered as it must be. */
export async function measure(
  { ms, warmUpMs, drained, results }: Measuring,
  row: Row,
  concurrency: number,
): Promise<Figure> {
  await drained();
  const { requests, port } = row;
  const first = row.isOnce ? Math.ceil(requests.length * WARM_UP_SHARE) : 0;
  const warmUp = first === 0 ? requests : requests.slice(0, first);
  if (row.warmUp?.length) await runLoad({ port, concurrency, ms: warmUpMs, max: 1e9 }, row.warmUp);
  await runLoad({ port, concurrency, ms: warmUpMs, max: first || 1e9 }, warmUp);
  await drained();
  resetPeaks();
  const cpuBefore = stackCpuMs();
  const max = first === 0 ? 1e9 : requests.length - first;
  const result = await runLoad({ port, concurrency, ms, max }, requests.slice(first));
  // What a write leaves to be done behind its answer is part of what it costs.
  await drained();
  const cpu = stackCpuMs() - cpuBefore;
  const done = result.latenciesMs.length;
  check(row, result);
  const at = percentilesOf(result.latenciesMs);
  const against = results.find((one) => one.name === row.against && one.concurrency === concurrency);
  const rps = Math.round((done / result.elapsedMs) * 1000);
  const cpuMs = round(cpu / done, 3);
  const figure: Figure = {
    ...{ name: row.name, concurrency, rps, ...at, cpu_ms: cpuMs },
    ratio: against ? round(rps / against.rps, 2) : null,
    against: against?.name ?? null,
    cpu_ratio: against ? round(cpuMs / against.cpu_ms, 2) : null,
    memory_mb: peakMemoryMb(),
    ...{ allocated_kb: null, allocated_ratio: null },
  };
  results.push(figure);
  show(figure, done);
  return figure;
}

function check(row: Row, { statuses, cache, latenciesMs }: Awaited<ReturnType<typeof runLoad>>): void {
  const done = latenciesMs.length;
  if (statuses[String(row.status)] !== done)
    throw new Error(`${row.name} was answered ${JSON.stringify(statuses)}.`);
  const expected = row.cache === undefined ? done : (cache[row.cache] ?? 0);
  if (expected < done * 0.99) throw new Error(`${row.name} was ${JSON.stringify(cache)}, not ${row.cache}.`);
}

/** Figures of times that are not of a load. */
export function noteTimes(results: Figure[], name: string, concurrency: number, times: number[]): void {
  const figure: Figure = {
    ...{ name, concurrency, rps: 0, ...percentilesOf(times), cpu_ms: 0, ratio: null, against: null },
    ...{ cpu_ratio: null, memory_mb: null, allocated_kb: null, allocated_ratio: null },
  };
  results.push(figure);
  show(figure, times.length);
}

function percentilesOf(times: number[]): Pick<Figure, "p50_ms" | "p95_ms" | "p99_ms"> {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0, 2);
  return { p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99) };
}

function show(figure: Figure, count: number): void {
  const { name, concurrency, rps, p50_ms, p95_ms, p99_ms, cpu_ms, ratio, cpu_ratio } = figure;
  const beside = ratio === null ? "" : `  rate ×${ratio}  cpu ×${cpu_ratio}`;
  console.log(
    `${name.padEnd(22)} c=${String(concurrency).padEnd(3)}${rps === 0 ? "         " : `${String(rps).padStart(7)}/s`}` +
      `  p50 ${p50_ms}  p95 ${p95_ms}  p99 ${p99_ms}  cpu ${cpu_ms} ms${beside}  (${count})`,
  );
}

export const round = (value: number, digits: number): number => Number(value.toFixed(digits));
