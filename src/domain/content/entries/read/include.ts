import { cutText } from "../../../../core/cut-text.ts";
import { sql, type SQL } from "drizzle-orm";
import { ASSETS } from "../../../../core/events.ts";
import { grantsPermit } from "../../../../core/grants.ts";
import { didYouMean } from "../../../../core/nearest.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { accessOf, type Access } from "../../grants/index.ts";
import {
  backReferenceOf,
  holdsReferences,
  innerFields,
  type BackLink,
  type CompiledType,
  type EnvironmentSchema,
  type Field,
} from "../../types/index.ts";
import {
  anyTypeSql,
  badQuery,
  baseId,
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
import { hasLocalizations, LOCALIZATIONS, localizationsKey, localizationsSql } from "./localizations.ts";
import { entryColumns } from "./present-entry.ts";
import { placesSql, relativeField, relativesOf, relativesSql, type Relative } from "./relatives.ts";
import { planRelated, requireFew, type FoundRelated, type RelatedPlan } from "./related.ts";

/** Referenced entries by id: rendered JSON, or the columns of a working copy with its type first. */
export type IncludedEntry = string | unknown[] | WithFacts | EveryLocale;
/** Rendered JSON for a restricted actor, with the values that decide on their access. */
type WithFacts = { doc: string; facts: unknown };
/** Entries by their ids, and what back references have by `listKey`. */
export type Included = Record<string, IncludedEntry | FoundRelated | Localization[]> | null;

type Localization = { locale: string; slug: string | null };

/** What to fill in, by field id: the fields of the entries found there come with their own includes. */
export type IncludeTree = Map<string, IncludeTree>;

/** Back references of a tree by step and owning type, as they are planned. */
export type RelatedPlans = Map<string, RelatedPlan>;
export const planKey = (step: string, owner: CompiledType): string => `${step} ${owner.id}`;
/** Under which the list of an entry is found. */
export const listKey = (id: string, step: string, owner: CompiledType): string =>
  `${id} ${planKey(step, owner)}`;

const MAX_INCLUDE_DEPTH = 3;
const NOTHING: IncludeTree = new Map();

/**
 * Reads paths such as `author` and `author.avatar`; throws INVALID unless each step is a field of a
 * type that the step before may point to, and a reference, media, a component or blocks with such
 * inside, or a back reference. `owners` is how many entries are shown.
 */
export function readInclude(
  schema: EnvironmentSchema,
  type: CompiledType,
  query: ViewQuery,
  owners: number,
): IncludeTree {
  const tree: IncludeTree = new Map();
  for (const path of query.include) {
    const steps = path.split(".");
    if (steps.length > MAX_INCLUDE_DEPTH)
      throw badQuery("include", `goes at most ${MAX_INCLUDE_DEPTH} deep: "${cutText(path, 64)}"`);
    let types = [type];
    let node = tree;
    let shown = owners;
    // Components and blocks that the step before names.
    let inside: Field[] = [];
    for (const [i, step] of steps.entries()) {
      const fields = types.flatMap(
        (one) => relativeField(one, step) ?? referenceFields(one).filter((field) => field.id === step),
      );
      const related = relatedQuery(query, step);
      const links = related ? linksOf(schema, types, step, related.owner) : [];
      const isLast = i === steps.length - 1;
      const isLocalizations = step === LOCALIZATIONS && isLast && types.some(hasLocalizations);
      if (fields.length + links.length === 0 && !isLocalizations)
        throw noSuchInclude(path, step, types, inside.length > 0 ? steps.slice(0, i).join(".") : undefined);
      if (links.length > 0) requireFew(cutText(path, 64), (shown *= related!.limit));
      inside = fields.filter((field) => innerFields(field).length > 0);
      types = [
        ...new Set([
          ...fields.flatMap((field) => targetsOf(schema, field)),
          ...links.map(([, link]) => link.type),
        ]),
      ];
      let next = node.get(step);
      if (!next) node.set(step, (next = new Map()));
      node = next;
    }
  }
  return tree;
}

/** The back references that a step names, each with the type that has it. */
const linksOf = (
  schema: EnvironmentSchema,
  types: CompiledType[],
  step: string,
  only?: string,
): [owner: CompiledType, link: BackLink][] =>
  types.flatMap((owner) => {
    if (only !== undefined && owner.id !== only) return [];
    const link = backReferenceOf(schema, owner, idOfStep(step));
    return link ? [[owner, link] as [CompiledType, BackLink]] : [];
  });

/** `articles` of `articles#0`. */
const idOfStep = (step: string): string => step.split("#", 1)[0]!;

/** INVALID: a step names no such field; `owner` is the path of a component or blocks before it. */
function noSuchInclude(path: string, step: string, types: CompiledType[], owner: string | undefined) {
  const valid = new Set(
    types.flatMap((one) => [
      ...[...referenceFields(one), ...relativesOf(one.definition)].map(({ id }) => id),
      ...one.backReferences.keys(),
    ]),
  );
  const among = types.map(({ id }) => id).join(" or ") || "an asset";
  const written = cutText(path, 64);
  const what =
    owner === undefined
      ? `names no reference, media field or back reference of ${among}: "${written}".`
      : `"${written}" goes into a component or blocks: "${owner}" resolves all references inside, and the next step names a field of the referenced entry, here of ${among}.`;
  return badQuery("include", `${what}${didYouMean(step, valid)}`);
}

/** The includes below a field. */
export const below = (tree: IncludeTree, field: string): IncludeTree => tree.get(field) ?? NOTHING;

/** The types whose entries may be shown by these includes. */
export function includedTypes(schema: EnvironmentSchema, type: CompiledType, tree: IncludeTree): string[] {
  const found = new Set<string>();
  const visit = (types: CompiledType[], node: IncludeTree): void => {
    for (const [id, next] of node) {
      const targets = types.flatMap((one) => {
        const field = relativeField(one, id) ?? one.fields.get(id);
        return field ? targetsOf(schema, field) : linksOf(schema, [one], id).map(([, link]) => link.type);
      });
      for (const target of targets) found.add(target.id);
      if (types.some((one) => holdsAssets(one.fields.get(id)))) found.add(ASSETS);
      visit(targets, next);
    }
  };
  visit([type], tree);
  return [...found];
}

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
  const readable = access ? sql` and ${readableTargets(source, access)}` : sql``;
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
  const all = [entries, ...(canSeeAssets ? [assetsSql(source)] : []), ...lists];
  const included = sql`(with ${sql.join([...ctes, sql`reached (id) as (${found})`], sql`, `)}
    select jsonb_object_agg(found.id, found.doc)
    from (${sql.join(all, sql` union all `)}) found (id, doc))`;
  return { included, plans };
}

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
function readableTargets(source: Source, access: Access): SQL {
  const { ctx, perspective } = source;
  const row = (type: CompiledType) =>
    perspective === "draft" ? entryRow(type, "target") : publishedRow(ctx, type, "target");
  return anyTypeSql(access, readingOf(perspective), sql`target.type`, row, shownPart(source));
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

function referenceFields(type: CompiledType): Field[] {
  return [...type.fields.values()].filter(holdsReferences);
}

const holdsAssets = (field: Field | undefined): boolean =>
  field !== undefined && (field.type === "media" || innerFields(field).some(holdsAssets));

function targetsOf(schema: EnvironmentSchema, field: Field): CompiledType[] {
  if (field.type === "reference") {
    const ids = field.to ?? [...schema.types.keys()];
    return ids.flatMap((id) => schema.types.get(id) ?? []);
  }
  return [...new Set(innerFields(field).flatMap((inner) => targetsOf(schema, inner)))];
}
