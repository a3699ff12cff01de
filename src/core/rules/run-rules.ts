import {
  Budget,
  evaluate,
  ExpressionError,
  NoValue,
  TooManySteps,
  type Lookup,
  type Value,
} from "../expressions/index.ts";
import { ownValue } from "../own-value.ts";
import type { Compiled, CompiledRule, FieldRules, Inner, Owner, TypeRules } from "./compile-rules.ts";
import { toFieldValue, valueOfField } from "./field-values.ts";
import { KNOWN_NAMES, type RuledField } from "./ruled-fields.ts";

type Values = Record<string, unknown>;

/** What expressions see besides the fields, and the steps that they may take. */
export type Surroundings = {
  locale: string;
  actor: { id: string; kind: string };
  now: Date;
  id: string;
  /** The values of the entry before, in the locale; null when there was none. */
  old: Values | null;
  budget: Budget;
};

/** What rules say of values; `isWarning` forbids nothing. */
export type Finding = {
  path: string;
  message: string;
  isWarning: boolean;
  isLocalized: boolean;
  isRequired?: true;
};

/** Components of rich text: the ids and values of those in a document, with their paths. */
export type FindCustom = (field: RuledField, value: unknown) => { id: string; attrs: Values; path: string }[];

export type Run = Surroundings & {
  /** The values of the entry in the locale. */
  entry: Values;
  customIn?: FindCustom | undefined;
};

/** The rules of a type on the values of an entry in one locale. */
export function findProblems(
  rules: TypeRules,
  run: Run,
  options: { isIncomplete: boolean; onlyLocalized: boolean },
): Finding[] {
  const found: Finding[] = [];
  visit(
    rules,
    run.entry,
    "",
    withEntry(rules, run),
    (owner, values, path, lookup) => {
      const add = (finding: Omit<Finding, "isLocalized">, by: Compiled) => {
        if (!options.onlyLocalized || by.isLocalized) found.push({ ...finding, isLocalized: by.isLocalized });
      };
      const check = (rule: CompiledRule, at: string) => {
        if (options.onlyLocalized && !rule.condition.isLocalized) return;
        const problem = problemOf(rule, lookup, run.budget);
        if (problem) add({ ...problem, path: at }, rule.condition);
      };
      for (const rule of owner.rules) check(rule, placeOf(rule, owner, path));
      for (const part of owner.parts) {
        const at = join(path, part.field.id);
        for (const rule of part.rules) check(rule, at);
        if (options.isIncomplete || !part.requiredIf) continue;
        if (options.onlyLocalized && !part.requiredIf.isLocalized) continue;
        if (isMissing(ownValue(values, part.field.id)) && isRequired(part, lookup, run.budget))
          add({ path: at, message: "is required", isWarning: false, isRequired: true }, part.requiredIf);
      }
    },
    run,
  );
  return found;
}

/** Which fields are hidden from editors, and which have to have a value, by their paths. */
export function formState(rules: TypeRules, run: Run): { hidden: string[]; required: string[] } {
  const state: { hidden: string[]; required: string[] } = { hidden: [], required: [] };
  visit(
    rules,
    run.entry,
    "",
    withEntry(rules, run),
    (owner, _values, path, lookup) => {
      for (const part of owner.parts) {
        if (isHidden(part, lookup, run.budget)) state.hidden.push(join(path, part.field.id));
        else if (isRequired(part, lookup, run.budget)) state.required.push(join(path, part.field.id));
      }
    },
    run,
  );
  return state;
}

/** Puts a value into a field: in its stored form, or null with what is wrong with it. */
export type Store = (field: RuledField, value: unknown, path: string) => unknown;

/** What could not be computed, and why. */
export type Uncomputed = { path: string; message: string };

/**
 * Computes the fields inside of components, in place, and then those of the entry, which it returns
 * with their values in stored form.
 */
export function computeFields(
  rules: TypeRules,
  run: Run,
  store: Store,
): { values: Values; notes: Uncomputed[] } {
  const notes: Uncomputed[] = [];
  const compute = (owner: Owner, values: Values, path: string, lookup: (values: Values) => Lookup) => {
    for (const { field, computed } of owner.computed) {
      const at = join(path, field.id);
      const value = computedValue(field, computed, lookup(values), run.budget, (message) =>
        notes.push({ path: at, message }),
      );
      values[field.id] = value === null ? null : store(field, value, at);
    }
  };
  const whole = withEntry(rules, run);
  visitDeepestFirst(
    rules,
    run.entry,
    "",
    (owner, values, path) => compute(owner, values, path, (own) => within(owner, own, whole, run.budget)),
    run.customIn,
  );
  const entry = { ...run.entry };
  compute(rules, entry, "", (own) => withEntry(rules, { ...run, entry: own }));
  return {
    values: Object.fromEntries(rules.computed.map(({ field }) => [field.id, entry[field.id]])),
    notes,
  };
}

function computedValue(
  field: RuledField,
  { run }: Compiled,
  lookup: Lookup,
  budget: Budget,
  say: (message: string) => void,
): unknown {
  try {
    const value = evaluate(run, lookup, budget);
    budget.spendValue(value);
    return toFieldValue(field, value);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    if (error instanceof TooManySteps) throw error;
    if (!(error instanceof NoValue)) say(`has no value, since its expression ${error.message}`);
    return null;
  }
}

/** Fills fields without a value that have a default by expression: inside of components in place. */
export function fillFields(
  rules: TypeRules,
  run: Run,
  isGiven: (path: string, id: string, values: Values) => boolean,
  store: Store,
): Values {
  const filled: Values = {};
  const fill = (owner: Owner, values: Values, path: string, lookup: Lookup, into: Values) => {
    for (const { field, filled: expression } of owner.parts) {
      if (!expression || isGiven(path, field.id, values)) continue;
      const value = computedValue(field, expression, lookup, run.budget, () => {});
      if (!isMissing(value)) into[field.id] = store(field, value, join(path, field.id));
    }
  };
  fill(rules, run.entry, "", withEntry(rules, run), filled);
  const entry = { ...run.entry, ...filled };
  const whole = withEntry(rules, { ...run, entry });
  visit(
    rules,
    entry,
    "",
    whole,
    (owner, values, path, lookup) => {
      if (path !== "") fill(owner, values, path, lookup, values);
    },
    run,
  );
  return filled;
}

function problemOf({ rule, condition }: CompiledRule, lookup: Lookup, budget: Budget) {
  const isWarning = rule.level === "warning";
  try {
    const value = evaluate(condition.run, lookup, budget);
    // A condition that comes to nothing is not violated, as with the checks of a database.
    if (value === true || value === null) return undefined;
    if (value === false) return { message: rule.message, isWarning };
    return { message: `${rule.message} (the rule comes to neither true nor false)`, isWarning };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    if (error instanceof NoValue) return undefined;
    const isOver = error instanceof TooManySteps;
    return { message: `${rule.message} (the rule ${error.message})`, isWarning: isWarning && !isOver };
  }
}

function holds(condition: Compiled | undefined, lookup: Lookup, budget: Budget): boolean | undefined {
  if (!condition) return undefined;
  try {
    const value = evaluate(condition.run, lookup, budget);
    return typeof value === "boolean" ? value : undefined;
  } catch (error) {
    if (!(error instanceof ExpressionError) || error instanceof TooManySteps) throw error;
    return undefined;
  }
}

const isHidden = ({ visibleIf }: FieldRules, lookup: Lookup, budget: Budget): boolean =>
  holds(visibleIf, lookup, budget) === false;

const isRequired = (part: FieldRules, lookup: Lookup, budget: Budget): boolean =>
  holds(part.requiredIf, lookup, budget) === true && !isHidden(part, lookup, budget);

/** The field that a rule of the whole is told at: the first that it uses. */
function placeOf({ condition }: CompiledRule, owner: Owner, path: string): string {
  const first = [...condition.names].find((name) => owner.fields.has(name));
  return first === undefined ? path : join(path, first);
}

const join = (path: string, name: string) => (path === "" ? name : `${path}.${name}`);

export const isMissing = (value: unknown): boolean =>
  value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

/** The names of an entry's expressions, each worked out once. */
function withEntry(rules: Owner, run: Run): Lookup {
  const entry = onceEach(rules, run.entry, run.budget);
  const whole = (values: Values): Value =>
    new Map(
      [...rules.fields.values()].map((field) => [field.id, valueOfField(field, ownValue(values, field.id))]),
    );
  const known: Record<string, () => Value> = {
    locale: () => run.locale,
    actor: () =>
      new Map([
        ["id", run.actor.id],
        ["kind", run.actor.kind],
      ]),
    now: () => run.now,
    id: () => run.id,
    entry: () => whole(run.entry),
    old: () => run.old && whole(run.old),
  };
  const cache = new Map<string, Value>();
  return (name) => {
    const make = ownValue(known, name);
    if (!make) return entry(name);
    let value = cache.get(name);
    if (value === undefined) {
      value = make();
      run.budget.spend(weightOf(value));
      cache.set(name, value);
    }
    return value;
  };
}

/** How many values there are in one. */
function weightOf(value: Value): number {
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + weightOf(one), 1);
  if (value instanceof Map) return [...value.values()].reduce((sum: number, one) => sum + weightOf(one), 1);
  return 1;
}

/** The names of expressions inside of a component: its own fields, and what the entry's have besides those. */
function within(owner: Owner, values: Values, outer: Lookup, budget: Budget): Lookup {
  const own = onceEach(owner, values, budget);
  return (name) => (isKnown(name) ? outer(name) : own(name));
}

const isKnown = (name: string): boolean => (KNOWN_NAMES as readonly string[]).includes(name);

function onceEach(owner: Owner, values: Values, budget: Budget): Lookup {
  const cache = new Map<string, Value>();
  return (name) => {
    const field = owner.fields.get(name);
    if (!field) return undefined;
    let value = cache.get(name);
    if (value === undefined) {
      value = valueOfField(field, ownValue(values, name));
      budget.spend(weightOf(value));
      cache.set(name, value);
    }
    return value;
  };
}

type See = (owner: Owner, values: Values, path: string, lookup: Lookup) => void;

function visit(
  owner: Owner,
  values: Values,
  path: string,
  lookup: Lookup,
  see: See,
  { budget, customIn }: Pick<Run, "budget" | "customIn">,
): void {
  see(owner, values, path, lookup);
  for (const inner of owner.inner)
    for (const one of elementsOf(inner, values, path, customIn))
      visit(one.owner, one.values, one.path, within(one.owner, one.values, lookup, budget), see, {
        budget,
        customIn,
      });
}

function visitDeepestFirst(
  owner: Owner,
  values: Values,
  path: string,
  see: (owner: Owner, values: Values, path: string) => void,
  customIn?: FindCustom,
): void {
  for (const inner of owner.inner)
    for (const one of elementsOf(inner, values, path, customIn)) {
      visitDeepestFirst(one.owner, one.values, one.path, see, customIn);
      see(one.owner, one.values, one.path);
    }
}

type Element = { owner: Owner; values: Values; path: string };

/** The components in a value that have expressions, wherever they are. */
function elementsOf(
  { field, owners }: Inner,
  values: Values,
  path: string,
  customIn?: FindCustom,
): Element[] {
  const at = join(path, field.id);
  const value = ownValue(values, field.id);
  if (value === null || value === undefined) return [];
  if (field.type === "rich_text")
    return (customIn?.(field, value) ?? []).flatMap(({ id, attrs, path: inside }) => {
      const owner = owners.get(id);
      return owner ? [{ owner, values: attrs, path: join(at, inside) }] : [];
    });
  const isList = Array.isArray(value);
  return [value].flat().flatMap((one: unknown, i): Element[] => {
    if (typeof one !== "object" || one === null) return [];
    const own = one as Values;
    const owner = owners.get(field.type === "blocks" ? String(ownValue(own, "type")) : "");
    return owner ? [{ owner, values: own, path: isList ? `${at}[${i}]` : at }] : [];
  });
}
