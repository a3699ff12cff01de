import { didYouMean } from "../../core/nearest.ts";
import { renderHtml, renderText } from "../rich-text/index.ts";
import { RESERVED_FIELD_IDS, type CompiledType, type EnvironmentSchema, type Field } from "../types/index.ts";
import { badFilter } from "./filter-sql.ts";
import type { Included } from "./include.ts";
import type { RichTextForm, ViewQuery } from "./list-query.ts";
import { presentEntry } from "./present-entry.ts";

type Values = Record<string, unknown>;

/** Throws INVALID unless every name in `fields=` is a field of the type or one that every entry has. */
export function checkFieldNames(type: CompiledType, names: string[] | undefined): void {
  const valid = [...type.fields.keys(), ...RESERVED_FIELD_IDS];
  for (const name of names ?? []) {
    if (!valid.includes(name))
      throw badFilter(
        "fields",
        `names no field of ${type.id}: "${name.slice(0, 64)}".${didYouMean(name, valid)}`,
      );
  }
}

/** An entry as the query wants to see it: references filled in, rich text in its form, only the fields asked for. */
export function viewEntry(
  schema: EnvironmentSchema,
  type: CompiledType,
  entry: Values,
  included: Included,
  query: ViewQuery,
  include: Field[],
): Values {
  const locale = query.locale ?? schema.defaultLocale;
  if (query.richText !== "json") renderRichText(type, entry, query.richText);
  for (const field of include) {
    const value = entry[field.id];
    const fill = (id: unknown) => fillIn(schema, id as string, included, locale, query.richText);
    if (Array.isArray(value)) entry[field.id] = value.map(fill);
    else if (typeof value === "string") entry[field.id] = fill(value);
  }
  if (!query.fields) return entry;
  const kept: Values = { id: entry["id"] };
  for (const name of query.fields) kept[name] = entry[name] ?? null;
  return kept;
}

/** A reference's target; one that this perspective does not have keeps its id and says so. */
function fillIn(
  schema: EnvironmentSchema,
  id: string,
  included: Included,
  locale: string,
  form: RichTextForm,
): Values {
  const found = included?.[id];
  if (found === undefined) return { id, status: "unavailable" };
  const isDocument = typeof found === "string";
  const values = isDocument ? (JSON.parse(found) as Values) : undefined;
  const typeId = (isDocument ? values!["type"] : found[0]) as string | undefined;
  const type = typeId === undefined ? undefined : schema.types.get(typeId);
  const entry = values ?? presentEntry(schema, type!, (found as unknown[]).slice(1), locale);
  if (type && form !== "json") renderRichText(type, entry, form);
  return entry;
}

function renderRichText(type: CompiledType, entry: Values, form: RichTextForm): void {
  const render = form === "html" ? renderHtml : renderText;
  for (const field of type.fields.values()) {
    if (field.type === "rich_text" && entry[field.id] !== null)
      entry[field.id] = render(entry[field.id] as never);
  }
}
