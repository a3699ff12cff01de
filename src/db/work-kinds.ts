import type { WorkKind } from "../core/context.ts";

/**
 * The kinds of work that the database does for a request: how long one statement may take and wait
 * for locks, in ms, and what the caller may do when it takes longer. What belongs to no request has
 * the roles' own limit.
 */
export const WORK_KINDS = {
  delivery: {
    reason: "db/delivery-timeout",
    timeoutMs: 5000,
    lockMs: 2000,
    advice: "Ask for less: fewer filters, includes or sort fields.",
  },
  editing: {
    reason: "db/editing-timeout",
    timeoutMs: 5000,
    lockMs: 2000,
    advice: "Ask for less: fewer filters, includes or sort fields.",
  },
  aggregate: {
    reason: "db/aggregate-timeout",
    timeoutMs: 5000,
    lockMs: 2000,
    advice: "Narrow it down by a filter, or group by fewer fields.",
  },
  /** Work on all entries: cloning environments, changing types, rebuilding in the background. */
  rebuild: {
    reason: "db/rebuild-timeout",
    timeoutMs: 120_000,
    lockMs: 10_000,
    advice: "Try again when there are fewer writes.",
  },
  write: {
    reason: "db/write-timeout",
    timeoutMs: 10_000,
    lockMs: 5000,
    advice: "Try again, with fewer entries at once.",
  },
} as const satisfies Record<WorkKind, { reason: string; timeoutMs: number; lockMs: number; advice: string }>;

/** Of reads that travel together, the kind that allows the most. */
export function longestOf(kinds: readonly WorkKind[]): WorkKind {
  return kinds.reduce((most, one) => (WORK_KINDS[one].timeoutMs > WORK_KINDS[most].timeoutMs ? one : most));
}
