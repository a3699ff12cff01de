import { realDatetime } from "../datetimes.ts";
import type { EntryState, Values } from "../import/entry-state.ts";
import { countsOf, type ImportReport } from "../import/report.ts";
import { stableId } from "../import/stable-id.ts";
import type { CtfExport, CtfFields, CtfThing } from "./export-file.ts";
import type { Locales } from "./map-locales.ts";
import type { AssetTarget } from "./map-rich-text.ts";
import type { TypePlan } from "./map-types.ts";
import { mapValue, type ValueContext } from "./map-values.ts";

export type EntryStep = { sourceId: string; title: string; state: EntryState; refersTo: string[] };
export type EntryPlans = {
  source: CtfExport;
  types: Map<string, TypePlan>;
  assets: Map<string, AssetTarget>;
  locales: Locales;
  space: string;
  /** Fields as they are published, by entry, from a second export. */
  published: Map<string, CtfFields> | undefined;
  publishesChanged: boolean;
};
type Say = (reason: string) => void;

/**
 * Every entry with its locales, state and references; entries that cannot be imported are counted and
 * reported.
 */
export function mapEntries(plans: EntryPlans, report: ImportReport): EntryStep[] {
  const { source, types, space } = plans;
  const targets = new Map<string, { id: string; type: string }>();
  for (const { sys } of source.entries) {
    const type = types.get(sys.contentType!.sys.id);
    const time = Date.parse(sys.createdAt ?? "") || 0;
    if (type) targets.set(sys.id, { id: stableId("cnt", space, "entry", sys.id, time), type: type.id });
  }
  const seen = new Set<string>();
  return source.entries.flatMap((entry) => {
    const { id } = entry.sys;
    const plan = types.get(entry.sys.contentType!.sys.id);
    if (plan && !seen.has(id)) {
      seen.add(id);
      return [mapEntry(entry, plan, targets, plans, report)];
    }
    const kind = plan?.id ?? entry.sys.contentType!.sys.id;
    countsOf(report, kind).seen++;
    countsOf(report, kind).skipped++;
    const reason = plan
      ? "is in the file twice: the first is imported"
      : "its content type is not in the file: left out";
    report.notes.push({ kind, id, title: "", reason });
    return [];
  });
}

function mapEntry(
  entry: CtfThing,
  plan: TypePlan,
  targets: Map<string, { id: string; type: string }>,
  plans: EntryPlans,
  report: ImportReport,
): EntryStep {
  const { sys, metadata } = entry;
  const { locales, assets } = plans;
  const title = titleOf(entry, plan, locales);
  const say: Say = (reason) => report.notes.push({ kind: plan.id, id: sys.id, title, reason });
  const refersTo = new Set<string>();
  const context: Omit<ValueContext, "say"> = {
    entryOf(id) {
      const target = targets.get(id)?.id;
      if (target) refersTo.add(target);
      return target;
    },
    assetOf: (id) => assets.get(id),
    typeOf: (id) => targets.get(id)?.type,
  };
  const valuesOf = (fields: CtfFields, sayOf: Say) => mapFields(fields, plan, locales, context, sayOf);
  const draft = valuesOf(entry.fields ?? {}, say);
  const published = publishedOf(entry, draft, plans, (fields) => valuesOf(fields, () => {}), say);
  for (const { sys: tag } of [...(metadata?.tags ?? []), ...(metadata?.concepts ?? [])])
    say(`its tag ${tag.id} is left out: entries have no tags in FlowCMS`);
  const at = Date.parse(isoOf(sys.firstPublishedAt ?? sys.publishedAt ?? sys.createdAt) ?? "");
  const state: EntryState = {
    id: targets.get(sys.id)!.id,
    type: plan.id,
    created_at: isoOf(sys.createdAt),
    published_at: Number.isNaN(at) ? undefined : new Date(Math.min(at, Date.now())).toISOString(),
    draft,
    published,
  };
  refersTo.delete(state.id);
  return { sourceId: sys.id, title, state, refersTo: [...refersTo] };
}

/**
 * The published values of an entry. The file has only the working copy: for a changed entry they are in
 * a second export.
 */
function publishedOf(
  { sys }: CtfThing,
  draft: Values,
  { published, publishesChanged, locales }: EntryPlans,
  valuesOf: (fields: CtfFields) => Values,
  say: Say,
): EntryState["published"] {
  if (sys.archivedVersion !== undefined) {
    say("is archived in Contentful: imported as a draft");
    return [];
  }
  const isDelivered = sys.version === undefined && sys.revision !== undefined;
  if (sys.publishedVersion === undefined && !isDelivered) return [];
  const given = published?.get(sys.id);
  if (given) return [{ fields: valuesOf(given) }];
  const byLocale = Object.entries(sys.fieldStatus?.["*"] ?? {}).filter(([code]) => locales.codes.has(code));
  if (byLocale.some(([, status]) => status !== "published")) {
    const shown = byLocale.filter(
      ([, one]) => one === "published" || (one === "changed" && publishesChanged),
    );
    for (const [code, status] of byLocale)
      if (status === "changed") say(changedReason(publishesChanged, ` in ${code}`));
    const codes = shown.map(([code]) => locales.codes.get(code)!);
    return codes.length > 0 ? [{ locales: codes, fields: draft }] : [];
  }
  const isSaid = byLocale.length > 0 || isDelivered;
  const isChanged = !isSaid && sys.version !== undefined && sys.version > sys.publishedVersion! + 1;
  if (!isChanged) return [{ fields: draft }];
  say(changedReason(publishesChanged, ""));
  return publishesChanged ? [{ fields: draft }] : [];
}

function changedReason(publishes: boolean, where: string): string {
  const what = `was changed${where} after it was published, and the file contains only the changed values`;
  return publishes
    ? `${what}: these were published`
    : `${what}: imported as a draft (--published FILE imports the published values, --publish-changed publishes the changes)`;
}

function mapFields(
  fields: CtfFields,
  plan: TypePlan,
  { codes, sourceDefault }: Locales,
  context: Omit<ValueContext, "say">,
  say: Say,
): Values {
  const values: Values = {};
  for (const [source, { id }] of plan.fields) values[id] = Object.hasOwn(fields, source) ? values[id] : null;
  for (const [source, byLocale] of Object.entries(fields)) {
    const field = plan.fields.get(source);
    const given = Object.entries(byLocale ?? {});
    if (!field) {
      say(`its field ${source} is not in its content type: left out`);
      continue;
    }
    const isLocalized = field.source.localized === true;
    const own: Record<string, unknown> = {};
    for (const [code, value] of given) {
      const sayHere: Say = (reason) => say(`${source}${isLocalized ? ` in ${code}` : ""} ${reason}`);
      const here = isLocalized ? codes.get(code) : code === sourceDefault ? code : undefined;
      if (here === undefined) sayHere(`has a value in ${code}, which its field does not allow: left out`);
      else {
        const mapped = mapValue(field, value, { ...context, say: sayHere });
        if (mapped !== null) own[here] = mapped;
      }
    }
    const hasValue = Object.keys(own).length > 0;
    values[field.id] = !hasValue ? null : isLocalized ? own : own[sourceDefault];
  }
  return values;
}

function titleOf({ fields }: CtfThing, plan: TypePlan, { sourceDefault }: Locales): string {
  const display = plan.definition["display_field"];
  const source = [...plan.fields].find(([, { id, type }]) =>
    display ? id === display : type === "short_text",
  )?.[0];
  const value = source === undefined ? undefined : fields?.[source]?.[sourceDefault];
  return typeof value === "string" ? value : "";
}

const isoOf = (datetime: string | undefined): string | undefined => realDatetime(datetime ?? "");
