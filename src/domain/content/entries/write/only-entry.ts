import { sql } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { textArray } from "../../../../db/text-array.ts";
import { accessOf } from "../../grants/index.ts";
import { typeOf, withSchema, type EnvironmentSchema } from "../../types/index.ts";
import { seenSql } from "../query/index.ts";
import { ONLY_ENTRY } from "../read/index.ts";
import { noSuchEntry, notSingleton } from "../refusals.ts";

/** An entry as it is named: by its id, of a type if that is said, or as the only one of a singleton. */
type Address = { type?: string | undefined; id: string };

/** Throws NOT_FOUND where `-` stands for an entry of a type that is no singleton. */
export function requireSingleton(schema: EnvironmentSchema, type: string): void {
  if (!typeOf(schema, type).definition.singleton) throw notSingleton(type);
}

/** The id of the entry that is meant: `-` is the only one of a singleton, or `none` where there is none yet. */
export async function idOf(
  ctx: Context,
  { type, id }: { type: string; id: string },
  none: () => string,
): Promise<string> {
  if (id !== ONLY_ENTRY) return id;
  return withSchema(ctx, {
    plan: (schema) => requireSingleton(schema, type),
    run: () =>
      ctx.db.read(sql`select entry.id from entries entry where ${inEnvironment(ctx, "entry")}
        and entry.type = ${type} limit 1`),
    read: ({ rows }) => (rows[0]?.[0] as string | undefined) ?? none(),
  });
}

/**
 * The id of an entry that there must be, and that the actor may see: NOT_FOUND otherwise, and where it
 * is of another type. Nothing is looked up for an id alone.
 */
export async function addressOf(ctx: Context, { type, id }: Address): Promise<string> {
  if (type === undefined) return id;
  return withSchema(ctx, {
    plan(schema) {
      if (id === ONLY_ENTRY) requireSingleton(schema, type);
      const access = accessOf(ctx, schema);
      return access ? sql` and ${seenSql(access, "entry", [typeOf(schema, type)])}` : sql``;
    },
    run: (seen) =>
      ctx.db.read(
        sql`select entry.id from entries entry where ${inEnvironment(ctx, "entry")} and entry.type = ${type}
          ${id === ONLY_ENTRY ? sql`` : sql`and entry.id = ${id}`}${seen} limit 1`,
        { kind: "editing" },
      ),
    read({ rows }) {
      const found = rows[0]?.[0] as string | undefined;
      if (found === undefined) throw noSuchEntry(type, id);
      return found;
    },
  });
}

/** The only entries of those types that are singletons and have one that the actor may see, by type. */
export async function onlyEntries(ctx: Context, types: string[]): Promise<Map<string, string>> {
  if (types.length === 0) return new Map();
  return withSchema(ctx, {
    plan(schema) {
      const singles = [...new Set(types)].flatMap((id) => schema.types.get(id) ?? []);
      const known = singles.filter(({ definition }) => definition.singleton);
      const access = accessOf(ctx, schema);
      const seen = access && known.length > 0 ? sql` and ${seenSql(access, "entry", known)}` : sql``;
      return { ids: known.map(({ id }) => id), seen };
    },
    run: ({ ids, seen }) =>
      ctx.db.read(
        sql`select entry.type, entry.id from entries entry where ${inEnvironment(ctx, "entry")}
          and entry.type = any (${textArray(ids)})${seen}`,
        { kind: "editing" },
      ),
    read: ({ rows }) => new Map(rows as [string, string][]),
  });
}
