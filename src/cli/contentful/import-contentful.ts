import { dirname } from "node:path";
import type { Client } from "../../sdk/index.ts";
import { inParallel } from "../import/in-parallel.ts";
import { inWaves } from "../import/in-waves.ts";
import { orReport } from "../import/or-report.ts";
import { prepareLocales } from "../import/prepare-locales.ts";
import { prepareTypes } from "../import/prepare-types.ts";
import { putFileAsset, putRemoteAsset } from "../import/put-asset.ts";
import { countsOf, emptyReport, type ImportReport } from "../import/report.ts";
import { writeEntries, type Unfinished } from "../import/write-entries.ts";
import { readExport, type CtfExport } from "./export-file.ts";
import { mapAssets, type AssetStep } from "./map-assets.ts";
import { mapEntries, type EntryStep } from "./map-entries.ts";
import { mapLocales, type Locales } from "./map-locales.ts";
import { mapTypes } from "./map-types.ts";

export type ContentfulOptions = {
  file: string;
  /** The folder of the assets' files; by default that of the export. */
  assets?: string | undefined;
  /** A second export, with the published values. */
  published?: string | undefined;
  publishesChanged: boolean;
  /** Codes of locales here by their codes there, where they are to differ. */
  locales: ReadonlyMap<string, string>;
  /** Where to; only a plan is made when absent. */
  client: Client | undefined;
  concurrency: number;
  onProgress: (done: number, total: number) => void;
};
type Plan = {
  locales: Locales;
  types: Record<string, unknown>[];
  assets: AssetStep[];
  entries: EntryStep[];
};

/**
 * Imports a Contentful export. Ids follow from the source, so importing again changes only what
 * differs, and a run that was killed is finished by the next. A thing that fails is reported and does
 * not stop the others; a refused token does.
 */
export async function importContentful(options: ContentfulOptions): Promise<ImportReport> {
  const startedAt = performance.now();
  const { client, concurrency } = options;
  const report = emptyReport(client === undefined);
  const plan = await makePlan(options, report);
  const total = plan.assets.length + plan.entries.length;
  let done = 0;
  const tick = () => options.onProgress(++done, total);
  if (!client) planOnly(plan, report);
  else {
    const { sourceDefault } = plan.locales;
    const hint = `, or map it to a locale: --map-locale ${sourceDefault}=CODE`;
    await prepareLocales(client, plan.locales, report, hint);
    await prepareTypes(client, plan.types, report);
    await inParallel(plan.assets, concurrency, (asset) => writeAsset(client, asset, report).then(tick));
    await writeInWaves(client, plan.entries, concurrency, report, tick);
  }
  report.duration_ms = Math.round(performance.now() - startedAt);
  report.ok = report.failed.length === 0;
  return report;
}

async function makePlan(options: ContentfulOptions, report: ImportReport): Promise<Plan> {
  const source = await readExport(options.file);
  const published = options.published === undefined ? undefined : await readExport(options.published);
  const locales = mapLocales(source, options.locales, report.notes);
  const types = mapTypes(source, locales, report);
  const space = spaceOf(source);
  const assets = mapAssets(source, locales, options.assets ?? dirname(options.file), space, report);
  const entries = mapEntries(
    {
      source,
      types,
      locales,
      space,
      assets: new Map(assets.map((asset) => [asset.sourceId, asset])),
      published: published && new Map(published.entries.map(({ sys, fields }) => [sys.id, fields ?? {}])),
      publishesChanged: options.publishesChanged,
    },
    report,
  );
  for (const [name, count] of Object.entries(source.others))
    report.notes.push({ kind: name, id: `${count}`, title: "", reason: "of them in the file: not imported" });
  return { locales, types: [...types.values()].map(({ definition }) => definition), assets, entries };
}

function spaceOf({ contentTypes, entries, assets }: CtfExport): string {
  const found = [...contentTypes, ...entries, ...assets].find(({ sys }) => sys.space?.sys?.id !== undefined);
  return `contentful:${found?.sys.space?.sys.id ?? ""}`;
}

function planOnly({ types, assets, entries }: Plan, report: ImportReport): void {
  const plan = (kind: string, isPublished: boolean) => {
    const counts = countsOf(report, kind);
    counts.seen++;
    counts.created++;
    if (isPublished) counts.published++;
  };
  types.forEach(() => plan("type", false));
  assets.forEach(() => plan("asset", false));
  for (const { state } of entries) plan(state.type, state.published.length > 0);
}

async function writeAsset(client: Client, asset: AssetStep, report: ImportReport): Promise<void> {
  const counts = countsOf(report, "asset");
  counts.seen++;
  const { id, facts, path, sourceUrl, sourceId, title } = asset;
  await orReport(report, { kind: "asset", id: sourceId, title: title ?? "" }, async () => {
    const outcome =
      path === undefined
        ? await putRemoteAsset(client, id, { ...facts, source_url: sourceUrl! })
        : await putFileAsset(client, id, path, facts);
    counts[outcome]++;
  });
}

/**
 * Writes entries after those that they refer to; what refers in a circle is written without, and then
 * again.
 */
async function writeInWaves(
  client: Client,
  entries: EntryStep[],
  concurrency: number,
  report: ImportReport,
  tick: () => void,
): Promise<void> {
  const writing = {
    client,
    concurrency,
    report,
    stateOf: ({ state }: EntryStep) => state,
    nameOf: ({ sourceId, title }: EntryStep) => ({ id: sourceId, title }),
  };
  const unfinished: Unfinished = new Map();
  for (const { state } of entries) countsOf(report, state.type).seen++;
  const waves = inWaves(
    entries,
    ({ state }) => state.id,
    ({ refersTo }) => refersTo,
  );
  for (const wave of waves) await writeEntries(wave, { ...writing, onWritten: tick }, unfinished);
  const again = entries.filter(({ state }) => unfinished.has(state.id));
  await writeEntries(again, writing, unfinished, true);
}
