import { cutText } from "../../../../core/cut-text.ts";
import { sql, type SQL } from "drizzle-orm";
import { ASSETS } from "../../../../core/events.ts";
import { grantsPermit } from "../../../../core/grants.ts";
import { didYouMean } from "../../../../core/nearest.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { accessOf, type Access } from "../../grants/index.ts";
import {
  holdsReferences,
  innerFields,
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
  perspectiveOf,
  publishedRow,
  readingOf,
  refsOfBase,
  shownPart,
  type Source,
} from "../query/index.ts";
import { entryColumns } from "./present-entry.ts";

/** Referenced entries by id: rendered JSON, or the columns of a working copy with its type first. */
export type Included = Record<string, string | unknown[] | WithFacts> | null;
/** Rendered JSON for a restricted actor, with the values that decide on their access. */
type WithFacts = { doc: string; facts: unknown };

/** What to fill in, by field id: the fields of the entries found there come with their own includes. */
export type IncludeTree = Map<string, IncludeTree>;

const MAX_INCLUDE_DEPTH = 3;
const NOTHING: IncludeTree = new Map();

/**
 * Reads paths such as `author` and `author.avatar`; throws INVALID unless each step is a field of a
 * type that the step before may point to, and a reference, media, or a component or blocks with such
 * inside.
 */
export function readInclude(schema: EnvironmentSchema, type: CompiledType, paths: string[]): IncludeTree {
  const tree: IncludeTree = new Map();
  for (const path of paths) {
    const steps = path.split(".");
    if (steps.length > MAX_INCLUDE_DEPTH)
      throw badQuery("include", `goes at most ${MAX_INCLUDE_DEPTH} deep: "${cutText(path, 64)}"`);
    let types = [type];
    let node = tree;
    // Components and blocks that the step before names.
    let owners: Field[] = [];
    for (const [i, step] of steps.entries()) {
      const fields = types.flatMap((one) => referenceFields(one).filter((field) => field.id === step));
      if (fields.length === 0) {
        throw noSuchInclude(path, step, types, owners.length > 0 ? steps.slice(0, i).join(".") : undefined);
      }
      owners = fields.filter((field) => innerFields(field).length > 0);
      types = [...new Set(fields.flatMap((field) => targetsOf(schema, field)))];
      let next = node.get(step);
      if (!next) node.set(step, (next = new Map()));
      node = next;
    }
  }
  return tree;
}

/** INVALID: a step names no such field; `owner` is the path of a component or blocks before it. */
function noSuchInclude(path: string, step: string, types: CompiledType[], owner: string | undefined) {
  const valid = new Set(types.flatMap((one) => referenceFields(one).map((field) => field.id)));
  const among = types.map(({ id }) => id).join(" or ") || "an asset";
  const written = cutText(path, 64);
  const what =
    owner === undefined
      ? `names no reference or media field of ${among}: "${written}".`
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
        const field = one.fields.get(id);
        return field ? targetsOf(schema, field) : [];
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
export function includeSql(source: Source, tree: IncludeTree): SQL {
  const { ctx, perspective, chain } = source;
  const found = sql.join(
    reached(source, tree).map((one) => sql`(${one})`),
    sql` union `,
  );
  const access = accessOf(ctx, source.schema);
  const doc = access
    ? sql`jsonb_build_object('doc', target.doc, 'facts', ${factsSql(ctx, "target")})`
    : sql`to_jsonb(target.doc)`;
  const readable = access ? sql` and ${readableTargets(source, access)}` : sql``;
  const entries =
    perspective === "published"
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
  const assets = sql`
      union all select reached.id, to_jsonb(jsonb_build_object('id', asset.id, 'source_url',
        asset.source_url, 'filename', asset.filename,
          'mime', asset.mime, 'title', asset.title, 'alt', asset.alt, 'caption', asset.caption,
            'description', asset.description)::text)
        from reached ${lookedUp(
          sql`assets asset where ${inEnvironment(ctx, "asset")} and asset.id = reached.id`,
          "asset",
        )}`;
  const canSeeAssets = ctx.actor.grants === undefined || grantsPermit(ctx.actor.grants, "assets:read");
  return sql`(with reached (id) as (${found})
    select jsonb_object_agg(found.id, found.doc)
    from (${entries}${canSeeAssets ? assets : sql``}) found (id, doc))`;
}

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

/**
 * One select of target ids per level of the tree: fields that go equally deep below the same steps
 * travel together.
 */
function reached(source: Source, tree: IncludeTree): SQL[] {
  const selects: SQL[] = [];
  const visit = (node: IncludeTree, joins: SQL, owner: SQL, depth: number): void => {
    if (node.size === 0) return;
    const alias = `ref${depth}`;
    const row = sql.raw(alias);
    const rows = (fields: string[]) => sql`${inEnvironment(source.ctx, alias)} and ${row}.entry_id = ${owner}
      and ${row}.perspective = ${perspectiveOf(source)} and ${row}.field in ${fields}
      and ${row}.locale in ${["", ...source.chain]}`;
    const table = depth === 0 ? refsOfBase(source, alias) : sql`entry_refs ${row}`;
    const where = (fields: string[]) =>
      depth === 0
        ? sql`${table} where ${rows(fields)}`
        : sql`${joins} ${lookedUp(sql`${table} where ${rows(fields)}`, alias)}`;
    selects.push(sql`select ${row}.target_id from ${where([...node.keys()])}`);
    for (const [field, next] of node) {
      const joined =
        depth === 0
          ? sql`(select * from ${table} where ${rows([field])}) ${row}`
          : sql`${joins} ${lookedUp(sql`${table} where ${rows([field])}`, alias)}`;
      visit(next, joined, sql.raw(`${alias}.target_id`), depth + 1);
    }
  };
  visit(tree, sql``, baseId(source), 0);
  return selects;
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
