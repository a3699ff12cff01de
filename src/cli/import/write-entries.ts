import type { Client } from "../../sdk/index.ts";
import { isPlain, putOf, writeSteps, type EntryState, type NotWritten, type Written } from "./entry-state.ts";
import { inParallel } from "./in-parallel.ts";
import { reportFailure, reportNotes } from "./or-report.ts";
import { countsOf, type ImportReport } from "./report.ts";
import { inBulks } from "./run-bulk.ts";
import { writePlain } from "./write-plain.ts";

type Writing<T> = {
  client: Client;
  concurrency: number;
  report: ImportReport;
  stateOf: (entry: T) => EntryState;
  /** How the report calls it. */
  nameOf: (entry: T) => { id: string; title: string };
  onWritten?: () => void;
};
/** By id, whether an entry that still lacks references was created. */
export type Unfinished = Map<string, boolean>;

/**
 * Writes entries and reports what became of each. Those that refer to entries which are not there yet
 * are written without these references and put down as unfinished; with `isLast` they are published
 * so and count as failed.
 */
export async function writeEntries<T>(
  entries: Iterable<T> | AsyncIterable<T>,
  writing: Writing<T>,
  unfinished: Unfinished,
  isLast = false,
): Promise<void> {
  const { client, concurrency, report, stateOf, nameOf, onWritten } = writing;
  const operationOf = (entry: T) => {
    const state = stateOf(entry);
    return isPlain(state) ? putOf(state, state.draft) : undefined;
  };
  await inParallel(inBulks(entries, operationOf), concurrency, async (group) => {
    const states = group.map(stateOf);
    const results = await writeGroup(client, states, isLast);
    group.forEach((entry, i) => {
      const { id, type } = states[i]!;
      const fail = (reason: string) => reportFailure(report, { kind: type, ...nameOf(entry) }, reason);
      const result = results[i]!;
      onWritten?.();
      if ("failure" in result) return fail(result.failure);
      const { outcome, isPublished, lost, notes } = result;
      if (lost.size > 0 && !isLast) return void unfinished.set(id, outcome === "created");
      reportNotes(report, { kind: type, ...nameOf(entry) }, notes);
      if (lost.size > 0)
        return fail(`refers to ${named(lost)}, which could not be imported: imported without the reference`);
      const counts = countsOf(report, type);
      counts[unfinished.get(id) ? "created" : outcome]++;
      if (isPublished) counts.published++;
    });
  });
}

function named(ids: ReadonlySet<string>): string {
  const shown = [...ids].slice(0, 5).join(", ");
  return ids.size > 5 ? `${shown} and ${ids.size - 5} others` : shown;
}

async function writeGroup(
  client: Client,
  states: EntryState[],
  isLast: boolean,
): Promise<(Written | NotWritten)[]> {
  const [first] = states as [EntryState, ...EntryState[]];
  return isPlain(first) ? writePlain(client, states, isLast) : [await writeSteps(client, first, isLast)];
}
