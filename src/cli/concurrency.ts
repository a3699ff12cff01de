import { UsageError } from "./command.ts";

/** Reads the option `--concurrency`: 1 to 16. */
export function readConcurrency(text: string): number {
  const concurrency = Number(text);
  if (Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= 16) return concurrency;
  throw new UsageError("--concurrency must be 1 to 16.");
}
