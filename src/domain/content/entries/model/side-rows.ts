import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import { seesEverything } from "../../../../core/grants.ts";
import { EXPECTATION_FAILED } from "../../../../db/errors.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { keepsToRules, mayBeUnchecked, uncheckedRules } from "../../types/index.ts";
import type { EntryValues } from "./entry-input.ts";

const DRAFT = 0;

/** CTE `schema_ok`: one row while the schema that the work was planned by is the one in force. */
export function schemaGuard(ctx: Context, version: number): SQL {
  return sql`schema_ok as (select 1 from environments
    where tenant_id = ${ctx.tenantId}::uuid and id = ${ctx.environmentId}::uuid
    and schema_version = ${version}::int)`;
}

/**
 * CTEs `new_field`, `taken`, `new_ref`, `missing`: the new rows, and what forbids them. Existing
 * references may be broken unless `isStrict`: they were kept on purpose. `made` are rows of slugs that
 * the statement makes, which nobody has; `isHidden` is of a `new_ref` whose `target` is as if it were not there.
 */
export function checks(
  ctx: Context,
  entryId: string,
  type: string,
  values: EntryValues,
  isStrict: boolean,
  { made = sql``, isHidden = sql`false` }: { made?: SQL | undefined; isHidden?: SQL | undefined } = {},
): SQL {
  const kept = isStrict
    ? sql`false`
    : sql`exists (select 1 from entry_refs kept where ${inEnvironment(ctx, "kept")}
      and kept.entry_id = ${entryId}
        and kept.perspective = ${sql.raw(String(DRAFT))} and kept.target_id = new_ref.id)`;
  // Only callers who may read all entries learn that the target was deleted.
  const trashed = seesEverything(ctx.actor.grants)
    ? sql`exists (select 1 from trash where ${inEnvironment(ctx, "trash")} and trash.id = new_ref.id)`
    : sql`false`;
  return sql`new_field as materialized (select given.*, false as is_made
    from jsonb_to_recordset(${JSON.stringify(values.fieldRows)}::jsonb)
      as given(f text, l text, o int, t text, n double precision, d numeric, m timestamptz, u text, x text)${made}),
    taken as (select jsonb_agg(jsonb_build_object('field', new_field.f, 'locale', new_field.l, 'value',
      new_field.u, 'entry', other.entry_id)) as list
      from new_field join entry_fields other on ${inEnvironment(ctx, "other")} and other.type = ${type}
        and other.perspective = ${sql.raw(String(DRAFT))} and other.field = new_field.f
        and other.locale = new_field.l
        and other.unique_value = new_field.u
      where new_field.u is not null and not new_field.is_made and other.entry_id <> ${entryId}),
    ${
      values.refRows.length === 0
        ? sql`missing as (select null::jsonb as list)`
        : sql`new_ref as materialized (select * from
          jsonb_to_recordset(${JSON.stringify(values.refRows)}::jsonb)
      as given(f text, l text, o int, id text, "to" jsonb, rules jsonb)),
    missing as (select jsonb_agg(jsonb_build_object('field', new_ref.f, 'ordinal', new_ref.o, 'id',
      new_ref.id, 'type', case when not (${isHidden}) then target.type end, 'to', new_ref."to", 'trashed', ${trashed},
      'refused', case when assets.id is not null then jsonb_build_object('rules', new_ref.rules,
        'mime', assets.mime, 'bytes', assets.size_bytes, 'width', assets.width, 'height', assets.height) end)) as list
      from new_ref left join entries target on ${inEnvironment(ctx, "target")} and target.id = new_ref.id
        left join assets on ${inEnvironment(ctx, "assets")} and assets.id = new_ref.id
      where new_ref.id <> ${entryId} and (((target.id is null and assets.id is null or target.id is not null and ${isHidden}) and not ${kept})
        or (new_ref."to" is not null and target.id is not null and not new_ref."to" ? target.type)
        or (new_ref.rules is not null and assets.id is not null
          and not (${keepsToRules("assets", sql`new_ref.rules`)}))))`
    }`;
}

/** A column: references to assets of which something is not known that their field asks; see `uncheckedNotes`. */
export const uncheckedRefs = (ctx: Context, { refRows }: EntryValues): SQL =>
  refRows.some(({ rules }) => mayBeUnchecked(rules))
    ? sql`(select jsonb_agg(jsonb_build_object('field', new_ref.f, 'ordinal', new_ref.o, 'id', new_ref.id,
        'rules', unknown.rules)) from new_ref
        join assets on ${inEnvironment(ctx, "assets")} and assets.id = new_ref.id
        cross join lateral (select ${uncheckedRules("assets", sql`new_ref.rules`)} as rules) unknown
        where new_ref.rules is not null and unknown.rules is not null)`
    : sql`null::jsonb`;

/** CTE `allowed`: one row when nothing forbids the write, rules and the CTE `tree` among that where there is one. */
export const allowedUnless = (isRefused: boolean, hasTree: boolean): SQL =>
  sql`allowed as (select 1 from schema_ok, taken, missing where taken.list is null
  and missing.list is null${isRefused ? sql` and false` : sql``}${hasTree ? sql` and (select refusal from tree) is null` : sql``})`;

/**
 * CTEs that write the draft rows of the entry in `saved`, replacing those of the values that are
 * touched, or all of them when the entry is replaced: a locale that is not named is gone then, too.
 */
export function writeDraftRows(
  ctx: Context,
  type: string,
  values: EntryValues,
  mode: "create" | "patch" | "put",
): SQL {
  const touched = sql`jsonb_to_recordset(${JSON.stringify([...values.touched, ...values.derived])}::jsonb) as touched(f text, l text)`;
  const stale = (table: string, fresh: SQL | null) => sql`${sql.raw(`old_${table}`)} as (
    delete from ${sql.raw(table)} old using saved${mode === "patch" ? sql`, ${touched}` : sql``}
    where ${inEnvironment(ctx, "old")} and old.entry_id = saved.id
    and old.perspective = ${sql.raw(String(DRAFT))}
      ${mode === "patch" ? sql`and split_part(old.field, '.', 1) = touched.f and old.locale = touched.l` : sql``}
      ${
        fresh
          ? sql`and not exists (select 1 from ${fresh} fresh where fresh.f = old.field
        and fresh.l = old.locale and fresh.o = old.ordinal)`
          : sql``
      })`;
  const parts: SQL[] = [];
  if (mode !== "create") {
    parts.push(
      stale("entry_fields", sql`new_field`),
      stale("entry_refs", values.refRows.length > 0 ? sql`new_ref` : null),
    );
  }
  parts.push(sql`put_fields as (
    insert into entry_fields as old (tenant_id, environment_id, entry_id, perspective, field, locale,
      ordinal, type, text_value, number_value, decimal_value, time_value, unique_value, element)
    select ${ctx.tenantId}::uuid, saved.environment_id, saved.id, ${sql.raw(String(DRAFT))}, f, l, o,
      ${type}, t, n, d, m, u, x from saved, new_field
    on conflict (tenant_id, environment_id, entry_id, perspective, field, locale, ordinal) do update
      set text_value = excluded.text_value, number_value = excluded.number_value, decimal_value = excluded.decimal_value,
        time_value = excluded.time_value, unique_value = excluded.unique_value, element = excluded.element
      where (old.text_value, old.number_value, old.decimal_value, old.time_value, old.unique_value, old.element)
        is distinct from (excluded.text_value, excluded.number_value, excluded.decimal_value, excluded.time_value,
          excluded.unique_value, excluded.element))`);
  if (values.refRows.length > 0) {
    parts.push(sql`put_refs as (
    insert into entry_refs as old (tenant_id, environment_id, entry_id, perspective, field, locale, ordinal,
      type, target_id)
    select ${ctx.tenantId}::uuid, saved.environment_id, saved.id, ${sql.raw(String(DRAFT))}, f, l, o,
      ${type}, new_ref.id from saved, new_ref
    on conflict (tenant_id, environment_id, entry_id, perspective, field, locale, ordinal) do update
      set target_id = excluded.target_id where old.target_id <> excluded.target_id)`);
  }
  return sql.join(parts, sql`, `);
}

/** Makes a statement fail the whole transaction unless it did its work; `index` names it in the failure. */
export type Must = { index: number };

/** The columns from which the reader of the result finds the error, as the detail of a failed transaction. */
export type FailedStatement = { index: number; row: unknown[] };

/** A column that fails the transaction unless `holds`, with the `columns` that say why as its detail. */
export function mustHold(must: Must | undefined, holds: SQL, columns: SQL[]): SQL {
  if (!must) return sql``;
  return sql`, cms_expect(${holds}, ${EXPECTATION_FAILED}, jsonb_build_object('index', ${must.index}::int,
    'row', jsonb_build_array(${sql.join(columns, sql`, `)}))::text)`;
}

/** CTE that keeps the version which `saved` made. */
export const keepVersion = (ctx: Context): SQL => sql`kept_version as (
  insert into entry_versions (tenant_id, environment_id, entry_id, version, type, data, created_by)
  select ${ctx.tenantId}::uuid, environment_id, id, version, type, data, updated_by from saved)`;
