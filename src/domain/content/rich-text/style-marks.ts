import type { HtmlAttributes } from "./html-attributes.ts";
import type { RichTextMark } from "./schema.ts";

/** A mark that begins, or with `isOff` one that ends for as long as the element is open. */
export type StyleMark = RichTextMark & { isOff?: boolean };

/** Declarations of a style attribute by property, the last one of each. */
export function stylesOf({ style }: HtmlAttributes): Map<string, string> {
  const found = new Map<string, string>();
  if (!style) return found;
  for (const declaration of style.split(";")) {
    const colon = declaration.indexOf(":");
    if (colon === -1) continue;
    const value = declaration.slice(colon + 1).toLowerCase();
    const end = value.indexOf("!important");
    found.set(
      declaration.slice(0, colon).trim().toLowerCase(),
      (end === -1 ? value : value.slice(0, end)).trim(),
    );
  }
  return found;
}

/**
 * What an element's style says of marks; `own` is the mark that its tag gives it. Links are underlined
 * anyway.
 */
export function styleMarks(
  styles: ReadonlyMap<string, string>,
  { own, isInLink, isBlock }: { own: string | undefined; isInLink: boolean; isBlock: boolean },
): StyleMark[] {
  const marks: StyleMark[] = [];
  const set = (type: string, isOn: boolean | undefined) => {
    if (isOn !== undefined) marks.push(isOn ? { type } : { type, isOff: true });
  };
  const font = styles.get("font")?.split(/\s+/);
  set("bold", isBold(styles.get("font-weight")) ?? font?.some((word) => isBold(word) === true));
  set("italic", isItalic(styles.get("font-style")) ?? font?.some((word) => isItalic(word) === true));
  const lines = `${styles.get("text-decoration") ?? ""} ${styles.get("text-decoration-line") ?? ""}`.split(
    /\s+/,
  );
  const isPlain = lines.includes("none");
  if (lines.includes("underline")) set("underline", isInLink ? undefined : true);
  else if (own === "underline" && isPlain) set("underline", false);
  if (lines.includes("line-through")) set("strike", true);
  else if (own === "strike" && isPlain) set("strike", false);
  const place = isBlock ? undefined : styles.get("vertical-align");
  if (place === "sub") set("subscript", true);
  else if (place === "super") set("superscript", true);
  else if (place === "baseline" && (own === "subscript" || own === "superscript")) set(own, false);
  return marks;
}

function isBold(weight: string | undefined): boolean | undefined {
  if (weight === "bold" || weight === "bolder") return true;
  if (weight === "normal" || weight === "lighter" || weight === "initial") return false;
  return weight !== undefined && /^\d{1,4}(?:\.\d+)?$/.test(weight) ? Number(weight) >= 600 : undefined;
}

function isItalic(style: string | undefined): boolean | undefined {
  if (style === "italic" || style?.startsWith("oblique")) return true;
  return style === "normal" || style === "initial" ? false : undefined;
}

/** Colours that texts have anyway; editors write them everywhere. */
const PLAIN_TEXT =
  /^(?:black|#0{3,4}|#0{6}|#000f|#000000ff|rgba?\(0,0,0(?:,1)?\)|windowtext|canvastext|currentcolor|auto)$/;
const PLAIN_GROUND =
  /^(?:white|#f{3,4}|#f{6}|#f{8}|rgba?\(255,255,255(?:,[01])?\)|rgba\(0,0,0,0\)|#0{4}|#0{8}|transparent|none|window|canvas)$/;
const NO_COLOUR = /^(?:|inherit|initial|unset|revert|revert-layer)$/;

/**
 * The colours of an element that a document cannot represent; not those of links, nor those of a
 * highlight.
 */
export function lostColours(
  styles: ReadonlyMap<string, string>,
  own: string | undefined,
  isInLink: boolean,
): ("text" | "background")[] {
  const lost: ("text" | "background")[] = [];
  const isSet = (colour: string | undefined, plain: RegExp) => {
    const written = (colour ?? "").toLowerCase().replace(/\s+/g, "");
    return !NO_COLOUR.test(written) && !plain.test(written);
  };
  if (!isInLink && isSet(styles.get("color"), PLAIN_TEXT)) lost.push("text");
  const shorthand = styles.get("background") ?? "";
  const ground =
    styles.get("background-color") ?? (/^(?:#|rgb|hsl|[a-z]+$)/.test(shorthand) ? shorthand : "");
  if (own !== "highlight" && isSet(ground, PLAIN_GROUND)) lost.push("background");
  return lost;
}
