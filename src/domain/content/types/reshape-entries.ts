import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { textArray } from "../../../db/text-array.ts";
import { PUBLISHED_DATA } from "./published-data.ts";
import type { Reshape, Step } from "./renames.ts";

/** Values as renamed fields have them. */
export function reshapedSql(data: SQL, steps: readonly Step[]): SQL {
  if (steps.length === 0) return data;
  const names = steps.flatMap((step) => ("moves" in step && step.at.length === 0 ? step.moves : []));
  const isPlain =
    names.length === steps.length && names.every(({ from, to }) => from.length + to.length === 2);
  if (!isPlain) return sql`cms_reshape(${data}, ${JSON.stringify(steps)}::jsonb)`;
  // What is most often done, without a function for each row.
  const put = names.map(
    ({
      from: [from],
      to: [to],
    }) => sql`case when coalesce(${data} -> ${from}::text, 'null') = 'null' then '{}'
      else jsonb_build_object(${to}::text, ${data} -> ${from}::text) end`,
  );
  return sql`((${data} - ${textArray(names.map(({ from }) => from[0]!))}) || ${sql.join(put, sql` || `)})`;
}

/** What a version or the trash keeps of an entry, under the ids that its fields have now. */
export const keptDataOf = (alias: string, since: "created_at" | "deleted_at"): SQL =>
  sql.raw(
    `cms_data_as_now(${alias}.tenant_id, ${alias}.environment_id, ${alias}.type, ${alias}.data, ${alias}.${since})`,
  );

/**
 * Statements that move values to where renamed fields have them, in working copies, in what is published
 * and in the rows by which they are found; older versions are read by the reshapes that came after them.
 */
export function reshapeStatements(
  ctx: Context,
  type: string,
  { steps, renames }: Reshape,
  ready: SQL,
): SQL[] {
  const keys = textArray([...new Set(steps.map(topKey))]);
  const shown = sql`select entry.id, ${PUBLISHED_DATA} as published,
        entry.published_version is not null as is_own
      from entries entry left join entry_versions kept on ${inEnvironment(ctx, "kept")}
        and kept.entry_id = entry.id and kept.version = entry.published_version
      where ${inEnvironment(ctx, "entry")} and entry.type = ${type} and exists (${ready})`;
  const data = sql`update entries entry set data = ${reshapedSql(sql`entry.data`, steps)},
      published_data = case when shown.is_own then ${reshapedSql(sql`shown.published`, steps)} end
    from (${shown}) shown where ${inEnvironment(ctx, "entry")} and entry.id = shown.id
    and (entry.data ?| ${keys} or shown.published ?| ${keys})`;
  return [
    ...renames.flatMap((one) => rowStatements(ctx, type, one, ready)),
    ...steps.flatMap((step) => ("at" in step ? [] : [markStatement(ctx, type, step, steps, ready)])),
    data,
  ];
}

/** Slugs that follow their sources go on doing so in the locales that have them after the change. */
function markStatement(
  ctx: Context,
  type: string,
  step: Exclude<Step, { at: unknown }>,
  steps: readonly Step[],
  ready: SQL,
): SQL {
  const [field, isLocalized] = "localize" in step ? [step.localize, true] : [step.unlocalize, false];
  const now = reshapedSql(
    sql`entry.data`,
    steps.filter((one) => "at" in one),
  );
  const locales = sql`jsonb_array_elements_text(${JSON.stringify(step.locales)}::jsonb) with ordinality`;
  const marks = isLocalized
    ? sql`select jsonb_object_agg(${`${field}:`} || locale, entry.made_slugs -> ${`${field}:`})
        from ${locales} as wanted (locale, place)`
    : sql`select case when kept.mark is null then '{}' else jsonb_build_object(${`${field}:`}::text, kept.mark) end
        from (select entry.made_slugs -> (${`${field}:`} || locale) as mark from ${locales} as wanted (locale, place)
          where coalesce(${now} -> ${field} -> locale, 'null') <> 'null' order by place limit 1) kept`;
  return sql`update entries entry set made_slugs = nullif(
      entry.made_slugs - array(select mark from jsonb_object_keys(entry.made_slugs) mark
        where split_part(mark, ':', 1) = ${field}) || coalesce((${marks}), '{}'), '{}')
    where ${inEnvironment(ctx, "entry")} and entry.type = ${type} and exists (${ready})
    and exists (select 1 from jsonb_object_keys(entry.made_slugs) mark where split_part(mark, ':', 1) = ${field})`;
}

function topKey(step: Step): string {
  if (!("at" in step)) return "localize" in step ? step.localize : step.unlocalize;
  const [first] = step.at;
  return "kind" in step || first?.[0] === "key" ? (first![1] as string) : step.moves[0]!.from[0]!;
}

/** References keep their rows until the entries are rebuilt, unless the field stays at the top. */
function rowStatements(ctx: Context, type: string, [from, to]: [string, string], ready: SQL): SQL[] {
  const isTop = !from.includes(".") && !to.includes(".");
  const rows = (table: string) => sql`update ${sql.raw(table)} old
    set field = ${to} || substr(old.field, ${from.length + 1}::int)
    where ${inEnvironment(ctx, "old")} and old.type = ${type}
      and (old.field = ${from} or starts_with(old.field, ${`${from}.`})) and exists (${ready})`;
  if (!isTop) return [rows("entry_fields")];
  // Slugs that follow their sources are known by field and locale.
  const marks = sql`update entries entry
    set made_slugs = (select jsonb_object_agg(case when starts_with(key, ${`${from}:`})
      then ${to} || substr(key, ${from.length + 1}::int) else key end, value) from jsonb_each(entry.made_slugs))
    where ${inEnvironment(ctx, "entry")} and entry.type = ${type} and entry.made_slugs is not null
      and exists (${ready})`;
  return [rows("entry_fields"), rows("entry_refs"), marks];
}
