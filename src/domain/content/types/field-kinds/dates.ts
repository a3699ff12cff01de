import { isDay, readClock, readDateOrDatetime, readDatetime } from "../../../../core/datetimes.ts";
import { boundsProblem, DATE_BOUND } from "./date-bounds.ts";
import { fail, within, type Cell, type Check, type FieldKind } from "./field-kind.ts";
import type { Field } from "../schemas.ts";

const timeCell = (value: unknown): Cell[] =>
  typeof value === "string" && readDateOrDatetime(value) !== undefined ? [{ m: value }] : [];

/** A field type of texts that `read` brings into their stored form. */
function timeKind(
  example: string,
  read: (text: string) => string | undefined,
): Pick<FieldKind, "filter" | "cells" | "canBeUnique" | "canBeMultiple" | "bound" | "expects" | "check"> {
  const expects = (field: Field) => `${example}${within(field)}`;
  return {
    filter: "time",
    cells: timeCell,
    canBeUnique: true,
    canBeMultiple: true,
    bound: DATE_BOUND,
    expects,
    check(field, value, path, check) {
      const stored = typeof value === "string" ? read(value) : undefined;
      if (stored === undefined) return fail(check, path, `must be ${expects(field)}`);
      return withinBounds(field, stored, path, check);
    },
  };
}

function withinBounds(field: Field, value: string, path: string, check: Check): string | null {
  const problem = boundsProblem(field, value, check);
  return problem === undefined ? value : fail(check, path, problem);
}

export const DATE: FieldKind = {
  ...timeKind("a date such as 2026-01-31", (text) => (isDay(text) ? text : undefined)),
  // Midnight in UTC is a whole day.
  adopt: (value) =>
    typeof value === "string" && value.endsWith("T00:00:00.000Z") ? value.slice(0, 10) : value,
};

export const DATETIME: FieldKind = {
  ...timeKind("a datetime such as 2026-01-31T09:30:00Z", readDatetime),
  adopt: (value) => (typeof value === "string" ? (readDateOrDatetime(value) ?? value) : value),
};

const secondsOf = (clock: string): number => {
  const [hours, minutes, seconds] = clock.split(":").map(Number) as [number, number, number];
  return (hours * 60 + minutes) * 60 + seconds;
};

/** The time of a clock: stored with its seconds, compared by the seconds since midnight. */
export const TIME: FieldKind = {
  filter: "number",
  canBeUnique: true,
  canBeMultiple: true,
  expects: (field) => `a time such as 09:30 or 09:30:15${within(field)}`,
  check(field, value, path, check) {
    const clock = typeof value === "string" ? readClock(value) : undefined;
    if (clock === undefined) return fail(check, path, `must be ${TIME.expects(field)}`);
    const [min, max] = [field.min, field.max].map((bound) =>
      typeof bound === "string" ? readClock(bound) : undefined,
    );
    const isWithin = (min === undefined || clock >= min) && (max === undefined || clock <= max);
    return isWithin ? clock : fail(check, path, `must be ${TIME.expects(field)}, not ${clock}`);
  },
  cells(value) {
    const clock = typeof value === "string" ? readClock(value) : undefined;
    return clock === undefined ? [] : [{ n: secondsOf(clock) }];
  },
  operand(text) {
    const clock = readClock(text);
    return clock === undefined ? undefined : secondsOf(clock);
  },
  shown: (cell) => new Date(Math.round(Number(cell)) * 1000).toISOString().slice(11, 19),
  bound: {
    expects: "a time such as 09:30",
    isValid: (bound) => typeof bound === "string" && readClock(bound) !== undefined,
    compare: (a, b) => (readClock(String(a))! < readClock(String(b))! ? -1 : 1),
  },
};
