import { isOption } from "../field-rules.ts";
import type { Field } from "../schemas.ts";
import { fail, type FieldKind } from "./field-kind.ts";
import { textCell } from "./text.ts";

const expects = ({ options = [] }: Field) => `one of ${options.slice(0, 20).join(", ")}`;

export const ENUM: FieldKind = {
  filter: "text",
  cells: textCell,
  canBeUnique: true,
  canBeMultiple: true,
  searched: "words",
  expects,
  check: (field, value, path, check) =>
    isOption(field, value) ? value : fail(check, path, `must be ${expects(field)}`),
};
