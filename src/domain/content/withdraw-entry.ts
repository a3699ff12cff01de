import { sql } from "drizzle-orm";
import type { Context } from "../../core/context.ts";
import { notFound } from "../../core/errors.ts";
import { requirePermission } from "../../core/permissions.ts";
import { record } from "../events/index.ts";
import { schemaOf, typeOf } from "../types/index.ts";
import { ENTRY_COLUMNS, presentEntry, type Entry } from "./present-entry.ts";
import { unpublishRows } from "./read-model.ts";
import { noSuchEntry, versionConflict } from "./save-entry.ts";
import { inEnvironment } from "./side-rows.ts";

/** Takes an entry out of delivery and keeps its working copy. An entry that is not published stays as it is. */
export async function unpublishEntry(
  ctx: Context,
  input: { id: string; version?: number | undefined },
): Promise<Entry> {
  requirePermission(ctx, "content:publish");
  const statement = sql`with
    before as materialized (select entry.* from entries entry where ${inEnvironment(ctx, "entry")} and entry.id = ${input.id}),
    gone as (update entries entry set published_version = null, published_at = null
      where ${inEnvironment(ctx, "entry")} and entry.id = ${input.id} and entry.published_version is not null
        and entry.version = coalesce(${input.version ?? null}::int, entry.version) returning entry.*),
    ${unpublishRows(ctx)},
    ${record(ctx, {
      event: "entry.unpublished",
      from: sql`gone`,
      subject: sql`'entry:' || gone.id`,
      payload: sql`jsonb_build_object('id', gone.id, 'type', gone.type, 'version', gone.version)`,
    })}
    select (select id::text from event_row), (select version from before), saved.type, ${ENTRY_COLUMNS}
    from (select 1) one left join (select * from gone union all select * from before where not exists (select 1 from gone)) saved on true`;
  const { results } = await ctx.db.run([statement], { write: true });
  const [outboxId, version, typeId, ...columns] = results[0]![0]!;
  if (version === null) throw notFound("content/not-found", `There is no entry "${input.id.slice(0, 100)}".`);
  if (input.version !== undefined && version !== input.version)
    throw versionConflict(version as number, input.version);
  if (outboxId !== null) ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  const schema = await schemaOf(ctx);
  return presentEntry(schema, typeOf(schema, typeId as string), columns, schema.defaultLocale);
}

/** Deletes an entry, its versions and what is published of it. */
export async function deleteEntry(
  ctx: Context,
  input: { type: string; id: string; version?: number | undefined },
): Promise<void> {
  requirePermission(ctx, "content:delete");
  const isIt = (alias: string) =>
    sql`${inEnvironment(ctx, alias)} and ${sql.raw(`${alias}.entry_id = gone.id`)}`;
  const statement = sql`with
    before as (select version, type from entries entry where ${inEnvironment(ctx, "entry")} and entry.id = ${input.id}),
    gone as (delete from entries entry where ${inEnvironment(ctx, "entry")} and entry.id = ${input.id} and entry.type = ${input.type}
      and entry.version = coalesce(${input.version ?? null}::int, entry.version) returning entry.*),
    gone_docs as (delete from published_entries old using gone where ${isIt("old")}),
    gone_fields as (delete from entry_fields old using gone where ${isIt("old")}),
    gone_refs as (delete from entry_refs old using gone where ${isIt("old")}),
    gone_versions as (delete from entry_versions old using gone where ${isIt("old")}),
    ${record(ctx, {
      event: "entry.deleted",
      from: sql`gone`,
      subject: sql`'entry:' || gone.id`,
      payload: sql`jsonb_build_object('id', gone.id, 'type', gone.type, 'version', gone.version)`,
    })}
    select (select id::text from event_row), (select version from before), (select type from before)`;
  const { results } = await ctx.db.run([statement], { write: true });
  const [outboxId, version, type] = results[0]![0]!;
  if (outboxId !== null) return ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  if (version === null || type !== input.type) throw noSuchEntry(input.type, input.id);
  throw versionConflict(version as number, input.version);
}
