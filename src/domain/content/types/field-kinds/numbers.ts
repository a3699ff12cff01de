import { readDecimal } from "../../../../core/decimals.ts";
import { EXACT_WHOLE, readExactNumber } from "../../../../core/exact-numbers.ts";
import type { Field } from "../schemas.ts";
import { fail, inRange, range, within, type Cell, type Check, type FieldKind } from "./field-kind.ts";

export const numberCell = (value: unknown): Cell[] =>
  typeof value === "number" || typeof value === "boolean" ? [{ n: Number(value) }] : [];

export const INTEGER: FieldKind = {
  filter: "number",
  cells: numberCell,
  shown: Number,
  adopt: adoptNumber,
  canBeUnique: true,
  canBeMultiple: true,
  canBeSummed: true,
  expects: (field) => `an integer${within(field)}`,
  check(field, value, path, check) {
    if (!Number.isInteger(value)) return fail(check, path, `must be an integer${within(field)}`);
    return Number.isSafeInteger(value)
      ? checkNumber(field, value as number, path, check)
      : fail(check, path, `must be ${EXACT_WHOLE}`);
  },
};

export const NUMBER: FieldKind = {
  filter: "number",
  cells: numberCell,
  shown: Number,
  adopt: adoptNumber,
  canBeUnique: true,
  canBeMultiple: true,
  canBeSummed: true,
  expects: (field) => `a number${within(field)}`,
  check: (field, value, path, check) =>
    typeof value === "number" && Number.isFinite(value)
      ? checkNumber(field, value, path, check)
      : fail(check, path, `must be a number${within(field)}`),
};

export const BOOLEAN: FieldKind = {
  filter: "number",
  cells: numberCell,
  shown: (cell) => cell === "1",
  operand: (text) => (text === "true" ? 1 : text === "false" ? 0 : undefined),
  expects: () => "true or false",
  check: (_field, value, path, check) =>
    typeof value === "boolean" ? value : fail(check, path, "must be true or false"),
};

/** A decimal that a double holds exactly. */
function adoptNumber(value: unknown): unknown {
  const isDecimal = typeof value === "string" && readDecimal(value) !== undefined;
  return (isDecimal ? readExactNumber(value) : undefined) ?? value;
}

function checkNumber(field: Field, value: number, path: string, check: Check): number {
  if (!inRange(field, value)) fail(check, path, `must be ${range(field)}, not ${value}`);
  return value + 0;
}
