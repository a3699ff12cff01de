import { readExactNumber } from "../../../../core/exact-numbers.ts";
import { optionsOf } from "../field-rules.ts";
import type { Field } from "../schemas.ts";
import { fail, type FieldKind } from "./field-kind.ts";
import { numberCell } from "./numbers.ts";
import { textCell } from "./text.ts";

const expects = (field: Field) => `one of ${[...optionsOf(field).keys()].slice(0, 20).join(", ")}`;

const either = {
  canBeUnique: true,
  canBeMultiple: true,
  expects,
  check: (field, value, path, check) =>
    optionsOf(field).has(value as string | number) ? value : fail(check, path, `must be ${expects(field)}`),
} satisfies Partial<FieldKind>;

/** An enum of texts. */
export const ENUM: FieldKind = { ...either, filter: "text", cells: textCell, searched: "words" };

/** An enum of numbers. */
export const NUMERIC_ENUM: FieldKind = {
  ...either,
  filter: "number",
  searched: "words",
  cells: numberCell,
  shown: Number,
  adopt: (value) => (typeof value === "string" ? (readExactNumber(value) ?? value) : value),
};
