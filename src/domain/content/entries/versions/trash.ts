import { sql } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import { decodeCursor, encodeCursor } from "../../../../core/cursors.ts";
import { AppError, notFound } from "../../../../core/errors.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { record } from "../../../tenant/events/index.ts";
import {
  guardTrash,
  joinedReferences,
  readStored,
  referenced,
  referencesTo,
  trashReferencesTo,
} from "../read/index.ts";
import { keptDataOf } from "../../types/index.ts";
import { forgetEntry } from "../model/index.ts";
import { saveStored, type Restored } from "./restore-version.ts";
import type { Reference, RichTextForm, TrashedEntry } from "../schemas.ts";

const DATA = keptDataOf("trash", "deleted_at");
type WantedTrash = {
  limit: number;
  cursor?: string | undefined;
  type?: string | undefined;
  richText?: RichTextForm | undefined;
};

/** What was deleted, last first. */
export async function listTrash(
  ctx: Context,
  input: WantedTrash,
): Promise<{ data: TrashedEntry[]; nextCursor: string | null }> {
  const guard = await guardTrash(ctx, "content:read-draft");
  const after = input.cursor === undefined ? [null, null] : decodeCursor(input.cursor, "trash", 2);
  const statement = sql`
    select deleted_at::text, id, type, version, cms_iso(deleted_at), deleted_by, ${DATA}, created_by,
      cms_iso(created_at), facts from trash
    where ${inEnvironment(ctx, "trash")}${guard?.row ?? sql``}
    and (${input.type ?? null}::text is null or type = ${input.type ?? null}::text)
      and (${after[1]}::text is null or (deleted_at, id) < (${after[0]}::timestamptz, ${after[1]}::text))
    order by deleted_at desc, id desc limit ${input.limit + 1}::int`;
  return readStored(ctx, input.richText ?? "json", statement, (rows, show) => {
    const shown = rows.slice(0, input.limit);
    const last = rows.length > input.limit ? shown.at(-1) : undefined;
    return {
      data: shown.map(([, id, type, version, deletedAt, deletedBy, data, created_by, created_at, facts]) => ({
        id: id as string,
        type: type as string,
        version: version as number,
        deleted_at: deletedAt as string,
        deleted_by: deletedBy as string,
        data: show(
          type as string,
          guard
            ? guard.thin({ type: type as string, id, data, created_by, created_at, facts })
            : (data as Record<string, unknown>),
        ),
      })),
      nextCursor: last ? encodeCursor("trash", [last[0] as string, last[1] as string]) : null,
    };
  });
}

/**
 * Brings a deleted entry back as a draft under its id, made by who made it. What has no place any
 * more, such as a unique value that was given away since, is left out and named. FORBIDDEN when the
 * actor may not read all of it.
 */
export async function restoreFromTrash(ctx: Context, input: { id: string }): Promise<Restored> {
  const guard = await guardTrash(ctx, "content:write");
  const { rows } = await ctx.db.read(
    sql`select type, ${DATA}, cms_iso(created_at), created_by, facts from trash
      where ${inEnvironment(ctx, "trash")} and id = ${input.id}${guard?.row ?? sql``}`,
  );
  const row = rows[0];
  if (!row) throw noSuchTrash(input.id);
  const [type, data, createdAt] = row as [string, Record<string, unknown>, string];
  const trashed = { type, data, id: input.id, created_at: createdAt, created_by: row[3], facts: row[4] };
  if (guard && !guard.isWhole(trashed))
    throw new AppError(
      "FORBIDDEN",
      "access/field-not-readable",
      "This entry has fields that your roles may not read: restoring requires read access to all of it.",
    );
  return saveStored(ctx, { type, id: input.id, data, createdAt, mode: "create", isRestored: true });
}

/**
 * Erases an entry from the trash, with its versions. Throws CONFLICT `content/referenced` with the
 * entries that refer to it, also from the trash, unless `isKept`: then they are left unchanged.
 */
export async function eraseEntry(ctx: Context, input: { id: string; isKept: boolean }): Promise<void> {
  const guard = await guardTrash(ctx, "content:delete");
  const { results } = await ctx.db.run(
    [
      sql`with before as (select 1 from trash where ${inEnvironment(ctx, "trash")}
        and id = ${input.id}${guard?.row ?? sql``}),
        used as (select ${
          input.isKept
            ? sql`null::jsonb`
            : joinedReferences(
                referencesTo(ctx, sql`ref.target_id = ${input.id} and ref.entry_id <> ${input.id}`),
                trashReferencesTo(ctx, input.id),
              )
        } as list),
        gone as (delete from trash using used where ${inEnvironment(ctx, "trash")}
          and trash.id = ${input.id} and used.list is null${guard?.row ?? sql``} returning trash.*),
        gone_versions as (delete from entry_versions old using gone where ${inEnvironment(ctx, "old")}
          and old.entry_id = gone.id),
        ${forgetEntry(ctx)},
        ${record(ctx, {
          event: "entry.erased",
          from: sql`gone`,
          subject: sql`'entry:' || gone.id`,
          payload: sql`jsonb_build_object('id', gone.id, 'type', gone.type, 'version', gone.version)`,
        })} select (select id::text from event_row), exists (select 1 from before), (select list from used)`,
    ],
    { write: true },
  );
  const [outboxId, isThere, used] = results[0]![0]!;
  if (!isThere) throw noSuchTrash(input.id);
  if (outboxId === null) throw referenced(ctx, input.id, (used ?? []) as Reference[], "erase");
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
}

const noSuchTrash = (id: string) =>
  notFound("content/not-in-trash", `The trash has no entry "${id.slice(0, 100)}".`);
