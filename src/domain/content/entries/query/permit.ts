import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import {
  conditionSql,
  FACTS,
  grantedIf,
  isNever,
  type Access,
  type ContentAction,
  type Part,
  type RowSql,
} from "../../grants/index.ts";
import { keptDataOf, type CompiledType, type EnvironmentSchema } from "../../types/index.ts";
import type { Perspective } from "./list-query.ts";

/** What reading in a perspective is called among the permissions. */
export const readingOf = (perspective: Perspective): ContentAction =>
  perspective === "draft" ? "content:read-draft" : "content:read";

const statusSql = (alias: string): SQL =>
  sql.raw(
    `case when ${alias}.published_version is null then 'draft'
      when coalesce(${alias}.published_data = ${alias}.data,
        ${alias}.published_version = ${alias}.version) then 'published'
      else 'changed' end`,
  );

/** The working copy under an alias of `entries`, optionally with other data. */
export function entryRow(type: CompiledType, alias: string, data = sql.raw(`${alias}.data`)): RowSql {
  const column = (name: string) => sql.raw(`${alias}.${name}`);
  const first = type.definition.review?.stages[0]!.id;
  return {
    data,
    fact(name) {
      if (name === "status") return statusSql(alias);
      if (name === "stage")
        return first === undefined ? sql`null::text` : sql`coalesce(${column("stage")}, ${first})`;
      return name.endsWith("_at") ? sql`cms_iso(${column(name)})` : column(name);
    },
  };
}

/**
 * What is published under an alias of `published_entries`. Its values are read where they are stored
 * as such: a finished answer would have to be parsed for each row.
 */
export function publishedRow(ctx: Context, type: CompiledType, alias: string): RowSql {
  return {
    data: sql.raw("stored.data"),
    fact(name) {
      if (name === "status") return sql`'published'::text`;
      return name.endsWith("_at") ? sql.raw(`cms_iso(${alias}.${name})`) : entryRow(type, "own").fact(name);
    },
    within: (condition) => sql`exists (select 1 from entries own
      cross join lateral (select ${storedSql(ctx)} as data offset 0) stored
      where ${inEnvironment(ctx, "own")} and own.id = ${sql.raw(alias)}.entry_id and ${condition})`,
  };
}

/** The values that are published of the row `own` of `entries`, localised ones by locale. */
function storedSql(ctx: Context): SQL {
  return sql`coalesce(own.published_data, case when own.published_version = own.version then own.data
    else (select kept.data from entry_versions kept where ${inEnvironment(ctx, "kept")}
      and kept.entry_id = own.id and kept.version = own.published_version) end)`;
}

/**
 * What an entry under an alias of `entries` is now, whatever version of it is shown: its facts and its
 * `data`.
 */
export function nowSql(ctx: Context, type: CompiledType, id: SQL): SQL {
  const row = entryRow(type, "own");
  const pairs = FACTS.map((name) => sql`${name}::text, ${row.fact(name)}`);
  return sql`(select jsonb_build_object('data', own.data, ${sql.join(pairs, sql`, `)}) from entries own
    where ${inEnvironment(ctx, "own")} and own.id = ${id})`;
}

/** Facts that an entry takes along into the trash. */
export const TRASHED_FACTS = [
  "status",
  "stage",
  "assignee",
  "updated_by",
  "updated_at",
  "published_at",
] as const;

/**
 * The facts that the trash keeps of a row under an alias of `entries`; its stage as stored, null for
 * the first one.
 */
export const trashedFacts = (alias: string): SQL =>
  sql`jsonb_build_object('status', ${statusSql(alias)}, ${sql.raw(
    `'stage', ${alias}.stage, 'assignee', ${alias}.assignee, 'updated_by', ${alias}.updated_by, 'updated_at', cms_iso(${alias}.updated_at), 'published_at', cms_iso(${alias}.published_at)`,
  )})`;

/** A deleted entry under an alias of `trash`: as it was when it was deleted. */
export function trashRow(type: CompiledType, alias: string): RowSql {
  const first = type.definition.review?.stages[0]!.id;
  return {
    data: keptDataOf(alias, "deleted_at"),
    fact(name) {
      if (name === "id" || name === "created_by") return sql.raw(`${alias}.${name}`);
      if (name === "created_at") return sql.raw(`cms_iso(${alias}.created_at)`);
      const fact = sql.raw(`(${alias}.facts ->> '${name}')`);
      if (name !== "stage") return fact;
      return first === undefined ? sql`null::text` : sql`coalesce(${fact}, ${first})`;
    },
    unknown: (name) =>
      (TRASHED_FACTS as readonly string[]).includes(name) ? sql.raw(`${alias}.facts is null`) : undefined,
  };
}

/** Every entry, in whichever locale. */
export const inAnyLocale = (schema: EnvironmentSchema): Part => ({
  locales: [...schema.chains.keys(), null],
  isAny: true,
});

/**
 * A condition on rows of any type, `typeOf` being the column with it; null for an actor that nothing
 * narrows.
 */
export function anyTypeSql(
  access: Access,
  action: ContentAction,
  typeOf: SQL,
  row: (type: CompiledType) => RowSql,
  part: Part | ((type: CompiledType) => Part),
  types: Iterable<CompiledType> = access.schema.types.values(),
): SQL {
  const cases = [...types].flatMap((type) => {
    const condition = grantedIf(access, type, action, typeof part === "function" ? part(type) : part);
    return isNever(condition) ? [] : [sql`when ${type.id} then ${conditionSql(condition, row(type))}`];
  });
  return cases.length === 0 ? sql`false` : sql`(case ${typeOf} ${sql.join(cases, sql` `)} else false end)`;
}

/**
 * Whether an entry under an alias of `entries` can be read: as a working copy, or because it is
 * published.
 */
export function seenSql(access: Access, alias: string, types?: Iterable<CompiledType>): SQL {
  const part = inAnyLocale(access.schema);
  const may = (action: ContentAction) =>
    anyTypeSql(access, action, sql.raw(`${alias}.type`), (type) => entryRow(type, alias), part, types);
  return sql`(${may("content:read-draft")} or (${sql.raw(alias)}.published_version is not null
    and ${may("content:read")}))`;
}

/**
 * What a published entry's finished answer does not say: what conditions may ask, and its values by
 * locale as `stored`.
 */
export function factsSql(ctx: Context, alias: string): SQL {
  return sql`(select jsonb_build_object('created_by', own.created_by, 'updated_by', own.updated_by,
    'assignee', own.assignee, 'stage', own.stage, 'version', own.published_version,
    'published_locales', own.published_locales, 'stored', ${storedSql(ctx)})
    from entries own where ${inEnvironment(ctx, "own")} and own.id = ${sql.raw(alias)}.entry_id)`;
}
