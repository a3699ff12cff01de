import { sql } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import { AppError } from "../../../../core/errors.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { PUBLISHED_DATA } from "../../types/index.ts";
import type { ToPublish } from "../model/index.ts";
import { trashedFacts } from "../query/index.ts";

/** An entry that is there. */
export type Found = ToPublish & {
  type: string;
  version: number;
  facts?: Record<string, unknown> | undefined;
};

/** Of writers of one entry at once, one succeeds each time. */
const MAX_TRIES = 20;

/**
 * Runs a write that may need the values that are there: it answers them first, and is then run over
 * them, again when they were changed in between. That is one round trip more. Without `isRetried` a
 * conflict is the caller's: they said over which version they write.
 */
export async function overBefore<Before, Done extends object>(
  isRetried: boolean,
  run: (before: Before | undefined) => Promise<Done | { before: Before }>,
): Promise<Done> {
  let before: Before | undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      const done = await run(before);
      if (!("before" in done)) return done;
      before = done.before;
      if (attempt >= MAX_TRIES) throw changedMeanwhile();
    } catch (error) {
      if (!before || !isRetried || !isRace(error) || attempt >= MAX_TRIES) throw error;
      before = undefined;
    }
  }
}

const isRace = (error: unknown): boolean =>
  error instanceof AppError &&
  (error.reason === "content/version-conflict" || error.reason === "content/changed-meanwhile");

/** CONFLICT: what was read is not what is there any more. */
export const changedMeanwhile = (): AppError =>
  new AppError("CONFLICT", "content/changed-meanwhile", "The data changed concurrently: try again.");

const factsOfEntry = sql`${trashedFacts("entry")} || jsonb_build_object('created_by', entry.created_by,
  'created_at', cms_iso(entry.created_at))`;

/** The entries of these ids, of a type or of any; for a restricted actor with what conditions ask of them. */
export async function readFound(ctx: Context, { type, ids }: { type?: string; ids: readonly string[] }) {
  const { rows, schemaVersion } = await ctx.db
    .read(sql`select entry.id, entry.type, entry.data, entry.version,
      case when entry.published_version is not null then ${PUBLISHED_DATA} end,
      ${ctx.actor.grants === undefined ? sql`null` : factsOfEntry}
    from entries entry left join entry_versions kept on ${inEnvironment(ctx, "kept")}
      and kept.entry_id = entry.id and kept.version = entry.published_version
    where ${inEnvironment(ctx, "entry")}
    and entry.id in (select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))
    and (${type ?? null}::text is null or entry.type = ${type ?? null}::text)`);
  return { results: [rows], schemaVersion };
}

/** The rows of `readFound` by their ids. */
export const foundIn = (rows: readonly unknown[][]): Map<string, Found> =>
  new Map(
    (rows as [string, string, Found["data"], number, Found["published"], Found["facts"] | null][]).map(
      ([id, type, data, version, published, facts]) => [
        id,
        { type, data, version, published, facts: facts ?? undefined },
      ],
    ),
  );
