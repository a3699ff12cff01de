import { ownValue } from "../../../../core/own-value.ts";
import type { Context } from "../../../../core/context.ts";
import { accessOf } from "../../grants/index.ts";
import {
  holdsReferences,
  PATH,
  type CompiledType,
  type EnvironmentSchema,
  type Field,
} from "../../types/index.ts";
import { listKey, planKey, type Included, type IncludedEntry, type RelatedPlans } from "./include.ts";
import { below, idOfStep, type IncludeTree } from "./include-tree.ts";
import { pathKey, withoutHiddenPath } from "./path-sql.ts";
import type { FoundRelated } from "./related.ts";
import type { Source, ViewQuery } from "../query/index.ts";
import { pickNamed, type Chosen } from "./chosen-fields.ts";
import { presentEveryLocale } from "./every-locale.ts";
import { hasLocalizations, LOCALIZATIONS, localizationsKey } from "./localizations.ts";
import { masked, publishedSubject } from "./mask.ts";
import { presentEntry } from "./present-entry.ts";
import { placesKey, relativeField, type Relative } from "./relatives.ts";
import { inForm } from "./rich-text-form.ts";
import type { RichTextForm } from "../schemas.ts";

type Values = Record<string, unknown>;

/**
 * An entry in the form of the query: resolved references, the rich text format, only the requested
 * fields.
 */
export function viewEntry(
  source: Source,
  whole: Values,
  { included, include, plans }: Found,
  query: ViewQuery,
  chosen: Chosen | undefined,
): Values {
  const { ctx, schema, type } = source;
  const locale = query.locale ?? schema.defaultLocale;
  const view: View = { ctx, schema, included, plans, locale, form: query.richText, children: new Map() };
  const entry = inForm(type, whole, view.form, locale);
  fillIn(view, type, entry, include);
  if (!chosen) return entry;
  const kept: Values = { id: entry["id"] };
  const isMasked = accessOf(ctx, schema) !== undefined;
  for (const [name, inner] of chosen.inner)
    if (!isMasked || Object.hasOwn(entry, name) || !type.fields.has(name))
      kept[name] = pickNamed(schema, type, name, entry[name] ?? null, inner, locale);
  // Who includes a back reference, or what is above or below, wants it shown.
  for (const step of include.keys()) {
    const isOfType = step === LOCALIZATIONS && hasLocalizations(type);
    const name = isOfType
      ? step
      : (plans.get(planKey(step, type))?.query.as ?? relativeField(type, step)?.id);
    if (name !== undefined && !chosen.inner.has(name) && !type.fields.has(name)) kept[name] = entry[name];
  }
  return kept;
}

/** What came along with an entry, and where it belongs. */
type Found = { included: Included; include: IncludeTree; plans: RelatedPlans };

type View = {
  ctx: Context;
  schema: EnvironmentSchema;
  included: Included;
  plans: RelatedPlans;
  locale: string;
  form: RichTextForm;
  /** What came along of each tree, by the parent that it has, in the order of siblings. */
  children: Map<string, Map<unknown, string[]>>;
};

/**
 * Puts what references point to in their place, as deep as the tree goes; a tree of three levels
 * cannot run in a circle.
 */
function fillIn(view: View, type: CompiledType, entry: Values, tree: IncludeTree): void {
  const relatives = [...tree.keys()].filter((id) => relativeField(type, id));
  // Before the parent is filled in, and does not say any more which it is.
  const around = relatives.map((id) => relativesIn(view, type, entry, id as Relative));
  relatives.forEach((id, i) => {
    entry[id] = around[i]!.map((one) => targetOf(view, one, below(tree, id)));
  });
  // Lists that are made of a field come before the field itself is filled in.
  const isNamed = (id: string) => Number(id.includes("#"));
  for (const id of [...tree.keys()].toSorted((a, b) => isNamed(b) - isNamed(a))) {
    if (relatives.includes(id)) continue;
    const list = view.plans.get(planKey(id, type));
    if (list) {
      const found = view.included?.[listKey(entry["id"] as string, id, type)] as FoundRelated | undefined;
      const own = ownValue(entry, idOfStep(id));
      const shown = list.read(found, (one) => targetOf(view, one, below(tree, id)), own);
      if (shown !== undefined) entry[list.query.as] = shown;
      continue;
    }
    if (id === LOCALIZATIONS && hasLocalizations(type)) {
      entry[id] = view.included?.[localizationsKey(entry["id"] as string)] ?? [];
      continue;
    }
    const field = type.fields.get(id);
    if (field && !holdsReferences(field)) continue;
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

/** The ids of the entries above or below one, of those that may be shown. */
function relativesIn(view: View, type: CompiledType, entry: Values, name: Relative): string[] {
  const parentOf = (id: string): unknown => {
    const shown = view.included?.[id] as IncludedEntry | undefined;
    const target = shown === undefined ? undefined : readTarget(view, shown);
    return target?.type?.id === type.id ? ownValue(target.whole, type.definition.parent!) : undefined;
  };
  const isIncluded = (id: unknown): id is string =>
    typeof id === "string" && view.included?.[id] !== undefined;
  if (name === "ancestors") {
    const above: string[] = [];
    for (let at = ownValue(entry, type.definition.parent!); isIncluded(at); at = parentOf(at)) {
      if (above.includes(at)) break;
      above.unshift(at);
    }
    return above;
  }
  const places = (view.included?.[placesKey(type)] ?? []) as string[];
  const children = view.children.get(type.id) ?? Map.groupBy(places, parentOf);
  view.children.set(type.id, children);
  const seen = new Set<string>();
  const inOrder = (id: unknown): string[] =>
    (children.get(id) ?? []).flatMap((one) => (seen.has(one) ? [] : (seen.add(one), [one, ...inOrder(one)])));
  return inOrder(entry["id"]);
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
  const found = view.included?.[id] as IncludedEntry | undefined;
  if (found === undefined) return { id, status: "unavailable" };
  const { type, whole } = readTarget(view, found);
  if (!type) return whole;
  const entry = inForm(type, whole, view.form, view.locale);
  if (type.pathParent) {
    entry[PATH] = view.included?.[pathKey(id)] ?? null;
    withoutHiddenPath(type, entry);
  }
  fillIn(view, type, entry, tree);
  return entry;
}

/** A target with its type, without what the actor may not read of it; an asset has none. */
function readTarget(
  { ctx, schema, locale }: View,
  found: IncludedEntry,
): { type: CompiledType | undefined; whole: Values } {
  if (typeof found === "object" && "id" in found) {
    const type = schema.types.get(found.type)!;
    return { type, whole: presentEveryLocale(ctx, schema, type, found) };
  }
  if (Array.isArray(found)) {
    const type = schema.types.get(found[0] as string)!;
    return { type, whole: presentEntry(ctx, schema, type, found.slice(1), locale) };
  }
  const whole = JSON.parse(typeof found === "string" ? found : found.doc) as Values;
  const type = schema.types.get(whole["type"] as string);
  const access = accessOf(ctx, schema);
  if (access && type && typeof found === "object")
    masked(access, type, "content:read", whole, publishedSubject(type, whole, found.facts), locale);
  return { type, whole };
}
