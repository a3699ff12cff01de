import {
  compareDecimals,
  decimalPlaces,
  readDecimal,
  trimZeros,
  withPlaces,
  writeNumber,
} from "../../../../core/decimals.ts";
import type { Field } from "../schemas.ts";
import { fail, range, within, type Bound, type Cell, type FieldKind } from "./field-kind.ts";

const MAX_PLACES = 18;

/** A decimal from a string, or from a number in JSON; undefined for what is none. */
export const decimalOf = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number"
    ? readDecimal(typeof value === "number" ? writeNumber(value) : value)
    : undefined;

/** What is wrong with a decimal that has more digits behind its point than `places`. */
export const placesProblem = (decimal: string, places: number): string | undefined =>
  decimalPlaces(decimal) > places
    ? `must have at most ${places} digits behind the point, not ${decimalPlaces(decimal)}`
    : undefined;

/** What is wrong with a decimal that is out of bounds. */
export function boundsProblem(field: Field, decimal: string): string | undefined {
  const [min, max] = [field.min, field.max].map(decimalOf);
  const isWithin =
    (min === undefined || compareDecimals(decimal, min) >= 0) &&
    (max === undefined || compareDecimals(decimal, max) <= 0);
  return isWithin ? undefined : `must be ${range(field)}, not ${decimal}`;
}

/** The row of a decimal. */
export const decimalCell = (value: unknown): Cell[] => {
  const decimal = decimalOf(value);
  return decimal === undefined ? [] : [{ d: value as string }];
};

export const DECIMAL_BOUND: NonNullable<FieldKind["bound"]> = {
  expects: 'a number, or a decimal such as "12.50"',
  isValid: (bound) => decimalOf(bound) !== undefined,
  compare: (a: Bound, b: Bound) => compareDecimals(decimalOf(a)!, decimalOf(b)!),
};

/** Stored as a string with as many digits behind the point as the field has. */
export const DECIMAL: FieldKind = {
  filter: "decimal",
  options: ["scale"],
  cells: decimalCell,
  operand: readDecimal,
  shown: trimZeros,
  identity: (value) => decimalOf(value) ?? String(value),
  bound: {
    ...DECIMAL_BOUND,
    problem: ({ scale }, bound) => placesProblem(decimalOf(bound)!, scale ?? MAX_PLACES),
  },
  canBeUnique: true,
  canBeMultiple: true,
  canBeSummed: true,
  expects: (field) => `a decimal as a string such as "12.50", at most 38 digits${within(field)}`,
  check(field, value, path, check) {
    const decimal = decimalOf(value);
    if (decimal === undefined) return fail(check, path, `must be ${DECIMAL.expects(field)}`);
    const { scale } = field;
    const problem = placesProblem(decimal, scale ?? MAX_PLACES) ?? boundsProblem(field, decimal);
    return problem === undefined ? withPlaces(decimal, scale ?? 0) : fail(check, path, problem);
  },
};
