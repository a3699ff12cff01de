import { MAX_DETAILS, type ErrorDetail } from "../../../../core/errors.ts";
import { addDetail } from "../../../../core/nearest.ts";
import type { Field, FieldType, WriteNote } from "../schemas.ts";

/** How the values of a field are filtered: the typed column of the side table, references, or not at all. */
export type FilterKind = "text" | "number" | "decimal" | "time" | "parts" | "location" | "reference" | "none";

/** A row of the side table: the typed columns that it fills. Short names because thousands travel as JSON. */
export type Cell = { t?: string; n?: number | string; d?: string; m?: string };

/** A part of a value: what it is by itself, and in which of the value's rows it is. */
export type Part = { type: FieldType; place: number };

type BoundKind = {
  expects: string;
  isValid(bound: Bound): boolean;
  /** Negative, zero or positive; NaN when that depends on when it is asked. */
  compare(a: Bound, b: Bound): number;
  /** What is wrong with a bound of a field besides, if anything. */
  problem?(field: Field, bound: Bound): string | undefined;
};
export type Bound = number | string;

/** What the domain knows of a field type. */
export type FieldKind = {
  filter: FilterKind;
  /** The expected value in words, for messages. */
  expects(field: Field): string;
  /** One value in its stored form; null when `check.issues` say what is wrong with it. */
  check(field: Field, value: unknown, path: string, check: Check, inner: CheckFields): unknown;
  /** The parts that a value consists of, which are filtered and sorted by their own names. */
  parts?: Readonly<Record<string, Part>>;
  /** The parts that an order by the whole value goes by. */
  orderedBy?: readonly string[];
  /** The options of a field that belong to this type and a few others. */
  options?: readonly (keyof Field)[];
  /** The rows of one value in the side table; none for what an older definition of the type left. */
  cells?(value: unknown): Cell[];
  /** What a filter's text is compared as; undefined for a text that is no such value. */
  operand?(text: string): string | number | undefined;
  /** The value that a cell stands for, given as the database writes it. */
  shown?(cell: string): string | number | boolean;
  /** A text that equal values share; the value as a string when absent. */
  identity?(value: unknown): string;
  /** A value of another field type that says the same in this one's form; otherwise the value itself. */
  adopt?(value: unknown): unknown;
  /** Bounds that are not plain numbers. */
  bound?: BoundKind | undefined;
  /** Whether its parts are the ends of a range, which contains values and overlaps others. */
  isRange?: true;
  canBeSummed?: true;
  /** Whether an empty text, as forms send it, is no value. */
  isEmptyTextNothing?: true;
  /** Whether bounds of a list are also those of the length of its texts. */
  hasLength?: true;
  canBeUnique?: true;
  canBeMultiple?: true;
  /** How a search finds its text: as words of a language, or as it is written. */
  searched?: "words" | "exact";
};

/**
 * What one request may take beyond what its size explains: characters of defaults, steps of patterns,
 * suggestions, steps of JSON Schemas and of expressions.
 */
export type WorkCount = {
  filled: number;
  matched: number;
  suggested: number;
  validated: number;
  evaluated: number;
};
export const newWorkCount = (): WorkCount => ({
  ...{ filled: 0, matched: 0, suggested: 0 },
  ...{ validated: 0, evaluated: 0 },
});
export const MAX_WORK: WorkCount = {
  filled: 4_000_000,
  matched: 10_000_000,
  suggested: 50,
  validated: 300_000,
  evaluated: 2_000_000,
};

/** What one value is checked against; problems are pushed to `issues` with their path. */
export type Check = {
  issues: ErrorDetail[];
  allowIncomplete: boolean;
  /** Whether absent fields stay without a value, even with a default. */
  noDefaults?: boolean;
  effort?: WorkCount;
  /** A value that was accepted before: bounds that depend on when it is written are not asked of it. */
  isStored?: boolean;
  /** When it is checked, in milliseconds; the same for all values of a request. */
  now?: number;
  /** What was left out of HTML, and from where. */
  notes?: WriteNote[];
};

/** Checks an object against fields; `known` are names that it may have besides. */
export type CheckFields = (
  fields: Field[],
  value: unknown,
  path: string,
  check: Check,
  known?: string[],
) => unknown;

export const MAX_ELEMENTS = 500;
/** Longest text that filters and unique checks see, in characters: it must fit an index. */
export const MAX_INDEXED_LENGTH = 500;

export function fail(check: Check, path: string, message: string): null {
  addDetail(check.issues, path, message);
  return null;
}

/** A name that is none of the valid ones. */
export function misnamed(
  check: Check,
  path: string,
  message: string,
  written: string,
  valid: () => Iterable<string>,
): null {
  const isSuggested = (check.effort ??= newWorkCount()).suggested++ < MAX_WORK.suggested;
  addDetail(check.issues, path, message, isSuggested ? { written, valid } : undefined);
  return null;
}

export const isFull = (check: Check): boolean => check.issues.length >= MAX_DETAILS;
export const join = (path: string, name: string) => (path === "" ? name : `${path}.${name}`);

/** The bounds that are numbers: of lengths, of how many elements, of numbers. */
export function numericBounds({ min, max }: Field): { min?: number; max?: number } {
  return { ...(typeof min === "number" ? { min } : {}), ...(typeof max === "number" ? { max } : {}) };
}

export function inRange(field: Field, n: number): boolean {
  const { min = -Infinity, max = Infinity } = numericBounds(field);
  return n >= min && n <= max;
}

/** The bounds of a field in words. */
export function range({ min, max }: Field): string {
  if (min !== undefined && max !== undefined) return `${min} to ${max}`;
  return min !== undefined ? `at least ${min}` : `at most ${max ?? MAX_ELEMENTS}`;
}

/** The bounds in brackets, behind what is expected. */
export const within = (field: Field): string =>
  field.min !== undefined || field.max !== undefined ? ` (${range(field)})` : "";
