declare const kind: unique symbol;
declare const to: unique symbol;

/**
 * A mark that only the type checker sees: how a value may be filtered, where its plain type does not
 * say.
 */
type Marked<Kind extends string> = { readonly [kind]?: Kind };

/** A long text or Markdown: searched by `q`, filtered by `exists` only. */
export type LongText = string & Marked<"none">;
/** An exact decimal as a string such as `"12.50"`. */
export type Decimal = string & Marked<"decimal">;
/** An amount in a currency, such as `{ amount: "12.50", currency: "EUR" }`. */
export type Money<Currency extends string = string> = {
  amount: string;
  currency: Currency;
} & Marked<"money">;
/** The time of a clock such as `09:30:00`. */
export type Clock = string & Marked<"clock">;
/** The days from one to another, both included; null for an open end. */
export type DateRange = { from: string | null; to: string | null } & Marked<"time_range">;
/** The time from one moment to another; null for an open end. */
export type DatetimeRange = { from: string | null; to: string | null } & Marked<"time_range">;
/** The numbers from one to another, both included; null for an open end. */
export type NumberRange = { from: number | null; to: number | null } & Marked<"number_range">;
/** A day such as `2026-01-31`. */
export type Day = string & Marked<"time">;
/** A datetime such as `2026-01-31T09:30:00.000Z`. */
export type Moment = string & Marked<"time">;
/** A place, in degrees. */
export type Location = { lat: number; lon: number } & Marked<"location">;
/** Any JSON; narrow it yourself. */
export type Json = JsonValue & Marked<"none">;
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
/** The id of an asset; `include` puts the asset in its place. */
export type Media = string & Marked<"media">;
/** The id of an entry of one of the types; `include` puts the entry in its place. */
export type Reference<Type extends string = string> = string & Marked<"reference"> & { readonly [to]?: Type };
/**
 * A ProseMirror document; `rich_text: "html"` and `"text"` show it as a string instead. `Blocks` and
 * `Annotations` are the field's own components by id, as nodes and as marks.
 */
export type RichText<Blocks extends object = None, Annotations extends object = None> = {
  type: "doc";
  content?: RichTextNode<Blocks, Annotations>[];
} & Marked<"rich_text">;
export type RichTextNode<Blocks extends object = None, Annotations extends object = None> =
  | {
      type: [keyof Blocks] extends [never] ? string : NodeName;
      attrs?: Record<string, unknown>;
      content?: RichTextNode<Blocks, Annotations>[];
      marks?: RichTextMark<Annotations>[];
      text?: string;
    }
  | OneOf<Blocks>;
export type RichTextMark<Annotations extends object = None> =
  | { type: [keyof Annotations] extends [never] ? string : MarkName; attrs?: Record<string, unknown> }
  | OneOf<Annotations>;

type None = Record<never, never>;
type OneOf<Components> = {
  [Name in keyof Components]: { type: Name; attrs: Components[Name] };
}[keyof Components];
/** The nodes and marks that every document may have. */
type NodeName =
  | "paragraph"
  | "heading"
  | "blockquote"
  | "bulletList"
  | "orderedList"
  | "listItem"
  | "codeBlock"
  | "horizontalRule"
  | "hardBreak"
  | "image"
  | "table"
  | "tableRow"
  | "tableHeader"
  | "tableCell"
  | "figure"
  | "figcaption"
  | "definitionList"
  | "definitionTerm"
  | "definitionDescription"
  | "embed"
  | "entryEmbed"
  | "shortcode"
  | "text";
type MarkName =
  | "bold"
  | "italic"
  | "underline"
  | "strike"
  | "code"
  | "link"
  | "subscript"
  | "superscript"
  | "highlight"
  | "small"
  | "abbr"
  | "cite"
  | "quote"
  | "inserted"
  | "kbd"
  | "variable"
  | "teletype";

/** Of which kind a field's value is. */
export type KindOf<V> = V extends unknown
  ? typeof kind extends keyof V
    ? NonNullable<V[typeof kind]>
    : V extends readonly (infer Element)[]
      ? KindOf<Element>
      : V extends string
        ? "text"
        : V extends number
          ? "number"
          : V extends boolean
            ? "boolean"
            : V extends object
              ? "component"
              : "none"
  : never;

/** The types that a reference may lead to. */
export type TargetsOf<V> = V extends readonly (infer Element)[]
  ? TargetsOf<Element>
  : V extends { readonly [to]?: infer Type }
    ? NonNullable<Type> & string
    : never;

/** A value with the rich text inside it as a string. */
export type Rendered<V> = V extends unknown
  ? typeof kind extends keyof V
    ? KindOf<V> extends "rich_text"
      ? string
      : V
    : V extends readonly (infer Element)[]
      ? Rendered<Element>[]
      : V extends object
        ? { [F in keyof V]: Rendered<V[F]> }
        : V
  : never;

/**
 * What may be written into a field of that value: HTML for rich text, ids for references, null for
 * nothing.
 */
export type InputOf<V> = null extends V ? InputOf<NonNullable<V>> | null : InputOfValue<V>;
type InputOfValue<V> = typeof kind extends keyof V
  ? KindOf<V> extends "rich_text"
    ? V | { html: string; autop?: boolean }
    : KindOf<V> extends "time_range" | "number_range"
      ? Partial<V>
      : V
  : V extends readonly (infer Element)[]
    ? readonly InputOf<Element>[]
    : V extends object
      ? { [F in keyof V]: InputOf<V[F]> }
      : V;
