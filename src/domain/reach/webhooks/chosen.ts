import type { Difference } from "../../content/entries/index.ts";
import type { CompiledType } from "../../content/types/index.ts";
import type { Values } from "./entry-events.ts";

type Change = ReturnType<typeof Difference.parse>;
type Choice = { fields: readonly string[] | null; locales: readonly string[] | null };

/** A chosen field under the id that it has now. */
export function presentPath(type: CompiledType | undefined, path: string): string {
  const [top, ...rest] = path.split(".") as [string, ...string[]];
  return [type?.former.get(top) ?? top, ...rest].join(".");
}

const presentChoice = (type: CompiledType | undefined, { fields, locales }: Choice): Choice => ({
  fields: fields?.map((path) => presentPath(type, path)) ?? null,
  locales,
});

const isLocalised = (type: CompiledType | undefined, field: string): boolean =>
  type?.fields.get(field)?.localized === true;

/** The chosen fields of stored values, in the chosen locales. */
export function chosenFields(type: CompiledType | undefined, values: Values, chosen: Choice): Values {
  const choice = presentChoice(type, chosen);
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    const paths = choice.fields?.filter((path) => path === name || path.startsWith(`${name}.`));
    if (paths?.length === 0) continue;
    const inner = paths?.includes(name)
      ? undefined
      : paths?.map((path) => path.slice(name.length + 1).split("."));
    const pick = (one: unknown): unknown => (inner ? pickAll(one, inner) : one);
    out[name] = isLocalised(type, name) ? ofLocales(value, choice.locales, pick) : pick(value);
  }
  return out;
}

function ofLocales(value: unknown, locales: Choice["locales"], pick: (one: unknown) => unknown): unknown {
  if (!isObject(value)) return value;
  const shown = Object.entries(value).filter(([locale]) => locales === null || locales.includes(locale));
  return Object.fromEntries(shown.map(([locale, one]) => [locale, pick(one)]));
}

/** The parts of a component, or of each in a list, that paths lead to. */
function pickAll(value: unknown, paths: readonly string[][]): unknown {
  if (Array.isArray(value)) return value.map((one) => pickAll(one, paths));
  if (!isObject(value)) return value;
  const kept = Object.entries(value).flatMap(([key, one]) => {
    const here = paths.filter(([first]) => first === key).map((path) => path.slice(1));
    // What says which component of a list it is stays with what is chosen of it.
    if (here.length === 0) return key === "component" || key === "type" ? [[key, one] as const] : [];
    return [[key, here.some((path) => path.length === 0) ? one : pickAll(one, here)] as const];
  });
  return Object.fromEntries(kept);
}

/** A change's field as choices name it, without locales and places in lists, and the locale it is in. */
export function placeOf(
  type: CompiledType | undefined,
  { path }: Change,
): { field: string; locale?: string } {
  const steps = path.replaceAll(/\[\d+\]/g, "").split(".");
  if (!isLocalised(type, steps[0]!)) return { field: steps.join(".") };
  const [top, locale, ...rest] = steps;
  return { field: [top, ...rest].join("."), ...(locale === undefined ? {} : { locale }) };
}

/** Whether a change lies in a field, or above it. */
export const touches = (changed: string, field: string): boolean =>
  changed === field || changed.startsWith(`${field}.`) || field.startsWith(`${changed}.`);

/** Changes in chosen fields and locales; what changed around a chosen part has only that part. */
export function chosenChanges(
  type: CompiledType | undefined,
  changes: readonly Change[],
  given: Choice,
): Change[] {
  const choice = presentChoice(type, given);
  return changes.flatMap((change) => {
    const { field, locale } = placeOf(type, change);
    if (locale !== undefined && choice.locales !== null && !choice.locales.includes(locale)) return [];
    if (choice.fields === null) return [narrowed(type, change, choice)];
    const chosen = choice.fields.filter((one) => touches(field, one));
    if (chosen.length === 0) return [];
    if (chosen.some((one) => field === one || field.startsWith(`${one}.`)))
      return [narrowed(type, change, choice)];
    const inner = chosen.map((one) => one.slice(field.length + 1).split("."));
    return [mapSides(change, (side) => pickAll(side, inner))];
  });
}

/** A whole localised field that was added or removed, in the chosen locales only. */
function narrowed(type: CompiledType | undefined, change: Change, { locales }: Choice): Change {
  if (locales === null || !isLocalised(type, change.path)) return change;
  return mapSides(change, (side) => ofLocales(side, locales, (one) => one));
}

const mapSides = (change: Change, map: (side: unknown) => unknown): Change => ({
  ...change,
  ...("from" in change ? { from: map(change.from) } : {}),
  ...("to" in change ? { to: map(change.to) } : {}),
});

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
