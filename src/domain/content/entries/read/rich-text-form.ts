import type { SQL } from "drizzle-orm";
import type { Context, Row } from "../../../../core/context.ts";
import { renderHtml, renderText, type RichTextNode } from "../../rich-text/index.ts";
import { withSchema, type CompiledType, type Field } from "../../types/index.ts";
import type { RichTextForm } from "../schemas.ts";

type Values = Record<string, unknown>;

/**
 * The values of a type's fields with rich text converted to the requested format at every depth; with
 * `*` localised values are objects by locale.
 */
export function inForm(type: CompiledType, values: Values, form: RichTextForm, locale: string): Values {
  if (form === "json") return values;
  const shown = { ...values };
  for (const field of type.fields.values()) {
    if (!holdsRichText(field) || !Object.hasOwn(values, field.id)) continue;
    const value = values[field.id];
    shown[field.id] =
      field.localized && locale === "*" ? byLocale(field, value, form) : rendered(field, value, form);
  }
  return shown;
}

/** Shows stored data of a type. */
export type Show = (typeId: string, data: Values) => Values;

/** Reads rows; what `read` is given shows stored data of a type, localised values by locale, in the form. */
export async function readStored<T>(
  ctx: Context,
  form: RichTextForm,
  statement: SQL,
  read: (rows: Row[], show: Show) => T,
): Promise<T> {
  if (form === "json") return read((await ctx.db.read(statement)).rows, (_typeId, data) => data);
  return withSchema(ctx, {
    plan: (schema) => schema,
    run: () => ctx.db.read(statement),
    read: ({ rows }, schema) =>
      read(rows, (typeId, data) => {
        const type = schema.types.get(typeId);
        return type ? inForm(type, data, form, "*") : data;
      }),
  });
}

const inside = (field: Field, value: Values): Field[] =>
  field.fields ?? field.components?.find(({ id }) => id === value["type"])?.fields ?? [];

const holdsRichText = (field: Field): boolean =>
  field.type === "rich_text" ||
  [...(field.fields ?? []), ...(field.components ?? []).flatMap(({ fields }) => fields)].some(holdsRichText);

function byLocale(field: Field, value: unknown, form: RichTextForm): unknown {
  // A version that was saved before the field was localised has its value as it is.
  if (!isObject(value) || isDocument(value)) return rendered(field, value, form);
  return Object.fromEntries(
    Object.entries(value).map(([locale, one]) => [locale, rendered(field, one, form)]),
  );
}

function rendered(field: Field, value: unknown, form: RichTextForm): unknown {
  if (Array.isArray(value)) return value.map((one) => rendered(field, one, form));
  if (!isObject(value)) return value;
  if (field.type === "rich_text") {
    if (!isDocument(value)) return value;
    return form === "html" ? renderHtml(value) : renderText(value);
  }
  const fields = inside(field, value).filter((one) => Object.hasOwn(value, one.id) && holdsRichText(one));
  return {
    ...value,
    ...Object.fromEntries(fields.map((one) => [one.id, rendered(one, value[one.id], form)])),
  };
}

const isObject = (value: unknown): value is Values => typeof value === "object" && value !== null;
const isDocument = (value: Values): value is Values & RichTextNode => value["type"] === "doc";
