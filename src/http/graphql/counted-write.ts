import { storedResponseIn } from "../../db/idempotency.ts";
import type { RequestState } from "./request-state.ts";

/** Does what a root field writes; the answer belongs in no cache. */
export async function countedWrite<T>(state: RequestState, work: () => Promise<T>): Promise<T> {
  state.found.isCacheable = false;
  state.found.hasWritten = true;
  try {
    return await work();
  } catch (error) {
    if (storedResponseIn(error)) state.found.repeated = error;
    throw error;
  }
}
