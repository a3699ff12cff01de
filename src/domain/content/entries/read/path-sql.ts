import { sql, type SQL } from "drizzle-orm";
import { textArray } from "../../../../db/text-array.ts";
import type { Context } from "../../../../core/context.ts";
import {
  MAX_TREE_LEVELS,
  PATH,
  type CompiledType,
  type EnvironmentSchema,
  type Field,
} from "../../types/index.ts";
import { baseId, baseSource, from, inType, parentRows, type Source } from "../query/index.ts";

const MAX_STEPS = sql.raw(String(MAX_TREE_LEVELS));

/** The slug under an alias of the base table, in the first locale of a chain that has one. */
export function slugSql({ perspective }: Source, slug: Field, alias: string, chain: SQL): SQL {
  if (perspective === "published") return sql.raw(`${alias}.slug`);
  const data = sql.raw(`${alias}.data`);
  return slug.localized
    ? sql`cms_resolve(${data} -> ${slug.id}::text, ${chain}) #>> '{}'`
    : sql`${data} ->> ${slug.id}::text`;
}

/** Under which the path of an entry that comes along is found. */
export const pathKey = (id: string): string => `${id} ${PATH}`;

/** The path tells the slug: who may not read that is not shown the path. */
export function withoutHiddenPath<E extends Record<string, unknown>>(type: CompiledType, entry: E): E {
  if (type.pathParent && !Object.hasOwn(entry, type.slugField!.id)) delete entry[PATH];
  return entry;
}

/**
 * The path of the row `saved`, a working copy that the statement writes, as JSON: of what it stands below
 * the path is that from before. Null for entries of types without one.
 */
export function savedPathSql(
  ctx: Context,
  schema: EnvironmentSchema,
  types: Iterable<CompiledType>,
  locale: string,
): SQL {
  const cases = [...types].flatMap((type) => {
    const { slugField: slug, pathParent: parent } = type;
    if (!slug || !parent) return [];
    const inLocale = (code: string): SQL => {
      const chain = schema.chains.get(code) ?? [schema.defaultLocale];
      const source = baseSource({ ctx, schema, type, perspective: "draft", chain, terms: { count: 0 } });
      const value =
        locale === "*" && slug.localized
          ? sql`saved.data -> ${slug.id}::text ->> ${code}::text`
          : slugSql(source, slug, "saved", textArray(chain));
      const first = sql`select saved.id, ${value}, 1`;
      return stepsSql(source, slug, parent, first, sql`saved.data ->> ${parent.id}::text`);
    };
    const paths = [...schema.chains.keys()].map((code) => sql`${code}::text, ${inLocale(code)}`);
    const path =
      locale === "*" && slug.localized
        ? sql`jsonb_strip_nulls(jsonb_build_object(${sql.join(paths, sql`, `)}))`
        : sql`to_jsonb(${inLocale(locale === "*" ? schema.defaultLocale : locale)})`;
    return [sql`when ${type.id} then ${path}`];
  });
  return cases.length === 0 ? sql`null::jsonb` : sql`(case saved.type ${sql.join(cases, sql` `)} end)`;
}

/**
 * The path of the base row: the slugs of its ancestors, as far as they can be read in this perspective
 * and locale, and its own. By locale where all are shown.
 */
export function pathSql(source: Source): SQL | undefined {
  const { slugField: slug, pathParent: parent } = source.type;
  if (!slug || !parent) return undefined;
  const { schema, everyIn } = source;
  const one = { ...source, everyIn: undefined, isEveryLocale: false };
  const own = sql`select ${baseId(source)}, ${slugSql(source, slug, "base", textArray(source.chain))}, 1`;
  if (!source.isEveryLocale || !slug.localized) return stepsSql(one, slug, parent, own);
  const locales = everyIn ? everyIn(source.type) : [...schema.chains.keys()];
  const paths = locales.map((code) => {
    const shown = { ...one, chain: schema.chains.get(code)! };
    const start = { ...shown, alias: "start" };
    const first = everyIn
      ? sql`select start.entry_id, start.slug, 1 from ${from(start)}
          where ${inType(start)} and start.entry_id = base.entry_id`
      : sql`select base.id, base.data -> ${slug.id}::text ->> ${code}::text, 1`;
    return sql`${code}::text, ${stepsSql(shown, slug, parent, first)}`;
  });
  return sql`jsonb_strip_nulls(jsonb_build_object(${sql.join(paths, sql`, `)}))`;
}

/** The slugs from a row `first` upwards; `firstParent` is what that stands below where its references do not tell yet. */
function stepsSql(source: Source, slug: Field, parent: Field, first: SQL, firstParent?: SQL): SQL {
  const above: Source = { ...source, alias: "above", version: undefined };
  const id = baseId(above);
  const stored = sql`(select ref.target_id from entry_refs ref
    where ${parentRows({ source, field: parent.id }, "ref")} and ref.entry_id = steps.id limit 1)`;
  const upwards = firstParent
    ? sql`(case steps.depth when 1 then ${firstParent} else ${stored} end)`
    : stored;
  // Step by step by index, whatever the planner expects of a recursion.
  return sql`(with recursive steps (id, slug, depth) as (
      select * from (${first}) first (id, slug, depth) where first.slug is not null
      union all select next.id, next.slug, steps.depth + 1 from steps cross join lateral (
        select ${id} as id, ${slugSql(above, slug, "above", textArray(source.chain))} as slug
        from ${from(above)} where ${inType(above)} and ${id} = ${upwards} limit 1) next
      where steps.depth < ${MAX_STEPS} and next.slug is not null)
    select string_agg(slug, '/' order by depth desc) from steps)`;
}
