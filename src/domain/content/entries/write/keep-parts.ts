import type { Context } from "../../../../core/context.ts";
import { AppError } from "../../../../core/errors.ts";
import { accessOf, decide, type Access, type ContentAction, type Subject } from "../../grants/index.ts";
import type { CompiledType, EnvironmentSchema } from "../../types/index.ts";
import type { Before, EntryValues } from "../model/index.ts";
import { changedParts, namesIn, withKept, type Frozen, type WrittenPart } from "./frozen-values.ts";

type Values = Record<string, unknown>;
type Mode = "create" | "patch" | "put";
type Change = { mode: Mode; id: string; fields: Values; locale?: string | undefined };

/** Whether a change gives fields of which grants name parts: what becomes of them depends on what is there. */
export function asksOfParts(
  ctx: Context,
  schema: EnvironmentSchema,
  type: CompiledType,
  { mode, fields }: Pick<Change, "mode" | "fields">,
): boolean {
  const access = mode === "patch" ? accessOf(ctx, schema) : undefined;
  return (
    access !== undefined &&
    Object.keys(fields).some((id) => type.fields.has(id) && access.namedBelow(type, id).length > 0)
  );
}

/**
 * The fields of a change, with the parts that the writer left out and may not change, or not see, as they
 * are, and the data that the writer may know of. Throws FORBIDDEN where they give a value for one that they may neither change nor see.
 */
export function keepParts(
  ctx: Context,
  schema: EnvironmentSchema,
  type: CompiledType,
  change: Change,
  before: Before | undefined,
): { fields: Values; before: Values | undefined } {
  const access = accessOf(ctx, schema);
  if (!before) return { fields: change.fields, before: before === null ? {} : undefined };
  if (!access || !asksOfParts(ctx, schema, type, change))
    return { fields: change.fields, before: before.data };
  const entry = subjectOf(ctx, type, change.id, before);
  const writer = { access, type, entry };
  if (!isSeen(schema, writer)) return { fields: change.fields, before: {} };
  const { data } = before;
  const refused: WrittenPart[] = [];
  const kept = { ...change.fields };
  for (const [id, given] of Object.entries(change.fields)) {
    const field = type.fields.get(id);
    if (!field || access.namedBelow(type, id).length === 0) continue;
    const one = (value: unknown, stored: unknown, locale: string | null): unknown => {
      const frozen = { ...frozenFor(schema, writer, locale), refused };
      const path = locale === null ? id : `${id}.${locale}`;
      return withKept(frozen, field, value, stored, { name: id, path });
    };
    kept[id] = field.localized
      ? keptInLocales(given, own(data, id), change.locale ?? schema.defaultLocale, one)
      : one(given, own(data, id), null);
  }
  if (refused.length > 0) throw notWritable(type.id, refused);
  return { fields: kept, before: data };
}

function keptInLocales(
  given: unknown,
  stored: unknown,
  locale: string,
  one: (value: unknown, stored: unknown, locale: string) => unknown,
): unknown {
  const byLocale = Object(stored) as Values;
  if (locale !== "*") return one(given, own(byLocale, locale), locale);
  if (typeof given !== "object" || given === null || Array.isArray(given)) return given;
  return Object.fromEntries(
    Object.entries(given).map(([code, value]) => [code, one(value, own(byLocale, code), code)]),
  );
}

/** Which parts of a written value a grant has to allow, each by its name in grants and its path. */
export function writtenParts(
  access: Access,
  type: CompiledType,
  { mode, before }: { mode: Mode; before?: Values | undefined },
  values: EntryValues,
  { f, l }: { f: string; l: string },
): WrittenPart[] {
  const field = type.fields.get(f);
  const at = { name: f, path: l === "" ? f : `${f}.${l}` };
  const named = access.namedBelow(type, f);
  const inLocale = (shared: unknown, localized: unknown) =>
    (l === "" ? shared : own(Object(localized) as Values, l)) ?? null;
  const value = inLocale(values.shared[f], values.localized[f]);
  if (!field || named.length === 0) return mode === "create" && value === null ? [] : [at];
  if (mode === "put" || (mode === "patch" && before === undefined))
    return [at, ...named.map((name) => ({ name, path: name }))];
  const stored = inLocale(own(before ?? {}, f), own(before ?? {}, f));
  return changedParts(namesIn(access, type), field, stored, value, at);
}

/** FORBIDDEN: values of these paths are not this writer's to change. */
export function notWritable(type: string, parts: readonly { path: string }[], more = ""): AppError {
  const paths = [...new Set(parts.map(({ path }) => path))];
  return new AppError(
    "FORBIDDEN",
    "access/field-not-writable",
    `Your roles do not let you write ${paths.slice(0, 10).join(", ")} of ${type}${more}.`,
    { details: paths.slice(0, 50).map((path) => ({ path, message: "cannot be written by you" })) },
  );
}

type Writer = { access: Access; type: CompiledType; entry: Subject };

function frozenFor(
  schema: EnvironmentSchema,
  { access, type, entry }: Writer,
  locale: string | null,
): Omit<Frozen, "refused"> {
  const may = (action: ContentAction, field: string, one: string | null) =>
    decide(access, type, action, { entry, locale: one, field }).isGranted;
  const readers = locale === null ? [...schema.chains.keys()] : [locale];
  return {
    names: namesIn(access, type),
    isFrozen: (name) => !may("content:write", name, locale),
    isHidden: (name) => !readers.some((one) => may("content:read-draft", name, one)),
  };
}

/** Whether the writer may know of the entry: another is to them as if it were not there. */
function isSeen(schema: EnvironmentSchema, { access, type, entry }: Writer): boolean {
  return [...schema.chains.keys()].some(
    (locale) => decide(access, type, "content:read-draft", { entry, locale }).isGranted,
  );
}

/** An entry as conditions see it; one that this request makes is the writer's own. */
function subjectOf(
  ctx: Context,
  type: CompiledType,
  id: string,
  { data, facts }: NonNullable<Before>,
): Subject {
  const made: Values = { status: "draft", created_by: ctx.actor.id, updated_by: ctx.actor.id };
  const known = facts ?? made;
  const stage = known["stage"] ?? type.definition.review?.stages[0]!.id ?? null;
  return { facts: { id, ...known, stage }, data };
}

const own = (values: unknown, id: string): unknown =>
  Object.hasOwn(Object(values) as Values, id) ? (values as Values)[id] : undefined;
