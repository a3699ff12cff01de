import { sql } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import { AppError } from "../../../../core/errors.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { PUBLISHED_DATA } from "../../types/index.ts";
import type { ToPublish } from "../model/index.ts";

/** An entry that is there. */
export type Found = ToPublish & { type: string; version: number };

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

/** The entries of these ids, of a type or of any. */
export async function readFound(ctx: Context, { type, ids }: { type?: string; ids: readonly string[] }) {
  const { rows, schemaVersion } = await ctx.db
    .read(sql`select entry.id, entry.type, entry.data, entry.version,
      case when entry.published_version is not null then ${PUBLISHED_DATA} end
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
    (rows as [string, string, Found["data"], number, Found["published"]][]).map(
      ([id, type, data, version, published]) => [id, { type, data, version, published }],
    ),
  );
