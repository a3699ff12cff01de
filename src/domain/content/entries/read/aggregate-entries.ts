import { sql, type SQL } from "drizzle-orm";
import type { Context, ReadOptions, Row } from "../../../../core/context.ts";
import type { ErrorDetail } from "../../../../core/errors.ts";
import { tagsOfTypes } from "../../../../core/events.ts";
import { didYouMean } from "../../../../core/nearest.ts";
import { filterKind, withSchema, type Field } from "../../types/index.ts";
import {
  badQuery,
  checkParameters,
  fieldRows,
  matching,
  readChoice,
  readNames,
  readWords,
  requireReadableField,
  sourceOf,
  throwIssues,
  TIME_COLUMNS,
  type Match,
  type Perspective,
  type Source,
} from "../query/index.ts";
import { requireRead } from "./read-entries.ts";
import type { Aggregate } from "../schemas.ts";
import { readWhere } from "../../grants/index.ts";

const FUNCTIONS = ["min", "max", "avg", "sum"] as const;
type AggregateFunction = (typeof FUNCTIONS)[number];

/** The aggregates to compute over the matching entries. */
export type AggregateQuery = Match & {
  locale?: string | undefined;
  groupBy: string[];
} & Partial<Record<AggregateFunction, string[] | undefined>>;

const MAX_GROUPS = 1000;
const PARAMETERS = ["filter", "q", "locale", "perspective", "environment", "group_by", ...FUNCTIONS];

/** Reads the query string of an aggregate; throws INVALID `content/bad-query` that names each parameter. */
export function parseAggregateQuery(params: URLSearchParams): AggregateQuery {
  const issues: ErrorDetail[] = [];
  checkParameters(params, PARAMETERS, issues);
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
  };
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

const wantedOf = (query: AggregateQuery) =>
  FUNCTIONS.flatMap((name) => (query[name] ?? []).map((field) => ({ name, field })));

function aggregateSql(source: Source, query: AggregateQuery): { statement: SQL; options: ReadOptions } {
  const fields = [...new Set([...query.groupBy, ...wantedOf(query).map(({ field }) => field)])];
  const needed = { fields, what: query.groupBy.length > 0 ? "group_by" : "aggregate" };
  const { tables, where, options } = matching(source, query, needed);
  const columns = fields.map((id, i) => sql`${valueOf(source, id)} as ${sql.raw(`v${i}`)}`);
  const column = (id: string) => sql.raw(`v${fields.indexOf(id)}`);
  const computed = wantedOf(query).map(({ name, field }) => {
    requireComputable(source, name, field);
    return sql`${sql.raw(name)}(${column(field)})::text`;
  });
  const groups = query.groupBy.map((id) => sql`${column(id)}::text`);
  const keys = sql.join(query.groupBy.map(column), sql`, `);
  const statement = sql`select ${sql.join([sql`count(*)::int`, ...groups, ...computed], sql`, `)}
    from (select ${sql.join([sql`1 as one`, ...columns], sql`, `)} from ${tables} where ${where}) matched
    ${query.groupBy.length > 0 ? sql`group by ${keys} order by 1 desc, ${keys} limit ${sql.raw(String(MAX_GROUPS))}` : sql``}`;
  return { statement, options };
}

/** The value of a field along the chain of locales, as the side tables hold it. */
function valueOf(source: Source, id: string): SQL {
  if ((TIME_COLUMNS as readonly string[]).includes(id)) return sql.raw(`base.${id}`);
  const field = aggregateField(source, id);
  const kind = filterKind(field);
  const values = (field.localized ? source.chain : [""]).map((locale) =>
    kind === "reference"
      ? sql`(select hit.target_id from entry_refs hit where hit.tenant_id = ${source.ctx.tenantId}::uuid
        and hit.environment_id = ${source.ctx.environmentId}::uuid
          and hit.entry_id = ${sql.raw(source.perspective === "draft" ? "base.id" : "base.entry_id")}
          and hit.perspective = ${sql.raw(source.perspective === "draft" ? "0" : "1")}
          and hit.field = ${id} and hit.locale = ${locale} and hit.ordinal = 0)`
      : sql`(${fieldRows(source, "hit", field, locale, sql.raw(`hit.${kind}_value`))} and hit.ordinal = 0)`,
  );
  return sql`coalesce(${sql.join([...values, sql`null`], sql`, `)})`;
}

function aggregateField(source: Source, id: string): Field {
  const isSingle = (field: Field) => !field.multiple && !["none", "location"].includes(filterKind(field));
  const field = source.type.fields.get(id);
  if (field && isSingle(field)) {
    requireReadableField(source, id, "aggregate");
    return field;
  }
  const valid = [...source.type.fields.values()].filter(isSingle).map((one) => one.id);
  throw badQuery(
    "aggregate",
    `cannot use "${id.slice(0, 64)}": it must be a field with one value.${didYouMean(id, [...valid, ...TIME_COLUMNS])}`,
  );
}

function requireComputable(source: Source, name: AggregateFunction, id: string): void {
  const field = source.type.fields.get(id);
  const isNumber = field !== undefined && filterKind(field) === "number" && field.type !== "boolean";
  const isTime = field === undefined || filterKind(field) === "time";
  if (isNumber || (isTime && (name === "min" || name === "max"))) return;
  throw badQuery(
    name,
    `needs a number${name === "min" || name === "max" ? " or a time" : ""}: "${id.slice(0, 64)}" is neither`,
  );
}

function present(source: Source, query: AggregateQuery, row: Row): Aggregate {
  const [count, ...values] = row as [number, ...(string | null)[]];
  const answer: Aggregate = { count };
  if (query.groupBy.length > 0)
    answer.group = Object.fromEntries(query.groupBy.map((id, i) => [id, plain(source, id, values[i]!)]));
  wantedOf(query).forEach(({ name, field }, i) => {
    (answer[name] ??= {})[field] = plain(source, field, values[query.groupBy.length + i]!);
  });
  return answer;
}

function plain(source: Source, id: string, value: string | null): string | number | boolean | null {
  if (value === null) return null;
  const field = source.type.fields.get(id);
  if (!field || filterKind(field) === "time") return isoOf(value, field?.type === "date");
  if (field.type === "boolean") return value === "1";
  return filterKind(field) === "number" ? Number(value) : value;
}

/** Postgres' text of a timestamp (`2026-01-31 09:30:00+00`) as ISO 8601, or as a date for date fields. */
function isoOf(value: string, isDay: boolean): string {
  const iso = new Date(value.replace(" ", "T").replace(/([+-]\d{2})$/, "$1:00")).toISOString();
  return isDay ? iso.slice(0, 10) : iso;
}
