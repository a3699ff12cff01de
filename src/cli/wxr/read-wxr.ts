import { createReadStream } from "node:fs";
import { SaxesParser, type SaxesTagNS } from "saxes";

export type WxrTermRef = { taxonomy: string; slug: string; name: string };
export type WxrComment = Record<string, string>;
export type WxrItem = {
  /** Texts of the item's elements by their prefixed name, such as `wp:post_id`. */
  fields: Record<string, string>;
  terms: WxrTermRef[];
  meta: { key: string; value: string }[];
  comments: WxrComment[];
};
export type WxrFile = {
  baseUrl: string;
  authors: Record<string, string>[];
  categories: Record<string, string>[];
  tags: Record<string, string>[];
  terms: Record<string, string>[];
  items: WxrItem[];
};

/** Reads a WordPress export as a stream; throws with line and column where the XML is not well-formed. */
export async function readWxr(file: string): Promise<WxrFile> {
  const wxr: WxrFile = { baseUrl: "", authors: [], categories: [], tags: [], terms: [], items: [] };
  const parser = new SaxesParser({ xmlns: true });
  const path: string[] = [];
  let text = "";
  let item: WxrItem | undefined;
  let record: Record<string, string> | undefined;
  let termAttributes: { taxonomy: string; slug: string } | undefined;

  parser.on("opentag", (tag: SaxesTagNS) => {
    const { name } = tag;
    path.push(name);
    text = "";
    if (name === "item") item = { fields: {}, terms: [], meta: [], comments: [] };
    else if (item && (name === "wp:postmeta" || name === "wp:comment")) record = {};
    else if (!item && ["wp:author", "wp:category", "wp:tag", "wp:term"].includes(name)) record = {};
    else if (item && name === "category" && path.at(-2) === "item") {
      termAttributes = {
        taxonomy: tag.attributes["domain"]?.value ?? "category",
        slug: tag.attributes["nicename"]?.value ?? "",
      };
    }
  });
  const addText = (part: string) => void (text += part);
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", ({ name }) => {
    path.pop();
    const parent = path.at(-1);
    if (name === "item") wxr.items.push(item!);
    if (name === "item") item = undefined;
    else if (name === "wp:postmeta" && item)
      item.meta.push({ key: record!["wp:meta_key"] ?? "", value: record!["wp:meta_value"] ?? "" });
    else if (name === "wp:comment" && item) item.comments.push(record!);
    else if (!item && name === "wp:author") wxr.authors.push(record!);
    else if (!item && name === "wp:category") wxr.categories.push(record!);
    else if (!item && name === "wp:tag") wxr.tags.push(record!);
    else if (!item && name === "wp:term") wxr.terms.push(record!);
    else if (termAttributes && name === "category" && parent === "item")
      item!.terms.push({ ...termAttributes, name: text });
    else if (record && parent !== "item" && parent !== "channel" && parent !== "wp:commentmeta")
      record[name] = text;
    else if (item && parent === "item") item.fields[name] = text;
    else if (name === "wp:base_blog_url" || (name === "wp:base_site_url" && wxr.baseUrl === ""))
      wxr.baseUrl = text;
    if (["wp:postmeta", "wp:comment", "wp:author", "wp:category", "wp:tag", "wp:term"].includes(name))
      record = undefined;
    if (name === "category") termAttributes = undefined;
    text = "";
  });
  parser.on("error", (error) => {
    throw new Error(
      `${file} is not well-formed XML at line ${parser.line}, column ${parser.column}: ${error.message}`,
    );
  });
  for await (const chunk of createReadStream(file, { encoding: "utf8" })) parser.write(chunk as string);
  parser.close();
  if (wxr.items.length === 0 && wxr.authors.length === 0 && wxr.categories.length === 0) {
    throw new Error(
      `${file} holds nothing of a WordPress export: is it a WXR file (Tools → Export in WordPress)?`,
    );
  }
  return wxr;
}
