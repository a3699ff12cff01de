import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { textArray } from "../../../db/text-array.ts";
import { publishRefusals } from "../entries/index.ts";
import { PUBLISHED_DATA, type EnvironmentSchema } from "../types/index.ts";
import type { FoundRow } from "./present-findings.ts";
import { entryOf, itemOf, keptJoin, ofRelease } from "./target-sql.ts";

/** What the rules of types say of the targets of a release, and of which targets they were asked. */
export type Ruled = { asked: { id: string; basis: string }[]; rows: FoundRow[] };

const PAGE = 100;

/** Asks the rules of each target that has some; nothing where no type has. */
export async function askRules(ctx: Context, schema: EnvironmentSchema, id: string): Promise<Ruled> {
  const ruled: Ruled = { asked: [], rows: [] };
  if ((schema.ruled ?? []).length === 0) return ruled;
  for (let after = ""; ; after = ruled.asked.at(-1)!.id) {
    const { rows } = await ctx.db.read(
      sql`select target.entry_id, target.basis, target.type, target.data, item.locales,
          case when entry.published_version is not null then ${PUBLISHED_DATA} end
        from release_targets target ${itemOf(ctx, id, sql`target.entry_id`)} ${entryOf(ctx)} ${keptJoin(ctx)}
        where ${ofRelease(ctx, id, "target")} and target.type = any (${textArray(schema.ruled!)})
          and item.action = 'publish' and item.restores is null and target.data is not null and target.entry_id > ${after}
        order by target.entry_id limit ${sql.raw(String(PAGE))}`,
      { kind: "rebuild" },
    );
    for (const [entry, basis, typeId, data, locales, published] of rows as never[][]) {
      const type = schema.types.get(typeId!)!;
      const writing = { id: entry!, actor: ctx.actor, now: ctx.now() };
      const refusals = publishRefusals(
        schema,
        type,
        { data: data!, published: published! },
        locales ?? undefined,
        writing,
      );
      ruled.asked.push({ id: entry!, basis: basis! });
      for (const { path, message, locale } of refusals)
        ruled.rows.push({
          ...{ is_error: true, kind: "rule", entry: entry!, type: typeId!, path, detail: message },
          locale: (locale as string | undefined) ?? null,
        });
    }
    if (rows.length < PAGE) return ruled;
  }
}
