import { FlowError } from "../../sdk/index.ts";
import { countsOf, type ImportReport } from "./report.ts";

/** Does one thing of an import; what fails is reported and does not stop the others, but a refused token does. */
export async function orReport(
  report: ImportReport,
  what: { kind: string; id: string; title: string },
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof FlowError && (error.status === 401 || error.status === 403)) throw error;
    countsOf(report, what.kind).failed++;
    report.failed.push({ ...what, reason: (error as Error).message });
  }
}
