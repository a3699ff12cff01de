import { sql, type SQL } from "drizzle-orm";
import type { Context, ReadOptions, Row } from "../../../../core/context.ts";
import type { ErrorDetail } from "../../../../core/errors.ts";
import { tagsOfTypes } from "../../../../core/events.ts";
import { didYouMean } from "../../../../core/nearest.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import {
  fieldAt,
  filterKind,
  hasExtremes,
  kindOf,
  columnsWhere,
  withSchema,
  type Column,
  type Field,
} from "../../types/index.ts";
import {
  affordable,
  badQuery,
  baseId,
  baseRow,
  checkParameters,
  checkRelease,
  from,
  inPlace,
  isGiven,
  inType,
  isAboutAll,
  isInLocale,
  isShown,
  matchedSql,
  matching,
  perspectiveOf,
  publishedTotal,
  readChoice,
  readNames,
  readWords,
  requireReadableField,
  sourceOf,
  storeOf,
  throwIssues,
  TIME_COLUMNS,
  wholeSql,
  type Match,
  type Perspective,
  type Source,
} from "../query/index.ts";
import { unknownLocale } from "../refusals.ts";
import { groupSql, isTimeZone, readGroupKey, type GroupKey } from "./group-keys.ts";
import { requireRead } from "./read-entries.ts";
import type { Aggregate } from "../schemas.ts";
import { readWhere } from "../../grants/index.ts";

const FUNCTIONS = ["min", "max", "avg", "sum", "distinct"] as const;
type AggregateFunction = (typeof FUNCTIONS)[number];

/** The aggregates to compute over the matching entries. */
export type AggregateQuery = Match & {
  locale?: string | undefined;
  groupBy: string[];
  /** The time zone of spans of time in `groupBy`. */
  timeZone: string;
} & Partial<Record<AggregateFunction, string[] | undefined>>;

const MAX_GROUPS = 1000;
const PARAMETERS = [
  "filter",
  "q",
  "locale",
  "perspective",
  "release",
  "environment",
  "group_by",
  "time_zone",
  ...FUNCTIONS,
];

/** Reads the query string of an aggregate; throws INVALID `content/bad-query` that names each parameter. */
export function parseAggregateQuery(params: URLSearchParams): AggregateQuery {
  const issues: ErrorDetail[] = [];
  checkParameters(params, PARAMETERS, issues);
  checkRelease(params, issues);
  const query: AggregateQuery = {
    perspective: readChoice(
      params,
      "perspective",
      ["published", "draft"] as const,
      issues,
    ) satisfies Perspective,
    locale: params.get("locale") ?? undefined,
    where: readWhere(params, issues),
    q: readWords(params, issues),
    groupBy: readNames(params, "group_by", 3, issues) ?? [],
    timeZone: params.get("time_zone") ?? "UTC",
  };
  if (!isTimeZone(query.timeZone))
    issues.push({ path: "time_zone", message: "must be the name of a time zone such as Europe/Berlin" });
  for (const name of FUNCTIONS) query[name] = readNames(params, name, 10, issues);
  throwIssues(issues);
  return query;
}

/**
 * Counts what matches and computes min, max, avg and sum, over all of it or for each group (at most
 * 1,000, the largest first), in one round trip. `tags` are the cache tags of what the answer depends
 * on.
 */
export function aggregateEntries(
  ctx: Context,
  input: { type: string; query: AggregateQuery },
): Promise<{ groups: Aggregate[]; tags: string[] }> {
  requireRead(ctx, input.query.perspective);
  const { query } = input;
  return withSchema(ctx, {
    plan(schema) {
      if (query.locale === "*" && query.perspective === "published") throw unknownLocale(schema, "*");
      const source = sourceOf(ctx, schema, input.type, query);
      return { source, ...aggregateSql(source, query) };
    },
    run: ({ statement, options }) => ctx.db.read(statement, { ...options, kind: "aggregate" }),
    read: ({ rows }, _schema, { source }) => ({
      groups: rows.map((row) => present(source, query, row)),
      tags: tagsOfTypes(ctx.environmentId, [input.type, ...source.reads]),
    }),
  });
}

const isOwnTime = (id: string): boolean => (TIME_COLUMNS as readonly string[]).includes(id);

const computedSql = (name: AggregateFunction, value: SQL): SQL =>
  name === "distinct" ? sql`count(distinct ${value})::text` : sql`${sql.raw(name)}(${value})::text`;

const wantedOf = (query: AggregateQuery) =>
  FUNCTIONS.flatMap((name) => (query[name] ?? []).map((field) => ({ name, field })));

function aggregateSql(source: Source, query: AggregateQuery): { statement: SQL; options: ReadOptions } {
  const groupKeys = query.groupBy.map((name) => readGroupKey(source, name));
  const wanted = wantedOf(query).map(({ field }) => field);
  const fields = [...new Set([...groupKeys.map(({ id }) => id), ...wanted])];
  for (const id of wanted) if (!isOwnTime(id)) aggregateField(source, id);
  const needed = { fields, what: query.groupBy.length > 0 ? "group_by" : "aggregate" } as const;
  const found = matching(source, query, needed);
  const column = (id: string) => sql.raw(`v${fields.indexOf(id)}`);
  const computed = wantedOf(query).map(({ name, field }) => {
    requireComputable(source, name, field);
    return computedSql(name, column(field));
  });
  const groupColumns = groupKeys.map((_, i) => sql.raw(`g${i}`));
  const groups = groupColumns.map((one) => sql`${one}::text`);
  const keys = sql.join(groupColumns, sql`, `);
  // Spans of time come in their order, other groups the largest first.
  const order = groupKeys[0]?.unit ? keys : sql`1 desc, ${keys}`;
  const limit = sql`group by ${keys} order by ${order} limit ${sql.raw(String(MAX_GROUPS))}`;
  const ofAll = isAboutAll(source, query) ? ofAllSql(source, query, groupKeys, fields) : undefined;
  const allowed = affordable(source, found.cost);
  if (ofAll) return { statement: sql`${ofAll}${allowed}`, options: found.options };
  const statement = sql`with ${matchedSql(source, query.where, query.q === undefined ? undefined : found)}
    select ${sql.join([sql`count(*)::int`, ...groups, ...computed], sql`, `)}
    from (select ${sql.join([sql`matched.*`, ...groupKeys.map((key, i) => sql`${groupSql(source, key, column(key.id), query.timeZone)} as ${groupColumns[i]!}`)], sql`, `)}
      from (${valuesSql(source, fields)}) matched) matched where true${allowed}
    ${query.groupBy.length > 0 ? limit : sql``}`;
  return { statement, options: found.options };
}

/**
 * What is computed over every entry, by the index of each field alone; undefined where values of
 * several fields belong together, or are not found by one index.
 */
function ofAllSql(
  source: Source,
  query: AggregateQuery,
  groupKeys: GroupKey[],
  ids: string[],
): SQL | undefined {
  const isInOneRow = (id: string) => {
    const field = valueField(source, id);
    return !field.multiple && localesOf(source, field).length === 1;
  };
  if (ids.some(isOwnTime) || !ids.every(isInOneRow)) return undefined;
  const rowsOf = (id: string, what: (column: SQL) => SQL) => {
    const field = valueField(source, id);
    const { table, column, where } = valueRows(source, field, localesOf(source, field)[0]!);
    return sql`select ${what(column)} from ${table} where ${where} and hit.type = ${source.type.id}
      and ${column} is not null${isInLocale(source, sql.raw("hit.entry_id"))}`;
  };
  const total = sql`all_entries as materialized (${everyCountSql(source)})`;
  const computed = wantedOf(query).map(
    ({ name, field }) => sql`(${rowsOf(field, (column) => computedSql(name, column))})`,
  );
  if (query.groupBy.length === 0)
    return sql`with ${wholeSql(source)}, ${total}
      select ${sql.join([sql`total::int`, ...computed], sql`, `)} from all_entries where true`;
  if (query.groupBy.length > 1 || computed.length > 0) return undefined;
  const [key] = groupKeys as [GroupKey];
  const grouped = rowsOf(
    key.id,
    (column) => sql`count(*)::int as count, ${groupSql(source, key, column, query.timeZone)} as value`,
  );
  const order = key.unit ? sql`key` : sql`count desc, key`;
  return sql`with ${wholeSql(source)}, ${total}, grouped as materialized (${grouped} group by value),
    groups as (select count, value::text, value as key from grouped
      union all select left_over, null, null from (select total::int - coalesce((select sum(count) from grouped), 0)::int
        as left_over from all_entries) others where left_over > 0),
    largest as (select * from groups order by ${order} limit ${sql.raw(String(MAX_GROUPS))})
    select count, value from largest where true`;
}

/** `total`: how many entries of the type there are. */
const everyCountSql = (source: Source): SQL =>
  source.perspective === "draft"
    ? sql`select count(*) as total from ${from(source)} where ${inType(source)}`
    : publishedTotal(source);

/** The values of some fields, a row for each entry that matches: looked up for each of a few, joined with many. */
function valuesSql(source: Source, fields: string[]): SQL {
  const isFew = sql`(select is_few from few)`;
  const named = (columns: SQL[]) =>
    sql.join([sql`1 as one`, ...columns.map((one, i) => sql`${one} as ${sql.raw(`v${i}`)}`)], sql`, `);
  const base = sql.raw("matched.id");
  const row = baseRow(source, "matched.id");
  const isList = (id: string) => !isOwnTime(id) && valueField(source, id).multiple;
  const joins = fields.flatMap((id, i) =>
    isOwnTime(id) || isList(id) ? [] : joinsOf(source, valueField(source, id), i),
  );
  const lists = (isOfOne: boolean) =>
    sql.join(
      fields.flatMap((id, i) => (isList(id) ? [listJoin(source, valueField(source, id), i, isOfOne)] : [])),
      sql` `,
    );
  const listed = (i: number) => sql.raw(`list${i}.value`);
  const joined = fields.map((id, i) =>
    isOwnTime(id)
      ? sql.raw(`base.${id}`)
      : isList(id)
        ? listed(i)
        : sql`coalesce(${sql.join([...localesOf(source, valueField(source, id)).map((_, j) => sql.raw(`f${i}_${j}.value`)), sql`null`], sql`, `)})`,
  );
  const times = fields.some(isOwnTime)
    ? sql`join ${from(source)} on ${inType(source)} and ${baseId(source)} = ${base}`
    : sql``;
  const found = fields.map((id, i) => (isList(id) ? listed(i) : valueOf(source, id)));
  return sql`select ${named(found)} from matched ${row} ${lists(true)} where ${isFew}
    union all select ${named(joined)} from matched ${times} ${sql.join(joins, sql` `)} ${lists(false)}
      where not ${isFew}`;
}

const localesOf = (source: Source, field: Field): string[] => (field.localized ? source.chain : [""]);

/** The rows of a field with one value, in one locale. */
function valueRows(source: Source, field: Column, locale: string): { table: SQL; column: SQL; where: SQL } {
  const store = storeOf(field);
  const column = sql.raw(`hit.${store.column}`);
  return {
    table: sql.raw(`${store.table} hit`),
    column,
    where: sql`${inEnvironment(source.ctx, "hit")} and hit.perspective = ${perspectiveOf(source)}
      and hit.field = ${field.id} and hit.locale = ${locale}${inPlace(sql.raw("hit"), field)}${isGiven(column, field)}${field.inner ? isShown(source, "hit", field) : sql``}`,
  };
}

/** A `left join` with each value of a list once: looked up for one entry, or of all of them. */
function listJoin(source: Source, field: Column, i: number, isOfOne: boolean): SQL {
  const { table, column: name } = storeOf(field);
  const column = sql.raw(`hit.${name}`);
  const values = sql`from ${sql.raw(table)} hit where ${inEnvironment(source.ctx, "hit")}
    and hit.perspective = ${perspectiveOf(source)} and hit.field = ${field.id}
    and hit.locale in ${localesOf(source, field)}${inPlace(sql.raw("hit"), field)} and ${column} is not null
    ${isShown(source, "hit", field)}`;
  const alias = sql.raw(`list${i}`);
  return isOfOne
    ? sql`left join lateral (select distinct ${column} as value ${values} and hit.entry_id = ${baseId(source)}) ${alias} on true`
    : sql`left join (select distinct hit.entry_id, ${column} as value ${values} and hit.type = ${source.type.id}
        offset 0) ${alias} on ${alias}.entry_id = matched.id`;
}

/** A `left join` for each locale of the chain, to be read along the index of values. */
function joinsOf(source: Source, field: Field, i: number): SQL[] {
  return localesOf(source, field).map((locale, j) => {
    const { table, column, where } = valueRows(source, field, locale);
    return sql`left join (select hit.entry_id, ${column} as value from ${table}
      where ${where} and hit.type = ${source.type.id} and ${column} is not null offset 0) ${sql.raw(`f${i}_${j}`)}
      on ${sql.raw(`f${i}_${j}`)}.entry_id = matched.id`;
  });
}

/** The value of a field along the chain of locales, looked up for one entry. */
function valueOf(source: Source, id: string): SQL {
  if (isOwnTime(id)) return sql.raw(`base.${id}`);
  const field = valueField(source, id);
  const values = localesOf(source, field).map((locale) => {
    const { table, column, where } = valueRows(source, field, locale);
    return sql`(select ${column} from ${table} where ${where} and hit.entry_id = ${baseId(source)})`;
  });
  return sql`coalesce(${sql.join([...values, sql`null`], sql`, `)})`;
}

/** A field with values; groups may be made by those of a list. */
function valueField(source: Source, id: string): Column {
  const field = fieldAt(source.type, id);
  return field?.multiple ? fieldWith(source, id, hasValues) : aggregateField(source, id);
}

const hasValues = (field: Field) => !["none", "parts", "location"].includes(filterKind(field));

function aggregateField(source: Source, id: string): Column {
  return fieldWith(source, id, (field) => !field.multiple && hasValues(field), " with one value");
}

function fieldWith(
  source: Source,
  id: string,
  isRight: (field: Field) => boolean,
  what = " with values",
): Column {
  const field = fieldAt(source.type, id);
  if (field && isRight(field)) {
    requireReadableField(source, field.id, "aggregate");
    return field;
  }
  const valid = columnsWhere(source.type, isRight);
  throw badQuery(
    "aggregate",
    `cannot use "${id.slice(0, 64)}": it must be a field${what}.${didYouMean(id, [...valid, ...TIME_COLUMNS])}`,
  );
}

function requireComputable(source: Source, name: AggregateFunction, id: string): void {
  if (name === "distinct") return;
  const field = fieldAt(source.type, id);
  const isNumber = field !== undefined && kindOf(field).canBeSummed;
  const isOrdered = field === undefined || hasExtremes(field);
  if (isNumber || (isOrdered && (name === "min" || name === "max"))) return;
  throw badQuery(
    name,
    `needs a number${name === "min" || name === "max" ? " or a time" : ""}: "${id.slice(0, 64)}" is neither`,
  );
}

function present(source: Source, query: AggregateQuery, row: Row): Aggregate {
  const [count, ...values] = row as [number, ...(string | null)[]];
  const answer: Aggregate = { count };
  if (query.groupBy.length > 0)
    answer.group = Object.fromEntries(
      query.groupBy.map((name, i) => [
        name,
        name.includes(":") ? values[i]! : plain(source, name, values[i]!),
      ]),
    );
  wantedOf(query).forEach(({ name, field }, i) => {
    const value = values[query.groupBy.length + i]!;
    if (name === "distinct") (answer.distinct ??= {})[field] = Number(value);
    else (answer[name] ??= {})[field] = plain(source, field, value);
  });
  return answer;
}

function plain(source: Source, id: string, value: string | null): string | number | boolean | null {
  if (value === null) return null;
  const field = fieldAt(source.type, id);
  if (!field || filterKind(field) === "time") return isoOf(value, field?.type === "date");
  return kindOf(field).shown?.(value) ?? value;
}

/** Postgres' text of a timestamp (`2026-01-31 09:30:00+00`) as ISO 8601, or as a date for date fields. */
function isoOf(value: string, isDay: boolean): string {
  const iso = new Date(value.replace(" ", "T").replace(/([+-]\d{2})$/, "$1:00")).toISOString();
  return isDay ? iso.slice(0, 10) : iso;
}
