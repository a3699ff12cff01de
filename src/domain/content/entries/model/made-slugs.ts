import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { MAX_INDEXED_LENGTH, type CompiledType } from "../../types/index.ts";
import type { EntryValues } from "./entry-input.ts";
import type { Locales } from "./read-model.ts";

/** How a save makes slugs of other values. */
export type MadeSlugs = {
  /** CTEs `slugs_now`, …, `made`: the slugs that the entry comes to have. */
  ctes: SQL;
  /** The data of the entry with them. */
  within(data: SQL): SQL;
  /** Which of its slugs go on following their sources. */
  marks: SQL;
  /** ` union all …`: their rows behind those of `new_field`. */
  rows: SQL;
};

/**
 * The slugs that a save makes, and which ones it takes out of those that follow: undefined where the
 * type has none that are made.
 */
export function madeSlugs(
  ctx: Context,
  type: CompiledType,
  id: string,
  values: EntryValues,
): MadeSlugs | undefined {
  if (type.madeSlugs.length === 0) return undefined;
  const ofType = new Set(type.madeSlugs.map(({ field }) => field.id));
  const written = values.touched.flatMap(({ f, l }) => {
    const v = ofType.has(f) ? (l === "" ? values.shared[f] : values.localized[f]?.[l]) : null;
    return v === null || v === undefined ? [] : [{ f, l, v }];
  });
  if (values.slugs.length === 0 && written.length === 0) return undefined;
  const key = sql`(given.f || ':' || given.l)`;
  const stored = sql`(case given.l when '' then one.data ->> given.f else one.data -> given.f ->> given.l end)`;
  // What another request is changing is waited for: its slug may have been published since.
  const ctes = sql`slugs_now as materialized (select entry.data, entry.made_slugs from entries entry
      where ${inEnvironment(ctx, "entry")} and entry.id = ${id} and entry.type = ${type.id} for update),
    to_make as materialized (select given.*, now.slug as has, now.mark
      from jsonb_to_recordset(${JSON.stringify(values.slugs)}::jsonb)
        as given(f text, l text, base text, room int, how text)
      left join lateral (select ${stored} as slug, one.made_slugs ->> ${key} as mark
        from slugs_now one) now on true),
    judged as (select to_make.*,
        not (base is null or (how <> 'anew' and has is not null and mark is not distinct from base)
          or (how = 'new' and has is not null and mark is null)) as is_fresh
      from to_make where case how when 'follow' then has is null or mark is not null
        else base is not null or has is not null end),
    made as materialized (select f, l, base, is_fresh, case when is_fresh
        then cms_free_slug(${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${type.id}, f, l, ${id}, base, room)
        else has end as slug from judged),`;
  const list = sql`(select coalesce(jsonb_agg(jsonb_build_object('f', f, 'l', l, 'v', slug)), '[]') from made)`;
  const isShown = sql`exists (select 1 from entry_fields shown where ${inEnvironment(ctx, "shown")}
    and shown.entry_id = ${id} and shown.perspective = 1 and shown.field = made.f and shown.locale = made.l)`;
  return {
    ctes,
    within: (data) => sql`cms_put_values(${data}, ${list})`,
    marks: sql`nullif(coalesce((select made_slugs from slugs_now), '{}')
      - array(select ${key} from jsonb_to_recordset(${JSON.stringify(written)}::jsonb) as given(f text, l text, v text)
        where given.v is distinct from (select ${stored} from slugs_now one))
      || coalesce((select jsonb_object_agg(f || ':' || l, base) from made where is_fresh and not ${isShown}), '{}'), '{}')`,
    rows: sql` union all select f, l, 0, left(slug, ${MAX_INDEXED_LENGTH}::int), null, null, null, slug,
      null, true from made`,
  };
}

/** Slugs that go on following their sources once these locales are published, of the row `entry`. */
export function followingAfterPublish(wanted: Locales, withShared: SQL): SQL {
  if (!wanted) return sql`null::jsonb`;
  return sql`nullif(entry.made_slugs - array(select mark from jsonb_object_keys(entry.made_slugs) mark
    where case split_part(mark, ':', 2) when '' then ${withShared}
      else split_part(mark, ':', 2) in ${[...wanted]} end), '{}')`;
}

/** Slugs of several saves in one transaction, each with the type of its entry. */
export type SlugLock = { t: string; f: string; l: string; base: string | null };

/** Locks of all slugs that a transaction makes, in an order, so that two never wait for each other. */
export const lockSlugs = (ctx: Context, slugs: readonly SlugLock[]): SQL[] =>
  slugs.length === 0
    ? []
    : [
        sql`select pg_advisory_xact_lock(key) from (select distinct cms_slug_lock(${ctx.environmentId}::uuid, t, f, l, base) as key
          from jsonb_to_recordset(${JSON.stringify(slugs)}::jsonb) as given(t text, f text, l text, base text)
          where base is not null order by 1) keys`,
      ];
