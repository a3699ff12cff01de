import { sql, type SQL } from "drizzle-orm";
import type { Context, Row } from "../../../../core/context.ts";
import { notFound } from "../../../../core/errors.ts";
import { requirePermission } from "../../../../core/permissions.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { record } from "../../../tenant/events/index.ts";
import { publishedDataOf, typeOf, withSchema, type EnvironmentSchema } from "../../types/index.ts";
import { presentSaved, savedColumns, referenced, referencesTo, requireSeen } from "../read/index.ts";
import { notGranted } from "../../grants/index.ts";
import { guardEntry, publishedPart, readVerdict } from "./guard-writes.ts";
import { EDIT, runAfterEdits } from "./run-after-edits.ts";
import { checkLocales, TYPE_BEFORE } from "./publish-entry.ts";
import {
  mustHold,
  renderDocs,
  schemaGuard,
  typeModel,
  unpublishRows,
  type Locales,
  type Must,
} from "../model/index.ts";
import {
  allReferrers,
  readReferrers,
  readReplacement,
  repointStatements,
  type OnReference,
  type Referrer,
} from "./reference-edits.ts";
import type { Reference, WorkingCopy } from "../schemas.ts";
import { textArray } from "../../../../db/text-array.ts";
import { versionConflict } from "../refusals.ts";

export type UnpublishInput = {
  id: string;
  version?: number | undefined;
  locales?: Locales;
  /**
   * What becomes of published entries that refer to this one; without it they are a CONFLICT that
   * lists them.
   */
  onReference?: OnReference | undefined;
  /** Whether what is planned stays planned: it is carried out by a plan itself. */
  keepsSchedules?: boolean;
};
/**
 * An entry that was taken out of delivery; which plans to publish it went along, and which stay, for
 * other locales.
 */
export type Unpublished = { entry: WorkingCopy; cancelled: string[]; remaining: string[] };

/**
 * Unpublishes an entry, in all or some locales, and keeps its working copy. Pending publish schedules
 * lose these locales, published or not; schedules without other locales are cancelled.
 */
export function unpublishEntry(ctx: Context, input: UnpublishInput): Promise<Unpublished> {
  requirePermission(ctx, "content:publish");
  return withSchema(ctx, {
    plan(schema) {
      checkLocales(schema, input.locales);
      return schema;
    },
    async run(schema) {
      const edits = await editsBefore(ctx, schema, input);
      return runAfterEdits(ctx, edits, (must) => unpublishStatement(ctx, schema, input, must));
    },
    read: ({ row }, schema) => readUnpublished(ctx, schema, input, row),
  });
}

/** What is done to the published entries that refer to this one before it goes. */
async function editsBefore(ctx: Context, schema: EnvironmentSchema, input: UnpublishInput): Promise<SQL[]> {
  const { id, onReference: how } = input;
  if (!how || !(await goesWholly(ctx, schema, input))) return [];
  await requireSeen(ctx, id);
  if (how.kind === "keep") return [];
  const isPublished = ({ published }: Referrer) => published !== null;
  if (how.kind === "cascade")
    return (await allReferrers(ctx, id, isPublished, ["content:publish"])).map((one) =>
      unpublishStatement(ctx, schema, { id: one.id, onReference: how }, EDIT),
    );
  const replacement = how.kind === "repoint" ? await readReplacement(ctx, id, how.to) : null;
  return (await readReferrers(ctx, [id], ["content:write", "content:publish"]))
    .filter(isPublished)
    .flatMap((one) => repointStatements(ctx, schema, one, id, replacement));
}

/** Whether nothing of the entry stays published. */
async function goesWholly(ctx: Context, schema: EnvironmentSchema, input: UnpublishInput): Promise<boolean> {
  const { locales } = input;
  if (!locales) return true;
  const { rows } = await ctx.db.read(
    sql`select published_locales from entries entry where ${inEnvironment(ctx, "entry")}
      and entry.id = ${input.id}`,
  );
  const shown = (rows[0]?.[0] ?? null) as Record<string, number> | null;
  return [...schema.chains.keys()]
    .filter((code) => shown === null || shown[code] !== undefined)
    .every((code) => locales.includes(code));
}

/** One statement that unpublishes an entry: see `readUnpublished` for its columns. */
export function unpublishStatement(
  ctx: Context,
  schema: EnvironmentSchema,
  input: UnpublishInput,
  must?: Must,
): SQL {
  checkLocales(schema, input.locales);
  const guard = guardEntry(ctx, schema, "content:publish", input.id, publishedPart(schema, input.locales));
  const isPlanned = (alias: string) =>
    sql`${inEnvironment(ctx, alias)} and ${sql.raw(`${alias}.entry_id`)} = ${input.id}
      and ${sql.raw(`${alias}.state = 'pending' and ${alias}.action = 'publish'`)}`;
  const everywhere = JSON.stringify([...schema.chains.keys()]);
  const left = input.locales
    ? sql`coalesce(old.locales, ${everywhere}::jsonb) - ${textArray(input.locales)}`
    : sql`'[]'::jsonb`;
  const why = [
    sql`(select list from used)`,
    sql`(select id::text from event_row)`,
    sql`(select version from before)`,
    sql`saved.type`,
    sql`(select jsonb_agg(id order by id) from cancelled)`,
    sql`(select jsonb_agg(id order by id) from schedules pending where ${isPlanned("pending")}
      and id not in (select id from cancelled))`,
    ...guard.why,
  ];
  const isVersion = sql`entry.version = coalesce(${input.version ?? null}::int, entry.version)`;
  return sql`with ${schemaGuard(ctx, schema.version)},
    before as materialized (select entry.* from entries entry where ${inEnvironment(ctx, "entry")}
      and entry.id = ${input.id}${guard.seen}),
    ${guard.verdict}
    ${remainingLocales(ctx, schema, input.locales)},
    used as (select case when ${input.onReference !== undefined}::boolean
      or (select locales from remaining) is not null
        or (select published_version from before) is null then null
      else ${referencesTo(
        ctx,
        sql`ref.target_id = ${input.id} and ref.entry_id <> ${input.id} and ref.perspective = 1`,
      )} end as list),
    changed as (update entries entry set published_version = case when remaining.locales is null then null
      else entry.published_version end,
        published_at = case when remaining.locales is null then null else entry.published_at end,
        published_locales = remaining.locales, published_data = remaining.data
      from schema_ok, used, remaining
      where ${inEnvironment(ctx, "entry")} and entry.id = ${input.id}
      and entry.published_version is not null and used.list is null
        and ${isVersion} and (remaining.locales is null or remaining.is_other)${guard.granted}
        returning entry.*),
    gone as (select * from changed where published_version is null),
    ${withdrawnPlans(ctx, input, isPlanned("old"), sql`${isVersion}${guard.granted}`, left)},
    ${unpublishRows(ctx)}${input.locales ? sql`, ${narrowedRows(ctx, schema, input.locales)}` : sql``},
    ${record(ctx, {
      event: "entry.unpublished",
      from: sql`changed`,
      subject: sql`'entry:' || changed.id`,
      payload: sql`jsonb_build_object('id', changed.id, 'type', changed.type, 'version', changed.version,
        'was', (select published_version from before),
        'locales', ${input.locales ? JSON.stringify(input.locales) : null}::jsonb)`,
      meta: sql`jsonb_build_object('locales', ${input.locales ? JSON.stringify(input.locales) : null}::jsonb)
        || coalesce((select jsonb_build_object('cancelled_schedules', jsonb_agg(id order by id))
          from cancelled having count(*) > 0), '{}')
        || coalesce((select jsonb_build_object('narrowed_schedules', jsonb_agg(id order by id))
          from narrowed having count(*) > 0), '{}')`,
    })}
    select ${sql.join(why, sql`, `)}, ${savedColumns(ctx, schema)} ${mustHold(
      must,
      sql`(select version from before) is not null and (select list from used) is null
        and saved.version = coalesce(${input.version ?? null}::int, saved.version)${guard.upheld}`,
      why,
    )}
    from (select 1) one
      left join (select * from changed
        union all select * from before where not exists (select 1 from changed)) saved on true`;
}

/**
 * CTEs `narrowed` and `cancelled`: the plans to publish an entry where it was just taken out of
 * delivery, or was not published anyway, lose these locales; those that have none left are over.
 */
function withdrawnPlans(ctx: Context, input: UnpublishInput, isPlanned: SQL, isMeant: SQL, left: SQL): SQL {
  if (input.keepsSchedules)
    return sql`narrowed as (select null as id where false), cancelled as (select null as id where false)`;
  return sql`meant as (select entry.id from entries entry, schema_ok, used
      where ${inEnvironment(ctx, "entry")} and entry.id = ${input.id} and used.list is null and ${isMeant}),
    withdrawn as (update schedules old set locales = case when ${left} = '[]' then old.locales else ${left}
      end,
        state = case when ${left} = '[]' then 'cancelled' else old.state end,
        finished_at = case when ${left} = '[]' then now() end
      from meant where ${isPlanned} and (old.locales is null or ${left} <> old.locales)
      returning old.id, old.state),
    narrowed as (select id from withdrawn where state = 'pending'),
    cancelled as (select id from withdrawn where state = 'cancelled'),
    told as (insert into audit_log (tenant_id, environment_id, actor_kind, actor_id, action, subject,
      request_id, meta)
      select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${ctx.actor.kind}, ${ctx.actor.id},
        'schedule.cancelled', 'schedule:' || id,
        ${ctx.requestId}, jsonb_build_object('entry', ${input.id}::text, 'locales',
          ${input.locales ? JSON.stringify(input.locales) : null}::jsonb) from withdrawn)`;
}

/** CTEs `model` and `remaining`: what stays published, `locales` null when nothing does. */
function remainingLocales(ctx: Context, schema: EnvironmentSchema, gone: Locales): SQL {
  if (!gone) return sql`remaining as (select null::jsonb as locales, null::jsonb as data, true as is_other)`;
  const all = JSON.stringify([...schema.chains.keys()]);
  return sql`${typeModel(ctx, TYPE_BEFORE)},
    published as (select ${publishedDataOf("before")} as data,
        (select jsonb_object_agg(locale, case when before.published_locales is null then
          to_jsonb(before.published_version) else before.published_locales -> locale end)
          from jsonb_array_elements_text(${all}::jsonb) locale
          where before.published_locales is null or before.published_locales ? locale) as locales,
        array(select jsonb_array_elements_text(model.localized)) as localized
      from before left join entry_versions kept on ${inEnvironment(ctx, "kept")}
      and kept.entry_id = before.id and kept.version = before.published_version
        join model on model.type = before.type),
    remaining as (select nullif(locales - ${textArray(gone)}, '{}') as locales,
        case when locales - ${textArray(gone)} <> '{}' then cms_publish_locales(data, '{}', localized,
          ${textArray(gone)}, false) end as data,
        locales ?| ${textArray(gone)} as is_other
      from published union all select null, null, true where not exists (select 1 from published))`;
}

/**
 * CTEs that leave the published rows of the locales that remain, rendered without the ones that went.
 * Needs `model`.
 */
function narrowedRows(ctx: Context, schema: EnvironmentSchema, gone: readonly string[]): SQL {
  const isMine = (alias: string) =>
    sql`${inEnvironment(ctx, alias)} and ${sql.raw(`${alias}.entry_id = saved.id`)}`;
  const isGone = sql`old.perspective = 1 and old.locale = any (${textArray(gone)})`;
  return sql`saved as (select * from changed
    where published_version is not null),
    ${renderDocs(schema, sql`saved.published_data`)},
    narrowed_docs as (delete from published_entries old using saved where ${isMine("old")}
      and not exists (select 1 from docs where docs.id = old.entry_id and docs.locale = old.locale)),
    put_docs as (update published_entries shown set doc = docs.doc, slug = docs.slug, version = docs.version
      from docs
      where ${inEnvironment(ctx, "shown")} and shown.entry_id = docs.id and shown.locale = docs.locale),
    narrowed_fields as (delete from entry_fields old using saved where ${isMine("old")} and ${isGone}),
    narrowed_refs as (delete from entry_refs old using saved where ${isMine("old")} and ${isGone})`;
}

/** The entry after the call; throws the reason why it was not unpublished. */
export function readUnpublished(
  ctx: Context,
  schema: EnvironmentSchema,
  input: UnpublishInput,
  row: Row,
): Unpublished {
  const [used, outboxId, version, typeId, cancelled, remaining, ...rest] = row;
  if (version === null) throw notFound("content/not-found", `There is no entry "${input.id.slice(0, 100)}".`);
  const { isRefused, columns } = readVerdict(ctx, rest);
  if (isRefused) throw notGranted("content:publish", `the entry ${input.id}`);
  if (outboxId !== null) ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  else if (input.version !== undefined && version !== input.version)
    throw versionConflict(version as number, input.version);
  else if (used !== null) throw referenced(ctx, input.id, used as Reference[], "unpublish");
  return {
    entry: presentSaved(ctx, schema, typeOf(schema, typeId as string), columns),
    cancelled: (cancelled ?? []) as string[],
    remaining: (remaining ?? []) as string[],
  };
}
