import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emptyReport } from "../import/report.ts";
import { mapWxr } from "./map-wxr.ts";
import { readWxr } from "./read-wxr.ts";

export type Parts = { [element: string]: string };

export const elements = (parts: Parts) =>
  Object.entries(parts)
    .map(([name, text]) => (name === "inner" ? text : `<${name}><![CDATA[${text}]]></${name}>`))
    .join("");
export const item = (id: string | undefined, more: Parts = {}, type = "post") =>
  `<item>${elements({
    ...(id === undefined ? {} : { "wp:post_id": id }),
    "wp:post_type": type,
    "wp:status": "publish",
    "wp:post_date_gmt": "2020-01-02 03:04:05",
    ...more,
  })}</item>`;
export const meta = (key: string, value: string) =>
  `<wp:postmeta>${elements({ "wp:meta_key": key, "wp:meta_value": value })}</wp:postmeta>`;
export const within = (taxonomy: string, nicename: string, name = nicename) =>
  `<category domain="${taxonomy}" nicename="${nicename}"><![CDATA[${name}]]></category>`;
export const category = (parts: Parts) => `<wp:category>${elements(parts)}</wp:category>`;
export const site = (inner: string) =>
  `<?xml version="1.0"?><rss xmlns:wp="w" xmlns:content="c" xmlns:excerpt="e" xmlns:dc="d"><channel><wp:base_blog_url>https://old.example</wp:base_blog_url>${inner}</channel></rss>`;

export function fileOf(bytes: string | Uint8Array): string {
  const file = join(mkdtempSync(join(tmpdir(), "flow-wxr-")), "site.xml");
  writeFileSync(file, bytes);
  return file;
}

export async function planOf(xml: string | Uint8Array) {
  const report = emptyReport(true);
  const steps = mapWxr(await readWxr(fileOf(xml)), () => undefined, report);
  const of = (kind: string) => steps.filter((step) => step.kind === kind);
  const notes = report.notes.map(({ kind, id, reason }) => `${kind} ${id} ${reason}`).join("\n");
  return { steps, of, notes, report };
}
