import { realDatetime } from "../datetimes.ts";
import { cutText } from "../cut-text.ts";
import { statSync } from "node:fs";
import { basename, resolve, sep } from "node:path";
import { stableId } from "../import/stable-id.ts";
import { countsOf, type ImportReport } from "../import/report.ts";
import type { CtfExport, CtfThing } from "./export-file.ts";
import type { Locales } from "./map-locales.ts";
import type { AssetTarget } from "./map-rich-text.ts";

export type AssetStep = AssetTarget & {
  sourceId: string;
  facts: {
    filename: string;
    mime: string | null;
    title: string | null;
    alt: string | null;
    description: string | null;
    created_at?: string;
  };
  /** Where the bytes are, or where they stay. */
  path: string | undefined;
  sourceUrl: string | undefined;
};
type SourceFile = { url?: string; fileName?: string; contentType?: string; details?: { size?: number } };

const MAX_UPLOAD_BYTES = 32 * 1024 * 1024;

/**
 * The assets, each with its file where the folder has it. FlowCMS keeps one text and one file for all
 * locales.
 */
export function mapAssets(
  source: CtfExport,
  locales: Locales,
  folder: string,
  space: string,
  report: ImportReport,
): AssetStep[] {
  const steps: AssetStep[] = [];
  const seen = new Set<string>();
  for (const asset of source.assets) {
    const counts = countsOf(report, "asset");
    const { id } = asset.sys;
    const isTwice = seen.has(id);
    seen.add(id);
    const reason = "is in the file twice: the first is imported";
    if (isTwice) report.notes.push({ kind: "asset", id, title: "", reason });
    const step = isTwice ? undefined : mapAsset(asset, locales, folder, space, report);
    if (step) steps.push(step);
    else {
      counts.seen++;
      counts.skipped++;
    }
  }
  return steps;
}

function mapAsset(asset: CtfThing, locales: Locales, folder: string, space: string, report: ImportReport) {
  const { sys, fields = {} } = asset;
  const pick = (field: string) => pickLocale(fields[field], locales.sourceDefault);
  const title = text(pick("title"));
  const say = (reason: string) =>
    void report.notes.push({ kind: "asset", id: sys.id, title: title ?? "", reason });
  const file = (pick("file") ?? {}) as SourceFile;
  if (!file.url && !file.fileName) return void say("has no file: left out");
  noteLocales(fields, locales.sourceDefault, say);
  if (sys.archivedVersion !== undefined)
    say("is archived in Contentful: assets have no such state in FlowCMS");
  else if (sys.publishedVersion === undefined)
    say("is a draft in Contentful: assets have no such state in FlowCMS");
  for (const { sys: tag } of asset.metadata?.tags ?? []) say(`its tag ${tag.id} is left out`);
  const sourceUrl = file.url === undefined ? undefined : file.url.replace(/^\/\//, "https://");
  const filename = cutText(file.fileName || basename(sourceUrl ?? "") || "file", 255);
  const path = findFile(folder, filename, sourceUrl, file.details?.size, say);
  const isRemote = sourceUrl !== undefined && /^https?:\/\//.test(sourceUrl) && URL.canParse(sourceUrl);
  if (path === undefined && !isRemote)
    return void say("has neither a file in the export's folder nor a URL: left out");
  const description = whole(text(pick("description")), 20_000);
  const mime = /^[\w.+-]+\/[\w.+-]+$/.test(file.contentType ?? "") ? file.contentType! : null;
  const createdAt = realDatetime(sys.createdAt ?? "");
  const created = createdAt === undefined ? undefined : Date.parse(createdAt);
  const step: AssetStep = {
    sourceId: sys.id,
    id: stableId("ast", space, "asset", sys.id, created ?? 0),
    isImage: mime?.startsWith("image/") ?? false,
    title: whole(title, 1000),
    alt: whole(description, 2000),
    facts: {
      filename,
      mime,
      title: whole(title, 1000),
      alt: whole(description, 2000),
      description,
      ...(created === undefined ? {} : { created_at: new Date(created).toISOString() }),
    },
    path,
    sourceUrl,
  };
  return step;
}

function pickLocale(byLocale: Record<string, unknown> | undefined, locale: string): unknown {
  return (
    byLocale?.[locale] ?? Object.values(byLocale ?? {}).find((value) => value !== null && value !== undefined)
  );
}

function noteLocales(
  fields: NonNullable<CtfThing["fields"]>,
  main: string,
  say: (reason: string) => void,
): void {
  for (const [field, byLocale] of Object.entries(fields)) {
    const kept = JSON.stringify(pickLocale(byLocale, main));
    const others = Object.entries(byLocale ?? {}).filter(
      ([code, value]) => code !== main && JSON.stringify(value) !== kept,
    );
    if (others.length > 0)
      say(
        `its ${field} in ${others.map(([code]) => code).join(", ")} is left out: an asset has one value in FlowCMS`,
      );
  }
}

/**
 * The file below the folder: as `--download-assets` lays it out, or by its name; only with the size
 * that the export says.
 */
function findFile(
  folder: string,
  filename: string,
  url: string | undefined,
  size: number | undefined,
  say: (reason: string) => void,
): string | undefined {
  const { host = "", pathname = "" } = url !== undefined && URL.canParse(url) ? new URL(url) : {};
  const names = [
    host + pathname,
    host + decodeSafely(pathname),
    decodeSafely(pathname).slice(1),
    basename(filename),
  ];
  const root = resolve(folder);
  let problem = `its file is not in ${folder}`;
  for (const path of names.map((name) => resolve(root, name))) {
    const found = path.startsWith(root + sep) ? statSync(path, { throwIfNoEntry: false }) : undefined;
    if (!found?.isFile()) continue;
    if (size !== undefined && size !== found.size)
      problem = `the file ${basename(path)} has ${found.size} bytes, not ${size}`;
    else if (found.size > MAX_UPLOAD_BYTES)
      problem = `its file has ${found.size} bytes, more than the upload limit`;
    else return path;
  }
  say(`${problem}${url === undefined ? "" : `: remains at ${url}`}`);
  return undefined;
}

function decodeSafely(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

const text = (value: unknown): string | null =>
  typeof value === "string" && value !== "" ? value.replaceAll("\0", "").toWellFormed() : null;

const whole = (value: string | null | undefined, max: number) =>
  value === null || value === undefined ? null : cutText(value, max);
