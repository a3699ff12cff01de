import * as z from "zod";
import { invalid, MAX_DETAILS, type ErrorDetail } from "../../../core/errors.ts";
import { addDetail } from "../../../core/nearest.ts";
import { parseInput } from "../../../core/parse-input.ts";
import {
  findPlace,
  placesOf,
  usesOfComponent,
  withinComponent,
  type Descent,
  type Place,
} from "./field-places.ts";
import { MAX_FIELDS, type Field, type ResolvedType } from "./schemas.ts";

const PATH = /^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*){0,16}$/;
const Path = z.string().max(500).regex(PATH, "the id of a field, or a path such as seo.title");

/** New ids and places of fields that are there, by the old ones: `{ "seo_title": "seo.title" }`. */
export const Renames = z
  .record(Path, Path)
  .refine((given) => Object.keys(given).length <= MAX_FIELDS, `at most ${MAX_FIELDS} fields`)
  .describe(
    'New ids of fields by their old ones, whose values follow: `{ "headline": "title" }`; with paths into components, which move fields: `{ "seo_title": "seo.title" }`. Those that hold already are passed over.',
  );
export type Renames = z.infer<typeof Renames>;

/**
 * Moves of values within an object that `at` leads to, `by_locale` where they are by locale below the
 * first key; another name for a kind of blocks or of components in a document; or from a field to
 * locales, or back from the first of them that has a value.
 */
export type Step =
  | { at: Descent[]; kind: { from: string; to: string; as: "block" | "node" | "mark" } }
  | { at: Descent[]; moves: { from: string[]; to: string[]; by_locale?: true }[] }
  | { localize: string; locales: string[] }
  | { unlocalize: string; locales: string[] };

/** What renames come to for the entries of one type. */
export type Reshape = {
  /** Paths in the definition, old and new. */
  renames: [from: string, to: string][];
  steps: Step[];
  /** The fields before the change, as the steps leave them. */
  before: Field[];
  /** Fields whose rows are made anew. */
  stale?: string[];
};

/** A reshape and then another one, which was made of what the first leaves. */
export const followedBy = (first: Reshape, then: Reshape | undefined): Reshape =>
  then
    ? {
        renames: [...first.renames, ...then.renames],
        steps: [...first.steps, ...then.steps],
        before: then.before,
      }
    : first;

/** What answers add to a definition, so that what was read can be written. */
const ADDED = ["version", "created_at", "updated_at", "usage"];

/** What was read of a definition, or made of that, without what answers add. */
export const withoutAdded = (body: unknown): unknown =>
  typeof body === "object" && body !== null && !Array.isArray(body)
    ? Object.fromEntries(Object.entries(body).filter(([key]) => !ADDED.includes(key)))
    : body;

/** A body without its renames, which are no part of a definition, and without what answers add to one. */
export function splitRenames(body: unknown): { definition: unknown; renames: Renames } {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    return { definition: body, renames: {} };
  const { renames: _renames, ...definition } = withoutAdded(body) as Record<string, unknown>;
  if (!Object.hasOwn(body, "renames")) return { definition, renames: {} };
  const { renames } = body as { renames: unknown };
  const message = "The renames are not possible.";
  return {
    definition,
    renames: parseInput(z.object({ renames: Renames }), { renames }, REASON, message).renames,
  };
}

const REASON = "types/invalid-renames";

type Fields = { fields: Field[] };

/**
 * Reads the renames of a type from its definition before and after; undefined when none is left to do.
 * Throws INVALID `types/invalid-renames` with every problem.
 */
export function reshapeOf(before: Fields, after: Fields, renames: Renames): Reshape | undefined {
  const issues: ErrorDetail[] = [];
  const moves = Object.entries(renames).flatMap(([from, to]) => moveOf(before, after, from, to, issues));
  refuseOverlaps(moves, issues);
  if (issues.length > 0) throw badRenames(issues);
  if (moves.length === 0) return undefined;
  // What moves into something that is renamed itself moves after it.
  moves.sort((a, b) => a.to.path.length - b.to.path.length);
  const fields = moves.reduce((now, move) => moved(now, after.fields, move), before.fields);
  return {
    renames: moves.map(({ from, to }) => [from.path.join("."), to.path.join(".")]),
    steps: moves.map(stepOf),
    before: fields,
  };
}

type Move = { from: Place; to: Place };

function moveOf(before: Fields, after: Fields, from: string, to: string, issues: ErrorDetail[]): Move[] {
  const path = `renames.${from}`;
  const say = (message: string) => void addDetail(issues, path, message);
  const [was, is] = [findPlace(before.fields, from), findPlace(after.fields, to)];
  const isThere = findPlace(before.fields, to) !== undefined;
  // Repeating a change must be possible.
  if (!was && isThere && is) return [];
  if (!was) {
    addDetail(issues, path, `there is no field "${from}".`, {
      written: from,
      valid: () => placesOf(before.fields),
    });
    return [];
  }
  if (!is)
    addDetail(issues, path, `the definition has no field "${to}".`, {
      written: to,
      valid: () => placesOf(after.fields),
    });
  else if (findPlace(after.fields, from)) say("is still in the definition under its old id");
  else if (isThere) say(`"${to}" is another field already`);
  else if (was.reusable !== undefined && is.reusable === was.reusable && sameParent(was, is))
    say(`is a field of the component "${was.reusable}": rename it there`);
  else if (JSON.stringify(was.outer) !== JSON.stringify(is.outer))
    say("can only move within the same list, block or document");
  else if (was.outer.length === 0 && was.isLocalized !== is.isLocalized)
    say("cannot move between localised fields and others: change whether it is localised first");
  else return [{ from: was, to: is }];
  return [];
}

const sameParent = (a: Place, b: Place) => a.path.slice(0, -1).join(".") === b.path.slice(0, -1).join(".");

/** What the renames of a reusable component come to for the entries of a type that uses it. */
export function reshapeOfComponent(before: Fields, id: string, own: Reshape): Reshape | undefined {
  const uses = usesOfComponent(before.fields, id);
  if (uses.length === 0) return undefined;
  return {
    renames: uses.flatMap(({ path }) =>
      own.renames.map(([from, to]): [string, string] => [[...path, from].join("."), [...path, to].join(".")]),
    ),
    steps: uses.flatMap(({ at }) =>
      own.steps.flatMap((step) => ("at" in step ? [{ ...step, at: [...at, ...step.at] }] : [])),
    ),
    before: withinComponent(before.fields, id, () => own.before),
  };
}

/** Neither what is moved nor where to may be within something else that is moved. */
function refuseOverlaps(moves: readonly Move[], issues: ErrorDetail[]): void {
  const isWithin = (inner: string[], outer: string[]) => outer.every((one, i) => inner[i] === one);
  moves.forEach(({ from, to }, i) => {
    const at = `renames.${from.path.join(".")}`;
    moves.forEach((other, k) => {
      if (i === k) return;
      if (isWithin(from.path, other.from.path))
        addDetail(issues, at, `is within "${other.from.path.join(".")}", which moves too: make two changes`);
      if (isWithin(to.path, other.to.path) && to.path.length === other.to.path.length)
        addDetail(issues, at, `"${to.path.join(".")}" is the new place of two fields`);
    });
  });
}

function stepOf({ from, to }: Move): Step & { at: Descent[] } {
  const byLocale = from.outer.length === 0 && from.isLocalized;
  return {
    at: from.outer,
    moves: [{ from: from.keys, to: to.keys, ...(byLocale ? { by_locale: true as const } : {}) }],
  };
}

/** The fields of a type with one at its new place; components that it needs are made as they will be. */
function moved(fields: Field[], after: Field[], { from, to }: Move): Field[] {
  const { field, isLocalized } = findPlace(fields, from.path.join("."))!;
  const own = { ...field, localized: to.path.length === 1 && isLocalized };
  return put(without(fields, from.path), after, to.path, own);
}

function without(fields: Field[], [id, ...rest]: string[]): Field[] {
  if (rest.length === 0) return fields.filter((one) => one.id !== id);
  return fields.map((one) => (one.id === id ? inside(one, rest, without) : one));
}

function put(fields: Field[], after: Field[], [id, ...rest]: string[], field: Field): Field[] {
  if (rest.length === 0) return [...fields, { ...field, id: id! }];
  const target = after.find((one) => one.id === id)!;
  const known = fields.some((one) => one.id === id)
    ? fields
    : [...fields, { ...target, required: false, ...(target.fields ? { fields: [] } : { components: [] }) }];
  return known.map((one) =>
    one.id === id ? inside(one, rest, (inner, at) => put(inner, fieldsAt(target, rest), at, field)) : one,
  );
}

const fieldsAt = (field: Field, [block]: string[]): Field[] =>
  field.fields ?? field.components!.find(({ id }) => id === block)!.fields;

function inside(field: Field, rest: string[], change: (fields: Field[], rest: string[]) => Field[]): Field {
  if (field.fields) return { ...field, fields: change(field.fields, rest) };
  const [block, ...path] = rest;
  return {
    ...field,
    components: field.components!.map((one) =>
      one.id === block ? { ...one, fields: change(one.fields, path) } : one,
    ),
  };
}

export const badRenames = (issues: ErrorDetail[]) =>
  invalid(REASON, "The renames are not possible.", issues.slice(0, MAX_DETAILS));

/** Former ids of fields at the top, each with the one that it stands for; undefined when there are none. */
export function formerIds(
  fields: readonly Field[],
  before: Readonly<Record<string, string>> = {},
  reshape?: Reshape,
): Record<string, string> | undefined {
  const renamed = new Map(reshape?.renames.filter((names) => names.every((one) => !one.includes("."))));
  const known = [
    ...Object.entries(before).map(([old, id]) => [old, renamed.get(id) ?? id] as const),
    ...renamed,
  ];
  const kept = known.filter(([, id]) => fields.some((field) => field.id === id)).slice(-MAX_FIELDS);
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

/** A definition under the ids that its fields get. */
export const fieldsBefore = (before: ResolvedType, reshape: Reshape | undefined): ResolvedType =>
  reshape ? { ...before, fields: reshape.before } : before;
