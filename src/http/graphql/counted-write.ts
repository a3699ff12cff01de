import { keptWrite } from "../../db/idempotency.ts";
import type { Door } from "./door.ts";

/** Does what a root field writes: counted, in no cache. */
export async function countedWrite<T>(door: Door, work: () => Promise<T>): Promise<T> {
  door.found.isCacheable = false;
  door.found.hasWritten = true;
  door.countWrite();
  try {
    return await work();
  } catch (error) {
    if (keptWrite(error)) door.found.repeated = error;
    throw error;
  }
}
