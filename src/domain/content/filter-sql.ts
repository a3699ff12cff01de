import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../core/context.ts";
import { invalid, type AppError } from "../../core/errors.ts";
import { isId } from "../../core/ids.ts";
import { didYouMean } from "../../core/nearest.ts";
import {
  filterKind,
  isCleanText,
  MAX_INDEXED_LENGTH,
  type CompiledType,
  type Field,
} from "../types/index.ts";
import type { Filter, Perspective } from "./list-query.ts";
import { inEnvironment } from "./side-rows.ts";

/** The rows a query reads: `base` is published_entries or entries under that alias. */
export type Source = { ctx: Context; type: CompiledType; perspective: Perspective; chain: string[] };

/** Times every entry has; they are columns of the base table. */
export const TIME_COLUMNS = ["created_at", "updated_at", "published_at"] as const;
const COMPARISONS = { eq: "=", gt: ">", gte: ">=", lt: "<", lte: "<=" } as const;

/** The id column of the base table. */
export const baseId = (source: Source): SQL =>
  sql.raw(source.perspective === "draft" ? "base.id" : "base.entry_id");

/** One filter as a condition over `base`; throws INVALID for a field, operator or value that cannot be. */
export function filterSql(source: Source, filter: Filter): SQL {
  const path = `filter[${filter.field}][${filter.operator}]`;
  if (filter.field === "id") return idFilter(source, filter, path);
  if ((TIME_COLUMNS as readonly string[]).includes(filter.field)) {
    return compareColumn(sql.raw(`base.${filter.field}`), "time", filter, path);
  }
  const field = source.type.fields.get(filter.field);
  if (!field) {
    const names = [...source.type.fields.keys(), "id", ...TIME_COLUMNS];
    throw badFilter(path, `names no field of ${source.type.id}.${didYouMean(filter.field, names)}`);
  }
  if (filter.operator === "exists") return existsFilter(source, field, filter, path);
  const kind = filterKind(field);
  if (kind === "none")
    throw badFilter(path, `cannot be: a ${field.type} field can only be filtered by exists`);
  if (kind === "reference") return referenceFilter(source, field, filter, path);
  if (filter.operator === "ne")
    return sql`not ${valueFilter(source, field, { ...filter, operator: "eq" }, path)}`;
  return valueFilter(source, field, filter, path);
}

function valueFilter(source: Source, field: Field, filter: Filter, path: string): SQL {
  const kind = filterKind(field) as "text" | "number" | "time";
  const matches = (alias: string) =>
    compareColumn(sql.raw(`${alias}.${kind}_value`), kind, filter, path, field);
  if (!field.localized) return sql`exists (${fieldRows(source, "hit", field, "")} and ${matches("hit")})`;
  const terms = source.chain.map((locale, i) => {
    const hidden = source.chain.slice(0, i);
    const unhidden =
      hidden.length === 0 ? sql`` : sql` and not exists (${fieldRows(source, "earlier", field, hidden)})`;
    return sql`(exists (${fieldRows(source, "hit", field, locale)} and ${matches("hit")})${unhidden})`;
  });
  return sql`(${sql.join(terms, sql` or `)})`;
}

function referenceFilter(source: Source, field: Field, filter: Filter, path: string): SQL {
  const { operator } = filter;
  if (operator !== "eq" && operator !== "ne" && operator !== "in" && operator !== "contains") {
    throw badFilter(path, `has no operator ${operator} for a ${field.type} field: use eq, ne, in or exists`);
  }
  const ids = operator === "in" ? splitList(filter.value, path) : [filter.value];
  const prefix = field.type === "media" ? "ast" : "cnt";
  if (!ids.every((id) => isId(prefix, id))) throw badFilter(path, `must be ids such as ${prefix}_01jd…`);
  const found = sql`exists (${refRows(source, "hit", field)} and hit.target_id in ${ids})`;
  return operator === "ne" ? sql`not ${found}` : found;
}

function existsFilter(source: Source, field: Field, filter: Filter, path: string): SQL {
  if (filter.value !== "true" && filter.value !== "false") throw badFilter(path, "must be true or false");
  const kind = filterKind(field);
  const locales = field.localized ? source.chain : "";
  const found =
    kind === "reference"
      ? sql`exists (${refRows(source, "hit", field)})`
      : kind === "none"
        ? hasDocument(source, field)
        : sql`exists (${fieldRows(source, "hit", field, locales)})`;
  return filter.value === "true" ? found : sql`not ${found}`;
}

function hasDocument(source: Source, field: Field): SQL {
  if (source.perspective === "published") return sql`(base.doc::jsonb ->> ${field.id} is not null)`;
  if (!field.localized) return sql`(base.data ->> ${field.id} is not null)`;
  const terms = source.chain.map((locale) => sql`base.data -> ${field.id} ->> ${locale} is not null`);
  return sql`(${sql.join(terms, sql` or `)})`;
}

function idFilter(source: Source, filter: Filter, path: string): SQL {
  const { operator } = filter;
  if (operator !== "eq" && operator !== "ne" && operator !== "in")
    throw badFilter(path, "has only the operators eq, ne and in");
  const ids = operator === "in" ? splitList(filter.value, path) : [filter.value];
  if (!ids.every((id) => isId("cnt", id))) throw badFilter(path, "must be entry ids such as cnt_01jd…");
  return operator === "ne" ? sql`${baseId(source)} <> ${ids[0]}` : sql`${baseId(source)} in ${ids}`;
}

function compareColumn(
  column: SQL,
  kind: "text" | "number" | "time",
  filter: Filter,
  path: string,
  field?: Field,
): SQL {
  const { operator } = filter;
  const read = (text: string) => readValue(text, kind, path, field);
  switch (operator) {
    case "eq":
    case "gt":
    case "gte":
    case "lt":
    case "lte":
      if (kind === "text" && operator !== "eq")
        throw badFilter(path, "compares numbers and times; a text has eq, ne, in and contains");
      return sql`${column} ${sql.raw(COMPARISONS[operator])} ${read(filter.value)}`;
    case "ne":
      return sql`${column} <> ${read(filter.value)}`;
    case "in":
      return sql`${column} in (${sql.join(splitList(filter.value, path).map(read), sql`, `)})`;
    case "contains": {
      if (kind !== "text") throw badFilter(path, "contains is for texts; use eq, in, gt, gte, lt or lte");
      return sql`position(lower(${read(filter.value)}) in lower(${column})) > 0`;
    }
    case "exists":
      return filter.value === "false" ? sql`${column} is null` : sql`${column} is not null`;
  }
}

function readValue(text: string, kind: "text" | "number" | "time", path: string, field?: Field): SQL {
  switch (kind) {
    case "text":
      if (!isCleanText(text) || text.length > MAX_INDEXED_LENGTH)
        throw badFilter(path, `must be a text of at most ${MAX_INDEXED_LENGTH} characters`);
      return sql`${text}::text`;
    case "number": {
      if (field?.type === "boolean") {
        if (text !== "true" && text !== "false") throw badFilter(path, "must be true or false");
        return sql`${text === "true" ? 1 : 0}::double precision`;
      }
      const value = text.trim() === "" ? Number.NaN : Number(text);
      if (!Number.isFinite(value)) throw badFilter(path, "must be a number");
      return sql`${value}::double precision`;
    }
    case "time": {
      const moment = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
      if (Number.isNaN(moment))
        throw badFilter(path, "must be a day such as 2026-01-31 or a moment such as 2026-01-31T09:30:00Z");
      return sql`${new Date(moment).toISOString()}::timestamptz`;
    }
  }
}

function splitList(text: string, path: string): string[] {
  const list = text.split(",").map((one) => one.trim());
  if (list.length > 100) throw badFilter(path, "must list at most 100 values");
  return list;
}

const PERSPECTIVES = { draft: 0, published: 1 } as const;

/** `select 1 from entry_fields …` for the base row's values of a field in one or several locales. */
export function fieldRows(
  source: Source,
  alias: string,
  field: Field,
  locales: string | string[],
  what = sql`1`,
): SQL {
  const row = sql.raw(alias);
  const list = Array.isArray(locales) ? locales : [locales];
  return sql`select ${what} from entry_fields ${row} where ${inEnvironment(source.ctx, alias)} and ${row}.type = ${source.type.id}
    and ${row}.perspective = ${sql.raw(String(PERSPECTIVES[source.perspective]))} and ${row}.field = ${field.id}
    and ${row}.locale in ${list} and ${row}.entry_id = ${baseId(source)}`;
}

function refRows(source: Source, alias: string, field: Field): SQL {
  const row = sql.raw(alias);
  const locales = field.localized ? source.chain : [""];
  return sql`select 1 from entry_refs ${row} where ${inEnvironment(source.ctx, alias)}
    and ${row}.perspective = ${sql.raw(String(PERSPECTIVES[source.perspective]))} and ${row}.field = ${field.id}
    and ${row}.locale in ${locales} and ${row}.entry_id = ${baseId(source)}`;
}

export function badFilter(path: string, message: string): AppError {
  return invalid(
    "content/bad-query",
    `${path} ${message}`.replace(/[.?]?$/, (end) => end || "."),
    [{ path, message }],
    400,
  );
}
