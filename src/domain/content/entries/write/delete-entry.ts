import { sql, type SQL } from "drizzle-orm";
import type { Context, Row } from "../../../../core/context.ts";
import { requirePermission } from "../../../../core/permissions.ts";
import { requireMet, type Precondition } from "../../../../core/preconditions.ts";
import { versionMeets } from "../../../../db/precondition-sql.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { record } from "../../../tenant/events/index.ts";
import { notGranted } from "../../grants/index.ts";
import { schemaOf, withSchema, type EnvironmentSchema } from "../../types/index.ts";
import { joinedReferences, referenced, referencesTo, requireSeen, trashReferencesTo } from "../read/index.ts";
import { guardEntry, readVerdict, WHOLE } from "./guard-writes.ts";
import {
  allReferrers,
  readReferrers,
  readReplacement,
  repointStatements,
  type OnReference,
} from "./reference-edits.ts";
import { EDIT, runAfterEdits } from "./run-after-edits.ts";
import { trashedFacts } from "../query/index.ts";
import type { Reference } from "../schemas.ts";
import { forgetEntry, mustHold, schemaGuard, type Must } from "../model/index.ts";
import { noSuchEntry, versionConflict } from "../refusals.ts";

export type DeleteInput = {
  type: string;
  id: string;
  version?: number | undefined;
  precondition?: Precondition | undefined;
  /** What becomes of entries that refer to this one; without it they are a CONFLICT that lists them. */
  onReference?: OnReference | undefined;
  /** Without the trash: the entry and its versions are erased. */
  isForGood?: boolean;
};

/**
 * Moves an entry to the trash, out of delivery at once; with `isForGood` also its versions go. Throws
 * CONFLICT `content/referenced` with the list of what refers to it unless `onReference` says what
 * becomes of that.
 */
export async function deleteEntry(ctx: Context, input: DeleteInput): Promise<void> {
  requirePermission(ctx, "content:delete");
  const { onReference } = input;
  if (!onReference) {
    const schema = ctx.actor.grants === undefined ? undefined : await schemaOf(ctx);
    const { row } = await runAfterEdits(ctx, [], () =>
      deleteStatement(ctx, input, undefined, undefined, schema),
    );
    return readDeleted(ctx, input, row);
  }
  return withSchema(ctx, {
    plan: (schema) => schema,
    run: async (schema) =>
      runAfterEdits(ctx, await editsBefore(ctx, schema, input.id, onReference), (must) =>
        deleteStatement(ctx, input, must, schema.version, schema),
      ),
    read: ({ row }) => readDeleted(ctx, input, row),
  });
}

/** What is done to the entries that refer to this one before it goes. */
async function editsBefore(
  ctx: Context,
  schema: EnvironmentSchema,
  id: string,
  how: OnReference,
): Promise<SQL[]> {
  await requireSeen(ctx, id);
  if (how.kind === "keep") return [];
  if (how.kind === "cascade")
    return (await allReferrers(ctx, id, () => true, ["content:delete"])).map(({ id: one, type, version }) =>
      deleteStatement(ctx, { type, id: one, version, onReference: how }, EDIT, schema.version, schema),
    );
  const replacement = how.kind === "repoint" ? await readReplacement(ctx, id, how.to) : null;
  return (await readReferrers(ctx, [id], ["content:write", "content:publish"])).flatMap((one) =>
    repointStatements(ctx, schema, one, id, replacement),
  );
}

/**
 * One statement that deletes an entry: see `readDeleted` for its columns. `schema` is what grants are
 * read by.
 */
export function deleteStatement(
  ctx: Context,
  input: DeleteInput,
  must?: Must,
  schemaVersion?: number,
  schema?: EnvironmentSchema,
): SQL {
  const guard = guardEntry(ctx, schema, "content:delete", input.id, WHOLE, { typeId: input.type });
  const isIt = (alias: string) =>
    sql`${inEnvironment(ctx, alias)} and ${sql.raw(`${alias}.entry_id = gone.id`)}`;
  const why = [
    sql`(select id::text from event_row)`,
    sql`(select version from before)`,
    sql`(select type from before)`,
    sql`(select list from used)`,
    ...guard.why,
  ];
  const keep = input.isForGood
    ? sql`gone_versions as (delete from entry_versions old using gone where ${isIt("old")}),
      gone_trash as (delete from trash old using gone where ${inEnvironment(ctx, "old")}
        and old.id = gone.id), ${forgetEntry(ctx)}`
    : sql`trashed as (insert into trash (tenant_id, environment_id, id, type, version, data, created_at,
      created_by, deleted_by, facts)
      select ${ctx.tenantId}::uuid, environment_id, id, type, version, data, created_at, created_by,
        ${ctx.actor.id}, ${trashedFacts("gone")} from gone
      on conflict (tenant_id, environment_id, id) do update
      set type = excluded.type, version = excluded.version, data = excluded.data,
        created_at = excluded.created_at, created_by = excluded.created_by, facts = excluded.facts,
          deleted_at = now(), deleted_by = excluded.deleted_by)`;
  return sql`with
    ${schemaVersion === undefined ? sql`schema_ok as (select 1)` : schemaGuard(ctx, schemaVersion)},
    before as (select version, type from entries entry where ${inEnvironment(ctx, "entry")}
      and entry.id = ${input.id}${guard.seen}),
    ${guard.verdict}
    used as (select ${
      input.onReference?.kind === "cascade" || input.onReference?.kind === "keep"
        ? sql`null::jsonb`
        : usesOf(ctx, input)
    } as list),
    gone as (delete from entries entry using used, schema_ok where ${inEnvironment(ctx, "entry")}
      and entry.id = ${input.id} and entry.type = ${input.type}
      and entry.version = coalesce(${input.version ?? null}::int, entry.version)
      and ${versionMeets(input.precondition, sql`entry.version`)} and used.list is null${guard.granted}
      returning entry.*),
    gone_docs as (delete from published_entries old using gone where ${isIt("old")}),
    gone_fields as (delete from entry_fields old using gone where ${isIt("old")}),
    gone_refs as (delete from entry_refs old using gone where ${isIt("old")}),
    gone_schedules as (update schedules old set state = 'cancelled', finished_at = now() from gone
      where ${isIt("old")} and old.state = 'pending'),
    ${keep},
    ${record(ctx, {
      event: "entry.deleted",
      from: sql`gone`,
      subject: sql`'entry:' || gone.id`,
      payload: sql`jsonb_build_object('id', gone.id, 'type', gone.type, 'version', gone.version,
        'published', gone.published_version is not null)`,
      meta: sql`jsonb_build_object('for_good', ${input.isForGood === true}::boolean)`,
    })}
    select ${sql.join(why, sql`, `)} ${mustHold(must, sql`(select id from event_row) is not null${guard.upheld}`, why)}`;
}

/**
 * What keeps the entry from going: what refers to it, also from the trash when it does not go there
 * itself.
 */
function usesOf(ctx: Context, input: DeleteInput): SQL {
  const live = referencesTo(ctx, sql`ref.target_id = ${input.id} and ref.entry_id <> ${input.id}`);
  return input.isForGood && !input.onReference
    ? joinedReferences(live, trashReferencesTo(ctx, input.id))
    : live;
}

/** Throws the reason why the entry was not deleted. */
export function readDeleted(ctx: Context, input: DeleteInput, row: Row): void {
  const [outboxId, version, type, used, ...rest] = row;
  if (outboxId !== null) return ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  if (version === null || type !== input.type) throw noSuchEntry(input.type, input.id);
  if (readVerdict(ctx, rest).isRefused) throw notGranted("content:delete", `the ${input.type} ${input.id}`);
  if (input.version !== undefined && version !== input.version)
    throw versionConflict(version as number, input.version);
  if (used === null) requireMet(input.precondition, version as number);
  throw referenced(ctx, input.id, (used ?? []) as Reference[], "delete");
}
