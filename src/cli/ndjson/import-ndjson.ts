import { statSync } from "node:fs";
import { resolve, sep } from "node:path";
import type { Client } from "../../sdk/index.ts";
import { type EntryState, type Values } from "../import/entry-state.ts";
import { inParallel } from "../import/in-parallel.ts";
import { orReport } from "../import/or-report.ts";
import { prepareLocales } from "../import/prepare-locales.ts";
import { putFileAsset, putRemoteAsset, sha256Of } from "../import/put-asset.ts";
import { countsOf, emptyReport, type ImportReport } from "../import/report.ts";
import { writeEntries, type Unfinished } from "../import/write-entries.ts";
import { withNulls } from "./inner-values.ts";
import { readLines, type AssetLine, type Definition, type EntryLine, type EnvironmentLine } from "./lines.ts";
import { placeComponents } from "./place-components.ts";
import { restoreOrder } from "./restore-order.ts";
import { moveToStage, putTypes, restoreReviews } from "./restore-types.ts";
import { noteParents, refuseCycles, type Trees } from "./tree-cycles.ts";

export type NdjsonOptions = {
  folder: string;
  /** Where to; the folder is only checked and counted when absent. */
  client: Client | undefined;
  concurrency: number;
  onProgress: (done: number, total: number) => void;
};
/** What is read first and held in memory: everything but assets and entries. */
type Head = {
  environment: EnvironmentLine | undefined;
  components: Map<string, Definition>;
  types: Map<string, Definition>;
  /** The types with their components in their places. */
  shapes: Map<string, Definition>;
  total: number;
  /** Ids with more than one line in the folder: the first is imported. */
  twice: Set<string>;
};

/**
 * Imports a folder that `flow export` wrote. Ids stay, so importing again changes only what differs,
 * and a run that was killed is finished by the next. The whole folder is checked before anything is
 * written.
 */
export async function importNdjson(options: NdjsonOptions): Promise<ImportReport> {
  const startedAt = performance.now();
  const { client, folder, concurrency } = options;
  const report = emptyReport(client === undefined);
  const head = await readHead(folder, report);
  if (client) {
    if (head.environment) {
      const { default_locale: defaultLocale, locales } = head.environment;
      await prepareLocales(client, { defaultLocale, locales }, report);
    }
    const types = [...head.types.values()];
    await putTypes(client, { types, components: [...head.components.values()] }, report);
    let done = 0;
    const tick = () => options.onProgress(++done, head.total);
    await inParallel(linesOf<AssetLine>(folder, "asset", head), concurrency, (asset) =>
      writeAsset(client, folder, asset, report).then(tick),
    );
    await writeAll(client, options, head, report, tick);
    for (const { id, ordered } of types)
      if (ordered) await restoreOrder(client, id, await idsOf(folder, id), report);
    await restoreReviews(client, types, report);
    await inParallel(linesOf<EntryLine>(folder, "entry", head), concurrency, async (entry) => {
      const type = head.types.get(entry.type)!;
      const what = { kind: entry.type, id: entry.id, title: "" };
      if (type.review) await orReport(report, what, () => moveToStage(client, entry, type));
    });
  }
  report.duration_ms = Math.round(performance.now() - startedAt);
  report.ok = report.failed.length === 0;
  return report;
}

async function idsOf(folder: string, type: string): Promise<string[]> {
  const ids = new Set<string>();
  for await (const line of readLines(folder))
    if (line.kind === "entry" && line.type === type) ids.add(line.id);
  return [...ids];
}

async function* linesOf<L extends AssetLine | EntryLine>(
  folder: string,
  kind: L["kind"],
  { twice }: Head,
): AsyncGenerator<L> {
  const seen = new Set<string>();
  for await (const line of readLines(folder)) {
    if (line.kind !== kind) continue;
    const { id } = line as L;
    if (seen.has(id)) continue;
    if (twice.has(id)) seen.add(id);
    yield line as L;
  }
}

async function readHead(folder: string, report: ImportReport): Promise<Head> {
  const head: Head = {
    environment: undefined,
    components: new Map(),
    types: new Map(),
    shapes: new Map(),
    total: 0,
    twice: new Set(),
  };
  const ids = new Set<string>();
  const unknown = new Set<string>();
  const trees: Trees = new Map();
  for await (const line of readLines(folder)) {
    if (line.kind === "environment") head.environment = line;
    if (line.kind === "component") {
      head.components.set(line.definition.id, line.definition);
      countsOf(report, "component").seen++;
    }
    if (line.kind === "type") {
      head.types.set(line.definition.id, line.definition);
      countsOf(report, "type").seen++;
    }
    if (line.kind === "asset") {
      if (line.file === undefined && line.source_url === undefined)
        throw new Error(`The asset ${line.id} has neither file nor source_url.`);
      if (line.file !== undefined) pathOf(folder, line.file);
      countsOf(report, "asset").seen++;
    }
    if (line.kind === "entry") {
      if (!head.types.has(line.type)) unknown.add(line.type);
      countsOf(report, line.type).seen++;
    }
    if (line.kind !== "asset" && line.kind !== "entry") continue;
    if (!ids.has(line.id)) {
      head.total++;
      if (line.kind === "entry") noteParents(trees, line, head.types.get(line.type));
    } else {
      const kind = line.kind === "asset" ? "asset" : line.type;
      head.twice.add(line.id);
      countsOf(report, kind).skipped++;
      const reason = "is in the folder twice: the first is kept";
      report.notes.push({ kind, id: line.id, title: "", reason });
    }
    ids.add(line.id);
  }
  for (const [id, type] of head.types) head.shapes.set(id, placeComponents(type, head.components));
  for (const type of unknown)
    if (!head.types.has(type))
      throw new Error(`The folder has entries of the type "${type}", but not the type.`);
  refuseCycles(trees);
  return head;
}

/** A file of the folder; throws for one that is not there or lies outside. */
function pathOf(folder: string, file: string): string {
  const root = resolve(folder);
  const path = resolve(root, file);
  if (!path.startsWith(root + sep)) throw new Error(`The file ${file} is outside ${folder}.`);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw new Error(`The file ${path} is missing.`);
  return path;
}

async function writeAsset(
  client: Client,
  folder: string,
  asset: AssetLine,
  report: ImportReport,
): Promise<void> {
  const { kind, id, created_at, filename, mime, title, alt, caption, description } = asset;
  const facts = { created_at, filename, mime, title, alt, caption, description };
  await orReport(report, { kind, id, title: filename }, async () => {
    const counts = countsOf(report, "asset");
    if (asset.source_url !== undefined) {
      counts[await putRemoteAsset(client, id, { ...facts, source_url: asset.source_url })]++;
      return;
    }
    const path = pathOf(folder, asset.file!);
    const sha256 = await sha256Of(path);
    if (asset.sha256 !== undefined && sha256 !== asset.sha256)
      throw new Error(`${asset.file} is damaged: its SHA-256 does not match.`);
    counts[await putFileAsset(client, id, path, facts, sha256)]++;
  });
}

/** Writes all entries, and once more those that refer to entries which were not there yet. */
async function writeAll(
  client: Client,
  { folder, concurrency }: NdjsonOptions,
  head: Head,
  report: ImportReport,
  tick: () => void,
): Promise<void> {
  const writing = {
    client,
    concurrency,
    report,
    stateOf: (line: EntryLine) => stateOf(line, head.shapes.get(line.type)!),
    nameOf: ({ id }: EntryLine) => ({ id, title: "" }),
  };
  const unfinished: Unfinished = new Map();
  await writeEntries(linesOf<EntryLine>(folder, "entry", head), { ...writing, onWritten: tick }, unfinished);
  if (unfinished.size > 0)
    await writeEntries(
      unfinishedOf(linesOf<EntryLine>(folder, "entry", head), unfinished),
      writing,
      unfinished,
      true,
    );
}

async function* unfinishedOf(lines: AsyncIterable<EntryLine>, unfinished: Unfinished) {
  const ids = new Set(unfinished.keys());
  for await (const line of lines) if (ids.has(line.id)) yield line;
}

/** The target state of the entry; every field is present, so that no default replaces an absent value. */
function stateOf(line: EntryLine, { fields }: Definition): EntryState {
  const whole = (values: Values): Values => withNulls(fields, values);
  const steps = line.status === "draft" ? [] : (line.published ?? [{ fields: line.fields }]);
  return {
    id: line.id,
    type: line.type,
    created_at: line.created_at,
    published_at: line.published_at,
    draft: whole(line.fields),
    published: steps.map((step) => ({ ...step, fields: whole(step.fields) })),
  };
}
