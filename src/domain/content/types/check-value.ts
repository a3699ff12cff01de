import type { Field } from "./schemas.ts";
import { fieldsToCheck, shapeOf, sizeOfDefault } from "./field-rules.ts";
import {
  elementOf,
  fail,
  inRange,
  isFull,
  join,
  kindOf,
  MAX_ELEMENTS,
  MAX_WORK,
  misnamed,
  newWorkCount,
  range,
  type Check,
} from "./field-kinds/index.ts";
import { checkUniqueElements } from "./field-kinds/unique-elements.ts";
import { defaultExpression } from "../../../core/rules/index.ts";
import { CLEAN_TEXT, isCleanText } from "../../../core/cut-text.ts";

/**
 * Validates a field value and returns its stored form (datetimes in UTC, HTML as rich text). `null` and
 * `undefined` mean "no value". At most 50 issues are collected.
 */
export function checkValue(field: Field, value: unknown, path: string, check: Check): unknown {
  if (
    value === null ||
    value === undefined ||
    (value === "" && !field.multiple && kindOf(field).isEmptyTextNothing)
  ) {
    if (field.required && !check.allowIncomplete)
      fail(check, path, `is required: ${kindOf(field).expects(field)}`);
    return null;
  }
  if (!field.multiple) return checkOne(field, value, path, check);
  if (!Array.isArray(value))
    return fail(check, path, `must be a list, each ${kindOf(field).expects(elementOf(field))}`);
  if (value.length > MAX_ELEMENTS) return fail(check, path, `must have at most ${MAX_ELEMENTS} elements`);
  if (!inRange(field, value.length))
    fail(check, path, `must have ${range(field)} elements, not ${value.length}`);
  if (field.required && value.length === 0 && !check.allowIncomplete)
    fail(check, path, "needs at least one element");
  const one = elementOf(field);
  const checked = value.map((element, i) => checkOne(one, element, `${path}[${i}]`, check));
  return field.fields ? withUnique(checked, path, check, () => ["", field.fields!]) : checked;
}

/** A list of components, in which the values of unique fields have to differ. */
function withUnique(
  list: unknown[],
  path: string,
  check: Check,
  of: (element: unknown) => [group: string, fields: readonly Field[]],
): unknown[] {
  const elements = list.map((value, i) => {
    const [group, fields] = of(value);
    return { group, fields, value, path: `${path}[${i}]` };
  });
  checkUniqueElements(elements, check, (field) => kindOf(field).identity);
  return list;
}

/**
 * Checks the values of a component or block against its fields; names that do not exist are problems
 * too.
 */
export function checkFields(
  fields: Field[],
  value: unknown,
  path: string,
  check: Check,
  known: string[] = [],
): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return fail(check, path, "must be an object");
  }
  const given = value as Record<string, unknown>;
  const names = Object.keys(given);
  const shape = shapeOf(fields);
  for (const name of names) {
    if (shape.byId.has(name) || known.includes(name)) continue;
    misnamed(check, join(path, name.slice(0, 100)), "is not a field.", name, () => shape.byId.keys());
  }
  const out: Record<string, unknown> = {};
  for (const name of known) if (Object.hasOwn(given, name)) out[name] = given[name];
  for (const field of fieldsToCheck(shape, names, !check.allowIncomplete)) {
    if (isFull(check)) return null;
    const isGiven = Object.hasOwn(given, field.id) || check.noDefaults;
    const own = Object.hasOwn(given, field.id) ? given[field.id] : undefined;
    if (field.computed !== undefined) {
      if (check.isStored) out[field.id] = own ?? null;
      else if (own !== undefined) fail(check, join(path, field.id), IS_COMPUTED);
      continue;
    }
    const one = isGiven ? own : defaultOf(field, path, check);
    const checked = checkValue(isGiven ? field : beforeFilled(field), one, join(path, field.id), check);
    if (!isGiven && isFilled(field) && one === undefined) continue;
    // Where there is a default, only null says that there is no value.
    if (checked !== null || (isGiven && field.default !== undefined)) out[field.id] = checked;
  }
  return out;
}

export const IS_COMPUTED = "is computed: leave it out";

/** Whether a field has a default by expression, which is worked out when all values are known. */
export const isFilled = (field: Field): boolean => defaultExpression(field) !== undefined;

const optional = new WeakMap<Field, Field>();

/** A field as it is checked while its default is not known yet. */
export function beforeFilled(field: Field): Field {
  if (!field.required || !isFilled(field)) return field;
  let found = optional.get(field);
  if (!found) optional.set(field, (found = { ...field, required: false }));
  return found;
}

/** A field's default, within the limit per request. */
export function defaultOf(field: Field, path: string, check: Check): unknown {
  if (field.default === undefined || field.default === null || isFilled(field)) return undefined;
  const effort = (check.effort ??= newWorkCount());
  effort.filled += sizeOfDefault(field);
  if (effort.filled <= MAX_WORK.filled) return field.default;
  return fail(check, join(path, field.id), "has a default value that this request would insert too often");
}

function checkOne(field: Field, value: unknown, path: string, check: Check): unknown {
  if (typeof value === "string" && !isCleanText(value)) return fail(check, path, `must be ${CLEAN_TEXT}`);
  const checked = kindOf(field).check(field, value, path, check, checkFields);
  if (field.type !== "blocks" || !Array.isArray(checked)) return checked;
  return withUnique(checked, path, check, (block) => {
    const id = String((block as { type?: unknown } | null)?.type);
    return [id, field.components!.find((one) => one.id === id)?.fields ?? []];
  });
}
