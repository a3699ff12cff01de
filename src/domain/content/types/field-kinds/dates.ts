import { isDay, readDateOrDatetime, readDatetime } from "../../../../core/datetimes.ts";
import { fail, type Cell, type FieldKind } from "./field-kind.ts";

const timeCell = (value: unknown): Cell[] =>
  typeof value === "string" && readDateOrDatetime(value) !== undefined ? [{ m: value }] : [];

const A_DATE = "a date such as 2026-01-31";
const A_DATETIME = "a datetime such as 2026-01-31T09:30:00Z";

export const DATE: FieldKind = {
  filter: "time",
  cells: timeCell,
  canBeUnique: true,
  expects: () => A_DATE,
  check: (_field, value, path, check) =>
    typeof value === "string" && isDay(value) ? value : fail(check, path, `must be ${A_DATE}`),
};

export const DATETIME: FieldKind = {
  filter: "time",
  cells: timeCell,
  canBeUnique: true,
  expects: () => A_DATETIME,
  check: (_field, value, path, check) =>
    (typeof value === "string" ? readDatetime(value) : undefined) ??
    fail(check, path, `must be ${A_DATETIME}`),
};
