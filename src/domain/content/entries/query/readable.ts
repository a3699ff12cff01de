import { sql, type SQL } from "drizzle-orm";
import { AppError } from "../../../../core/errors.ts";
import { grantsWholly } from "../../../../core/grants.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import type { Context } from "../../../../core/context.ts";
import { innerFields, kindOf, type CompiledType, type EnvironmentSchema } from "../../types/index.ts";
import {
  accessOf,
  conditionSql,
  fieldNotReadable,
  grantedIf,
  isAlways,
  isAlwaysGranted,
  isNever,
  isWhollyGranted,
  notGranted,
  type Access,
  type Condition,
  type Part,
  type RowSql,
} from "../../grants/index.ts";
import { entryRow, publishedRow, readingOf } from "./permit.ts";
import { BASE, type Source } from "./source.ts";

/** The rows of the base table of this type and locale that the actor may read. */
export function inType(source: Source): SQL {
  const { ctx, type, perspective, chain, alias } = source;
  if (alias !== BASE) source.reads.add(type.id);
  const row = sql.raw(alias);
  const mine = sql`${inEnvironment(ctx, alias)} and ${row}.type = ${type.id}`;
  const readable = readableSql(source);
  return perspective === "draft" || source.everyIn
    ? sql`${mine}${readable}`
    : sql`${mine} and ${row}.locale = ${chain[0]}${readable}`;
}

/** A source's row as conditions see it. */
const rowOf = (source: Source): RowSql =>
  source.perspective === "draft"
    ? entryRow(source.type, source.alias)
    : publishedRow(source.ctx, source.type, source.alias);

/** The locales that a source shows: any of them is enough where all are. */
export function shownPart({ schema, chain, isEveryLocale }: Source): Part {
  return isEveryLocale ? { locales: [...schema.chains.keys()], isAny: true } : { locales: [chain[0]!] };
}

/** The locales of which an actor may read what is published in them, the default locale first. */
export function readableLocales(ctx: Context, schema: EnvironmentSchema, type: CompiledType): string[] {
  const locales = [...new Set([schema.defaultLocale, ...schema.chains.keys()])];
  const access = accessOf(ctx, schema);
  if (!access) return locales;
  const readable = locales.filter(
    (locale) => !isNever(grantedIf(access, type, "content:read", { locales: [locale] })),
  );
  return readable.length > 0 ? readable : locales;
}

/** What of a source's rows may be read: undefined for all. Throws FORBIDDEN when it is nothing at all. */
function readingIf(source: Source): Condition | undefined {
  const access = accessOf(source.ctx, source.schema);
  if (!access) return undefined;
  const action = readingOf(source.perspective);
  const condition = grantedIf(access, source.type, action, shownPart(source));
  if (isNever(condition)) throw notGranted(action, source.type.id);
  return isAlways(condition) ? undefined : condition;
}

/** Whether grants leave out some of a source's rows. */
export const isNarrowed = (source: Source): boolean => readingIf(source) !== undefined;

/**
 * Whether there are entries or fields in the environment that the actor may not read in this
 * perspective.
 */
export const isNarrowReader = ({ ctx, perspective }: Source): boolean =>
  ctx.actor.grants !== undefined && !grantsWholly(ctx.actor.grants, readingOf(perspective));

/** ` and …` for the rows that the actor may read; empty for an actor who may read all. */
export function readableSql(source: Source): SQL {
  const condition = readingIf(source);
  if (!condition) return sql``;
  const row = sql` and ${conditionSql(condition, rowOf(source))}`;
  if (source.version === undefined) return row;
  // What was readable once and is not now stays hidden.
  return sql`${row} and exists (select 1 from entries own where ${inEnvironment(source.ctx, "own")}
    and own.id = ${sql.raw(source.alias)}.id and ${conditionSql(condition, entryRow(source.type, "own"))})`;
}

/**
 * Throws FORBIDDEN unless the field is readable in every readable entry: filtering by a field reveals
 * its value.
 */
export function requireReadableField(source: Source, column: string, path: string): void {
  if (column.includes(".") && !source.type.isInnerIndexed) throw notIndexed(source.type.id);
  const access = accessOf(source.ctx, source.schema);
  if (!access || mayRead(access, source, column)) return;
  throw fieldNotReadable(source.type.id, column, path);
}

/** The entries of a type are still being prepared for queries into their components. */
const notIndexed = (type: string): AppError =>
  new AppError(
    "UNAVAILABLE",
    NOT_INDEXED,
    `What is inside the components of ${type} is being indexed: try again in some minutes.`,
  );
const NOT_INDEXED = "content/being-indexed";
export const isNotIndexed = (error: unknown): boolean =>
  error instanceof AppError && error.reason === NOT_INDEXED;

/** Whether a field is readable in every readable entry of a type. */
export function isReadableField(source: Source, type: CompiledType, field: string): boolean {
  const access = accessOf(source.ctx, source.schema);
  return !access || mayRead(access, { ...source, type }, field);
}

function mayRead(access: Access, source: Source, field: string): boolean {
  const locales = shownPart(source).locales as string[];
  const origins = source.type.fields.get(field.split(".", 1)[0]!)?.localized
    ? [...new Set([...locales, ...source.chain])]
    : undefined;
  return isWhollyGranted(access, source.type, readingOf(source.perspective), field, locales, origins);
}

/**
 * Throws FORBIDDEN for a field that is hidden in the locale that is shown, with all that is inside it:
 * what it falls back to is left out of the answer, as are hidden parts.
 */
export function requireShownField(source: Source, field: string, path: string): void {
  const access = accessOf(source.ctx, source.schema);
  const action = readingOf(source.perspective);
  const locales = shownPart(source).locales as string[];
  if (!access) return;
  const paths = [field, ...access.namedBelow(source.type, field)];
  if (paths.some((one) => isAlwaysGranted(access, source.type, action, one, locales))) return;
  throw fieldNotReadable(source.type.id, field, path);
}

/** Throws FORBIDDEN for a search that would also look into fields that the actor may not read. */
export function requireSearchable(source: Source): void {
  const access = accessOf(source.ctx, source.schema);
  if (!access) return;
  for (const field of source.type.fields.values())
    if ((kindOf(field).searched || innerFields(field).length > 0) && !mayRead(access, source, field.id))
      throw fieldNotReadable(source.type.id, field.id, "q");
}
