import { FlowError, type Client } from "../../sdk/index.ts";
import { WXR_TYPES } from "./content-types.ts";
import { inParallel } from "../import/in-parallel.ts";
import { mapWxr, type Step } from "./map-wxr.ts";
import { readWxr } from "./read-wxr.ts";
import { countsOf, emptyReport, type ImportReport } from "../import/report.ts";

type ImportOptions = {
  file: string;
  /** Where to; only a plan is made when absent. */
  client: Client | undefined;
  concurrency: number;
  onProgress: (done: number, total: number) => void;
};

/**
 * Imports a WordPress export. Ids follow from the source, so importing again changes only what differs, and a run that
 * was killed is finished by the next. A thing that fails is reported and does not stop the others; a refused token does.
 */
export async function importWxr(options: ImportOptions): Promise<ImportReport> {
  const startedAt = performance.now();
  const { client } = options;
  const report = emptyReport(client === undefined);
  const steps = mapWxr(await readWxr(options.file), report);
  if (client) await prepareTypes(client);
  let done = 0;
  for (const wave of [...new Set(steps.map((step) => step.wave))].sort((a, b) => a - b)) {
    await inParallel(
      steps.filter((step) => step.wave === wave),
      options.concurrency,
      async (step) => {
        countsOf(report, step.kind).seen++;
        if (client) await runStep(client, step, report);
        else countsOf(report, step.kind).created++;
        options.onProgress(++done, steps.length);
      },
    );
  }
  report.duration_ms = Math.round(performance.now() - startedAt);
  report.ok = report.failed.length === 0;
  return report;
}

/** Makes the types of the import; one that exists keeps what it has and gets the fields it lacks. */
async function prepareTypes(client: Client): Promise<void> {
  const existing = new Map((await client.types.list()).map((type) => [type["id"] as string, type]));
  for (const type of WXR_TYPES) {
    const {
      version: _version,
      created_at: _created,
      updated_at: _updated,
      ...current
    } = (existing.get(type.id) ?? {}) as Record<string, unknown>;
    const fields = (current["fields"] ?? []) as { id: string; type: string }[];
    for (const field of type.fields as { id: string; type: string }[]) {
      const same = fields.find((one) => one.id === field.id);
      if (!same) fields.push(field);
      else if (same.type !== field.type) {
        throw new Error(
          `The content type "${type.id}" has a field "${field.id}" of type ${same.type}; the import needs ${field.type}. Import into another environment, or rename the field.`,
        );
      }
    }
    await client.types.put(type.id, { ...type, ...current, fields });
  }
}

async function runStep(client: Client, step: Step, report: ImportReport): Promise<void> {
  const counts = countsOf(report, step.kind);
  try {
    if (step.kind === "asset") {
      counts[(await client.assets.put(step.id, step.fields)).outcome]++;
      return;
    }
    const { entry, outcome } = await client.content.put(step.kind, step.id, step.fields);
    counts[outcome]++;
    if (step.publishedAt !== undefined && entry.status !== "published") {
      await client.content.publish(step.id, { published_at: step.publishedAt });
      counts.published++;
    }
  } catch (error) {
    if (error instanceof FlowError && (error.status === 401 || error.status === 403)) throw error;
    counts.failed++;
    report.failed.push({
      kind: step.kind,
      id: step.sourceId,
      title: step.title,
      reason: (error as Error).message,
    });
  }
}
