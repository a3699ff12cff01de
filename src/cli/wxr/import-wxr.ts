import type { Client } from "../../sdk/index.ts";
import { WXR_TYPES } from "./content-types.ts";
import { prepareTypes } from "../import/prepare-types.ts";
import { findElsewhere } from "./find-elsewhere.ts";
import { mapWxr } from "./map-wxr.ts";
import { readWxr } from "./read-wxr.ts";
import { countsOf, emptyReport, type ImportReport } from "../import/report.ts";
import type { Wanted } from "./step.ts";
import { countStored, writeSteps } from "./write-steps.ts";

type ImportOptions = {
  file: string;
  /** Where to; only a plan is made when absent. */
  client: Client | undefined;
  concurrency: number;
  onProgress: (done: number, total: number) => void;
};

/**
 * Imports a WordPress export. Ids follow from the source, so importing again changes only what
 * differs, and a run that was killed is finished by the next. A thing that fails is reported and does
 * not stop the others; a refused token does.
 */
export async function importWxr({
  file,
  client,
  concurrency,
  onProgress,
}: ImportOptions): Promise<ImportReport> {
  const startedAt = performance.now();
  const report = emptyReport(client === undefined);
  const wxr = await readWxr(file);
  if (client) await prepareTypes(client, WXR_TYPES, report);
  const wanted: Wanted[] = [];
  // A first plan finds references to things outside the file.
  mapWxr(wxr, (one) => void wanted.push(one), emptyReport(true));
  const elsewhere = client ? await findElsewhere(client, wxr.baseUrl, wanted) : () => undefined;
  const steps = mapWxr(wxr, elsewhere, report);
  for (const { kind } of steps) countsOf(report, kind).seen++;
  if (client) await writeSteps(steps, { client, concurrency, report, onProgress });
  else
    for (const step of steps) {
      countsOf(report, step.kind).created++;
      countStored(step, "created", report);
    }
  report.duration_ms = Math.round(performance.now() - startedAt);
  report.ok = report.failed.length === 0;
  return report;
}
