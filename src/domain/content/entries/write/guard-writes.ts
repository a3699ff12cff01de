import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import {
  accessOf,
  conditionSql,
  grantedIf,
  holds,
  isNever,
  joined,
  notGranted,
  type Access,
  type Condition,
  type ContentAction,
  type Part,
  type RowSql,
} from "../../grants/index.ts";
import type { CompiledType, EnvironmentSchema } from "../../types/index.ts";
import type { EntryValues, Locales } from "../model/index.ts";
import { anyTypeSql, entryRow, inAnyLocale, seenSql } from "../query/index.ts";
import { notWritable, writtenParts } from "./keep-parts.ts";
import { anyEntrySql, anySeenSql, anyTrashedSql } from "./any-entry.ts";

/** The access conditions of a write statement. Empty for an unrestricted actor. */
export type Guard = {
  /**
   * ` and …` over the row `entry` in the CTE `before`: what the actor may neither read nor change is
   * not there.
   */
  seen: SQL;
  /** ` and …` over the row `entry` that is changed. */
  granted: SQL;
  /** `verdict as (…),`: a CTE behind `before`. */
  verdict: SQL;
  /** The column that `readVerdict` reads, if there is one. */
  why: SQL[];
  /** ` and …` where the statement says whether it did its work. */
  upheld: SQL;
};

const OPEN: Guard = { seen: sql``, granted: sql``, verdict: sql``, why: [], upheld: sql`` };

/**
 * Reads the last of the columns that say why: whether grants refused the change. The columns behind it
 * come along.
 */
export function readVerdict(ctx: Context, row: unknown[]): { isRefused: boolean; columns: unknown[] } {
  if (ctx.actor.grants === undefined) return { isRefused: false, columns: row };
  return { isRefused: row[0] !== true, columns: row.slice(1) };
}

/**
 * The guard of an action on an entry; `first`: what it is about while nothing is published. With
 * `typeId` an entry of another type is not there; without it only the database knows the type.
 */
export function guardEntry(
  ctx: Context,
  schema: EnvironmentSchema | undefined,
  action: ContentAction,
  id: string,
  part: Part,
  { first, typeId }: { first?: Part | undefined; typeId?: string } = {},
): Guard {
  const access = schema && accessOf(ctx, schema);
  if (!access && ctx.actor.grants !== undefined) throw new Error("Grants cannot be read without the schema.");
  if (!access) return OPEN;
  const types = typeId === undefined ? undefined : [schema.types.get(typeId) ?? []].flat();
  const of = (one: Part) =>
    types
      ? anyTypeSql(access, action, sql`entry.type`, (type) => entryRow(type, "entry"), one, types)
      : anyEntrySql(access, action, one);
  const condition = first
    ? sql`(case when entry.published_version is null then ${of(first)} else ${of(part)} end)`
    : of(part);
  const seen = types ? seenSql(access, "entry", types) : anySeenSql(access);
  return guardOf(ctx, id, condition, sql`false`, seen);
}

function guardOf(ctx: Context, id: string, condition: SQL, whenNew: SQL, seen: SQL): Guard {
  return {
    seen: sql` and (${seen} or ${condition})`,
    granted: sql` and ${condition}`,
    verdict: sql`verdict as (select coalesce((select ${condition} from entries entry
      where ${inEnvironment(ctx, "entry")} and entry.id = ${id}), ${whenNew}) as is_granted),`,
    why: [sql`(select is_granted from verdict)`],
    upheld: sql` and (select is_granted from verdict)`,
  };
}

/** The part of an entry that is published: values that are not localised go with the default locale. */
export function publishedPart(schema: EnvironmentSchema, locales: Locales): Part {
  if (!locales) return { locales: [null] };
  return { locales: locales.includes(schema.defaultLocale) ? [...locales, null] : [...locales] };
}

/** The part of a first publish: it includes values that are not localised, for any locales. */
export function firstPublishedPart(locales: Locales): Part | undefined {
  return locales && { locales: [...locales, null] };
}

/** The entry as a whole. */
export const WHOLE: Part = { locales: [null] };

export type WriteGuard = Guard & {
  /** ` and …` where a row is made: empty, or false when the actor may not make it. */
  grantedNew: SQL;
};

type Saving = {
  mode: "create" | "patch" | "put";
  id: string;
  createdAt?: string | undefined;
  reusesId?: boolean;
  isRestored?: boolean;
  before?: Record<string, unknown> | undefined;
};

/**
 * The guard of a save: the write must be granted on the entry before and after. `after` is the new data,
 * over the row `entry` if it exists. Throws FORBIDDEN for fields that the actor may never write.
 */
export function guardSave(
  ctx: Context,
  schema: EnvironmentSchema,
  type: CompiledType,
  save: Saving,
  values: EntryValues,
  after: SQL,
): WriteGuard {
  const access = accessOf(ctx, schema);
  if (!access) return { ...OPEN, grantedNew: sql`` };
  const condition = writingIf(access, type, save, values);
  const now = ctx.now().toISOString();
  const facts: Record<string, string | null> = {
    id: save.id,
    status: "draft",
    created_by: ctx.actor.id,
    updated_by: ctx.actor.id,
    created_at: save.createdAt ?? now,
    updated_at: now,
    stage: type.definition.review?.stages[0]!.id ?? null,
  };
  const isNewGranted = save.mode !== "patch" && holds(condition, { facts, data: values.shared });
  if (save.mode === "create" && !isNewGranted && !save.reusesId)
    throw notGranted("content:write", `a new ${type.id} such as this`);
  const both = sql`(${conditionSql(condition, entryRow(type, "entry"))}
    and ${conditionSql(condition, entryRow(type, "entry", after))})`;
  const again: RowSql = {
    data: sql`${JSON.stringify(values.shared)}::jsonb`,
    fact: (name) => (name === "created_by" ? sql`trash.created_by` : sql`${facts[name] ?? null}::text`),
  };
  const isFree =
    save.mode === "patch"
      ? sql`false`
      : save.reusesId
        ? freeId(ctx, access, save, isNewGranted, conditionSql(condition, again))
        : sql`${isNewGranted}::boolean`;
  const seen = save.reusesId ? anySeenSql(access) : seenSql(access, "entry", [type]);
  return { ...guardOf(ctx, save.id, both, isFree, seen), grantedNew: sql` and ${isFree}` };
}

/**
 * Whether an entry may be created with an id. One in the trash is restored with its versions and
 * creator, by actors who may read and write the deleted entry, and write the result, which is `again`
 * over `trash`.
 */
function freeId(
  ctx: Context,
  access: Access,
  { id, isRestored }: { id: string; isRestored?: boolean },
  isNewGranted: boolean,
  again: SQL,
): SQL {
  const row = inAnyLocale(access.schema);
  // A restored entry was read whole before; a replacement leaves the old values in the versions.
  const whole = isRestored ? sql`` : sql`and ${anyTrashedSql(access, "content:read-draft", "whole")}`;
  const isIt = sql`${inEnvironment(ctx, "trash")} and trash.id = ${id}`;
  return sql`(case when exists (select 1 from trash where ${isIt})
    then exists (select 1 from trash where ${isIt}
      and exists (select 1 from content_types known where ${inEnvironment(ctx, "known")} and known.id = trash.type)
      and ${anyTrashedSql(access, "content:read-draft", row)}
      and ${anyTrashedSql(access, "content:write", row)} ${whole} and ${again})
    else ${isNewGranted}::boolean end)`;
}

/**
 * The condition for writing these values: each in its locale, values that are not localised with the
 * whole entry.
 */
function writingIf(
  access: Access,
  type: CompiledType,
  save: Pick<Saving, "mode" | "before">,
  values: EntryValues,
): Condition {
  const row = grantedIf(access, type, "content:write", inAnyLocale(access.schema));
  if (isNever(row)) throw notGranted("content:write", type.id);
  const parts = values.touched.flatMap((place) =>
    writtenParts(access, type, save, values, place).map(({ name, path }) => ({
      path,
      condition: grantedIf(access, type, "content:write", {
        fields: [name],
        locales: [place.l === "" ? null : place.l],
      }),
    })),
  );
  const refused = parts.filter(({ condition }) => isNever(condition));
  if (refused.length > 0)
    throw notWritable(
      type.id,
      refused,
      save.mode === "put" ? ", and a replacement writes every field: change single ones instead" : "",
    );
  return joined("all", [row, ...parts.map(({ condition }) => condition)]);
}
