import { FlowError, type WriteNote } from "../../sdk/index.ts";
import { countsOf, type ImportReport } from "./report.ts";

type What = { kind: string; id: string; title: string };

/**
 * Does one thing of an import; what fails is reported and does not stop the others, but a refused
 * token does.
 */
export async function orReport(report: ImportReport, what: What, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    reportFailure(report, what, reasonOf(error));
  }
}

export function reportFailure(report: ImportReport, what: What, reason: string): void {
  countsOf(report, what.kind).failed++;
  report.failed.push({ ...what, reason });
}

/** Says what a write did not keep of an entry's HTML, and how often. */
export function reportNotes(report: ImportReport, what: What, notes: WriteNote[] = []): void {
  for (const { path, message, count } of notes) {
    const often = count > 1 ? ` (${count} times)` : "";
    report.notes.push({ ...what, reason: `${path}: ${message}${often}` });
  }
}

/** What an error says; throws it when it is that of a refused token. */
export function reasonOf(error: unknown): string {
  if (error instanceof FlowError && (error.status === 401 || error.status === 403)) throw error;
  return (error as Error).message;
}
