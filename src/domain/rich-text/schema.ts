/** A node of a rich text document, as ProseMirror and Tiptap write it. */
export type RichTextNode = {
  type: string;
  attrs?: Record<string, unknown>;
  content?: RichTextNode[];
  marks?: { type: string; attrs?: Record<string, unknown> }[];
  text?: string;
};
export type RichTextDocument = RichTextNode & { type: "doc" };

type Check = (value: unknown) => boolean;
type NodeRule = {
  holds: "blocks" | "inline" | "text" | "nothing" | string[];
  attrs?: Record<string, Check>;
  needs?: string[];
};

const text =
  (most: number): Check =>
  (value) =>
    typeof value === "string" && value.length <= most && isStorable(value);
const whole =
  (min: number, max: number): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
const oneOf =
  (...values: unknown[]): Check =>
  (value) =>
    values.includes(value);
const id =
  (prefix: string): Check =>
  (value) =>
    typeof value === "string" && new RegExp(`^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`).test(value);
const url: Check = (value) => typeof value === "string" && value.length <= 4000 && isSafeUrl(value);
const textAlign = oneOf("left", "center", "right", "justify");
const cell = {
  colspan: whole(1, 1000),
  rowspan: whole(1, 1000),
  colwidth: (value: unknown) => Array.isArray(value),
};

/** Every node: what it may hold and the attributes it may have; `null` is always allowed for an attribute. */
export const NODES: Record<string, NodeRule> = {
  doc: { holds: "blocks" },
  paragraph: { holds: "inline", attrs: { textAlign } },
  heading: { holds: "inline", attrs: { level: whole(1, 6), textAlign }, needs: ["level"] },
  blockquote: { holds: "blocks" },
  bulletList: { holds: ["listItem"] },
  orderedList: { holds: ["listItem"], attrs: { start: whole(-1_000_000, 1_000_000), type: text(2) } },
  listItem: { holds: "blocks" },
  codeBlock: { holds: "text", attrs: { language: text(50) } },
  horizontalRule: { holds: "nothing" },
  hardBreak: { holds: "nothing" },
  image: {
    holds: "nothing",
    attrs: {
      src: url,
      alt: text(2000),
      title: text(2000),
      width: whole(1, 100_000),
      height: whole(1, 100_000),
      asset: id("ast"),
      align: text(20),
    },
  },
  table: { holds: ["tableRow"] },
  tableRow: { holds: ["tableCell", "tableHeader"] },
  tableHeader: { holds: "blocks", attrs: cell },
  tableCell: { holds: "blocks", attrs: cell },
  figure: { holds: ["image", "embed", "table", "figcaption", "paragraph"], attrs: { align: text(20) } },
  figcaption: { holds: "inline" },
  definitionList: { holds: ["definitionTerm", "definitionDescription"] },
  definitionTerm: { holds: "inline" },
  definitionDescription: { holds: "blocks" },
  embed: { holds: "nothing", attrs: { url, provider: text(100) }, needs: ["url"] },
  entryEmbed: { holds: "nothing", attrs: { entry: id("cnt") }, needs: ["entry"] },
  shortcode: {
    holds: "nothing",
    attrs: { name: text(100), attrs: isTextRecord, text: text(20_000) },
    needs: ["name"],
  },
  text: { holds: "nothing" },
};

/** Every mark and its attributes. */
export const MARKS: Record<string, Record<string, Check>> = {
  bold: {},
  italic: {},
  underline: {},
  strike: {},
  code: {},
  link: {
    href: (value) =>
      (typeof value === "string" && /^entry:cnt_[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(value)) || url(value),
    title: text(2000),
    target: oneOf("_blank", "_self"),
    rel: text(200),
  },
  subscript: {},
  superscript: {},
  highlight: { color: text(50) },
  small: {},
  abbr: { title: text(2000) },
  cite: {},
  quote: {},
  inserted: {},
  kbd: {},
  variable: {},
  teletype: {},
};

export const INLINE = new Set(["text", "hardBreak", "image", "entryEmbed"]);
export const BLOCKS = new Set([
  "paragraph",
  "heading",
  "blockquote",
  "bulletList",
  "orderedList",
  "codeBlock",
  "horizontalRule",
  "image",
  "table",
  "figure",
  "definitionList",
  "embed",
  "entryEmbed",
  "shortcode",
]);

/** Whether a parent of that type may hold a child of that type. */
export function mayHold(parent: string, child: string): boolean {
  const holds = NODES[parent]?.holds;
  if (holds === "blocks") return BLOCKS.has(child);
  if (holds === "inline") return INLINE.has(child);
  if (holds === "text") return child === "text";
  return Array.isArray(holds) && holds.includes(child);
}

/** Whether a URL may stand in a document: http, https, mailto, tel, or one without a scheme. */
export function isSafeUrl(value: string): boolean {
  // Browsers drop control characters and blanks before they look for the scheme.
  const bare = [...value]
    .filter((char) => !/[\p{C}\p{Z}]/u.test(char))
    .join("")
    .toLowerCase();
  if (!isStorable(value)) return false;
  const scheme = /^([^/?#]*?):/.exec(bare)?.[1];
  return scheme === undefined || ["http", "https", "mailto", "tel"].includes(scheme);
}

/** Whether a text can be stored: well-formed Unicode without NUL. */
export function isStorable(value: string): boolean {
  return value.isWellFormed() && !value.includes("\0");
}

function isTextRecord(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(value).length <= 100 &&
    Object.entries(value).every(([key, one]) => text(200)(key) && text(4000)(one))
  );
}
