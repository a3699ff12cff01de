import { currencyPlaces } from "../currencies.ts";
import { writeNumber } from "../decimals.ts";
import {
  ANY,
  Decimal,
  fromJson,
  listOf,
  mapOf,
  readExact,
  roundExact,
  textOfExact,
  toExact,
  toJson,
  type Numeric,
  type Value,
  type ValueType,
} from "../expressions/index.ts";
import { ownValue } from "../own-value.ts";
import type { RuledField } from "./ruled-fields.ts";

const TEXT: ValueType = { kind: "string" };
const DOUBLE: ValueType = { kind: "double" };
const DECIMAL: ValueType = { kind: "decimal" };
const MOMENT: ValueType = { kind: "timestamp" };
const rangeOf = (end: ValueType) =>
  mapOf([
    ["from", end],
    ["to", end],
  ]);

/** What values of a field are in an expression; of types that are not named here texts. */
const SINGLE_TYPES: Readonly<Record<string, ValueType>> = {
  integer: { kind: "int" },
  number: DOUBLE,
  decimal: DECIMAL,
  money: mapOf([
    ["amount", DECIMAL],
    ["currency", TEXT],
  ]),
  boolean: { kind: "bool" },
  datetime: MOMENT,
  date_range: rangeOf(TEXT),
  datetime_range: rangeOf(MOMENT),
  number_range: rangeOf(DOUBLE),
  location: mapOf([
    ["lat", DOUBLE],
    ["lon", DOUBLE],
  ]),
  json: ANY,
  rich_text: ANY,
};

const isNumeric = ({ options: [first] = [] }: RuledField): boolean =>
  typeof (typeof first === "object" ? first.value : first) === "number";

/** What the values of a field are in an expression. */
export function typeOfField(field: RuledField): ValueType {
  const one = typeOfOne(field);
  return field.multiple || field.type === "blocks" ? listOf(one) : one;
}

function typeOfOne(field: RuledField): ValueType {
  if (field.type === "component") return typeOfFields(field.fields ?? []);
  if (field.type === "blocks") return typeOfBlocks(field);
  if (field.type === "enum") return isNumeric(field) ? DOUBLE : TEXT;
  return SINGLE_TYPES[field.type] ?? TEXT;
}

export const typeOfFields = (fields: readonly RuledField[]): ValueType =>
  mapOf(fields.map((field) => [field.id, typeOfField(field)]));

/** A block has the fields of any of its components; those that it has not are null. */
function typeOfBlocks({ components = [] }: RuledField): ValueType {
  const types = new Map<string, ValueType>([["type", TEXT]]);
  for (const { fields } of components)
    for (const field of fields) types.set(field.id, types.has(field.id) ? ANY : typeOfField(field));
  return mapOf(types);
}

/** A stored value of a field in an expression; a list without elements where there is none. */
export function valueOfField(field: RuledField, stored: unknown): Value {
  const isList = field.multiple || field.type === "blocks";
  if (stored === null || stored === undefined) return isList ? [] : null;
  if (!isList) return valueOfOne(field, stored);
  return Array.isArray(stored) ? stored.map((one) => valueOfOne(field, one)) : [];
}

function valueOfOne(field: RuledField, stored: unknown): Value {
  switch (field.type) {
    case "component":
      return valueOfFields(field.fields ?? [], stored);
    case "blocks": {
      const type = isObject(stored) ? stored["type"] : undefined;
      const component = field.components?.find(({ id }) => id === type);
      if (!component) return null;
      return new Map([["type", component.id as Value], ...valueOfFields(component.fields, stored)!]);
    }
    case "json":
    case "rich_text":
      return fromJson(stored);
    default:
      return valueOfType(SINGLE_TYPES[field.type] ?? (isNumeric(field) ? DOUBLE : TEXT), stored);
  }
}

function valueOfFields(fields: readonly RuledField[], stored: unknown): Map<string, Value> | null {
  if (!isObject(stored)) return null;
  return new Map(fields.map((field) => [field.id, valueOfField(field, ownValue(stored, field.id))]));
}

function valueOfType(type: ValueType, stored: unknown): Value {
  switch (type.kind) {
    case "int":
      return Number.isSafeInteger(stored) ? BigInt(stored as number) : null;
    case "double":
      return typeof stored === "number" && Number.isFinite(stored) ? stored : null;
    case "decimal":
      return readExact(typeof stored === "number" ? writeNumber(stored) : String(stored));
    case "bool":
      return typeof stored === "boolean" ? stored : null;
    case "timestamp": {
      const date = typeof stored === "string" ? new Date(stored) : undefined;
      return date && !Number.isNaN(date.getTime()) ? date : null;
    }
    case "map":
      if (!isObject(stored)) return null;
      return new Map(
        [...type.fields!].map(([name, part]) => {
          const own = ownValue(stored, name);
          return [name, own === undefined || own === null ? null : valueOfType(part, own)];
        }),
      );
    default:
      return typeof stored === "string" ? stored : null;
  }
}

/** The types of values that a field can be computed as; undefined for fields that cannot be computed. */
export function computableAs(field: RuledField): readonly ValueType["kind"][] | undefined {
  switch (field.type) {
    case "component":
    case "blocks":
    case "rich_text":
    case "reference":
    case "media":
    case "slug":
      return undefined;
    case "integer":
      return ["int"];
    case "number":
    case "decimal":
      return ["int", "double", "decimal"];
    case "datetime":
      return ["timestamp", "string"];
    case "json":
      return ["null", "bool", "int", "double", "decimal", "string", "timestamp", "duration", "list", "map"];
    default:
      return [typeOfOne(field).kind];
  }
}

/** A value of an expression as a body gives it to a field; decimals are rounded to its scale. */
export function toFieldValue(field: RuledField, value: Value): unknown {
  if (Array.isArray(value) && field.multiple) return value.map((one) => toFieldValue(field, one));
  if (field.type === "decimal" && isNumber(value)) return decimalText(value, field.scale);
  if (field.type === "number" && value instanceof Decimal) return Number(textOfExact(value));
  if (field.type !== "money" || !(value instanceof Map)) return toJson(value);
  const [amount, currency] = [value.get("amount") ?? null, value.get("currency")];
  if (!isNumber(amount)) return toJson(value);
  const places = typeof currency === "string" ? currencyPlaces(currency) : undefined;
  return { amount: decimalText(amount, places ?? 2), currency };
}

const isNumber = (value: Value): value is Numeric =>
  typeof value === "number" || typeof value === "bigint" || value instanceof Decimal;

const MAX_PLACES = 18;

/** Halves are rounded away from zero. */
function decimalText(value: Numeric, scale: number | undefined): string {
  const exact = toExact(value);
  return scale === undefined ? textOfExact(roundExact(exact, MAX_PLACES)) : textOfExact(exact, scale);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
