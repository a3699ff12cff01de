import type { Field, FieldType } from "../schemas.ts";
import { ENUM } from "./choices.ts";
import { DATE, DATETIME } from "./dates.ts";
import type { FieldKind } from "./field-kind.ts";
import { JSON_VALUE } from "./json.ts";
import { MEDIA, REFERENCE } from "./links.ts";
import { BLOCKS, COMPONENT } from "./nested.ts";
import { BOOLEAN, INTEGER, NUMBER } from "./numbers.ts";
import { LOCATION } from "./places.ts";
import { RICH_TEXT } from "./rich-text.ts";
import { COLOR, EMAIL_ADDRESS, LONG_TEXT, MARKDOWN, SHORT_TEXT, SLUG, WEB_URL } from "./text.ts";

const FIELD_KINDS: Record<FieldType, FieldKind> = {
  short_text: SHORT_TEXT,
  long_text: LONG_TEXT,
  rich_text: RICH_TEXT,
  markdown: MARKDOWN,
  integer: INTEGER,
  number: NUMBER,
  boolean: BOOLEAN,
  date: DATE,
  datetime: DATETIME,
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
export const kindOf = ({ type }: Pick<Field, "type">): FieldKind => FIELD_KINDS[type];

/** The field types of which something is so, for messages. */
export const typesWhere = (holds: (kind: FieldKind) => unknown): FieldType[] =>
  (Object.keys(FIELD_KINDS) as FieldType[]).filter((type) => holds(FIELD_KINDS[type]));

export * from "./field-kind.ts";
