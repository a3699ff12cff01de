import type { Field, FieldType } from "../schemas.ts";
import { isNumeric } from "../field-rules.ts";
import { ENUM, NUMERIC_ENUM } from "./choices.ts";
import { DATE, DATETIME, TIME } from "./dates.ts";
import { DECIMAL } from "./decimals.ts";
import type { FieldKind } from "./field-kind.ts";
import { JSON_VALUE } from "./json.ts";
import { MEDIA, REFERENCE } from "./links.ts";
import { MONEY } from "./money.ts";
import { BLOCKS, COMPONENT } from "./nested.ts";
import { BOOLEAN, INTEGER, NUMBER } from "./numbers.ts";
import { LOCATION } from "./places.ts";
import { DATE_RANGE, DATETIME_RANGE, NUMBER_RANGE } from "./ranges.ts";
import { RICH_TEXT } from "./rich-text.ts";
import { COLOR, EMAIL_ADDRESS, LONG_TEXT, MARKDOWN, SHORT_TEXT, SLUG, WEB_URL } from "./text.ts";

const FIELD_KINDS: Record<FieldType, FieldKind> = {
  short_text: SHORT_TEXT,
  long_text: LONG_TEXT,
  rich_text: RICH_TEXT,
  markdown: MARKDOWN,
  integer: INTEGER,
  number: NUMBER,
  decimal: DECIMAL,
  money: MONEY,
  boolean: BOOLEAN,
  date: DATE,
  datetime: DATETIME,
  time: TIME,
  date_range: DATE_RANGE,
  datetime_range: DATETIME_RANGE,
  number_range: NUMBER_RANGE,
  slug: SLUG,
  enum: ENUM,
  email: EMAIL_ADDRESS,
  url: WEB_URL,
  color: COLOR,
  json: JSON_VALUE,
  location: LOCATION,
  media: MEDIA,
  reference: REFERENCE,
  component: COMPONENT,
  blocks: BLOCKS,
};

/** What the domain knows of a field's type. */
export const kindOf = (field: Field): FieldKind =>
  field.type === "enum" && isNumeric(field) ? NUMERIC_ENUM : FIELD_KINDS[field.type];

/** The field types of which something is so, for messages. */
export const typesWhere = (holds: (kind: FieldKind) => unknown): FieldType[] =>
  (Object.keys(FIELD_KINDS) as FieldType[]).filter((type) => holds(FIELD_KINDS[type]));

/** A value of a field of another type that says the same in the form of this one; or as it is. */
export function adoptValue(field: Field, value: unknown): unknown {
  const { adopt } = kindOf(field);
  if (!adopt) return value;
  return field.multiple && Array.isArray(value) ? value.map(adopt) : adopt(value);
}

/** A value of a field that was, or was not, a list before: a list of it, or its only element. */
export function asMany(field: Field, value: unknown): unknown {
  if (field.multiple) return Array.isArray(value) ? value : [value];
  const isList = Array.isArray(value) && kindOf(field).canBeMultiple;
  return isList && value.length <= 1 ? (value[0] ?? null) : value;
}

const elements = new WeakMap<Field, Field>();

/** A field of lists as the field of one of their elements, to which bounds of their number do not apply. */
export function elementOf(field: Field): Field {
  if (!field.multiple) return field;
  let element = elements.get(field);
  if (!element) {
    const { min: _min, max: _max, ...others } = field;
    element = kindOf(field).hasLength ? field : others;
    elements.set(field, element);
  }
  return element;
}

const parts = new WeakMap<Field, Map<string, Column>>();

/**
 * A field, or a part of its values, as queries see it: `place` is the row of a value that it is in. The
 * end of a range `isOpen` where an end that is missing counts as infinite.
 */
export type Column = Field & { place?: number; isOpen?: boolean; inner?: Inner };

/**
 * Where a field inside a component is: the type's field that it is inside of, and how many lists and
 * blocks are around it. `isList`: it is a list by itself; `isBlock`: it is one kind of blocks.
 */
export type Inner = { root: string; levels: number; isList: boolean; isBlock: boolean };

/** The name of an end of a range where a missing one counts as infinite. */
export const openEnd = (name: string): string => `${name}~`;

/** A part of a field's values as a field of its own, in the rows of the whole. */
export function partOf(field: Column, name: string): Column | undefined {
  const isOpen = name.endsWith("~");
  const own = isOpen ? name.slice(0, -1) : name;
  const part = Object.hasOwn(kindOf(field).parts ?? {}, own) ? kindOf(field).parts![own] : undefined;
  if (!part) return undefined;
  let known = parts.get(field);
  if (!known) parts.set(field, (known = new Map()));
  let found = known.get(name);
  if (!found) {
    const { id, localized, multiple, inner } = field;
    found = { id, localized, multiple, required: false, unique: false, ...part, isOpen };
    if (inner) found.inner = inner;
    known.set(name, found);
  }
  return found;
}

export * from "./field-kind.ts";
