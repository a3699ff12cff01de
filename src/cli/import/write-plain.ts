import type { AnySchema, BulkItem, BulkOperation, Client, Outcome } from "../../sdk/index.ts";
import {
  addAll,
  BROKEN_REFERENCE,
  putOf,
  targetsOf,
  withoutTargets,
  type EntryState,
  type NotWritten,
  type ShownEntry,
  type Written,
} from "./entry-state.ts";
import { runBulk } from "./run-bulk.ts";

/**
 * Brings plain entries into their states, many at once, and returns in the same order what was done.
 * Missing references are handled as by `writeSteps`.
 */
export async function writePlain(
  client: Client,
  states: EntryState[],
  isLast: boolean,
): Promise<(Written | NotWritten)[]> {
  const lost = states.map(() => new Set<string>());
  const saved = await putAll(client, states, lost);
  const plans = states.map((state, i) => planNext(state, saved[i]!, lost[i]!, isLast));
  const next = plans.flatMap(({ operation }) => operation ?? []);
  const done = await runBulk(client, next);
  return plans.map(({ operation, written }) => {
    const item = operation && done[next.indexOf(operation)]!;
    if (item?.outcome === "failed") return { failure: item.error.message };
    return written;
  });
}

/** Puts the entries, those again without what they refer to and is not there, which is put into `lost`. */
async function putAll(
  client: Client,
  states: EntryState[],
  lost: Set<string>[],
): Promise<BulkItem<AnySchema>[]> {
  const saved: BulkItem<AnySchema>[] = [];
  for (let rest = states.map((_, i) => i); rest.length > 0;) {
    const operations = rest.map((i) => putOf(states[i]!, withoutTargets(states[i]!, lost[i]!).draft));
    const items = await runBulk(client, operations);
    rest.forEach((i, at) => (saved[i] = items[at]!));
    rest = rest.filter((i) => {
      const item = saved[i]!;
      return (
        item.outcome === "failed" &&
        item.error.reason === BROKEN_REFERENCE &&
        addAll(lost[i]!, targetsOf(item.error.details))
      );
    });
  }
  return saved;
}

type Plan = { operation?: BulkOperation<AnySchema>; written: Written | NotWritten };

/** What is still to be done once an entry was put: it is published or taken back. */
function planNext(
  state: EntryState,
  item: BulkItem<AnySchema>,
  lost: ReadonlySet<string>,
  isLast: boolean,
): Plan {
  if (item.outcome === "failed") return { written: { failure: item.error.message } };
  const entry = item.entry as ShownEntry;
  const { id, published_at } = state;
  const written: Written = { outcome: item.outcome as Outcome, isPublished: false, lost, notes: item.notes };
  if (lost.size > 0 && !isLast) return { written };
  if (state.published.length === 0) {
    if (entry.published_version === null) return { written };
    const outcome = written.outcome === "unchanged" ? "updated" : written.outcome;
    return { operation: { op: "unpublish", id }, written: { ...written, outcome } };
  }
  const isDone =
    entry.status === "published" &&
    entry.published_locales === null &&
    (published_at === undefined || entry.published_at === published_at);
  if (isDone) return { written };
  const operation = { op: "publish" as const, id, ...(published_at ? { published_at } : {}) };
  return { operation, written: { ...written, isPublished: true } };
}
