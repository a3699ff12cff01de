import type { WxrItem } from "./read-wxr.ts";

/** The item's id, post type and title. */
export const head = ({ fields }: WxrItem) => ({
  id: fields["wp:post_id"] ?? "",
  type: fields["wp:post_type"] ?? "post",
  title: (fields["title"] ?? "").trim(),
});

/** When the item was posted, milliseconds since 1970; undefined when WordPress did not say. */
export function timeOf({ fields }: WxrItem): number | undefined {
  const iso = isoOf(fields["wp:post_date_gmt"]) ?? isoOf(fields["wp:post_date"]);
  return iso === undefined ? undefined : Date.parse(iso);
}

/** A WordPress time as ISO 8601; undefined for none. */
export function isoOf(text: string | undefined): string | undefined {
  if (text === undefined || text.startsWith("0000")) return undefined;
  const moment = Date.parse(`${text.trim().replace(" ", "T")}Z`);
  return Number.isNaN(moment) ? undefined : new Date(moment).toISOString();
}

/** Titles are stored with their entities escaped. */
export function decodeEntities(text: string): string {
  const named: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };
  return text.replace(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,8}));/gi,
    (whole, dec?: string, hex?: string, name?: string) => {
      if (name !== undefined) return named[name] ?? whole;
      const code = dec === undefined ? Number.parseInt(hex!, 16) : Number(dec);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
