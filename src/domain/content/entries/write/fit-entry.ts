import { ownValue } from "../../../../core/own-value.ts";
import type { ErrorDetail } from "../../../../core/errors.ts";
import {
  isCustomName,
  replaceReferences,
  validateRichText,
  withoutCustomParts,
  type RichTextDocument,
} from "../../rich-text/index.ts";
import {
  checkValue,
  adoptValue,
  asMany,
  elementOf,
  filterKind,
  mediaExpectation,
  mediaRulesOf,
  numericBounds,
  targetsIn,
  customNames,
  withCustom,
  type CompiledType,
  type EnvironmentSchema,
  type Field,
  type MediaRules,
} from "../../types/index.ts";
import type { LeftOut } from "../schemas.ts";

type Values = Record<string, unknown>;
const MAX_LEFT_OUT = 500;

/**
 * What an id leads to that a field cannot take: the type that it has, null when it is not there but
 * perhaps in the trash.
 */
export type Unfit = {
  type: string | null;
  isTrashed: boolean;
  /** An asset that is there, and the rules of fields that it does not keep to. */
  isThere: boolean;
  refusedBy: string[];
};

export const rulesKey = (rules: MediaRules | undefined): string =>
  JSON.stringify(Object.entries(rules ?? {}).sort());
/** What is left out so far, and what a save found that references cannot lead to. */
export type Fit = { leftOut: LeftOut[]; missing: ReadonlyMap<string, Unfit> };

/** Lists what is left out, up to a limit. */
export function leaveOut({ leftOut }: Fit, path: string, reason: LeftOut["reason"], message: string): null {
  if (leftOut.length < MAX_LEFT_OUT) leftOut.push({ path, reason, message });
  return null;
}

/**
 * Stored data as its type has it today, as a body with `locale=*`: what the type or the environment
 * has no place for any more is left out, at whatever depth, and noted. Every field is named, so that
 * no default takes the place of nothing.
 */
export function fitEntry(schema: EnvironmentSchema, type: CompiledType, data: Values, fit: Fit): Values {
  const fields: Values = {};
  for (const id of Object.keys(data))
    if (!type.fields.has(id) && hasValue(data[id]))
      leaveOut(fit, id, "field-removed", `${type.id} has no such field any more`);
  for (const field of type.fields.values()) {
    const stored = ownValue(data, field.id);
    if (!hasValue(stored)) fields[field.id] = null;
    else if (field.localized) fields[field.id] = fitLocalized(schema, field, stored, fit);
    else fields[field.id] = fitShared(schema, field, stored, fit);
  }
  return fields;
}

function fitLocalized(schema: EnvironmentSchema, field: Field, stored: unknown, fit: Fit): unknown {
  const { defaultLocale, chains } = schema;
  const keys = isObject(stored) ? Object.keys(stored) : [];
  // The field may have been one for all locales when this was stored.
  if (!isObject(stored) || (!keys.some((code) => chains.has(code)) && fits(field, stored)))
    return { [defaultLocale]: fitValue(field, stored, `${field.id}.${defaultLocale}`, fit) };
  const kept: Values = {};
  for (const [locale, value] of Object.entries(stored)) {
    const path = `${field.id}.${locale}`;
    if (!hasValue(value)) continue;
    if (chains.has(locale)) kept[locale] = fitValue(field, value, path, fit);
    else leaveOut(fit, path, "locale-removed", `the environment has no locale "${locale}" any more`);
  }
  return kept;
}

function fitShared({ defaultLocale, chains }: EnvironmentSchema, field: Field, stored: unknown, fit: Fit) {
  const wasLocalized =
    isObject(stored) &&
    hasValue(stored[defaultLocale]) &&
    Object.keys(stored).every((code) => chains.has(code));
  if (!wasLocalized || fits(field, stored)) return fitValue(field, stored, field.id, fit);
  for (const [locale, value] of Object.entries(stored))
    if (locale !== defaultLocale && hasValue(value))
      leaveOut(fit, `${field.id}.${locale}`, "value-invalid", "the field is not localised any more");
  return fitValue(field, stored[defaultLocale], field.id, fit);
}

/** A stored value as its field has it today; null when nothing of it can stay. */
export function fitValue(field: Field, stored: unknown, path: string, fit: Fit): unknown {
  const value = hasValue(stored) ? asMany(field, stored) : null;
  if (!hasValue(value)) return null;
  if (!field.multiple) return fitOne(field, value, path, fit);
  if (!Array.isArray(value)) return checked(field, value, path, fit);
  const kept = value
    .map((one: unknown, i) => (hasValue(one) ? fitOne(field, one, `${path}[${i}]`, fit) : null))
    .filter(hasValue);
  return withinBounds(field, kept, path, fit);
}

function fitOne(field: Field, value: unknown, path: string, fit: Fit): unknown {
  const single = { ...elementOf(field), multiple: false };
  if (field.type === "component" && isObject(value)) return fitOwner(field.fields!, value, path, fit);
  if (field.type !== "blocks" || !Array.isArray(value)) return checked(single, value, path, fit);
  const kept = value.flatMap((block: unknown, i) => {
    const at = `${path}[${i}]`;
    const component = isObject(block) && field.components!.find(({ id }) => id === block["type"]);
    if (component) return [fitOwner(component.fields, block, at, fit, ["type"])];
    const name = isObject(block) ? String(block["type"]) : "";
    leaveOut(fit, at, "block-removed", `there are no blocks "${name}" any more`);
    return [];
  });
  return withinBounds(field, kept, path, fit);
}

function fitOwner(fields: Field[], owner: Values, path: string, fit: Fit, known: string[] = []): Values {
  const out: Values = {};
  for (const [id, value] of Object.entries(owner)) {
    const field = fields.find((one) => one.id === id);
    if (known.includes(id)) out[id] = value;
    else if (field) out[id] = fitValue(field, value, `${path}.${id}`, fit);
    else if (hasValue(value))
      leaveOut(fit, `${path}.${id}`, "field-removed", "there is no such field any more");
  }
  return out;
}

/** The elements that may stay; none when they are too few. */
function withinBounds(field: Field, kept: unknown[], path: string, fit: Fit): unknown {
  const { min = 0, max = Infinity } = numericBounds(field);
  if (kept.length > max) leaveOut(fit, path, "value-invalid", `allows at most ${max}: the rest is left out`);
  if (kept.length >= min) return kept.slice(0, max);
  if (kept.length === 0) return null;
  return leaveOut(fit, path, "value-invalid", `needs at least ${min}`);
}

/** A value that is checked as a whole: itself, or null. */
function checked(field: Field, value: unknown, path: string, fit: Fit): unknown {
  const adopted = withFitting(field, adoptValue(field, value), path, fit);
  const issues = issuesOf(field, adopted, path);
  if (issues.length === 0) return withTargets(field, adopted, path, fit);
  const { path: at, message } = issues[0]!;
  return leaveOut(fit, path, "value-invalid", at === path ? message : `${at} ${message}`);
}

/** Rich text whose components have only what they may have today, so that the text around them can stay. */
function withFitting(field: Field, value: unknown, path: string, fit: Fit): unknown {
  if (field.type !== "rich_text" || fits(field, value)) return value;
  const doc = Object(value) as RichTextDocument;
  const names = customNames(field);
  const gone: [name: string, at: string][] = [];
  const left = withoutCustomParts(
    doc,
    (name, kind) => typeof name === "string" && isCustomName(name, kind) && !names[kind].has(name),
    (name, at) => gone.push([name, at]),
  );
  if (validateRichText(left, "", names).length > 0) return value;
  for (const [name, at] of gone)
    leaveOut(fit, `${path}.${at}`, "block-removed", `there are no components "${name}" any more`);
  return withCustom(field, left, ({ fields, attrs, path: at }) =>
    fitOwner(fields, attrs, `${path}.${at}`, fit),
  );
}

function issuesOf(field: Field, value: unknown, path: string): ErrorDetail[] {
  const issues: ErrorDetail[] = [];
  checkValue(field, value, path, { issues, allowIncomplete: true, noDefaults: true, isStored: true });
  return issues;
}

const fits = (field: Field, value: unknown) => issuesOf(field, value, "").length === 0;

/** A validated value, without its broken references. */
function withTargets(field: Field, value: unknown, path: string, fit: Fit): unknown {
  const isGone = (id: string, to?: string[]) => {
    const found = fit.missing.get(id);
    if (found?.isThere) return found.refusedBy.includes(rulesKey(mediaRulesOf(field)));
    return found !== undefined && (found.type === null || (to !== undefined && !to.includes(found.type)));
  };
  const note = (id: string) => {
    const { type, isTrashed, isThere } = fit.missing.get(id)!;
    if (isThere)
      return leaveOut(fit, path, "target-missing", `${id} is no ${mediaExpectation(mediaRulesOf(field)!)}`);
    const absent = isTrashed ? "is in the trash" : "does not exist any more";
    const message = type === null ? absent : "is of another type";
    return leaveOut(fit, path, "target-missing", `${id} ${message}`);
  };
  if (filterKind(field) === "reference")
    return isGone(value as string, field.to) ? note(value as string) : value;
  if (field.type !== "rich_text") return value;
  const gone = targetsIn(field, value).filter(({ id, to }) => isGone(id, to));
  const own = gone.reduce((doc, { id }) => {
    note(id);
    return replaceReferences(doc as never, id, null);
  }, value);
  return withCustom(field, own, ({ fields, attrs, path: at }) =>
    fitOwner(fields, attrs, `${path}.${at}`, fit),
  );
}

const hasValue = (value: unknown) => value !== null && value !== undefined;
const isObject = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);
