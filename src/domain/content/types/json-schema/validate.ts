import { RE2JS } from "re2js";
import { resolve } from "./check-schema.ts";
import { FORMATS, type Schema } from "./keywords.ts";

/** What is wrong with a value, and where. */
export type Problem = { path: string; message: string };

/** What checking may cost; `spend` throws when that is too much. */
export type Budget = { spend(steps: number): void; match(pattern: RE2JS, text: string): boolean };

type Values = Record<string, unknown>;
type Reader = { root: Schema; budget: Budget; problems: Problem[] | undefined };

const patterns = new WeakMap<object, Map<string, RE2JS>>();

/** Checks a value against a schema that `schemaProblems` has nothing to say about. */
export function validate(schema: Schema, value: unknown, path: string, budget: Budget): Problem[] {
  const problems: Problem[] = [];
  check({ root: schema, budget, problems }, schema, value, path);
  return problems;
}

/** Whether a value fits a schema, without saying why not. */
function fits(reader: Reader, schema: Schema, value: unknown): boolean {
  return check({ ...reader, problems: undefined }, schema, value, "");
}

/** Whether it fits; every problem of this value is told, one of each of its parts. */
function check(reader: Reader, schema: Schema, value: unknown, path: string): boolean {
  reader.budget.spend(1);
  const tell = (message: string, at = path): false => {
    if (reader.problems && reader.problems.length < 50) reader.problems.push({ path: at, message });
    return false;
  };
  if (schema === true) return true;
  if (schema === false) return tell("is not allowed");
  if (
    typeof schema["$ref"] === "string" &&
    !check(reader, resolve(reader.root, schema["$ref"])!, value, path)
  )
    return false;
  return (
    checkAny(reader, schema, value, tell) &&
    checkInPlace(reader, schema, value, path, tell) &&
    (typeof value === "string"
      ? checkText(reader, schema, value, tell)
      : typeof value === "number"
        ? checkNumber(schema, value, tell)
        : Array.isArray(value)
          ? checkList(reader, schema, value, path, tell)
          : typeof value === "object" && value !== null
            ? checkObject(reader, schema, value as Values, path, tell)
            : true)
  );
}

type Tell = (message: string, at?: string) => false;
type Rules = Exclude<Schema, boolean>;

function checkAny(reader: Reader, schema: Rules, value: unknown, tell: Tell): boolean {
  const {
    type,
    enum: values,
    const: constant,
  } = schema as { type?: string | string[]; enum?: unknown[]; const?: unknown };
  if (type !== undefined && ![type].flat().some((one) => isOfType(one, value)))
    return tell(`must be of type ${[type].flat().join(" or ")}`);
  if (values === undefined && constant === undefined) return true;
  const text = canonical(reader, value);
  if (values && !values.some((one) => canonical(reader, one) === text))
    return tell(
      `must be one of ${values
        .map((one) => JSON.stringify(one))
        .join(", ")
        .slice(0, 200)}`,
    );
  if (constant !== undefined && canonical(reader, constant) !== text)
    return tell(`must be ${JSON.stringify(constant).slice(0, 200)}`);
  return true;
}

function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case "integer":
      return Number.isInteger(value);
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}

/** Equal for equal values, whatever the order of their names. */
function canonical(reader: Reader, value: unknown): string {
  reader.budget.spend(1);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((one) => canonical(reader, one)).join(",")}]`;
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(reader, (value as Values)[name])}`).join(",")}}`;
}

function checkInPlace(reader: Reader, schema: Rules, value: unknown, path: string, tell: Tell): boolean {
  const { allOf, anyOf, oneOf, not } = schema as Record<string, Schema[]> & { not?: Schema };
  if (allOf && !allOf.every((one) => check(reader, one, value, path))) return false;
  if (anyOf && !anyOf.some((one) => fits(reader, one, value)))
    return anyOf.length === 1
      ? check(reader, anyOf[0]!, value, path)
      : tell("must fit at least one schema of anyOf");
  if (oneOf) {
    const count = oneOf.filter((one) => fits(reader, one, value)).length;
    if (count !== 1) return tell(`must fit exactly one schema of oneOf, not ${count}`);
  }
  if (not !== undefined && fits(reader, not as Schema, value)) return tell("must not fit the schema of not");
  if (schema["if"] !== undefined) {
    const branch = schema[fits(reader, schema["if"] as Schema, value) ? "then" : "else"];
    if (branch !== undefined && !check(reader, branch as Schema, value, path)) return false;
  }
  return true;
}

function checkText({ budget }: Reader, schema: Rules, value: string, tell: Tell): boolean {
  const { minLength, maxLength, pattern, format } = schema as {
    minLength?: number;
    maxLength?: number;
    pattern?: string;
    format?: string;
  };
  if (minLength !== undefined || maxLength !== undefined) {
    let length = 0;
    for (const _ of value) length++;
    if (length < (minLength ?? 0)) return tell(`must be at least ${minLength} characters long`);
    if (length > (maxLength ?? Infinity)) return tell(`must be at most ${maxLength} characters long`);
  }
  if (pattern !== undefined && !budget.match(patternOf(schema, pattern), value))
    return tell(`must match the pattern ${pattern}`);
  if (format !== undefined && !(value.length <= 2000 && FORMATS[format]!(value)))
    return tell(`must have the format ${format}`);
  return true;
}

function patternOf(owner: object, pattern: string): RE2JS {
  let known = patterns.get(owner);
  if (!known) patterns.set(owner, (known = new Map()));
  let found = known.get(pattern);
  if (!found) known.set(pattern, (found = RE2JS.compile(pattern)));
  return found;
}

function checkNumber(schema: Rules, value: number, tell: Tell): boolean {
  const rule = (name: string) => schema[name] as number | undefined;
  const [min, max] = [rule("minimum"), rule("maximum")];
  const [above, below, step] = [rule("exclusiveMinimum"), rule("exclusiveMaximum"), rule("multipleOf")];
  if (min !== undefined && value < min) return tell(`must be at least ${min}`);
  if (max !== undefined && value > max) return tell(`must be at most ${max}`);
  if (above !== undefined && value <= above) return tell(`must be more than ${above}`);
  if (below !== undefined && value >= below) return tell(`must be less than ${below}`);
  return step === undefined || isMultiple(value, step) || tell(`must be a multiple of ${step}`);
}

/** A double is a multiple of another when their quotient is whole but for how doubles round. */
function isMultiple(value: number, step: number): boolean {
  const quotient = value / step;
  return Math.abs(quotient - Math.round(quotient)) <= Number.EPSILON * Math.max(1, Math.abs(quotient));
}

function checkList(reader: Reader, schema: Rules, value: unknown[], path: string, tell: Tell): boolean {
  const rule = (name: string, otherwise: number) => (schema[name] as number | undefined) ?? otherwise;
  const { length } = value;
  if (length < rule("minItems", 0)) return tell(`must have at least ${rule("minItems", 0)} elements`);
  if (length > rule("maxItems", Infinity)) return tell(`must have at most ${rule("maxItems", 0)} elements`);
  const first = (schema["prefixItems"] as Schema[] | undefined) ?? [];
  const { items } = schema as { items?: Schema };
  const isValid = value
    .map((one, i) => {
      const of = first[i] ?? items;
      return of === undefined || check(reader, of, one, `${path}[${i}]`);
    })
    .every(Boolean);
  if (!isValid) return false;
  if (schema["uniqueItems"] && new Set(value.map((one) => canonical(reader, one))).size < length)
    return tell("must not have an element twice");
  if (schema["contains"] === undefined) return true;
  const count = value.filter((one) => fits(reader, schema["contains"] as Schema, one)).length;
  const isEnough = count >= rule("minContains", 1) && count <= rule("maxContains", Infinity);
  return isEnough || tell(`must have another number of elements that fit contains, not ${count}`);
}

function checkObject(reader: Reader, schema: Rules, value: Values, path: string, tell: Tell): boolean {
  const names = Object.keys(value);
  const missing = ((schema["required"] as string[] | undefined) ?? []).find(
    (name) => !Object.hasOwn(value, name),
  );
  if (missing !== undefined) return tell("is required", joined(path, missing));
  const [min, max] = [schema["minProperties"], schema["maxProperties"]] as (number | undefined)[];
  if (names.length < (min ?? 0)) return tell(`must have at least ${min} properties`);
  if (names.length > (max ?? Infinity)) return tell(`must have at most ${max} properties`);
  const areNamesValid = names.every((name) => {
    const rule = schema["propertyNames"] as Schema | undefined;
    return (
      rule === undefined || fits(reader, rule, name) || tell("is no name that is allowed", joined(path, name))
    );
  });
  return (
    areNamesValid &&
    names.map((name) => checkProperty(reader, schema, value, name, path)).every(Boolean) &&
    checkDependents(reader, schema, value, path, tell)
  );
}

function checkProperty(reader: Reader, schema: Rules, owner: Values, name: string, path: string): boolean {
  const at = joined(path, name);
  const { properties = {}, patternProperties = {} } = schema as Record<string, Record<string, Schema>>;
  const own = Object.hasOwn(properties, name) ? [properties[name]!] : [];
  const matching = Object.entries(patternProperties)
    .filter(([pattern]) => reader.budget.match(patternOf(patternProperties, pattern), name))
    .map(([, one]) => one);
  const rules = [...own, ...matching];
  const others = schema["additionalProperties"] as Schema | undefined;
  if (rules.length === 0 && others !== undefined) rules.push(others);
  return rules.every((one) => check(reader, one, owner[name], at));
}

function checkDependents(reader: Reader, schema: Rules, value: Values, path: string, tell: Tell): boolean {
  const { dependentRequired = {}, dependentSchemas = {} } = schema as {
    dependentRequired?: Record<string, string[]>;
    dependentSchemas?: Record<string, Schema>;
  };
  for (const [name, needed] of Object.entries(dependentRequired)) {
    const missing = needed.find((one) => Object.hasOwn(value, name) && !Object.hasOwn(value, one));
    if (missing !== undefined) return tell(`is required with ${name}`, joined(path, missing));
  }
  return Object.entries(dependentSchemas).every(
    ([name, one]) => !Object.hasOwn(value, name) || check(reader, one, value, path),
  );
}

const joined = (path: string, name: string) => {
  const written = name.slice(0, 100);
  return path === "" ? written : `${path}.${written}`;
};
