import { sql, type SQL } from "drizzle-orm";
import { grantsPermit } from "../../../../core/grants.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { accessOf, type Access } from "../../grants/index.ts";
import type { CompiledType } from "../../types/index.ts";
import {
  anyTypeSql,
  baseId,
  baseRow,
  entryRow,
  factsSql,
  linkOf,
  perspectiveOf,
  publishedRow,
  readingOf,
  refsOfBase,
  relatedQuery,
  requireReadableField,
  shownPart,
  treeOf,
  type Source,
  type ViewQuery,
} from "../query/index.ts";
import { everyLocaleSql, type EveryLocale } from "./every-locale.ts";
import { includedTypes, linksOf, listedFields, targetsOf, type IncludeTree } from "./include-tree.ts";
import { foundRows, planListed, type ListedPlan } from "./listed.ts";
import { hasLocalizations, LOCALIZATIONS, localizationsKey, localizationsSql } from "./localizations.ts";
import { pathKey, pathSql } from "./path-sql.ts";
import { entryColumns } from "./present-entry.ts";
import { planRelated, type FoundRelated, type ListPlan, type RelatedPlan } from "./related.ts";
import { placesSql, relativeField, relativesSql, type Relative } from "./relatives.ts";

/** Referenced entries by id: rendered JSON, or the columns of a working copy with its type first. */
export type IncludedEntry = string | unknown[] | WithFacts | EveryLocale;
/** Rendered JSON for a restricted actor, with the values that decide on their access. */
type WithFacts = { doc: string; facts: unknown };
/** Entries by their ids, and what back references have by `listKey`. */
export type Included = Record<string, IncludedEntry | FoundRelated | Localization[]> | null;

type Localization = { locale: string; slug: string | null };

/** Lists and back references of a tree by step and owning type, as they are planned. */
export type RelatedPlans = Map<string, ListPlan>;
export const planKey = (step: string, owner: CompiledType): string => `${step} ${owner.id}`;
/** Under which the list of an entry is found. */
export const listKey = (id: string, step: string, owner: CompiledType): string =>
  `${id} ${planKey(step, owner)}`;

/** A scalar subquery: everything the base row refers to by those paths, as one JSON object by id. */
export function includeSql(
  source: Source,
  tree: IncludeTree,
  query: ViewQuery,
  isList: boolean,
): { included: SQL; plans: RelatedPlans } {
  const { ctx, perspective, chain } = source;
  const { selects, ctes, lists, plans } = reached(source, tree, query, isList);
  const found = sql.join(
    selects.map((one) => sql`(${one})`),
    sql` union `,
  );
  const access = accessOf(ctx, source.schema);
  const doc = access
    ? sql`jsonb_build_object('doc', target.doc, 'facts', ${factsSql(ctx, "target")})`
    : sql`to_jsonb(target.doc)`;
  const readable = readableAt(source, "target");
  const entries = source.everyIn
    ? sql`select reached.id, ${everyLocaleSql(ctx, "target")} from reached cross join lateral (
        select target.* from published_entries target where ${inEnvironment(ctx, "target")}
          and target.entry_id = reached.id order by target.locale limit 1) target where true${readable}`
    : perspective === "published"
      ? sql`select reached.id, ${doc} from reached ${lookedUp(
          sql`published_entries target where ${inEnvironment(ctx, "target")} and target.entry_id = reached.id
            and target.locale = ${chain[0]}${readable}`,
          "target",
        )}`
      : sql`select reached.id, jsonb_build_array(target.type, ${entryColumns("target")})
          from reached ${lookedUp(
            sql`entries target where ${inEnvironment(ctx, "target")} and target.id = reached.id${readable}`,
            "target",
          )}`;
  const canSeeAssets = ctx.actor.grants === undefined || grantsPermit(ctx.actor.grants, "assets:read");
  const paths = pathsSql(source, includedTypes(source.schema, source.type, tree));
  const all = [entries, ...(canSeeAssets ? [assetsSql(source)] : []), ...paths, ...lists];
  const included = sql`(with ${sql.join([...ctes, sql`reached (id) as (${found})`], sql`, `)}
    select jsonb_object_agg(found.id, found.doc)
    from (${sql.join(all, sql` union all `)}) found (id, doc))`;
  return { included, plans };
}

/** The paths of the entries that come along, of types that have some. */
const pathsSql = (source: Source, types: string[]): SQL[] =>
  types.flatMap((id) => {
    const type = source.schema.types.get(id);
    const of = type && { ...source, type, version: undefined, isTried: true };
    const path = of && pathSql(of);
    return path
      ? [
          sql`select reached.id || ${pathKey("")}::text, to_jsonb(${path}) from reached ${baseRow(of, "reached.id")}`,
        ]
      : [];
  });

const assetsSql = ({ ctx }: Source): SQL => sql`select reached.id, to_jsonb(jsonb_build_object('id', asset.id,
    'source_url', asset.source_url, 'filename', asset.filename, 'mime', asset.mime, 'title', asset.title,
    'alt', asset.alt, 'caption', asset.caption, 'description', asset.description)::text)
  from reached ${lookedUp(
    sql`assets asset where ${inEnvironment(ctx, "asset")} and asset.id = reached.id`,
    "asset",
  )}`;

/** Rows that are looked up for each row before them, whatever the planner expects of their number. */
const lookedUp = (rows: SQL, alias: string): SQL =>
  sql`cross join lateral (select ${sql.raw(alias)}.* from ${rows} offset 0) ${sql.raw(alias)}`;

/** Entries that the actor may not read are as if they were not there. */
function readableTargets(source: Source, access: Access, alias = "target"): SQL {
  const { ctx, perspective } = source;
  const row = (type: CompiledType) =>
    perspective === "draft" ? entryRow(type, alias) : publishedRow(ctx, type, alias);
  return anyTypeSql(access, readingOf(perspective), sql.raw(`${alias}.type`), row, shownPart(source));
}

/** ` and …` for those under an alias that the actor may read. */
function readableAt(source: Source, alias: string): SQL {
  const access = accessOf(source.ctx, source.schema);
  return access ? sql` and ${readableTargets(source, access, alias)}` : sql``;
}

type Reached = { selects: SQL[]; ctes: SQL[]; lists: SQL[]; plans: RelatedPlans };

/**
 * One select of target ids per level of the tree: fields that go equally deep below the same steps
 * travel together. Each back reference is a CTE of its owners and one of what refers to them.
 */
function reached(source: Source, tree: IncludeTree, query: ViewQuery, isList: boolean): Reached {
  const found: Reached = { selects: [], ctes: [], lists: [], plans: new Map() };
  const places = new Map<string, SQL>();
  const { schema } = source;
  const locales = ["", ...(source.isEveryLocale ? schema.chains.keys() : source.chain)];
  const visit = (node: IncludeTree, types: CompiledType[], joins: SQL, owner: SQL, depth: number): void => {
    if (node.size === 0) return;
    const alias = `ref${depth}`;
    const row = sql.raw(alias);
    const isField = (step: string) => types.some((one) => one.fields.has(step));
    const rows = (fields: string[]) => sql`${inEnvironment(source.ctx, alias)} and ${row}.entry_id = ${owner}
      and ${row}.perspective = ${perspectiveOf(source)} and ${row}.field in ${fields}
      and ${row}.locale in ${locales}`;
    const table = depth === 0 ? refsOfBase(source, alias) : sql`entry_refs ${row}`;
    const where = (fields: string[]) =>
      depth === 0
        ? sql`${table} where ${rows(fields)}`
        : sql`${joins} ${lookedUp(sql`${table} where ${rows(fields)}`, alias)}`;
    const fields = [...node.keys()].filter(isField);
    if (fields.length > 0) found.selects.push(sql`select ${row}.target_id from ${where(fields)}`);
    for (const step of fields) {
      const joined =
        depth === 0
          ? sql`(select * from ${table} where ${rows([step])}) ${row}`
          : sql`${joins} ${lookedUp(sql`${table} where ${rows([step])}`, alias)}`;
      const targets = types.flatMap((one) => {
        const field = one.fields.get(step);
        return field ? targetsOf(schema, field) : [];
      });
      visit(node.get(step)!, [...new Set(targets)], joined, sql.raw(`${alias}.target_id`), depth + 1);
    }
    if (node.has(LOCALIZATIONS)) addLocalizations(found, source, types, { joins, owner, depth });
    for (const step of node.keys())
      for (const type of types) {
        const around =
          relativeField(type, step) && relativesOfRow(source, type, step as Relative, owner, depth);
        if (!around) continue;
        const joined =
          depth === 0
            ? sql`(${around.rows}) ${row}`
            : sql`${joins} ${lookedUp(sql`(${around.rows}) ${row}`, alias)}`;
        found.selects.push(sql`select ${row}.target_id from ${joined}`);
        if (around.places) places.set(type.id, around.places);
        visit(node.get(step)!, [type], joined, sql.raw(`${alias}.target_id`), depth + 1);
      }
    for (const step of node.keys())
      for (const type of types) {
        const wanted = step.includes("#") ? query.related?.get(step) : undefined;
        const [field] = listedFields(type, step, wanted);
        if (!field) continue;
        const plan = planListed(source, field, wanted!, (alias) => readableAt(source, alias));
        const ofType = depth === 0 ? sql`` : sql` where ${row}.type = ${type.id}`;
        const ordinal = source.version === undefined ? sql`min(${row}.ordinal)` : sql`0`;
        const pairs = sql`select ${owner} as owner, ${row}.target_id as id, ${ordinal} as place
          from ${where([field.id])}${ofType} group by 1, 2`;
        const listed = addListed(found, plan, planKey(step, type), pairs);
        const joined = sql`(${listed}) related${sql.raw(String(depth))}`;
        visit(node.get(step)!, targetsOf(schema, field), joined, sql.raw(`related${depth}.id`), depth + 1);
      }
    for (const step of node.keys())
      for (const [type, link] of linksOf(schema, types, step, relatedQuery(query, step)?.owner)) {
        linkOf({ ...source, type }, link.id, "include");
        const place = depth > 0 ? "below" : isList ? "each" : "one";
        const plan = planRelated(source, link, relatedQuery(query, step)!, place);
        const below = addList(found, plan, { key: planKey(step, type), joins, owner, depth });
        visit(
          node.get(step)!,
          [link.type],
          sql`(${below}) related${sql.raw(String(depth))}`,
          sql.raw(`related${depth}.id`),
          depth + 1,
        );
      }
  };
  visit(tree, [source.type], sql``, baseId(source), 0);
  found.lists.push(...places.values());
  return found;
}

/** Adds the locales of some owners. */
function addLocalizations(
  { ctes, lists, selects }: Reached,
  source: Source,
  types: readonly CompiledType[],
  { joins, owner, depth }: { joins: SQL; owner: SQL; depth: number },
): void {
  const having = types.filter(hasLocalizations);
  if (having.length === 0) return;
  const owners = sql.raw(`owners${lists.length}`);
  const from = depth === 0 ? sql`` : sql` from ${joins}`;
  ctes.push(sql`${owners} as materialized (select distinct ${owner} as id${from})`);
  lists.push(sql`select owns.id || ${localizationsKey("")}::text,
    ${localizationsSql(source, having, sql.raw("owns.id"))} from ${owners} owns`);
  if (selects.length === 0) selects.push(sql`select null::text where false`);
}

/** The relatives of a row in the tree of its type, and what says in which order they stand where that matters. */
function relativesOfRow(source: Source, type: CompiledType, name: Relative, owner: SQL, depth: number) {
  const tree = treeOf(source, type)!;
  requireReadableField(tree.source, tree.field, "include");
  return {
    rows: relativesSql(tree, name, owner, depth === 0 && source.type.id === type.id),
    places: name === "descendants" ? placesSql(tree) : undefined,
  };
}

/** Adds what refers to some owners; answers the `select` of what is shown of it. */
function addList(
  { ctes, lists, plans, selects }: Reached,
  plan: RelatedPlan,
  { key, joins, owner, depth }: { key: string; joins: SQL; owner: SQL; depth: number },
): SQL {
  const [owners, list] = [sql.raw(`owners${lists.length}`), sql.raw(`list${lists.length}`)];
  const from = depth === 0 ? sql`` : sql` from ${joins}`;
  ctes.push(
    sql`${owners} as materialized (select distinct ${owner} as id${from})`,
    sql`${list} as materialized (select owns.id as owner, page.id, page.keys, page.place
      from ${owners} owns cross join lateral (${plan.page(sql.raw("owns.id"))}) page)`,
  );
  lists.push(sql`select owns.id || ${` ${key}`}::text, jsonb_build_object(
      'rows', (select jsonb_agg(jsonb_build_array(one.id) || one.keys order by one.place)
        from ${list} one where one.owner = owns.id),
      'total', ${plan.total(sql.raw("owns.id"))})
    from ${owners} owns`);
  plans.set(key, plan);
  const shown = sql`select id from ${list} where place <= ${sql.raw(String(plan.query.limit))}`;
  selects.push(shown);
  return shown;
}

/** Adds the lists of references of some owners; answers the `select` of what is shown of them. */
function addListed({ ctes, lists, plans, selects }: Reached, plan: ListedPlan, key: string, pairs: SQL): SQL {
  const [given, list] = [sql.raw(`pairs${lists.length}`), sql.raw(`list${lists.length}`)];
  ctes.push(
    sql`${given} as materialized (${pairs})`,
    sql`${list} as materialized (${plan.rows(sql`select * from ${given}`)})`,
  );
  lists.push(sql`select owns.id || ${` ${key}`}::text, ${foundRows(list, sql.raw("owns.id"))}
    from (select distinct owner as id from ${given}) owns`);
  plans.set(key, plan);
  const shown = sql`select id from ${list}${plan.shown}`;
  selects.push(shown);
  return shown;
}
