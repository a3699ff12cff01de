import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, open, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeStream } from "node:stream/web";
import type { Client } from "../../sdk/index.ts";
import type { ShownEntry } from "../import/entry-state.ts";
import { inOrderOfUse } from "../types/order.ts";
import type { Definition as FileDefinition } from "../types/type-files.ts";
import { entryLine } from "./entry-line.ts";
import { placeComponents } from "./place-components.ts";
import { FILE_NAME, FORMAT_VERSION, type AssetLine, type Definition, type Line } from "./lines.ts";

export type ExportOptions = {
  client: Client;
  /** An empty folder that is there. */
  folder: string;
  onlyPublished: boolean;
  concurrency: number;
  onProgress: (done: number) => void;
};
export type ExportCounts = { types: number; assets: number; files: number; bytes: number; entries: number };

/**
 * Writes an environment as a folder: `flow.ndjson` and the files of assets. The same content always
 * gives the same bytes; only ids of assets and one page of entries are held in memory.
 */
export async function exportNdjson(options: ExportOptions): Promise<ExportCounts> {
  const { client, folder } = options;
  const counts: ExportCounts = { types: 0, assets: 0, files: 0, bytes: 0, entries: 0 };
  await using file = await open(join(folder, FILE_NAME), "w");
  const environment = await client.environments.current();
  const { default_locale, locales } = environment;
  await writeLine(file, { kind: "flowcms", format: FORMAT_VERSION });
  await writeLine(file, {
    kind: "environment",
    default_locale,
    locales: locales.map(({ code, fallback }) => (fallback ? { code, fallback } : { code })),
  });
  const [types, components] = [await readTypes(client), await readComponents(client)];
  for (const definition of components) await writeLine(file, { kind: "component", definition });
  const byId = new Map(components.map((component) => [component.id, component]));
  for (const definition of types) await writeLine(file, { kind: "type", definition });
  counts.types = types.length;
  await exportAssets(options, file, counts);
  // The default locale first: values that are not localised are published with it.
  const codes = [
    default_locale,
    ...locales.map(({ code }) => code).filter((code) => code !== default_locale),
  ];
  const whole = types.map((type) => placeComponents(type, byId));
  for (const definition of inReferenceOrder(whole))
    await exportEntries(options, file, counts, { definition, locales: codes });
  await file.sync();
  return counts;
}

const writeLine = (file: FileHandle, line: Line) => file.appendFile(`${JSON.stringify(line)}\n`);

async function readTypes(client: Client): Promise<Definition[]> {
  const types = await client.types.list();
  return types
    .map(
      ({ version: _version, created_at: _created, updated_at: _updated, ...definition }) =>
        definition as Definition,
    )
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Components with those that they use before them. */
async function readComponents(client: Client): Promise<Definition[]> {
  const components = (await client.components.list()).map(
    ({ version: _version, created_at: _created, updated_at: _updated, usage: _usage, ...definition }) =>
      definition as unknown as Definition,
  );
  return inOrderOfUse(components as (Definition & FileDefinition)[]);
}

/**
 * The types with those that they refer to before them, as far as they do not refer in a circle:
 * imports need fewer writes.
 */
function inReferenceOrder(types: Definition[]): Definition[] {
  const ordered = new Set<Definition>();
  const begun = new Set<Definition>();
  const visit = (type: Definition | undefined): void => {
    if (!type || begun.has(type)) return;
    begun.add(type);
    for (const { to } of type.fields)
      for (const id of ((to ?? []) as string[]).toSorted()) visit(types.find((one) => one.id === id));
    ordered.add(type);
  };
  types.forEach(visit);
  return [...ordered];
}

async function exportAssets(options: ExportOptions, file: FileHandle, counts: ExportCounts): Promise<void> {
  const ids: string[] = [];
  for await (const { id } of options.client.assets.iterate({ limit: 100 })) ids.push(id);
  ids.sort();
  for (let at = 0; at < ids.length; at += options.concurrency) {
    const group = ids.slice(at, at + options.concurrency);
    const lines = await Promise.all(group.map((id) => exportAsset(options, id, counts)));
    for (const line of lines) await writeLine(file, line);
    counts.assets += lines.length;
    options.onProgress(counts.assets + counts.entries);
  }
}

async function exportAsset(
  { client, folder }: ExportOptions,
  id: string,
  counts: ExportCounts,
): Promise<AssetLine> {
  const asset = await client.assets.get(id);
  const { created_at, filename, mime, title, alt, caption, description } = asset;
  const facts = { kind: "asset" as const, id, created_at, filename, mime, title, alt, caption, description };
  if (asset.source_url !== null) return { ...facts, source_url: asset.source_url };
  const file = `assets/${id}/${toFileName(filename)}`;
  const { size_bytes, sha256 } = asset;
  const found = await download(client, id, join(folder, file));
  if (found !== sha256) throw new Error(`The bytes of asset ${id} do not match its SHA-256.`);
  counts.files++;
  counts.bytes += size_bytes!;
  return { ...facts, file, size_bytes: size_bytes!, sha256 };
}

/** Streams an asset's bytes to a file; answers their SHA-256. */
async function download(client: Client, id: string, path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  return client.assets.stream(id, async (bytes) => {
    const hash = createHash("sha256");
    const hashed = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    await pipeline(Readable.fromWeb(bytes as NodeStream), hashed, createWriteStream(path));
    return hash.digest("hex");
  });
}

/** A name that every file system takes. */
function toFileName(filename: string): string {
  const safe = filename
    // oxlint-disable-next-line no-control-regex
    .replace(/[\u0000-\u001f/\\:*?"<>|]/g, "_")
    .replace(/^\.+$/, "file")
    .replace(/(?<![. ])[. ]+$/, "");
  const bytes = Buffer.from(safe || "file");
  if (bytes.length <= 200) return safe || "file";
  const extension = /\.[\w-]{1,16}$/.exec(safe)?.[0] ?? "";
  return (
    bytes
      .subarray(0, 180)
      .toString()
      .replace(/(?<!\ufffd)\ufffd+$/, "") + extension
  );
}

async function exportEntries(
  options: ExportOptions,
  file: FileHandle,
  counts: ExportCounts,
  shape: { definition: Definition; locales: string[] },
): Promise<void> {
  const { client, onlyPublished, concurrency } = options;
  const query = {
    perspective: "draft",
    locale: "*",
    sort: [shape.definition["ordered"] ? "order" : "id"],
  } as const;
  let group: ShownEntry[] = [];
  const flush = async () => {
    const lines = await Promise.all(group.map((entry) => entryLine(client, entry, shape, onlyPublished)));
    group = [];
    for (const line of lines) {
      if (!line) continue;
      await writeLine(file, line);
      counts.entries++;
    }
    options.onProgress(counts.assets + counts.entries);
  };
  for await (const entry of client.content.iterate(shape.definition.id, query)) {
    group.push(entry as ShownEntry);
    if (group.length >= concurrency) await flush();
  }
  await flush();
}
