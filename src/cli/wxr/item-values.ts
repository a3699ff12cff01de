import { cutText } from "../cut-text.ts";
import type { WxrItem } from "./read-wxr.ts";

/**
 * The item's number, post type and title. The number is empty when it is none by which it can be
 * referred to.
 */
export const head = ({ fields }: WxrItem) => ({
  id: numberOf(fields["wp:post_id"]),
  type: fields["wp:post_type"] || "post",
  title: (fields["title"] ?? "").trim(),
});

/** A number of WordPress as it is compared: without blanks and leading zeros; empty for none. */
export function numberOf(text: string | undefined): string {
  const given = (text ?? "").trim();
  const number = /^\+?\d+$/.test(given) ? given.replace(/^\+?0*/, "") : given;
  return /^\S{1,64}$/.test(number) ? number : "";
}

/** When the item was posted, milliseconds since 1970; undefined when WordPress did not say. */
export function timeOf({ fields }: WxrItem): number | undefined {
  const iso = isoOf(fields["wp:post_date_gmt"]) ?? isoOf(fields["wp:post_date"]);
  return iso === undefined ? undefined : Date.parse(iso);
}

/** A WordPress time as ISO 8601; undefined for none. */
export function isoOf(text: string | undefined): string | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?))?$/.exec((text ?? "").trim());
  if (!parts || parts[1]!.startsWith("0000")) return undefined;
  const time = Date.parse(`${parts[1]}T${parts[2] ?? "00:00"}Z`);
  const iso = Number.isNaN(time) ? undefined : new Date(time).toISOString();
  return iso?.startsWith(parts[1]!) ? iso : undefined;
}

/** Whether a text is there that should be a time and is none. */
export const isBadTime = (text: string | undefined): boolean =>
  text !== undefined && !/^(?:0000-00-00.*)?$/.test(text.trim()) && isoOf(text) === undefined;

const ENTITIES = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
  ["nbsp", "\u00a0"],
]);

/** Titles are stored with their entities escaped. */
export function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,8}));/gi,
    (whole, dec?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES.get(name) ?? whole;
      const code = dec === undefined ? Number.parseInt(hex!, 16) : Number(dec);
      const isCharacter = code > 31 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
      return isCharacter ? String.fromCodePoint(code) : whole;
    },
  );
}

/** What a long_text and a list take. */
export const MAX_LONG_TEXT = 200_000;
export const MAX_ELEMENTS = 500;

/** A text of at most `max`, null when empty; says when it had to be cut. */
export function fit(
  text: string | undefined,
  max: number,
  name: string,
  say: (reason: string) => void,
): string | null {
  if (!text) return null;
  const whole = text.replaceAll("\0", "").toWellFormed();
  if (whole.length <= max) return whole || null;
  say(`its ${name} has ${whole.length} characters: cut to ${max}`);
  return cutText(whole, max);
}
