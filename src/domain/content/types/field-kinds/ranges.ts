import type { Field, FieldType } from "../schemas.ts";
import { DATE, DATETIME } from "./dates.ts";
import { fail, join, within, type Cell, type Check, type FieldKind } from "./field-kind.ts";
import { NUMBER } from "./numbers.ts";

type Ends = { from: unknown; to: unknown };

/** A range of what another kind has; its start is in its first row, its end in its second, open ends as infinite. */
function rangeOf(
  type: FieldType,
  end: FieldKind,
  example: string,
  cellsOf: (ends: Ends) => Cell[],
): FieldKind {
  const kind: FieldKind = {
    filter: "parts",
    parts: { from: { type, place: 0 }, to: { type, place: 1 } },
    orderedBy: ["from"],
    options: ["open_ends"],
    isRange: true,
    bound: end.bound,
    expects: (field) => `${example}${within(field)}`,
    check(field, value, path, check) {
      const { from, to, ...others } = Object(value) as Record<string, unknown>;
      if (typeof value !== "object" || Array.isArray(value) || Object.keys(others).length > 0)
        return fail(check, path, `must be ${kind.expects(field)}`);
      const problems = check.issues.length;
      const checked = (name: "from" | "to", given: unknown) =>
        checkEnd(end, { field, name, given }, path, check);
      const ends = { from: checked("from", from), to: checked("to", to) };
      if (check.issues.length > problems) return null;
      if (ends.from === null && ends.to === null) return fail(check, path, "must have from or to");
      const isTurnedRound =
        ends.from !== null && ends.to !== null && (ends.from as string) > (ends.to as string);
      return isTurnedRound ? fail(check, path, `must not end before it starts: from is after to`) : ends;
    },
    cells(value) {
      const { from = null, to = null } = Object(value) as Record<string, unknown>;
      const isEnd = (one: unknown) => one === null || (end.cells?.(one).length ?? 0) > 0;
      return (from !== null || to !== null) && isEnd(from) && isEnd(to) ? cellsOf({ from, to }) : [];
    },
  };
  return kind;
}

function checkEnd(
  end: FieldKind,
  { field, name, given }: { field: Field; name: "from" | "to"; given: unknown },
  path: string,
  check: Check,
): unknown {
  const isOpen = field.open_ends?.includes(name) ?? true;
  if (given !== undefined && given !== null)
    return end.check(field, given, join(path, name), check, () => null);
  return isOpen ? null : fail(check, join(path, name), `is required: ${end.expects(field)}`);
}

const times = ({ from, to }: Ends): Cell[] => [
  { m: (from ?? "-infinity") as string },
  { m: (to ?? "infinity") as string },
];
const numbers = ({ from, to }: Ends): Cell[] => [
  { n: (from ?? "-Infinity") as number },
  { n: (to ?? "Infinity") as number },
];

export const DATE_RANGE = rangeOf("date", DATE, '{ "from": "2026-01-31", "to": "2026-02-28" }', times);
export const DATETIME_RANGE = rangeOf(
  "datetime",
  DATETIME,
  '{ "from": "2026-01-31T09:30:00Z", "to": "2026-01-31T11:00:00Z" }',
  times,
);
export const NUMBER_RANGE = rangeOf("number", NUMBER, '{ "from": 1, "to": 10 }', numbers);
