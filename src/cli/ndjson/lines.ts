import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Values } from "../import/entry-state.ts";

export const FILE_NAME = "flow.ndjson";
export const FORMAT_VERSION = 1;

export type HeaderLine = { kind: "flowcms"; format: number };
export type EnvironmentLine = {
  kind: "environment";
  default_locale: string;
  locales: { code: string; fallback?: string }[];
};
export type TypeLine = { kind: "type"; definition: Definition };
export type ComponentLine = { kind: "component"; definition: Definition };
export type Definition = {
  id: string;
  fields: { id: string; localized?: boolean; [rule: string]: unknown }[];
  review?: { stages: { id: string; from?: string[] }[] };
  [name: string]: unknown;
};
export type AssetLine = {
  kind: "asset";
  id: string;
  created_at: string;
  filename: string;
  mime: string | null;
  title: string | null;
  alt: string | null;
  caption: string | null;
  description: string | null;
  /** Where a remote asset is; the others have `file`, `size_bytes` and `sha256`. */
  source_url?: string;
  file?: string;
  size_bytes?: number;
  sha256?: string;
};
export type EntryLine = {
  kind: "entry";
  type: string;
  id: string;
  created_at: string;
  status: "draft" | "published" | "changed";
  published_at?: string;
  stage?: string;
  assignee?: string;
  /** The working copy; localised fields by locale, fields without a value left out. */
  fields: Values;
  /** The published versions where they differ from the working copy, in the order of publishing. */
  published?: { locales?: string[]; fields: Values }[];
};
export type Line = HeaderLine | EnvironmentLine | ComponentLine | TypeLine | AssetLine | EntryLine;

const KINDS = ["flowcms", "environment", "component", "type", "asset", "entry"];
const ID = /^(?:cnt|ast)_[0-7][0-9a-hjkmnp-tv-z]{25}$/;

/**
 * The lines of an exported folder, one after the other; throws with the number of the line that is not
 * one.
 */
export async function* readLines(folder: string): AsyncGenerator<Line> {
  const path = join(folder, FILE_NAME);
  let number = 0;
  const input = createReadStream(path, { encoding: "utf8" });
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    number++;
    if (text.trim() === "" && number > 1) continue;
    yield parseLine(text, number, path);
  }
  if (number === 0) throw new Error(`${path} is empty: it is not a FlowCMS export.`);
}

function parseLine(text: string, number: number, path: string): Line {
  const wrong = (why: string) => new Error(`${path}, line ${number}: ${why}.`);
  let line: Line;
  try {
    line = JSON.parse(text) as Line;
  } catch (error) {
    throw wrong(`not valid JSON (${(error as Error).message.slice(0, 120)})`);
  }
  if (typeof line !== "object" || line === null || !KINDS.includes(line.kind))
    throw wrong(`kind must be one of ${KINDS.join(", ")}`);
  if (number === 1 && line.kind !== "flowcms")
    throw wrong('the first line must be the header {"kind":"flowcms","format":1}');
  if (line.kind === "flowcms" && line.format !== FORMAT_VERSION)
    throw wrong(`format ${String(line.format)} is not one this version reads (${FORMAT_VERSION})`);
  if ((line.kind === "asset" || line.kind === "entry") && !ID.test(line.id)) throw wrong("has no valid id");
  if (
    line.kind === "entry" &&
    (typeof line.type !== "string" || typeof line.fields !== "object" || line.fields === null)
  )
    throw wrong("an entry needs type and fields");
  if (
    (line.kind === "type" || line.kind === "component") &&
    (typeof line.definition?.id !== "string" || !Array.isArray(line.definition.fields))
  )
    throw wrong(`a ${line.kind} needs a definition with id and fields`);
  if (line.kind === "environment" && !Array.isArray(line.locales))
    throw wrong("an environment needs locales");
  return line;
}
