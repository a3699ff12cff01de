import { open } from "node:fs/promises";

export type Link = { sys: { type: string; linkType: string; id: string } };
export type Sys = {
  id: string;
  space?: Link;
  contentType?: Link;
  version?: number;
  publishedVersion?: number;
  /** Only in what the delivery API gave: published, and without a version. */
  revision?: number;
  fieldStatus?: { "*"?: Record<string, "draft" | "changed" | "published"> };
  archivedVersion?: number;
  createdAt?: string;
  publishedAt?: string;
  firstPublishedAt?: string;
};
export type Validation = Record<string, unknown>;
export type CtfField = {
  id: string;
  name?: string;
  type: string;
  linkType?: string;
  localized?: boolean;
  required?: boolean;
  disabled?: boolean;
  omitted?: boolean;
  validations?: Validation[];
  items?: { type: string; linkType?: string; validations?: Validation[] };
  defaultValue?: Record<string, unknown>;
};
export type CtfType = {
  sys: Sys;
  name?: string;
  description?: string | null;
  displayField?: string | null;
  fields?: CtfField[];
};
/** Values by field and locale. */
export type CtfFields = Record<string, Record<string, unknown>>;
export type CtfThing = {
  sys: Sys;
  fields?: CtfFields;
  metadata?: { tags?: Link[]; concepts?: Link[] };
};
export type CtfLocale = { code: string; fallbackCode?: string | null; default?: boolean };
export type CtfControl = { fieldId: string; widgetId?: string; settings?: Record<string, unknown> };
export type CtfExport = {
  contentTypes: CtfType[];
  entries: CtfThing[];
  assets: CtfThing[];
  locales: CtfLocale[];
  editorInterfaces: { sys: Sys; controls?: CtfControl[] }[];
  /** What else the file holds, by name: how many of each. */
  others: Record<string, number>;
};

const LISTS = ["contentTypes", "entries", "assets", "locales", "editorInterfaces"] as const;
/** Nothing that Contentful exports nests deeper; what does is refused before it can exhaust the stack. */
const MAX_NESTING = 500;
const MAX_FILE_BYTES = 512 * 1024 * 1024;

/** Reads a file of `contentful space export`; throws the problem when it is not one. */
export async function readExport(file: string): Promise<CtfExport> {
  const content = parse(file, await readText(file));
  if (typeof content !== "object" || content === null || Array.isArray(content))
    throw notAnExport(file, "it does not contain a JSON object");
  const parts = content as Record<string, unknown>;
  if (!LISTS.some((name) => Array.isArray(parts[name])))
    throw notAnExport(file, `it contains none of ${LISTS.join(", ")}`);
  const lists = Object.fromEntries(
    LISTS.map((name) => [name, listOf(file, name, parts[name])]),
  ) as unknown as CtfExport;
  if (lists.contentTypes.length === 0 && lists.entries.length > 0)
    throw notAnExport(file, "it has entries but no content types: export without --skip-content-model");
  for (const name of ["contentTypes", "entries", "assets"] as const) requireIds(file, name, lists[name]);
  const others = Object.entries(parts).filter(
    ([name, value]) =>
      !(LISTS as readonly string[]).includes(name) && Array.isArray(value) && value.length > 0,
  );
  return {
    ...lists,
    others: Object.fromEntries(others.map(([name, value]) => [name, (value as unknown[]).length])),
  };
}

async function readText(file: string): Promise<string> {
  await using handle = await open(file);
  const { size } = await handle.stat();
  if (size > MAX_FILE_BYTES)
    throw new Error(
      `${file} is larger than ${MAX_FILE_BYTES >> 20} MB: export it in parts (--query-entries).`,
    );
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await handle.readFile());
  } catch {
    throw notAnExport(file, "it is not UTF-8 text");
  }
}

function parse(file: string, text: string): unknown {
  if (text.trim() === "") throw notAnExport(file, "it is empty");
  if (nestingOf(text) > MAX_NESTING)
    throw notAnExport(file, `it is nested deeper than ${MAX_NESTING} levels`);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw notAnExport(file, `it is not complete, valid JSON: ${(error as Error).message.slice(0, 200)}`);
  }
}

function nestingOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isInString) {
      if (code === 92) i++;
      else if (code === 34) isInString = false;
    } else if (code === 34) isInString = true;
    else if (code === 123 || code === 91) deepest = Math.max(deepest, ++depth);
    else if (code === 125 || code === 93) depth--;
  }
  return deepest;
}

function listOf(file: string, name: string, value: unknown): unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.some((one) => typeof one !== "object" || one === null))
    throw notAnExport(file, `"${name}" is not a list of objects`);
  return value as unknown[];
}

function requireIds(file: string, name: string, things: { sys?: Sys }[]): void {
  things.forEach(({ sys }, i) => {
    if (typeof sys?.id !== "string" || sys.id === "") throw notAnExport(file, `${name}[${i}] has no sys.id`);
    if (name === "entries" && typeof sys.contentType?.sys?.id !== "string")
      throw notAnExport(file, `entries[${i}] (${sys.id}) has no content type`);
  });
}

const notAnExport = (file: string, why: string) =>
  new Error(`${file} is not a Contentful export (contentful space export): ${why}.`);
