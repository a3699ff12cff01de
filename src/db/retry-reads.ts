import { AppError } from "../core/errors.ts";

/** How long is waited before each further try, in ms: anything between the two. */
const PAUSES_MS = [
  [5, 25],
  [40, 120],
] as const;
/** What took longer to fail is not tried again: whoever asked has waited long enough. */
const QUICK_MS = 1000;

/**
 * Does a read again, once or twice, when the database could not be reached; throws what the last try
 * threw. Only for work that changes nothing: what was asked for may have been done all the same.
 */
export async function retryRead<T>(read: () => Promise<T>): Promise<T> {
  const startedAt = Date.now();
  for (const [least, most] of PAUSES_MS) {
    try {
      return await read();
    } catch (error) {
      const isPassing = error instanceof AppError && error.reason === "db/unreachable";
      if (!isPassing || Date.now() - startedAt > QUICK_MS) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, least + Math.random() * (most - least)));
  }
  return read();
}
