import { cutText } from "../../../core/cut-text.ts";
import {
  goodAttrs,
  isSafeUrl,
  MARKS,
  MAX_LABEL_LENGTH,
  MAX_URL_LENGTH,
  NODES,
  type RichTextMark,
} from "./schema.ts";

export type HtmlAttributes = Record<string, string>;
type Attrs = Record<string, unknown>;
type Note = (note: string) => void;

/** The attributes of an image, or undefined when it has neither a safe URL nor an asset. */
export function imageAttributes(html: HtmlAttributes, note: Note): Attrs | undefined {
  const src = safeUrl(html["src"], note);
  const align = sideOf(html);
  const attrs = goodAttrs(NODES["image"], {
    src,
    alt: labelOf(html["alt"]) ?? "",
    title: labelOf(html["title"]),
    width: numberOf(html["width"]),
    height: numberOf(html["height"]),
    asset: html["data-asset"],
    align,
  });
  if (attrs["src"] || attrs["asset"]) return attrs;
  note("dropped an image without a safe URL");
  return undefined;
}

/** The mark of a link; undefined for anchors that lead nowhere, or where they must not. */
export function linkMark(html: HtmlAttributes, note: Note): RichTextMark | undefined {
  const entry = html["data-entry"];
  const href = entry
    ? `entry:${entry}`
    : html["href"]?.trim().startsWith("entry:")
      ? html["href"].trim()
      : safeUrl(html["href"], note);
  const target = html["target"] === "_blank" ? "_blank" : undefined;
  const attrs = goodAttrs(MARKS["link"], {
    href,
    title: labelOf(html["title"]),
    target,
    rel: html["rel"] ? cutText(html["rel"], 200) : undefined,
  });
  if (attrs["href"]) return { type: "link", attrs };
  if (href) note("dropped an unsafe URL");
  return undefined;
}

/** The URL of a frame or a medium, when it is one that may be embedded. */
export function embedUrl(value: string | undefined, note: Note): string | undefined {
  const url = safeUrl(value, note);
  return url?.startsWith("//") ? `https:${url}` : url;
}

function safeUrl(value: string | undefined, note: Note): string | undefined {
  const url = value?.trim();
  if (!url) return undefined;
  if (isSafeUrl(url) && url.length <= MAX_URL_LENGTH - 10) return url;
  note("dropped an unsafe URL");
  return undefined;
}

/** How a block aligns its text: its style, the old align attribute or WordPress' classes. */
export function textAlignOf(html: HtmlAttributes): string | undefined {
  const style = /(?:^|[;\s])text-align\s*:\s*(left|center|right|justify)/i.exec(html["style"] ?? "")?.[1];
  const name = /(?:^|\s)(?:has-text-align-|align)(left|center|right)(?:\s|$)/.exec(html["class"] ?? "")?.[1];
  const value = (style ?? html["align"] ?? name ?? "").toLowerCase();
  return ["left", "center", "right", "justify"].includes(value) ? value : undefined;
}

/** The alignment of an image or figure: `align="left"` or WordPress' alignleft. */
export function sideOf(html: HtmlAttributes): string | undefined {
  const name = /(?:^|\s)align(left|center|right|none|wide|full)(?:\s|$)/.exec(html["class"] ?? "")?.[1];
  return name ?? (["left", "center", "right"].includes(html["align"] ?? "") ? html["align"] : undefined);
}

/** The attributes of the node that an element becomes, only those that have good values. */
export function nodeAttributes(type: string, html: HtmlAttributes): Attrs {
  return goodAttrs(NODES[type], {
    textAlign: textAlignOf(html),
    align: sideOf(html),
    start: numberOf(html["start"]),
    type: html["type"],
    colspan: spanOf(html["colspan"]),
    rowspan: spanOf(html["rowspan"]),
    language: languageOf(html),
  });
}

/** The language of a code block, from a class such as `language-ts`. */
export function languageOf(html: HtmlAttributes): string | undefined {
  return /(?:^|\s)lang(?:uage)?-([\w+#.-]{1,50})/.exec(html["class"] ?? "")?.[1];
}

/** A text attribute cut to what can be stored; cutting never leaves half a character. */
export function labelOf(value: string | undefined): string | undefined {
  return value ? cutText(value, MAX_LABEL_LENGTH) : undefined;
}

const numberOf = (value: string | undefined) =>
  /^-?\d{1,7}$/.test(value?.trim() ?? "") ? Number(value) : undefined;
const spanOf = (value: string | undefined) => {
  const span = numberOf(value);
  return span === undefined || span <= 1 ? undefined : Math.min(span, 1000);
};
