import { keepNewest } from "../core/keep-newest.ts";
import { AppError } from "../core/errors.ts";

/**
 * What identifies an expensive read: `subject` is the set of entries, `trials` the conditions evaluated
 * for each.
 */
export type ReadCost = { subject: string; trials: number };

/** How many slow reads run at once in one isolate: for one tenant, and for all. */
const MAX_OF_TENANT = 2;
const MAX_OF_ALL = 6;
const QUICK_MS = 250;
const WAIT_MS = 2000;
const LOOK_AGAIN_MS = 25;
const MAX_SUBJECTS = 2000;

/**
 * A request that its caller left ends without a word: what began longer ago than anything may take
 * does not count.
 */
const LONGEST_MS = 15_000;

type Running = { tenantId: string; startedAt: number };
const running = new Set<Running>();
/** By subject, how long one trial of each entry took of late. */
const trialMs = new Map<string, number>();

/**
 * Runs a read that looks at many entries. One that is known to be quick runs at once; others when the
 * tenant's share allows it, so that no tenant's slow questions take every connection. Waits two
 * seconds for its turn, then throws RATE_LIMITED `db/costly-share`.
 */
export async function withinShare<T>(tenantId: string, cost: ReadCost, work: () => Promise<T>): Promise<T> {
  const key = `${tenantId} ${cost.subject}`;
  const isQuick = () => (trialMs.get(key) ?? Number.POSITIVE_INFINITY) * cost.trials < QUICK_MS;
  for (let waitedMs = 0; !isQuick() && !hasRoom(tenantId); waitedMs += LOOK_AGAIN_MS) {
    if (waitedMs >= WAIT_MS) throw beyond();
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  const own = { tenantId, startedAt: Date.now() };
  running.add(own);
  try {
    return await work();
  } finally {
    running.delete(own);
    learn(key, (Date.now() - own.startedAt) / cost.trials);
  }
}

function hasRoom(tenantId: string): boolean {
  const since = Date.now() - LONGEST_MS;
  let ofTenant = 0;
  for (const one of running) {
    if (one.startedAt < since) running.delete(one);
    else if (one.tenantId === tenantId) ofTenant++;
  }
  return ofTenant < MAX_OF_TENANT && running.size < MAX_OF_ALL;
}

/** Slow measurements decay step by step; unused ones are dropped. */
function learn(key: string, ms: number): void {
  const before = trialMs.get(key) ?? 0;
  keepNewest(trialMs, key, Math.max(ms, before * 0.7), MAX_SUBJECTS);
}

function beyond(): AppError {
  const message = "Too many expensive queries are running: try again, or filter by an indexed field.";
  return new AppError("RATE_LIMITED", "db/costly-share", message, { headers: { "retry-after": "2" } });
}
