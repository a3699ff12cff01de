import { SaxesParser, type SaxesTagNS } from "saxes";
import { readText, type Repaired } from "./read-text.ts";

export type WxrTermRef = { taxonomy: string; slug: string; name: string };
export type WxrMeta = { key: string; value: string };
/**
 * An author, a term or a comment: the texts of its elements by their prefixed name, such as
 * `wp:term_id`.
 */
export type WxrRecord = { fields: Record<string, string>; meta: WxrMeta[] };
export type WxrItem = WxrRecord & { terms: WxrTermRef[]; comments: WxrRecord[] };
export type WxrFile = {
  baseUrl: string;
  authors: WxrRecord[];
  categories: WxrRecord[];
  tags: WxrRecord[];
  terms: WxrRecord[];
  items: WxrItem[];
  repaired: Repaired;
};

const PREFIXES: [RegExp, string][] = [
  [/^https?:\/\/wordpress\.org\/export\/[\d.]+\/excerpt\/?$/, "excerpt"],
  [/^https?:\/\/wordpress\.org\/export\//, "wp"],
  [/^http:\/\/purl\.org\/rss\/1\.0\/modules\/content\/?$/, "content"],
  [/^http:\/\/purl\.org\/dc\/elements\//, "dc"],
];
const RECORDS = new Set(["wp:author", "wp:category", "wp:tag", "wp:term", "wp:comment"]);
const METAS = new Set(["wp:postmeta", "wp:commentmeta", "wp:termmeta"]);

/** Reads a WordPress export as a stream; throws with line and column where the XML is not well-formed. */
export async function readWxr(file: string): Promise<WxrFile> {
  const repaired: Repaired = { forbidden: 0, before: "" };
  const wxr: WxrFile = { baseUrl: "", authors: [], categories: [], tags: [], terms: [], items: [], repaired };
  const parser = new SaxesParser({ xmlns: true });
  const path: string[] = [];
  const channel: Record<string, string> = Object.create(null);
  let text = "";
  let quoted: string | undefined;
  /** Items that are not closed yet: one inside another is one like any other. */
  const open: WxrItem[] = [];
  let record: WxrRecord | undefined;
  let meta: WxrMeta | undefined;
  let term: { taxonomy: string; slug: string } | undefined;
  let endsAt: number | undefined;

  parser.on("opentag", (tag: SaxesTagNS) => {
    const name = nameOf(tag);
    const parent = path.at(-1);
    path.push(name);
    text = "";
    quoted = undefined;
    if (name === "item") open.push({ ...newRecord(), terms: [], comments: [] });
    else if (METAS.has(name)) meta = { key: "", value: "" };
    else if (RECORDS.has(name) && (parent === "channel" || parent === "item")) record = newRecord();
    else if (name === "category" && parent === "item")
      term = {
        taxonomy: tag.attributes["domain"]?.value.trim() || "category",
        slug: tag.attributes["nicename"]?.value.trim() ?? "",
      };
  });
  parser.on("text", (part) => void (text += part));
  parser.on("cdata", (part) => {
    text += part;
    quoted = (quoted ?? "") + part;
  });
  parser.on("closetag", (tag) => {
    const name = nameOf(tag);
    path.pop();
    const parent = path.at(-1) ?? "";
    // Blank lines round a CDATA section are the layout of the file.
    const value = quoted !== undefined && text.trim() === quoted.trim() ? quoted : text.trim();
    if (path.length === 0) endsAt ??= parser.position;
    const item = open.at(-1);
    if (name === "item") wxr.items.push(open.pop()!);
    else if (meta && METAS.has(name)) {
      (record ?? item)?.meta.push(meta);
      meta = undefined;
    } else if (meta && METAS.has(parent)) {
      if (name === "wp:meta_key") meta.key = value.trim();
      if (name === "wp:meta_value") meta.value = value;
    } else if (record && RECORDS.has(name)) {
      listFor(name, wxr, item)?.push(record);
      record = undefined;
    } else if (record && RECORDS.has(parent)) record.fields[name] = value;
    else if (term && name === "category" && parent === "item") {
      item!.terms.push({ ...term, name: value.trim() });
      term = undefined;
    } else if (item && parent === "item") item.fields[name] = value;
    else if (parent === "channel") channel[name] = value.trim();
    text = "";
    quoted = undefined;
  });
  parser.on("error", (error) => {
    if (endsAt !== undefined) return;
    throw new Error(
      `${file} is not well-formed XML at line ${parser.line}, column ${parser.column}: ${error.message}`,
    );
  });
  let behind = "";
  let read = 0;
  for await (const part of readText(file, repaired)) {
    if (endsAt === undefined) parser.write(part);
    if (endsAt !== undefined) behind = withoutItems(file, behind + part.slice(Math.max(0, endsAt - read)));
    read += part.length;
  }
  if (endsAt === undefined) parser.close();
  wxr.baseUrl = channel["wp:base_blog_url"] || channel["wp:base_site_url"] || channel["link"] || "";
  if (wxr.items.length === 0 && wxr.authors.length === 0 && wxr.categories.length === 0) {
    throw new Error(`${file} contains no WordPress export: is it a WXR file (Tools → Export in WordPress)?`);
  }
  return wxr;
}

/** The text after the document, which may be anything except items; throws for these. */
function withoutItems(file: string, text: string): string {
  if (/<item[\s>]/.test(text))
    throw new Error(`${file} contains a second document: split it into separate files.`);
  return text.slice(-"<item>".length);
}

const newRecord = (): WxrRecord => ({ fields: Object.create(null), meta: [] });

/** The name with the prefix that WordPress gives, whatever the file calls the namespace. */
function nameOf({ name, local, uri }: { name: string; local: string; uri: string }): string {
  const prefix = PREFIXES.find(([pattern]) => pattern.test(uri))?.[1];
  return prefix === undefined ? name : `${prefix}:${local}`;
}

function listFor(name: string, wxr: WxrFile, item: WxrItem | undefined): WxrRecord[] | undefined {
  if (name === "wp:comment") return item?.comments;
  if (item) return undefined;
  return {
    "wp:author": wxr.authors,
    "wp:category": wxr.categories,
    "wp:tag": wxr.tags,
    "wp:term": wxr.terms,
  }[name];
}
