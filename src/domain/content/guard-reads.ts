import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../core/context.ts";
import { notFound } from "../../core/errors.ts";
import { scopesGrant } from "../../core/permissions.ts";
import { inEnvironment } from "../../db/in-environment.ts";
import {
  accessOf,
  conditionSql,
  grantedIf,
  isNever,
  notGranted,
  type Access,
  type Subject,
} from "../grants/index.ts";
import { schemaOf, typeOf, type CompiledType, type EnvironmentSchema } from "../types/index.ts";
import { dataOf, maskedData, subjectOf } from "./mask.ts";
import { anyTypeSql, entryRow, inAnyLocale, seenSql, trashRow } from "./permit.ts";
import { entryColumns, wholeEntry } from "./present-entry.ts";

/** What stands beside a working copy, for an actor that grants narrow: rows it hides and data it thins out. */
export type EditorialGuard = {
  /** ` and …` over `kept`, a row of `entry_versions`: the entry and the version are the actor's to read. */
  version: SQL;
  /** The facts of the entry, as a column for `thin`. */
  facts: SQL;
  /** Stored data without what the actor may not read. */
  thin(data: unknown, facts: unknown): unknown;
  /** Whether all of the data may be read and written: what is saved again whole must be. */
  isWhole(data: unknown, facts: unknown): boolean;
};

/** The guard of a type's versions; undefined for an actor that nothing narrows. Throws FORBIDDEN when none may be read. */
export async function guardVersions(ctx: Context, typeId: string): Promise<EditorialGuard | undefined> {
  if (ctx.actor.grants === undefined) return undefined;
  const schema = await schemaOf(ctx);
  const access = accessOf(ctx, schema)!;
  const type = typeOf(schema, typeId);
  const condition = grantedIf(access, type, "content:read-draft", inAnyLocale(schema));
  if (isNever(condition)) throw notGranted("content:read-draft", type.id);
  const row = entryRow(type, "own");
  const isMine = sql`${inEnvironment(ctx, "own")} and own.id = kept.entry_id`;
  const names = [
    "created_by",
    "updated_by",
    "assignee",
    "stage",
    "status",
    "created_at",
    "updated_at",
    "published_at",
  ];
  const pairs = names.map((name) => sql`${name}::text, ${row.fact(name)}`);
  const thin = (data: unknown, facts: unknown) => thinned(access, type, data, facts);
  return {
    version: sql` and exists (select 1 from entries own where ${isMine} and ${conditionSql(condition, row)}
      and ${conditionSql(condition, entryRow(type, "own", sql`kept.data`))})`,
    facts: sql`, (select jsonb_build_object('id', own.id, ${sql.join(pairs, sql`, `)}) from entries own where ${isMine})`,
    thin,
    isWhole(data, facts) {
      const known = Object.entries(data as object).filter(([id]) => type.fields.has(id));
      return JSON.stringify(Object.fromEntries(known)) === JSON.stringify(thin(data, facts));
    },
  };
}

function thinned(access: Access, type: CompiledType, data: unknown, facts: unknown): unknown {
  const values = structuredClone(data) as Record<string, unknown>;
  return maskedData(access, type, values, subjectOf((facts ?? {}) as Record<string, unknown>, { ...values }));
}

/** The guard of the trash; undefined for an actor that nothing narrows. `action` is what is to be done with its rows. */
export async function guardTrash(
  ctx: Context,
  action: "content:read-draft" | "content:write" | "content:delete",
): Promise<
  { row: SQL; thin(type: string, id: string, createdBy: unknown, data: unknown): unknown } | undefined
> {
  if (ctx.actor.grants === undefined) return undefined;
  const schema = await schemaOf(ctx);
  const access = accessOf(ctx, schema)!;
  const part = action === "content:delete" ? { locales: [null] } : inAnyLocale(schema);
  const may = (one: typeof action) => anyTypeSql(access, one, sql`trash.type`, () => trashRow("trash"), part);
  return {
    row: sql` and ${may("content:read-draft")}${action === "content:read-draft" ? sql`` : sql` and ${may(action)}`}`,
    thin(typeId, id, createdBy, data) {
      const type = schema.types.get(typeId);
      return type ? thinned(access, type, data, { id, status: "draft", created_by: createdBy }) : {};
    },
  };
}

/** ` and …` over a row of `entries` that the actor may read; nothing for an actor that nothing narrows. */
export async function seenEntry(ctx: Context, alias: string): Promise<SQL> {
  if (ctx.actor.grants === undefined) return sql``;
  return sql` and ${seenSql(accessOf(ctx, await schemaOf(ctx))!, alias)}`;
}

/** Throws NOT_FOUND for an entry that the actor may not read; asks nothing for an actor that nothing narrows. */
export async function requireSeen(ctx: Context, id: string): Promise<void> {
  if (ctx.actor.grants === undefined) return;
  const { rows } = await ctx.db.read(
    sql`select 1 from entries entry where ${inEnvironment(ctx, "entry")} and entry.id = ${id}${await seenEntry(ctx, "entry")}`,
  );
  if (rows.length === 0) throw notFound("content/not-found", `There is no entry "${id.slice(0, 100)}".`);
}

/** ` and …` over a row of `entries` that the actor may publish in these locales, change, or read as a working copy: the same for who may all. */
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

/** A working copy of any type as conditions see it, if the actor may read it at all. */
export async function editorialEntry(
  ctx: Context,
  schema: EnvironmentSchema,
  id: string,
): Promise<{ type: CompiledType; entry: Subject } | undefined> {
  const isDraftHidden = !scopesGrant(ctx.actor.scopes, "content:read-draft");
  const { rows } = await ctx.db.read(sql`select entry.type, ${entryColumns("entry")} from entries entry
    where ${inEnvironment(ctx, "entry")} and entry.id = ${id}${await seenEntry(ctx, "entry")}${isDraftHidden ? sql` and entry.published_version is not null` : sql``}`);
  const [typeId, ...row] = rows[0] ?? [];
  if (typeId === undefined) return undefined;
  const type = typeOf(schema, typeId as string);
  return { type, entry: subjectOf(wholeEntry(schema, type, row, schema.defaultLocale), dataOf(row)) };
}
