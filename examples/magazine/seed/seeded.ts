/** An entry of the example: localized fields by locale. `after` is the sibling that it comes behind. */
export type Seed = { type: string; id: string; fields: Record<string, unknown> };

const KINDS = ["author", "category", "article", "page", "product", "settings", "navigation", "redirect"];

/** Ids that stay the same, so that seeding again changes nothing. */
export const idOf = (kind: string, n: number): string =>
  `cnt_01jm${String(KINDS.indexOf(kind) + 1).padStart(2, "0")}${String(n).padStart(20, "0")}`;

/** One paragraph of rich text. */
export const prose = (...paragraphs: string[]) => ({
  type: "prose",
  text: { html: paragraphs.map((text) => (text.startsWith("<") ? text : `<p>${text}</p>`)).join("") },
});
