import type { AnySchema, BulkItem, BulkOperation, Client, Outcome } from "../../sdk/index.ts";
import {
  BROKEN_REFERENCE,
  putOf,
  withoutBroken,
  type EntryState,
  type NotWritten,
  type ShownEntry,
  type Written,
} from "./entry-state.ts";
import { runBulk } from "./run-bulk.ts";

/**
 * Makes plain entries what their states say, many at once, and answers in their order what was to do. What it refers to
 * is treated as by `writeSteps`.
 */
export async function writePlain(client: Client, states: EntryState[]): Promise<(Written | NotWritten)[]> {
  const saved = await runBulk(
    client,
    states.map((state) => putOf(state, state.draft)),
  );
  const plans = states.map((state, i) => planNext(state, saved[i]!));
  const next = plans.flatMap(({ operation }) => operation ?? []);
  const done = await runBulk(client, next);
  return plans.map(({ operation, written }) => {
    const item = operation && done[next.indexOf(operation)]!;
    if (!item) return written;
    if (item.outcome === "failed") return { failure: item.error.message };
    if ("failure" in written || operation!.op === "publish") return written;
    return operation!.op === "put" ? { ...written, outcome: outcomeOf(item) } : written;
  });
}

type Plan = { operation?: BulkOperation<AnySchema>; written: Written | NotWritten };

/** What is still to be done once an entry was put: it is published, taken back, or put without what is not there. */
function planNext(state: EntryState, item: BulkItem<AnySchema>): Plan {
  if (item.outcome === "failed") {
    const { reason, message, details } = item.error;
    if (reason !== BROKEN_REFERENCE) return { written: { failure: message } };
    const operation = putOf(state, withoutBroken(state.draft, details));
    return { operation, written: { outcome: "created", isPublished: false, isWhole: false } };
  }
  const entry = item.entry as ShownEntry;
  const { id, published_at } = state;
  const { notes } = item;
  const written: Written = { outcome: outcomeOf(item), isPublished: false, isWhole: true, notes };
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

const outcomeOf = ({ outcome }: BulkItem<AnySchema>): Outcome => outcome as Outcome;
