import type { Client, Outcome } from "../../sdk/index.ts";
import { WXR_TYPES } from "./content-types.ts";
import { inParallel } from "../import/in-parallel.ts";
import { orReport, reportFailure, reportNotes } from "../import/or-report.ts";
import { inBulks, runBulk } from "../import/run-bulk.ts";
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
  for (const { kind } of steps) countsOf(report, kind).seen++;
  if (client) await writeSteps(client, steps, options, report);
  else for (const { kind } of steps) countsOf(report, kind).created++;
  report.duration_ms = Math.round(performance.now() - startedAt);
  report.ok = report.failed.length === 0;
  return report;
}

/** Writes the steps wave by wave: each refers to those before it only. */
async function writeSteps(
  client: Client,
  steps: Step[],
  { concurrency, onProgress }: ImportOptions,
  report: ImportReport,
): Promise<void> {
  let done = 0;
  const operationOf = (step: Step) => (step.kind === "asset" ? undefined : putOf(step));
  for (const wave of [...new Set(steps.map((step) => step.wave))].sort((a, b) => a - b)) {
    const groups = inBulks(
      steps.filter((step) => step.wave === wave),
      operationOf,
    );
    await inParallel(groups, concurrency, async (group) => {
      if (group[0]!.kind === "asset") await writeAsset(client, group[0]!, report);
      else await writeGroup(client, group, report);
      onProgress((done += group.length), steps.length);
    });
  }
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

const putOf = ({ kind: type, id, fields }: Step) => ({ op: "put" as const, type, id, fields });

async function writeAsset(client: Client, step: Step, report: ImportReport): Promise<void> {
  await orReport(report, nameOf(step), async () => {
    countsOf(report, "asset")[(await client.assets.put(step.id, step.fields)).outcome]++;
  });
}

/** Puts entries, and publishes those that WordPress shows and that are not published yet. */
async function writeGroup(client: Client, steps: Step[], report: ImportReport): Promise<void> {
  const saved = await runBulk(client, steps.map(putOf));
  const unpublished: Step[] = [];
  steps.forEach((step, i) => {
    const item = saved[i]!;
    if (item.outcome === "failed") return reportFailure(report, nameOf(step), item.error.message);
    countsOf(report, step.kind)[item.outcome as Outcome]++;
    reportNotes(report, nameOf(step), item.notes);
    if (step.publishedAt !== undefined && item.entry!.status !== "published") unpublished.push(step);
  });
  const published = await runBulk(
    client,
    unpublished.map(({ id, publishedAt }) => ({ op: "publish", id, published_at: publishedAt! })),
  );
  unpublished.forEach((step, i) => {
    const item = published[i]!;
    if (item.outcome === "failed") reportFailure(report, nameOf(step), item.error.message);
    else countsOf(report, step.kind).published++;
  });
}

const nameOf = ({ kind, sourceId, title }: Step) => ({ kind, id: sourceId, title });
