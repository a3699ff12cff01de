import { goodAttrs, NODES } from "./schema.ts";

export type Shortcode = { name: string; attrs: Record<string, string>; text: string };
export type TextPart =
  | { kind: "text"; text: string }
  | { kind: "captionStart"; attrs: Record<string, string>; raw: string }
  | { kind: "captionEnd" }
  | { kind: "shortcode"; shortcode: Shortcode };

const MEDIA = ["gallery", "audio", "video", "playlist", "embed", "wpvideo", "youtube", "vimeo", "soundcloud"];
const MAX_CAPTION_TAG = 3000;
const CAPTIONS = ["caption", "wp_caption"];
const TAG = /\[(\/?)([a-z][a-z0-9_-]{0,99})((?:\s[^[\]]*)?)\]/g;
const WHOLE = /^\[([a-z][a-z0-9_-]{0,99})((?:\s[^[\]]*?)?)\/?\](?:([^[\]]*)\[\/\1\])?$/;

/** The `url` that a block's comment says; undefined when there is none. */
export function blockUrl(attributes: string): string | undefined {
  const [start, end] = [attributes.indexOf("{"), attributes.lastIndexOf("}")];
  if (start === -1 || end < start) return undefined;
  try {
    const { url } = JSON.parse(attributes.slice(start, end + 1)) as { url?: unknown };
    return typeof url === "string" && /^https?:/i.test(url) ? url : undefined;
  } catch {
    return undefined;
  }
}

/** Cuts a text at WordPress' captions and media shortcodes; all else, `[[gallery]]` too, stays text. */
export function splitShortcodes(text: string): TextPart[] {
  if (!text.includes("[")) return [{ kind: "text", text }];
  const parts: TextPart[] = [];
  let from = 0;
  TAG.lastIndex = 0;
  for (let match = TAG.exec(text); match; match = TAG.exec(text)) {
    const [whole, slash, name, attrs] = match as unknown as [string, string, string, string];
    const part = tagPart(text, TAG.lastIndex, slash === "/", name, attrs);
    if (!part) continue;
    const end = part.end;
    const isEscaped = text[match.index - 1] === "[" && text[end] === "]";
    if (isEscaped) {
      parts.push({ kind: "text", text: text.slice(from, match.index - 1) + whole });
      from = TAG.lastIndex = match.index + whole.length + (text[match.index + whole.length] === "]" ? 1 : 0);
      continue;
    }
    parts.push({ kind: "text", text: text.slice(from, match.index) }, part.part);
    from = TAG.lastIndex = end;
  }
  parts.push({ kind: "text", text: text.slice(from) });
  return parts.filter((part) => part.kind !== "text" || part.text !== "");
}

function tagPart(
  text: string,
  end: number,
  isEnd: boolean,
  name: string,
  attrs: string,
): { part: TextPart; end: number } | undefined {
  if (CAPTIONS.includes(name)) {
    return {
      part: isEnd
        ? { kind: "captionEnd" }
        : { kind: "captionStart", attrs: readAttributes(attrs), raw: `[${name}${attrs}]` },
      end,
    };
  }
  if (isEnd || !MEDIA.includes(name)) return undefined;
  const closing = `[/${name}]`;
  const next = attrs.endsWith("/") ? -1 : text.indexOf("[", end);
  const isEnclosing = next !== -1 && text.startsWith(closing, next);
  const shortcode = storable(name, attrs, isEnclosing ? text.slice(end, next) : "");
  return (
    shortcode && { part: { kind: "shortcode", shortcode }, end: isEnclosing ? next + closing.length : end }
  );
}

/** The shortcode that a text is, when it is one and nothing else. */
export function readShortcode(text: string): Shortcode | undefined {
  if (!text.startsWith("[") || !text.endsWith("]")) return undefined;
  const match = WHOLE.exec(text);
  // Media in the text have been handled already, unless they are escaped or in code.
  return match && !MEDIA.includes(match[1]!) ? storable(match[1]!, match[2]!, match[3] ?? "") : undefined;
}

function storable(name: string, attrs: string, text: string): Shortcode | undefined {
  return ifStorable({ name, attrs: readAttributes(attrs.replace(/\/$/, "")), text: text.trim() });
}

/**
 * The shortcode that `renderHtml` wrote, with its attributes as JSON; undefined when it is not one of
 * its own.
 */
export function shortcodeOf(name: string, json = "{}"): Shortcode | undefined {
  try {
    return ifStorable({ name, attrs: JSON.parse(json) as Record<string, string>, text: "" });
  } catch {
    return undefined;
  }
}

function ifStorable(shortcode: Shortcode): Shortcode | undefined {
  return Object.keys(goodAttrs(NODES["shortcode"], shortcode)).length === 3 ? shortcode : undefined;
}

/** `id="3" size='large' wide` → `{ id: "3", size: "large", "0": "wide" }`. */
export function readAttributes(text: string): Record<string, string> {
  const found: [string, string][] = [];
  let position = 0;
  const pattern = /(?<![\w-])([\w-]+)\s*=\s*(?:["“”″]([^"“”″]*)["“”″]|'([^']*)'|([^\s"']+))|([^\s=]+)/g;
  for (const [, name, double, single, bare, word] of text.matchAll(pattern)) {
    if (name !== undefined) found.push([name.toLowerCase(), double ?? single ?? bare ?? ""]);
    else if (word !== undefined) found.push([String(position++), word]);
  }
  return Object.fromEntries(found);
}

/**
 * Hides the tags inside of a `[caption caption="…"]` from the HTML parser, which would cut the
 * shortcode at them.
 */
export function escapeCaptions(html: string): string {
  let out = "";
  let from = 0;
  for (let at = html.indexOf("caption ", from); at !== -1; at = html.indexOf("caption ", at + 1)) {
    const tag = html.slice(at, at + MAX_CAPTION_TAG);
    const match = /^[^[\]<]*?\bcaption="([^"[\]]*)"/.exec(tag.slice(0, tag.indexOf("]") + 1));
    if (!match || html[at - 1] !== "[" || at < from) continue;
    const start = at + match[0].length - match[1]!.length - 1;
    out += html.slice(from, start) + match[1]!.replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    from = start + match[1]!.length;
  }
  return out + html.slice(from);
}
