import { cutText } from "../cut-text.ts";
import type { ImportReport } from "../import/report.ts";
import type { CtfExport, CtfThing, CtfType } from "./export-file.ts";
import type { Sample } from "./field-rules.ts";
import { mapField, type FieldPlan } from "./map-fields.ts";
import type { Locales } from "./map-locales.ts";
import { renameAll } from "./names.ts";

/** A content type of FlowCMS, with the plan of its fields by their ids in Contentful. */
export type TypePlan = { id: string; definition: Record<string, unknown>; fields: Map<string, FieldPlan> };

/**
 * What the content types become, by their ids in Contentful; every name that changes and every rule
 * lost is noted.
 */
export function mapTypes(source: CtfExport, locales: Locales, report: ImportReport): Map<string, TypePlan> {
  const types = [...source.contentTypes].sort((a, b) => (a.sys.id < b.sys.id ? -1 : 1));
  const typeIds = renameAll(
    types.map(({ sys }) => sys.id),
    "type",
  );
  const entriesOf = Map.groupBy(source.entries, ({ sys }) => sys.contentType!.sys.id);
  const controls = new Map(
    source.editorInterfaces.map(({ sys, controls: list }) => [sys?.contentType?.sys.id, list ?? []]),
  );
  return new Map(
    types.map((type) => {
      const say = (id: string, reason: string) => {
        const kind = id === "" ? "type" : "field";
        const at = id === "" ? type.sys.id : `${type.sys.id}.${id}`;
        report.notes.push({ kind, id: at, title: type.name ?? "", reason });
      };
      const entries = entriesOf.get(type.sys.id) ?? [];
      const id = typeIds.get(type.sys.id)!;
      if (id !== type.sys.id) say("", `is called ${id} in FlowCMS`);
      const fields = mapFields(type, entries, {
        typeIds,
        locales,
        say,
        controls: controls.get(type.sys.id) ?? [],
      });
      return [type.sys.id, { id, fields, definition: definitionOf(type, id, fields, say) }];
    }),
  );
}

type Context = {
  typeIds: Map<string, string>;
  locales: Locales;
  controls: { fieldId: string }[];
  say: (id: string, reason: string) => void;
};

function mapFields(type: CtfType, entries: CtfThing[], context: Context): Map<string, FieldPlan> {
  const fields = type.fields ?? [];
  const names = renameAll(
    fields.map(({ id }) => id),
    "field",
  );
  const plans = new Map<string, FieldPlan>();
  for (const field of fields) {
    const id = names.get(field.id)!;
    const say = (reason: string) => context.say(field.id, reason);
    if (id !== field.id) say(`is called ${id} in FlowCMS`);
    const control = context.controls.find((one) => one.fieldId === field.id);
    const { typeIds, locales } = context;
    const samples = samplesOf(field.id, field.localized === true, entries, locales);
    const lacking = field.required ? findMissing(field.id, entries, locales.sourceDefault) : undefined;
    const { sourceDefault } = locales;
    plans.set(field.id, mapField(field, { id, control, samples, typeIds, sourceDefault, lacking, say }));
  }
  return plans;
}

function samplesOf(field: string, isLocalized: boolean, entries: CtfThing[], locales: Locales): Sample[] {
  return entries.flatMap(({ sys, fields }) =>
    Object.entries(fields?.[field] ?? {})
      .filter(([code]) => (isLocalized ? locales.codes.has(code) : code === locales.sourceDefault))
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([locale, value]) => ({ value, locale, entry: sys.id })),
  );
}

/** A published entry that lacks the field: it became required after the entry was published. */
function findMissing(field: string, entries: CtfThing[], locale: string): string | undefined {
  const isEmpty = (value: unknown) =>
    value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
  return entries.find(
    ({ sys, fields }) => sys.publishedVersion !== undefined && isEmpty(fields?.[field]?.[locale]),
  )?.sys.id;
}

function definitionOf(
  type: CtfType,
  id: string,
  fields: Map<string, FieldPlan>,
  say: (id: string, reason: string) => void,
): Record<string, unknown> {
  const display = fields.get(type.displayField ?? "");
  const canShow = display && ["short_text", "slug"].includes(display.type) && !display.multiple;
  if (type.displayField && !canShow)
    say("", `its display field ${type.displayField} is not a short text: another field is the display field`);
  if (fields.size === 0) say("", 'has no fields, and a type needs one: a field "name" was added');
  return {
    id,
    name: cutText(type.name || type.sys.id, 200),
    ...(type.description ? { description: cutText(type.description, 2000) } : {}),
    ...(canShow ? { display_field: display.id } : {}),
    fields:
      fields.size > 0
        ? [...fields.values()].map(({ definition }) => definition)
        : [{ id: "name", type: "short_text" }],
  };
}
