import { addDetail } from "../../../../core/nearest.ts";
import { ownValue } from "../../../../core/own-value.ts";
import {
  checkValue,
  makeSlug,
  newWorkCount,
  roomOfMadeSlug,
  type Check,
  type CompiledType,
  type EnvironmentSchema,
  type Field,
} from "../../types/index.ts";

type Values = Record<string, unknown>;
type Locales = Pick<EnvironmentSchema, "chains" | "defaultLocale">;
/** Checked values so far. */
type Given = {
  shared: Values;
  localized: Record<string, Values>;
};

/** A slug that is to be made of `base`, which is null while its sources have no value. */
export type SlugToMake = {
  f: string;
  l: string;
  base: string | null;
  room: number;
  /** `anew` replaces whatever there is, `follow` what followed its sources so far, `new` what is not there. */
  how: "new" | "follow" | "anew";
};

export type MakingOptions = {
  isPartial: boolean;
  /** Fields that the caller gave as null on purpose: they are made again. */
  isCleared(field: Field): boolean;
  /** The entry's data, where a change may be about a part of the sources only. */
  stored: Values | undefined;
};

/** Which slugs a write makes of other values; a required one that cannot be made is a problem. */
export function slugsToMake(
  schema: Locales,
  type: CompiledType,
  given: Given,
  check: Check,
  options: MakingOptions,
): SlugToMake[] {
  return type.madeSlugs.flatMap(({ field, sources }) =>
    (field.localized ? [...schema.chains.keys()] : [""]).flatMap((locale) => {
      const written = valueIn(given, field, locale);
      if (written !== undefined && written !== null) return [];
      const isCleared = written === null && options.isCleared(field);
      if (!isMeant(schema, given, { field, sources, locale }, options, isCleared)) return [];
      const base = baseOf(schema, type, given, { field, sources, locale }, options.stored, check);
      if (base === null && written === null && isRequired(schema, given, field, locale, check))
        addDetail(check.issues, locale === "" ? field.id : `${field.id}.${locale}`, missing(sources));
      const how = isCleared ? "anew" : options.isPartial ? "follow" : "new";
      if (base === null && how !== "new") return [];
      return [{ f: field.id, l: locale, base, room: roomOfMadeSlug(field), how }];
    }),
  );
}

const missing = (sources: Field[]): string =>
  `is required: give it, or a value of ${sources.map(({ id }) => id).join(" or ")} that it is made of`;

/** As for other values: of all locales in the default one, of a single one in that. */
function isRequired(schema: Locales, given: Given, field: Field, locale: string, check: Check): boolean {
  if (!field.required || check.allowIncomplete) return false;
  const written = Object.keys(given.localized[field.id] ?? {});
  return locale === "" || locale === schema.defaultLocale || written.length === 1;
}

/** What is written of a field, undefined when nothing is; of a localised one in the locale. */
const valueIn = ({ shared, localized }: Given, field: Field, locale: string): unknown =>
  field.localized ? ownValue(localized[field.id] ?? {}, locale) : ownValue(shared, field.id);

type One = { field: Field; sources: Field[]; locale: string };

/** Whether this write is about the slug in this locale. */
function isMeant(
  schema: Locales,
  given: Given,
  one: One,
  options: MakingOptions,
  isCleared: boolean,
): boolean {
  const { field, sources } = one;
  const locale = one.locale || schema.defaultLocale;
  const isOwn = (source: Field) => valueIn(given, source, locale) !== undefined;
  if (isCleared) return true;
  if (options.isPartial) return sources.some(isOwn) && isAtHome(schema, given, one, options.stored);
  return valueIn(given, field, one.locale) !== undefined || isAtHome(schema, given, one, undefined);
}

/** A locale has a slug when it has a value to make it of; what all locales share makes the default one's. */
function isAtHome(
  schema: Locales,
  given: Given,
  { sources, locale }: One,
  stored: Values | undefined,
): boolean {
  if (locale === "") return true;
  const own = sources.filter((source) => source.localized);
  if (own.length === 0) return locale === schema.defaultLocale;
  return own.some((source) => isSomething(sourceValue(given, source, locale, stored)));
}

function sourceValue(given: Given, source: Field, locale: string, stored: Values | undefined): unknown {
  const written = valueIn(given, source, locale);
  if (written !== undefined || !stored) return written;
  const kept = ownValue(stored, source.id);
  return source.localized ? ownValue((kept ?? {}) as Values, locale) : kept;
}

const isSomething = (value: unknown) => value !== undefined && value !== null && value !== "";

function baseOf(
  schema: Locales,
  type: CompiledType,
  given: Given,
  { field, sources, locale }: One,
  stored: Values | undefined,
  check: Check,
): string | null {
  const own = locale || schema.defaultLocale;
  const values = sources.map((source) => sourceValue(given, source, own, stored)).filter(isSomething);
  if (values.length === 0) return null;
  const room = roomOfMadeSlug(field);
  // What has no word in it still needs an address.
  const base = makeSlug(values, own, room) || makeSlug([type.id.replaceAll("_", " ")], own, room);
  const issues: Check["issues"] = [];
  const forms = field.pattern === undefined ? [base] : [base, `${base}-2`];
  for (const form of forms)
    checkValue(field, form, "", { issues, allowIncomplete: true, effort: (check.effort ??= newWorkCount()) });
  if (issues[0]) {
    const path = locale === "" ? field.id : `${field.id}.${locale}`;
    addDetail(check.issues, path, `${issues[0].message}, and "${base}" is made of its sources: give one`);
  }
  return base;
}

/**
 * Whether a change has to know the stored values of sources that it does not give: those of a slug of
 * several, and of one that is to be made again.
 */
export function needsSources(type: CompiledType, body: Values, locale: string | undefined): boolean {
  return type.madeSlugs.some(({ field, sources }) => {
    const isGiven = (one: Field) => Object.hasOwn(body, one.id);
    if (!sources.some(isGiven) && !isGiven(field)) return false;
    const isWhole = sources.every(isGiven) && (sources.length === 1 || locale !== "*");
    return !isWhole || (field.localized && sources.some((source) => !source.localized));
  });
}
