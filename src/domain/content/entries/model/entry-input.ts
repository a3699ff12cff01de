import { ownValue } from "../../../../core/own-value.ts";
import { invalid, type ErrorDetail } from "../../../../core/errors.ts";
import { isId } from "../../../../core/ids.ts";
import { readDatetime } from "../../../../core/datetimes.ts";
import { addDetail } from "../../../../core/nearest.ts";
import {
  beforeFilled,
  checkValue,
  customIn,
  defaultOf,
  filterKind,
  IS_COMPUTED,
  innerFields,
  kindOf,
  MAX_INDEXED_LENGTH,
  mediaRulesOf,
  misnamed,
  newWorkCount,
  targetsIn,
  type Check,
  type CompiledType,
  type WorkCount,
  type EnvironmentSchema,
  type Field,
  type MediaRules,
  type WriteNote,
} from "../../types/index.ts";
import { unknownLocale } from "../refusals.ts";
import type { FieldRow } from "./field-row.ts";
import { addInnerRows } from "./inner-rows.ts";
import { slugsToMake, type SlugToMake } from "./slugs-to-make.ts";
import { applyRules, rowsTogether, type Writing } from "./entry-rules.ts";

/** A reference as the refs table holds it, with the types it may point to. */
export type RefRow = { f: string; l: string; o: number } & Reference;
/** What a value refers to, and what it has to be. */
type Reference = { id: string; to?: string[]; rules?: MediaRules };

/** Checked values of an entry, ready to be written. */
export type EntryValues = {
  /** `{ field: value }` of fields that are not localised. */
  shared: Record<string, unknown>;
  /** `{ field: { locale: value } }`. */
  localized: Record<string, Record<string, unknown>>;
  /** Which values are given, so that their rows are replaced. */
  touched: { f: string; l: string }[];
  fieldRows: FieldRow[];
  refRows: RefRow[];
  /** What was left out of HTML, and what rules warn of. */
  notes: WriteNote[];
  /** Slugs that the statement makes. */
  slugs: SlugToMake[];
  /** What is written though nobody gave it: computed values, and those that are unique together. */
  derived: { f: string; l: string }[];
  /** What the rules of the type forbid. */
  refusals: ErrorDetail[];
};

/** `effort` is shared by the entries of one request. */
type ReadOptions = {
  locale: string | undefined;
  allowIncomplete: boolean;
  isPartial: boolean;
  effort?: WorkCount | undefined;
  /** Whether absent fields stay without a value, even with a default. */
  noDefaults?: boolean;
  /** Whether slugs are only what is given. */
  noSlugs?: boolean;
  /** The entry's data: see `needsSources`. */
  stored?: Record<string, unknown> | undefined;
  /** Who writes which entry. */
  writing: Writing;
};

/** Checks the fields of a body; throws INVALID `content/invalid-entry` that names every path. */
export function readEntryValues(
  schema: EnvironmentSchema,
  type: CompiledType,
  body: Record<string, unknown>,
  options: ReadOptions,
): EntryValues {
  const { allowIncomplete, effort, noDefaults = false } = options;
  const notes: WriteNote[] = [];
  const check: Check = {
    ...{ issues: [], notes, allowIncomplete, noDefaults, isStored: noDefaults },
    ...(effort ? { effort } : {}),
  };
  const values: EntryValues = {
    ...{ shared: {}, localized: {}, touched: [], fieldRows: [], refRows: [] },
    ...{ notes, derived: [], slugs: [], refusals: [] },
  };
  const locale = options.locale ?? schema.defaultLocale;
  if (locale !== "*" && !schema.chains.has(locale)) throw unknownLocale(schema, locale);
  for (const name of Object.keys(body)) {
    if (!type.fields.has(name)) {
      const message = `is not a field of ${type.id}.`;
      misnamed(check, name.slice(0, 100), message, name, () => type.fields.keys());
    }
  }
  for (const field of type.fields.values()) {
    const isGiven = Object.hasOwn(body, field.id);
    if (!isGiven && options.isPartial) continue;
    if (field.computed !== undefined) {
      if (isGiven && !noDefaults) addDetail(check.issues, field.id, IS_COMPUTED);
      continue;
    }
    const given = isGiven ? body[field.id] : noDefaults ? null : defaultIn(schema, field, locale, check);
    const rule = field.from
      ? { ...field, required: false }
      : isGiven || noDefaults
        ? field
        : beforeFilled(field);
    if (!field.localized) addValue(values, field, "", checkValue(rule, given, field.id, check));
    else addLocalized(schema, values, rule, given, { locale, isPartial: options.isPartial }, check);
  }
  const whole =
    check.issues.length > 0
      ? {}
      : applyRules(values, {
          ...options.writing,
          ...{ schema, type, locale, check, allowIncomplete, noDefaults },
          isPartial: options.isPartial,
          isGiven: (id) => Object.hasOwn(body, id),
          effort: (check.effort ??= newWorkCount()),
        });
  if (type.madeSlugs.length > 0 && !options.noSlugs && check.issues.length === 0)
    values.slugs = slugsToMake(schema, type, values, check, {
      isPartial: options.isPartial,
      isCleared: ({ id }) => !noDefaults && Object.hasOwn(body, id),
      stored: options.stored ?? options.writing.before?.data,
    });
  if (check.issues.length > 0) {
    throw invalid(
      "content/invalid-entry",
      `The entry is not a valid ${type.id}: ${summary(check.issues)}`,
      check.issues,
    );
  }
  for (const { f, l } of [...values.touched, ...values.derived])
    addRows(values, type.fields.get(f)!, l, l === "" ? values.shared[f] : values.localized[f]![l]);
  addTogether(values, type, whole);
  return values;
}

function addTogether(values: EntryValues, type: CompiledType, whole: Record<string, unknown>): void {
  const { rows, stale, tooLong } = rowsTogether(type, whole, values);
  values.fieldRows.push(...rows);
  values.derived.push(...stale);
  if (!tooLong) return;
  const message = `must have at most ${MAX_INDEXED_LENGTH} characters with ${tooLong.f}, to be unique together`;
  values.refusals.push({ path: tooLong.f.split(",", 1)[0]!, message });
}

/** The default as a body would give it. */
function defaultIn(
  { defaultLocale }: EnvironmentSchema,
  field: Field,
  locale: string,
  check: Check,
): unknown {
  const value = defaultOf(field, "", check);
  return field.localized && locale === "*" && value !== undefined ? { [defaultLocale]: value } : value;
}

function addLocalized(
  schema: EnvironmentSchema,
  values: EntryValues,
  field: Field,
  given: unknown,
  { locale, isPartial }: { locale: string; isPartial: boolean },
  check: Check,
): void {
  if (locale !== "*") {
    addValue(values, field, locale, checkValue(field, given, field.id, check));
    return;
  }
  if (given !== null && given !== undefined && (typeof given !== "object" || Array.isArray(given))) {
    addDetail(check.issues, field.id, 'with locale=* must be an object by locale, such as { "en": … }');
    return;
  }
  const byLocale = new Map(Object.entries(given ?? {}));
  for (const code of byLocale.keys()) {
    if (!schema.chains.has(code)) {
      const path = `${field.id}.${code.slice(0, 35)}`;
      misnamed(check, path, "is not a locale of this environment.", code, () => schema.chains.keys());
    }
  }
  for (const code of schema.chains.keys()) {
    // A part of the locales leaves the others alone; null takes all of them away.
    const isMeant = byLocale.has(code) || (isPartial ? given === null : code === schema.defaultLocale);
    if (!isMeant) continue;
    const isOptional = code !== schema.defaultLocale;
    const rule = isOptional ? { ...field, required: false } : field;
    addValue(values, field, code, checkValue(rule, byLocale.get(code), `${field.id}.${code}`, check));
  }
}

function addValue(values: EntryValues, field: Field, locale: string, value: unknown): void {
  values.touched.push({ f: field.id, l: locale });
  if (locale === "") values.shared[field.id] = value;
  else if (Object.hasOwn(values.localized, field.id)) values.localized[field.id]![locale] = value;
  else values.localized[field.id] = { [locale]: value };
}

/** The side rows of one stored value: what filters, sorts, unique checks and references work on. */
export function addRows(
  rows: Pick<EntryValues, "fieldRows" | "refRows">,
  field: Field,
  locale: string,
  value: unknown,
): void {
  if (value === null || value === undefined) return;
  const key = (o: number) => ({ f: field.id, l: locale, o });
  const kind = filterKind(field);
  addInnerRows(rows.fieldRows, field, locale, value);
  if (kind === "none") {
    referencesIn(field, value).forEach((ref, o) => rows.refRows.push({ ...key(o), ...ref }));
    return;
  }
  // An empty list in a locale is its value: what it would fall back to is not found.
  if (locale !== "" && Array.isArray(value) && value.length === 0) rows.fieldRows.push(key(0));
  const { cells, identity } = kindOf(field);
  (Array.isArray(value) ? value : [value]).forEach((one: unknown, place) => {
    if (kind === "reference" && typeof one === "string")
      rows.refRows.push({ ...key(place), ...referenceTo(field, one) });
    const isUnique = (field.unique || field.type === "slug") && one !== "";
    const unique = isUnique ? { u: identity?.(one) ?? String(one) } : {};
    const own = cells?.(one) ?? [];
    own.forEach((cell, i) => rows.fieldRows.push({ ...key(place * own.length + i), ...cell, ...unique }));
  });
}

const referring = new WeakMap<readonly Field[], readonly Field[]>();

/** The fields of a component or block that can contain references; computed once per definition. */
function referringIn(fields: readonly Field[]): readonly Field[] {
  let found = referring.get(fields);
  if (!found) {
    const mayRefer = (field: Field): boolean =>
      field.type === "rich_text" || filterKind(field) === "reference" || innerFields(field).some(mayRefer);
    referring.set(fields, (found = fields.filter(mayRefer)));
  }
  return found;
}

function referenceTo(field: Field, id: string): Reference {
  const rules = mediaRulesOf(field);
  return { id, ...(field.to ? { to: field.to } : {}), ...(rules ? { rules } : {}) };
}

/** References inside rich text, components and blocks. */
function referencesIn(field: Field, value: unknown): { id: string; to?: string[] }[] {
  const owner = Object(value) as Record<string, unknown>;
  const inside = (fields: Field[], of: Record<string, unknown>): { id: string; to?: string[] }[] =>
    referringIn(fields).flatMap((inner) => {
      const found = ownValue(of, inner.id);
      if (found === null || found === undefined) return [];
      if (filterKind(inner) !== "reference") return referencesIn(inner, found);
      const ids = [found].flat().filter((id) => typeof id === "string");
      return ids.map((id) => referenceTo(inner, id));
    });
  if (field.type === "rich_text" && owner["type"] === "doc")
    return [
      ...targetsIn(field, value),
      ...customIn(field, value).flatMap(({ fields, attrs }) => inside(fields, attrs)),
    ];
  if (field.type === "component")
    return [value].flat().flatMap((one) => inside(field.fields!, Object(one) as Record<string, unknown>));
  if (field.type !== "blocks" || !Array.isArray(value)) return [];
  return (value as Record<string, unknown>[]).flatMap((block) => {
    const component = field.components!.find((one) => one.id === block?.["type"]);
    return component ? inside(component.fields, block) : [];
  });
}

/** The whole of `data` for a new entry; fields without a value are left out. */
export function wholeData(values: EntryValues): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const [id, value] of Object.entries(values.shared)) if (value !== null) data[id] = value;
  for (const [id, byLocale] of Object.entries(values.localized)) {
    const kept = Object.entries(byLocale).filter(([, value]) => value !== null);
    if (kept.length > 0) data[id] = Object.fromEntries(kept);
  }
  return data;
}

/** Splits a request body into what steers the write and the fields. `id` is read only when `takesId`. */
export function splitBody(body: unknown): {
  version: number | undefined;
  id: string | undefined;
  createdAt: string | undefined;
  fields: Record<string, unknown>;
} {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw invalid(
      "content/not-an-object",
      "The body must be a JSON object with the entry's fields at its top level.",
      [],
      400,
    );
  }
  const { version, id, created_at: createdAt, ...fields } = body as Record<string, unknown>;
  if (version !== undefined && !(Number.isSafeInteger(version) && (version as number) > 0)) {
    throw invalid("content/bad-version", "version must be the integer version that you read.", [
      { path: "version", message: "must be a positive integer" },
    ]);
  }
  if (id !== undefined && !isId("cnt", id)) {
    throw invalid("content/bad-id", "id must be cnt_ and 26 characters of base 32.", [
      { path: "id", message: "must look like cnt_01jd3f0b6vfs8t4z9c7q2m5n8x; leave it out to get a new one" },
    ]);
  }
  const madeAt = typeof createdAt === "string" ? readDatetime(createdAt) : undefined;
  if (createdAt !== undefined && madeAt === undefined) {
    throw invalid("content/bad-created-at", "created_at must be a datetime in ISO 8601.", [
      { path: "created_at", message: "must be a datetime such as 2026-01-31T09:30:00Z" },
    ]);
  }
  return {
    version: version as number | undefined,
    id,
    createdAt: madeAt,
    fields,
  };
}

function summary(issues: ErrorDetail[]): string {
  const first = issues[0]!;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
  return `${first.path} ${first.message}${more}`.replace(/[.?]?$/, (end) => end || ".");
}
