import type { Actor } from "../../../../core/context.ts";
import { MAX_DETAILS, type ErrorDetail } from "../../../../core/errors.ts";
import { Budget, TooManySteps } from "../../../../core/expressions/index.ts";
import { ownValue } from "../../../../core/own-value.ts";
import { sameValue } from "../../../../core/same-value.ts";
import {
  computeFields,
  fillFields,
  findProblems,
  rulesOfType,
  type Finding,
  type Run,
  type TypeRules,
} from "../../../../core/rules/index.ts";
import {
  checkValue,
  customIn,
  MAX_WORK,
  newWorkCount,
  uniqueRows,
  tooLongRow,
  type Check,
  type CompiledType,
  type EnvironmentSchema,
  type Field,
  type WorkCount,
  type WriteNote,
} from "../../types/index.ts";

type Values = Record<string, unknown>;
type Place = { f: string; l: string };

/** The working copy that a write changes; null when there is none. */
export type Before = { data: Values; version: number; facts?: Values | undefined } | null;

/** Who writes which entry, for its expressions. `before` is undefined where it was not asked for. */
export type Writing = {
  id: string;
  actor: Pick<Actor, "id" | "kind">;
  now: Date;
  before?: Before | undefined;
};

const TOO_COSTLY = {
  path: "",
  message: "the expressions of the type take too many steps for these values",
};
/** Steps of expressions for one entry. */
const MAX_ENTRY_STEPS = 200_000;

/** The steps of one entry, within those of its request. */
const budgetWithin = ({ evaluated }: WorkCount): Budget =>
  new Budget(Math.min(MAX_ENTRY_STEPS, Math.max(0, MAX_WORK.evaluated - evaluated)));

/** What rules add to the values of a write. */
export type Ruled = {
  shared: Values;
  localized: Record<string, Values>;
  touched: Place[];
  /** Values that are written though nobody gave them. */
  derived: Place[];
  /** What the rules of the type forbid. */
  refusals: ErrorDetail[];
  notes: WriteNote[];
};

export type RuledWrite = Writing & {
  schema: EnvironmentSchema;
  type: CompiledType;
  isPartial: boolean;
  allowIncomplete: boolean;
  /** Whether absent fields stay without a value, even with a default. */
  noDefaults: boolean;
  /** The locale of localised values, or `*`. */
  locale: string;
  isGiven(id: string): boolean;
  check: Check;
  effort: WorkCount;
};

type Where = Pick<RuledWrite, "schema" | "type" | "id" | "actor" | "now" | "before">;

/** Whether a write can only be judged, or completed, with the values that are there. */
export function needsBefore(type: CompiledType, mode: "create" | "put" | "patch", given: Values): boolean {
  if (mode === "create") return false;
  const rules = rulesOfType(type.definition);
  if (rules?.usesOld) return true;
  if (mode === "put") return false;
  const isPart = (ids: string[]) =>
    ids.some((id) => Object.hasOwn(given, id)) && !ids.every((id) => isWhole(type, given, id));
  return rules?.hasChecks || rules?.hasComputed || (type.definition.unique ?? []).some(isPart);
}

const isWhole = (type: CompiledType, given: Values, id: string): boolean =>
  Object.hasOwn(given, id) && !type.fields.get(id)?.localized;

/**
 * Completes the values of a write by the expressions of its type: defaults, then computed fields, then
 * what rules say of the result. Returns the whole entry as it will be.
 */
export function applyRules(values: Ruled, write: RuledWrite): Values {
  const rules = rulesOfType(write.type.definition);
  // A change of what is not there finds nothing to change.
  const isNothing = write.isPartial && write.before === null;
  if (!rules || isNothing) return write.type.definition.unique ? wholeAfter(values, write) : {};
  const budget = budgetWithin(write.effort);
  const before = budget.left;
  try {
    if (rules.hasFilled && !write.noDefaults) fill(rules, values, write, budget);
    if (rules.hasComputed) compute(rules, values, write, budget);
    if (rules.hasChecks) checkAll(rules, values, write, budget);
  } catch (error) {
    if (!(error instanceof TooManySteps)) throw error;
    values.refusals.push({
      path: "",
      message: "the expressions of the type take too many steps for these values",
    });
  }
  write.effort.evaluated += before - Math.max(0, budget.left);
  return wholeAfter(values, write);
}

/** The entry as a write leaves it. */
export function wholeAfter(
  { shared, localized }: Pick<Ruled, "shared" | "localized">,
  write: Pick<RuledWrite, "isPartial" | "before">,
): Values {
  const data: Values = write.isPartial ? { ...write.before?.data } : {};
  for (const [id, value] of Object.entries(shared)) data[id] = value;
  for (const [id, byLocale] of Object.entries(localized))
    data[id] = { ...(write.isPartial ? (ownValue(data, id) as object) : {}), ...byLocale };
  return data;
}

/** The values of an entry in a locale. */
function inLocale(type: CompiledType, data: Values, locale: string): Values {
  const values: Values = {};
  for (const field of type.fields.values()) {
    const own = ownValue(data, field.id);
    if (own === undefined || own === null) continue;
    values[field.id] = field.localized ? ownValue(own as Values, locale) : own;
  }
  return values;
}

/** The default locale, and all in which something has a value. */
function localesIn({ schema, type }: Where, data: Values): string[] {
  const found = new Set([schema.defaultLocale]);
  if (!type.hasLocalized) return [...found];
  for (const field of type.fields.values())
    if (field.localized)
      for (const locale of Object.keys(Object(ownValue(data, field.id))))
        if (schema.chains.has(locale)) found.add(locale);
  return [...found];
}

const runIn = (write: Where, data: Values, locale: string, budget: Budget): Run => ({
  locale,
  actor: { id: write.actor.id, kind: write.actor.kind },
  now: write.now,
  id: write.id,
  old: write.before ? inLocale(write.type, write.before.data, locale) : null,
  budget,
  entry: inLocale(write.type, data, locale),
  customIn: (field, value) =>
    customIn(field as Field, value).map(({ type, attrs, path }) => ({ id: type, attrs, path })),
});

function put(values: Ruled, field: Field, locale: string, value: unknown): void {
  if (!field.localized) values.shared[field.id] = value;
  else if (Object.hasOwn(values.localized, field.id)) values.localized[field.id]![locale] = value;
  else values.localized[field.id] = { [locale]: value };
}

function fill(rules: TypeRules, values: Ruled, write: RuledWrite, budget: Budget): void {
  const { schema, type, check } = write;
  const touched = new Set(values.touched.map(({ f }) => f));
  const primary = write.locale === "*" ? schema.defaultLocale : write.locale;
  const data = wholeAfter(values, write);
  for (const locale of write.locale === "*" ? localesIn(write, data) : [primary]) {
    const filled = fillFields(
      rules,
      runIn(write, data, locale, budget),
      (path, id, own) =>
        path === ""
          ? write.isPartial || write.isGiven(id)
          : Object.hasOwn(own, id) || !touched.has(path.split(/[.[]/, 1)[0]!),
      (field, value, path) => checkValue(field as Field, value, path, check),
    );
    for (const [id, value] of Object.entries(filled)) {
      const field = type.fields.get(id)!;
      if (!field.localized && locale !== primary) continue;
      if (field.localized && locale !== primary) continue;
      put(values, field, locale, value);
    }
  }
  // What a default did not fill is missing after all.
  for (const { field } of rules.parts)
    if (touched.has(field.id) && field.required && !write.isGiven(field.id)) {
      const own = type.fields.get(field.id)!;
      const value = own.localized ? values.localized[field.id]?.[primary] : values.shared[field.id];
      if (value === null || value === undefined) checkValue(own, null, field.id, check);
    }
}

function compute(
  rules: TypeRules,
  values: Ruled,
  write: Where & Pick<RuledWrite, "isPartial">,
  budget: Budget,
): void {
  const { type, schema } = write;
  const data = wholeAfter(values, write);
  const inner = rules.inner.map(({ field }) => type.fields.get(field.id)!);
  const before = new Map(inner.map(({ id }) => [id, JSON.stringify(ownValue(data, id))]));
  const locales = localesIn(write, { ...write.before?.data, ...data });
  for (const locale of locales) {
    const store = (field: { id: string }, value: unknown, path: string) => {
      const issues: ErrorDetail[] = [];
      const stored = checkValue(field as Field, value, path, {
        issues,
        allowIncomplete: true,
        isStored: true,
      });
      if (issues.length === 0) return stored;
      // What is wrong with it could tell the value to somebody who may not read it.
      warn(values, path, "has no value, since its expression comes to none that the field takes");
      return null;
    };
    const run = runIn(write, data, locale, budget);
    const { values: computed, notes } = computeFields(rules, run, store);
    for (const { path, message } of notes) warn(values, path, message);
    for (const [id, value] of Object.entries(computed)) {
      const field = type.fields.get(id)!;
      if (!field.localized && locale !== schema.defaultLocale) continue;
      put(values, field, locale, value ?? null);
      values.derived.push({ f: id, l: field.localized ? locale : "" });
    }
  }
  for (const field of inner)
    if (before.get(field.id) !== JSON.stringify(ownValue(data, field.id))) keep(values, field, data);
}

/** A value with computed fields inside, which may differ though the value itself was not given. */
function keep(values: Ruled, field: Field, data: Values): void {
  const stored = data[field.id];
  const places = field.localized ? Object.keys(stored as Values) : [""];
  for (const l of places) {
    if (values.touched.some((one) => one.f === field.id && one.l === l)) continue;
    put(values, field, l, l === "" ? stored : (stored as Values)[l]);
    values.derived.push({ f: field.id, l });
  }
}

function warn({ notes }: Ruled, path: string, message: string, locale?: string): void {
  if (notes.length >= MAX_DETAILS || notes.some((one) => one.path === path && one.message === message))
    return;
  notes.push({ path, message, count: 1, level: "warning", ...(locale === undefined ? {} : { locale }) });
}

function checkAll(rules: TypeRules, values: Ruled, write: RuledWrite, budget: Budget): void {
  const data = wholeAfter(values, write);
  const isShared = !write.isPartial || values.touched.some(({ l }) => l === "");
  const locales = isShared ? localesIn(write, data) : [...new Set(values.touched.map(({ l }) => l))];
  locales.forEach((locale, i) => {
    const found = findProblems(rules, runIn(write, data, locale, budget), {
      isIncomplete: write.allowIncomplete,
      onlyLocalized: !isShared || i > 0,
    });
    for (const { path, message, isWarning, isLocalized } of found) {
      const at = isLocalized && write.type.hasLocalized ? { locale } : {};
      if (isWarning) warn(values, path, message, at.locale);
      else if (values.refusals.length < MAX_DETAILS) values.refusals.push({ path, message, ...at });
    }
  });
}

/** The fields of stored values that are computed differently now, or hold what is; undefined when none are. */
export function recomputed(
  schema: EnvironmentSchema,
  type: CompiledType,
  id: string,
  data: Values,
): Values | undefined {
  const rules = rulesOfType(type.definition);
  if (!rules?.hasComputed) return undefined;
  const values: Ruled = { shared: {}, localized: {}, touched: [], derived: [], refusals: [], notes: [] };
  const before = { data: structuredClone(data), version: 0 };
  const nobody = { actor: { id: "", kind: "system" as const }, now: new Date(0) };
  const write = { schema, type, id, before, isPartial: true, ...nobody };
  try {
    compute(rules, values, write, new Budget(MAX_ENTRY_STEPS));
  } catch (error) {
    if (!(error instanceof TooManySteps)) throw error;
    return undefined;
  }
  const after = wholeAfter(values, write);
  for (const id of Object.keys(values.localized)) after[id] = withoutNothing(after[id] as Values);
  return differing(data, after);
}

/** The values of the locales that have one; null where none does. */
function withoutNothing(byLocale: Values): Values | null {
  const kept = Object.entries(byLocale).filter(([, value]) => value !== null);
  return kept.length > 0 ? Object.fromEntries(kept) : null;
}

/** The values of fields that differ between two copies of an entry; null for those that are gone. */
function differing(before: Values, after: Values): Values | undefined {
  const found = Object.entries(after).filter(
    ([id, value]) => !sameValue(value ?? null, ownValue(before, id) ?? null),
  );
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}

/** What is to be published of an entry: `published` is what is so far. */
export type ToPublish = { data: Values; published: Values | null };

/** What rules forbid of publishing an entry, in all or some locales. */
export function publishRefusals(
  schema: EnvironmentSchema,
  type: CompiledType,
  { data, published }: ToPublish,
  wanted: readonly string[] | undefined,
  { id, actor, now }: Writing,
  effort = newWorkCount(),
): ErrorDetail[] {
  const rules = rulesOfType(type.definition);
  if (!rules?.hasChecks) return [];
  const budget = budgetWithin(effort);
  const steps = budget.left;
  const withShared = !wanted || published === null || wanted.includes(schema.defaultLocale);
  const shown = withShared ? data : sharedOf(type, published, data);
  const refusals: ErrorDetail[] = [];
  const before = published && { data: published, version: 0 };
  const write = { schema, type, id, actor, now, before };
  (wanted ?? localesIn(write, data)).forEach((locale, i) => {
    const found = problemsOf(rules, runIn(write, shown, locale, budget), {
      isIncomplete: false,
      onlyLocalized: !withShared || i > 0,
    });
    for (const { path, message, isWarning, isLocalized } of found)
      if (!isWarning && refusals.length < MAX_DETAILS)
        refusals.push({ path, message, ...(isLocalized && type.hasLocalized ? { locale } : {}) });
  });
  effort.evaluated += steps - Math.max(0, budget.left);
  return refusals;
}

/** The localised values of one copy of an entry and the others of another. */
function sharedOf(type: CompiledType, shared: Values, localized: Values): Values {
  const data: Values = {};
  for (const { id, localized: isLocalized } of type.fields.values())
    data[id] = ownValue(isLocalized ? localized : shared, id) ?? null;
  return data;
}

function problemsOf(...[rules, run, options]: Parameters<typeof findProblems>): Finding[] {
  try {
    return findProblems(rules, run, options);
  } catch (error) {
    if (!(error instanceof TooManySteps)) throw error;
    return [{ ...TOO_COSTLY, isWarning: false, isLocalized: false }];
  }
}

/** The rows that keep fields of an entry unique together, and what makes that impossible. */
export function rowsTogether(type: CompiledType, data: Values, values: Pick<Ruled, "touched" | "derived">) {
  const { unique: sets = [], fields } = type.definition;
  const touched = new Set([...values.touched, ...values.derived].map(({ f }) => f));
  const meant = sets.filter((ids) => ids.some((id) => touched.has(id)));
  if (meant.length === 0) return { rows: [], stale: [], tooLong: undefined };
  const rows = uniqueRows({ unique: meant, fields }, data);
  const locales = ["", ...new Set([...values.touched.map(({ l }) => l), ...rows.map(({ l }) => l)])];
  const stale = meant.flatMap((ids) => locales.map((l) => ({ f: ids.join(","), l })));
  return { rows, stale, tooLong: tooLongRow(rows) };
}
