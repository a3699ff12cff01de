import { sql } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { typeOf, withSchema } from "../../types/index.ts";
import { ONLY_ENTRY } from "../read/index.ts";
import { notSingleton } from "../refusals.ts";

/** The id of the entry that is meant: `-` is the only one of a singleton, or `none` where there is none yet. */
export async function idOf(
  ctx: Context,
  { type, id }: { type: string; id: string },
  none: () => string,
): Promise<string> {
  if (id !== ONLY_ENTRY) return id;
  return withSchema(ctx, {
    plan(schema) {
      if (!typeOf(schema, type).definition.singleton) throw notSingleton(type);
    },
    run: () =>
      ctx.db.read(sql`select entry.id from entries entry where ${inEnvironment(ctx, "entry")}
        and entry.type = ${type} limit 1`),
    read: ({ rows }) => (rows[0]?.[0] as string | undefined) ?? none(),
  });
}
