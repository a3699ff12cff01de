export type RichTextMark = { type: string; attrs?: Record<string, unknown> };
/** A node of a rich text document, as ProseMirror and Tiptap write it. */
export type RichTextNode = {
  type: string;
  attrs?: Record<string, unknown>;
  content?: RichTextNode[];
  marks?: RichTextMark[];
  text?: string;
};
export type RichTextDocument = RichTextNode & { type: "doc" };

type Check = { test: (value: unknown) => boolean; expected: string };
type Rule = { attrs?: Record<string, Check>; needs?: string[] };
type NodeRule = Rule & { holds: string[] };

export const MAX_DEPTH = 64;
export const MAX_NODES = 20_000;
export const MAX_MARKS = 20;
export const MAX_URL_LENGTH = 4000;
export const MAX_LABEL_LENGTH = 2000;

const ID = "[0-7][0-9a-hjkmnp-tv-z]{25}";
const ENTRY_LINK = new RegExp(`^entry:cnt_${ID}$`);

function text(most: number): Check {
  return {
    test: (value) => typeof value === "string" && value.length <= most && isStorable(value),
    expected: `must be a string of at most ${most} characters, valid Unicode without NUL`,
  };
}
function whole(min: number, max: number): Check {
  return {
    test: (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
    expected: `must be an integer from ${min} to ${max}`,
  };
}
function oneOf(...values: string[]): Check {
  return {
    test: (value) => typeof value === "string" && values.includes(value),
    expected: `must be one of ${values.join(", ")}`,
  };
}
function id(prefix: "ast" | "cnt"): Check {
  const pattern = new RegExp(`^${prefix}_${ID}$`);
  return {
    test: (value) => typeof value === "string" && pattern.test(value),
    expected: `must be an id such as ${prefix}_01jd…`,
  };
}
const url: Check = {
  test: (value) => typeof value === "string" && value.length <= MAX_URL_LENGTH && isSafeUrl(value),
  expected: `must be a URL of at most ${MAX_URL_LENGTH} characters: http, https, mailto, tel, relative or #`,
};
const href: Check = {
  test: (value) => url.test(value) || (typeof value === "string" && ENTRY_LINK.test(value)),
  expected: `${url.expected}, or entry:cnt_…`,
};
const textRecord: Check = {
  test: isTextRecord,
  expected: "must be an object of at most 100 strings, names up to 200 characters, values up to 4000",
};
const widths: Check = {
  test: (value) => Array.isArray(value) && value.length <= 1000 && value.every(whole(0, 100_000).test),
  expected: "must be a list of integers",
};

const INLINE = ["text", "hardBreak", "image", "entryEmbed"];
const BLOCKS = [
  ...["paragraph", "heading", "blockquote", "bulletList", "orderedList", "codeBlock", "horizontalRule"],
  ...["image", "table", "figure", "definitionList", "embed", "entryEmbed", "shortcode"],
];
export const FIGURE_BODIES = ["image", "embed", "table"];

const textAlign = oneOf("left", "center", "right", "justify");
const align = oneOf("left", "center", "right", "none", "wide", "full");
const cell = { colspan: whole(1, 1000), rowspan: whole(1, 1000), colwidth: widths, textAlign };
const size = whole(1, 100_000);
const label = text(MAX_LABEL_LENGTH);

/** Every node: its allowed content and attributes; `null` always means an absent attribute. */
export const NODES: Readonly<Record<string, NodeRule>> = {
  doc: { holds: BLOCKS },
  paragraph: { holds: INLINE, attrs: { textAlign } },
  heading: { holds: INLINE, attrs: { level: whole(1, 6), textAlign }, needs: ["level"] },
  blockquote: { holds: BLOCKS, attrs: { textAlign } },
  bulletList: { holds: ["listItem"] },
  orderedList: {
    holds: ["listItem"],
    attrs: { start: whole(-1_000_000, 1_000_000), type: oneOf("1", "a", "A", "i", "I") },
  },
  listItem: { holds: BLOCKS, attrs: { textAlign } },
  codeBlock: { holds: ["text"], attrs: { language: text(50) } },
  horizontalRule: { holds: [] },
  hardBreak: { holds: [] },
  image: {
    holds: [],
    attrs: { src: url, alt: label, title: label, width: size, height: size, asset: id("ast"), align },
  },
  table: { holds: ["tableRow"] },
  tableRow: { holds: ["tableCell", "tableHeader"] },
  tableHeader: { holds: BLOCKS, attrs: cell },
  tableCell: { holds: BLOCKS, attrs: cell },
  figure: { holds: [...FIGURE_BODIES, "figcaption"], attrs: { align } },
  figcaption: { holds: INLINE, attrs: { textAlign } },
  definitionList: { holds: ["definitionTerm", "definitionDescription"] },
  definitionTerm: { holds: INLINE, attrs: { textAlign } },
  definitionDescription: { holds: BLOCKS, attrs: { textAlign } },
  embed: { holds: [], attrs: { url, provider: text(100) }, needs: ["url"] },
  entryEmbed: { holds: [], attrs: { entry: id("cnt") }, needs: ["entry"] },
  shortcode: {
    holds: [],
    attrs: { name: text(100), attrs: textRecord, text: text(20_000) },
    needs: ["name"],
  },
  text: { holds: [] },
};

/** Every mark and its attributes. */
export const MARKS: Readonly<Record<string, Rule>> = {
  bold: {},
  italic: {},
  underline: {},
  strike: {},
  code: {},
  link: {
    attrs: { href, title: label, target: oneOf("_blank", "_self"), rel: text(200) },
    needs: ["href"],
  },
  subscript: {},
  superscript: {},
  highlight: { attrs: { color: text(50) } },
  small: {},
  abbr: { attrs: { title: label } },
  cite: {},
  quote: {},
  inserted: {},
  kbd: {},
  variable: {},
  teletype: {},
};

export const MARK_NAMES: readonly string[] = Object.keys(MARKS);

/** The rule of a name in one of the two tables, or undefined; safe for any value. */
export function ruleOf<R>(table: Readonly<Record<string, R>>, name: unknown): R | undefined {
  return typeof name === "string" && Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Whether a parent of that type may hold a child of that type. */
export function mayHold(parent: string, child: string): boolean {
  return ruleOf(NODES, parent)?.holds.includes(child) ?? false;
}

/** Whether nodes of that type are inline. */
export const isInline = (type: string): boolean => INLINE.includes(type);

/** Whether a node of that type holds a line of text: paragraphs, headings, captions and terms. */
export const holdsInline = (type: string): boolean => ruleOf(NODES, type)?.holds === INLINE;

/** Whether nodes of that type may have marks in that parent. */
export const mayHaveMarks = (parent: string, type: string): boolean =>
  isInline(type) && parent !== "codeBlock";

/** The attributes that pass their checks; all the others are left out. */
export function goodAttrs(rule: Rule | undefined, attrs: unknown): Record<string, unknown> {
  if (typeof attrs !== "object" || attrs === null) return {};
  return Object.fromEntries(
    Object.entries(attrs).filter(([name, value]) => ruleOf(rule?.attrs ?? {}, name)?.test(value)),
  );
}

/** Whether a URL is allowed in a document: http, https, mailto, tel, or without a scheme. */
export function isSafeUrl(value: string): boolean {
  if (!isStorable(value)) return false;
  // Browsers drop control characters and blanks before they look for the scheme.
  const bare = value.replace(/[\p{C}\p{Z}]/gu, "");
  const scheme = /^([^/?#]*?):/.exec(bare)?.[1]?.toLowerCase();
  return scheme === undefined || ["http", "https", "mailto", "tel"].includes(scheme);
}

/** Whether a text can be stored: well-formed Unicode without NUL. */
export function isStorable(value: string): boolean {
  return value.isWellFormed() && !value.includes("\0");
}

function isTextRecord(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return entries.length <= 100 && entries.every(([key, one]) => text(200).test(key) && text(4000).test(one));
}
