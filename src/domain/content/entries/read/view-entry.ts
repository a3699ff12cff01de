import { ownValue } from "../../../../core/own-value.ts";
import { didYouMean } from "../../../../core/nearest.ts";
import type { Context } from "../../../../core/context.ts";
import { accessOf } from "../../grants/index.ts";
import {
  holdsReferences,
  RESERVED_FIELD_IDS,
  type CompiledType,
  type EnvironmentSchema,
  type Field,
} from "../../types/index.ts";
import { below, type Included, type IncludeTree } from "./include.ts";
import { badQuery, type Source, type ViewQuery } from "../query/index.ts";
import { masked, publishedSubject } from "./mask.ts";
import { presentEntry } from "./present-entry.ts";
import { inForm } from "./rich-text-form.ts";
import type { RichTextForm } from "../schemas.ts";

type Values = Record<string, unknown>;

/** Throws INVALID unless every name in `fields=` is a field of the type or one that every entry has. */
export function checkFieldNames(type: CompiledType, names: string[] | undefined): void {
  const valid = [...type.fields.keys(), ...RESERVED_FIELD_IDS];
  for (const name of names ?? []) {
    if (!valid.includes(name))
      throw badQuery(
        "fields",
        `names no field of ${type.id}: "${name.slice(0, 64)}".${didYouMean(name, valid)}`,
      );
  }
}

/**
 * An entry in the form of the query: resolved references, the rich text format, only the requested
 * fields.
 */
export function viewEntry(
  source: Source,
  whole: Values,
  included: Included,
  query: ViewQuery,
  include: IncludeTree,
): Values {
  const { ctx, schema, type } = source;
  const locale = query.locale ?? schema.defaultLocale;
  const view: View = { ctx, schema, included, locale, form: query.richText };
  const entry = inForm(type, whole, view.form, locale);
  fillIn(view, type, entry, include);
  if (!query.fields) return entry;
  const kept: Values = { id: entry["id"] };
  const isMasked = accessOf(ctx, schema) !== undefined;
  for (const name of query.fields)
    if (!isMasked || Object.hasOwn(entry, name) || !type.fields.has(name)) kept[name] = entry[name] ?? null;
  return kept;
}

type View = {
  ctx: Context;
  schema: EnvironmentSchema;
  included: Included;
  locale: string;
  form: RichTextForm;
};

/**
 * Puts what references point to in their place, as deep as the tree goes; a tree of three levels
 * cannot run in a circle.
 */
function fillIn(view: View, type: CompiledType, entry: Values, tree: IncludeTree): void {
  for (const id of tree.keys()) {
    const field = type.fields.get(id);
    const value = ownValue(entry, id);
    if (!field || typeof value !== "object" || value === null || !field.localized || view.locale !== "*") {
      if (field) entry[id] = filled(view, field, value, below(tree, id));
      continue;
    }
    entry[id] = Object.fromEntries(
      Object.entries(value).map(([locale, one]) => [locale, filled(view, field, one, below(tree, id))]),
    );
  }
}

/** A field's value with its references filled in, also those inside components. */
function filled(view: View, field: Field, value: unknown, tree: IncludeTree): unknown {
  if (value === null || value === undefined) return value;
  if (Array.isArray(value)) return value.map((one) => filled(view, field, one, tree));
  if (typeof value === "string") return targetOf(view, value, tree);
  const owner = value as Values;
  const fields = field.fields ?? field.components?.find((one) => one.id === owner["type"])?.fields ?? [];
  const inside = fields.filter((one) => Object.hasOwn(owner, one.id) && holdsReferences(one));
  return {
    ...owner,
    ...Object.fromEntries(inside.map((one) => [one.id, filled(view, one, owner[one.id], tree)])),
  };
}

/** A reference's target; one that this perspective does not have keeps its id and says so. */
function targetOf(view: View, id: string, tree: IncludeTree): Values {
  const found = view.included?.[id];
  if (found === undefined) return { id, status: "unavailable" };
  const values = Array.isArray(found)
    ? undefined
    : (JSON.parse(typeof found === "string" ? found : found.doc) as Values);
  const typeId = (Array.isArray(found) ? found[0] : values!["type"]) as string | undefined;
  const type = typeId === undefined ? undefined : view.schema.types.get(typeId);
  const whole =
    values ?? presentEntry(view.ctx, view.schema, type!, (found as unknown[]).slice(1), view.locale);
  const access = accessOf(view.ctx, view.schema);
  if (access && values && type && typeof found === "object" && !Array.isArray(found))
    masked(access, type, "content:read", whole, publishedSubject(type, values, found.facts), view.locale);
  if (!type) return whole;
  const entry = inForm(type, whole, view.form, view.locale);
  fillIn(view, type, entry, tree);
  return entry;
}
