import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import { notFound } from "../../../../core/errors.ts";
import { scopesGrant } from "../../../../core/permissions.ts";
import { sameValue } from "../../../../core/same-value.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import {
  accessOf,
  conditionSql,
  grantedIf,
  isNever,
  notGranted,
  type Access,
  type Subject,
} from "../../grants/index.ts";
import {
  keptDataOf,
  schemaOf,
  typeOf,
  type CompiledType,
  type EnvironmentSchema,
} from "../../types/index.ts";
import { dataOf, knownData, maskedData, subjectOf } from "./mask.ts";
import {
  anyTypeSql,
  entryRow,
  inAnyLocale,
  nowSql,
  seenSql,
  TRASHED_FACTS,
  trashRow,
} from "../query/index.ts";
import { entryColumns, wholeEntry } from "./present-entry.ts";

/** The access checks of version and trash reads for a restricted actor: hidden rows and hidden fields. */
export type EditorialGuard = {
  /** ` and …` over `kept`, a row of `entry_versions`: the actor may read the entry and the version. */
  version: SQL;
  /** The facts of the entry, as a column for `thin`. */
  facts: SQL;
  /** Stored data without what the actor may not read. */
  thin(data: unknown, facts: unknown): Values;
  /** Whether all of the data may be read and written: what is saved again whole must be. */
  isWhole(data: unknown, facts: unknown): boolean;
};

/**
 * The guard of a type's versions; undefined for an actor that nothing narrows. Throws FORBIDDEN when
 * none may be read.
 */
export async function guardVersions(ctx: Context, typeId: string): Promise<EditorialGuard | undefined> {
  if (ctx.actor.grants === undefined) return undefined;
  const schema = await schemaOf(ctx);
  const access = accessOf(ctx, schema)!;
  const type = typeOf(schema, typeId);
  const condition = grantedIf(access, type, "content:read-draft", inAnyLocale(schema));
  if (isNever(condition)) throw notGranted("content:read-draft", type.id);
  const row = entryRow(type, "own");
  const isMine = sql`${inEnvironment(ctx, "own")} and own.id = kept.entry_id`;
  const thin = (data: unknown, facts: unknown) => readableData(access, type, data, facts);
  return {
    version: sql` and exists (select 1 from entries own where ${isMine} and ${conditionSql(condition, row)}
      and ${conditionSql(condition, entryRow(type, "own", keptDataOf("kept", "created_at")))})`,
    facts: sql`, ${nowSql(ctx, type, sql`kept.entry_id`)}`,
    thin,
    isWhole: (data, facts) => isWhole(access, type, data, thin(data, facts)),
  };
}

type Values = Record<string, unknown>;

/** Data without what may not be read in it, nor in what the entry is now where that is another. */
function readableData(access: Access, type: CompiledType, data: unknown, facts: unknown, unknown?: string[]) {
  const { data: now, ...known } = (facts ?? {}) as Values & { data?: Values };
  const values = structuredClone(data) as Values;
  const subject = { ...subjectOf(known, { ...values }), ...(unknown ? { unknown } : {}) };
  const shown = maskedData(access, type, values, subject);
  return now ? maskedData(access, type, shown, subjectOf(known, now)) : shown;
}

/** Names that the type lost are left out of both, at every depth. */
function isWhole(access: Access, type: CompiledType, data: unknown, thin: Values): boolean {
  return sameValue(knownData(access, type, data as Values), thin);
}

/** The columns of a trash row that its guard uses: `facts` is null when they were not stored. */
export type Trashed = { type: string; data: unknown; facts: unknown } & Record<
  "id" | "created_by" | "created_at",
  unknown
>;
export type TrashGuard = {
  /** ` and …` over `trash`: the rows that the action may be done with. */
  row: SQL;
  thin(trashed: Trashed): Values;
  /** Whether all of the data may be read: what is restored must be. */
  isWhole(trashed: Trashed): boolean;
};

/** The guard of the trash; undefined for an unrestricted actor. `action` is the action on its rows. */
export async function guardTrash(
  ctx: Context,
  action: "content:read-draft" | "content:write" | "content:delete",
): Promise<TrashGuard | undefined> {
  if (ctx.actor.grants === undefined) return undefined;
  const schema = await schemaOf(ctx);
  const access = accessOf(ctx, schema)!;
  const part = action === "content:delete" ? { locales: [null] } : inAnyLocale(schema);
  const may = (one: typeof action) =>
    anyTypeSql(access, one, sql`trash.type`, (type) => trashRow(type, "trash"), part);
  const thin = ({ type: typeId, data, facts, ...rest }: Trashed) => {
    const type = schema.types.get(typeId);
    if (!type) return {};
    const kept = { stage: null, ...(facts as Values | null) };
    const stage = kept.stage ?? type.definition.review?.stages[0]!.id;
    return readableData(
      access,
      type,
      data,
      { ...kept, ...rest, stage },
      facts ? undefined : [...TRASHED_FACTS],
    );
  };
  return {
    row: sql` and ${may("content:read-draft")}${action === "content:read-draft" ? sql`` : sql` and ${may(action)}`}`,
    thin,
    isWhole(trashed) {
      const type = schema.types.get(trashed.type);
      return type === undefined || isWhole(access, type, trashed.data, thin(trashed));
    },
  };
}

/** ` and …` over a row of `entries` that the actor may read; nothing for an actor that nothing narrows. */
export async function seenEntry(ctx: Context, alias: string): Promise<SQL> {
  if (ctx.actor.grants === undefined) return sql``;
  return sql` and ${seenSql(accessOf(ctx, await schemaOf(ctx))!, alias)}`;
}

/** Throws NOT_FOUND for an entry that the actor may not read; no query for an unrestricted actor. */
export async function requireSeen(ctx: Context, id: string): Promise<void> {
  if (ctx.actor.grants === undefined) return;
  const { rows } = await ctx.db.read(
    sql`select 1 from entries entry where ${inEnvironment(ctx, "entry")}
      and entry.id = ${id}${await seenEntry(ctx, "entry")}`,
  );
  if (rows.length === 0) throw notFound("content/not-found", `There is no entry "${id.slice(0, 100)}".`);
}

/**
 * ` and …` over a row of `entries` that the actor may publish in these locales, change, or read as a
 * working copy; empty for an unrestricted actor.
 */
export async function grantedEntry(
  ctx: Context,
  alias: string,
  action: "content:publish" | "content:write" | "content:read-draft",
  locales: readonly (string | null)[],
): Promise<SQL> {
  if (ctx.actor.grants === undefined) return sql``;
  const access = accessOf(ctx, await schemaOf(ctx))!;
  const typeOfRow = sql.raw(`${alias}.type`);
  const part = locales.length > 0 ? { locales } : inAnyLocale(access.schema);
  return sql` and ${anyTypeSql(access, action, typeOfRow, (type) => entryRow(type, alias), part)}`;
}

/** A working copy of any type in the form that conditions need, if the actor may read it at all. */
export async function editorialEntry(
  ctx: Context,
  schema: EnvironmentSchema,
  id: string,
): Promise<{ type: CompiledType; entry: Subject } | undefined> {
  const isDraftHidden = !scopesGrant(ctx.actor.scopes, "content:read-draft");
  const { rows } = await ctx.db.read(sql`select entry.type, ${entryColumns("entry")} from entries entry
    where ${inEnvironment(ctx, "entry")} and entry.id =
      ${id}${await seenEntry(ctx, "entry")}${isDraftHidden ? sql` and entry.published_version is not null` : sql``}`);
  const [typeId, ...row] = rows[0] ?? [];
  if (typeId === undefined) return undefined;
  const type = typeOf(schema, typeId as string);
  return { type, entry: subjectOf(wholeEntry(schema, type, row, schema.defaultLocale), dataOf(row)) };
}
