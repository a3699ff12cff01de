import { ownValue } from "../../../../core/own-value.ts";
import type { Context } from "../../../../core/context.ts";
import { cutText } from "../../../../core/cut-text.ts";
import { AppError, invalid } from "../../../../core/errors.ts";
import { newId } from "../../../../core/ids.ts";
import type { Precondition } from "../../../../core/preconditions.ts";
import {
  IS_COMPUTED,
  MAX_SLUG_CHARS,
  numericBounds,
  typeOf,
  withSchema,
  type CompiledType,
  type EnvironmentSchema,
  type Field,
  type WriteNote,
} from "../../types/index.ts";
import { readEntryValues } from "../model/index.ts";
import {
  fitEntry,
  fitValue,
  leaveOut,
  readForbidden,
  readOutcome,
  runOnceMoreWhenTaken,
  saveStatement,
  type Fit,
  type Forbidden,
} from "../write/index.ts";
import { readVersion } from "./read-versions.ts";
import type { LeftOut, WorkingCopy } from "../schemas.ts";

type Values = Record<string, unknown>;
type Stored = {
  type: string;
  id: string;
  data: Values;
  mode: "create" | "put";
  version?: number | undefined;
  precondition?: Precondition | undefined;
  createdAt?: string | undefined;
  isRestored?: boolean;
};
/** An entry that came back, and what of it could not. */
export type Restored = { entry: WorkingCopy; leftOut: LeftOut[]; notes: WriteNote[] };

/**
 * Makes an older version the working copy again, as a new version. Values that are no longer valid are
 * left out and listed. An outdated `current` is a CONFLICT.
 */
export async function restoreVersion(
  ctx: Context,
  input: {
    type: string;
    id: string;
    version: number;
    current?: number | undefined;
    precondition?: Precondition | undefined;
  },
): Promise<Restored> {
  const { data } = await readVersion(ctx, { ...input, isToBeSaved: true });
  return saveStored(ctx, { ...input, data, mode: "put", version: input.current });
}

/**
 * Duplicates the working copy of an entry under a new id. Unique fields are left empty, slugs get a
 * suffix; `fields` replace values. Values that are no longer valid are left out and listed.
 */
export async function duplicateEntry(
  ctx: Context,
  input: { type: string; id: string; newId?: string | undefined; fields?: Values | undefined },
): Promise<Restored> {
  const { data } = await readVersion(ctx, { ...input, version: undefined, isToBeSaved: true });
  const id = input.newId ?? newId("cnt", ctx.now().getTime());
  const copyOf = { type: input.type, id, data, mode: "create" as const };
  const save = (ending: string) =>
    saveStored(ctx, copyOf, {
      change: (type, copy, fit) => withoutUnique(type, copy, ending, fit),
      over: input.fields,
    });
  try {
    return await save("-copy");
  } catch (error) {
    // The slug with the plain suffix is taken.
    if (!(error instanceof AppError) || error.reason !== "content/slug-taken") throw error;
    return save(`-copy-${id.slice(-6)}`);
  }
}

type Copy = {
  change(type: CompiledType, data: Values, fit: Fit): Values;
  /** What the caller put over it, and must be right. */
  over: Values | undefined;
};
const MAX_TRIES = 4;

/**
 * Saves stored data without requiring completeness. Values that the type, the environment or other
 * entries no longer allow are left out: broken references and taken unique values are known from a
 * first, failed attempt.
 */
export async function saveStored(ctx: Context, stored: Stored, copy?: Copy): Promise<Restored> {
  const forbidden: Required<Forbidden> = { missing: new Map(), taken: [] };
  for (let attempt = 1; ; attempt++) {
    const answer = await withSchema(ctx, {
      plan: (schema) => planStored(ctx, schema, stored, forbidden, copy),
      run: ({ statement }) => runOnceMoreWhenTaken(ctx, statement),
      read({ results }, schema, { type, save, leftOut, notes }): Restored | undefined {
        const row = results[0]![0]!;
        const found = readForbidden(ctx, row);
        // The unique values of a duplicate are already removed or changed.
        if (attempt < MAX_TRIES && found && !(copy && found.taken) && isNews(forbidden, found)) {
          for (const [id, is] of found.missing ?? []) forbidden.missing.set(id, is);
          forbidden.taken.push(...(found.taken ?? []));
          return undefined;
        }
        const { entry, notes: unchecked } = readOutcome(ctx, schema, type, save, row);
        return { entry, leftOut, notes: [...notes, ...unchecked] };
      },
    });
    if (answer) return answer;
  }
}

const isNews = (known: Required<Forbidden>, found: Forbidden) =>
  [...(found.missing?.keys() ?? [])].some((id) => !known.missing.has(id)) || found.taken !== undefined;

function planStored(
  ctx: Context,
  schema: EnvironmentSchema,
  stored: Stored,
  forbidden: Required<Forbidden>,
  copy: Copy | undefined,
) {
  const type = typeOf(schema, stored.type);
  const leftOut: LeftOut[] = [];
  const fit: Fit = { leftOut, missing: forbidden.missing };
  let fields = fitEntry(schema, type, stored.data, fit);
  for (const { field: name, locale: of, value } of forbidden.taken) {
    // Of fields that are unique together the first makes room.
    const [field, ...others] = name.split(",") as [string, ...string[]];
    const locale = type.fields.get(field)?.localized ? of : "";
    const what = others.length > 0 ? `the same with ${others.join(", ")}` : `"${value.slice(0, 100)}"`;
    const message = `${what} is taken by another entry now`;
    leaveOut(fit, locale === "" ? field : `${field}.${locale}`, "value-taken", message);
    fields[field] = locale === "" ? null : { ...(fields[field] as Values), [locale]: null };
  }
  const computed = Object.keys(copy?.over ?? {}).filter((id) => type.fields.get(id)?.computed !== undefined);
  if (computed.length > 0)
    throw invalid(
      "content/invalid-entry",
      `The entry is not a valid ${type.id}: ${computed[0]} ${IS_COMPUTED}.`,
      computed.map((path) => ({ path, message: IS_COMPUTED })),
    );
  if (copy) fields = { ...copy.change(type, fields, fit), ...copy.over };
  const save = { ...stored, fields, reusesId: true, leftOut };
  const values = readEntryValues(schema, type, fields, {
    locale: "*",
    allowIncomplete: true,
    isPartial: false,
    noDefaults: true,
    writing: { id: stored.id, actor: ctx.actor, now: ctx.now() },
  });
  const { notes } = values;
  // What was stored before is kept: publishing it asks its rules again.
  for (const { path, message } of values.refusals.splice(0))
    notes.push({ path, message, count: 1, level: "warning" });
  return { type, save, leftOut, notes, statement: saveStatement(ctx, schema, type, save, values) };
}

/** A slug with an ending, shortened where both are too long: never inside of a character. */
function ended(field: Field, slug: string, ending: string): string {
  const room = Math.min(numericBounds(field).max ?? MAX_SLUG_CHARS, MAX_SLUG_CHARS) - ending.length;
  return `${cutText(slug, Math.max(1, room)).replace(/(?<![\p{Join_C}/])[\p{Join_C}/]+$/u, "")}${ending}`;
}

function withoutUnique(type: CompiledType, data: Values, ending: string, fit: Fit): Values {
  const copy = { ...data };
  for (const [first] of type.definition.unique ?? []) copy[first!] = null;
  for (const field of type.fields.values()) {
    const value = ownValue(copy, field.id);
    if (value === undefined || value === null) continue;
    const copied = (slug: unknown, path: string) =>
      hasText(slug) ? fitValue(field, ended(field, slug, ending), path, fit) : null;
    if (field.from) copy[field.id] = null;
    else if (field.type === "slug") {
      copy[field.id] = field.localized
        ? Object.fromEntries(
            Object.entries(value).map(([locale, one]) => [locale, copied(one, `${field.id}.${locale}`)]),
          )
        : copied(value, field.id);
    } else if (field.unique) copy[field.id] = null;
  }
  return copy;
}

const hasText = (value: unknown): value is string => typeof value === "string" && value !== "";
