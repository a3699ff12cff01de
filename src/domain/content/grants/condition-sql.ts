import { sql, type SQL } from "drizzle-orm";
import { textArray } from "../../../db/text-array.ts";
import { isAlways, isNever, type Condition, type Test } from "./condition.ts";

/**
 * Where an entry's values are in a statement: `data` a JSONB expression, each fact a text one.
 * `within` puts a condition over them to where they can be seen; `unknown` says when nobody knows a
 * fact any more, if that can be.
 */
export type RowSql = {
  data: SQL;
  fact(name: string): SQL;
  within?(condition: SQL): SQL;
  unknown?(name: string): SQL | undefined;
};

const COMPARISONS = { gt: ">", gte: ">=", lt: "<", lte: "<=" } as const;

/** A condition over a row. Two-valued, so that `not` turns it round exactly as in memory. */
export function conditionSql(condition: Condition, row: RowSql): SQL {
  const over = overRow(condition, row);
  return row.within && !isAlways(condition) && !isNever(condition) ? row.within(over) : over;
}

function overRow(condition: Condition, row: RowSql, doubt = false): SQL {
  switch (condition.kind) {
    case "all":
    case "any":
      if (condition.of.length === 0) return condition.kind === "all" ? sql`true` : sql`false`;
      return sql`(${sql.join(
        condition.of.map((one) => overRow(one, row, doubt)),
        condition.kind === "all" ? sql` and ` : sql` or `,
      )})`;
    case "not":
      return sql`(not ${overRow(condition.of, row, !doubt)})`;
    case "test":
      return condition.isFact ? knownSql(condition, row, doubt) : fieldSql(condition, row.data);
  }
}

function knownSql(test: Test, row: RowSql, doubt: boolean): SQL {
  const isUnknown = row.unknown?.(test.name);
  const known = factSql(test, row.fact(test.name));
  return isUnknown ? sql`(case when ${isUnknown} then ${sql.raw(String(doubt))} else ${known} end)` : known;
}

function factSql(test: Test, fact: SQL): SQL {
  if (test.comparison === "exists") return sql`(${fact} is not null)`;
  return sql`coalesce(${compareText(test, fact)}, false)`;
}

function fieldSql(test: Test, data: SQL): SQL {
  const value = test.name.includes(".")
    ? sql`(${data} #> ${textArray(test.name.split("."))})`
    : sql`(${data} -> ${test.name}::text)`;
  if (test.comparison === "exists") return sql`coalesce(${value} <> 'null'::jsonb, false)`;
  return sql`coalesce(case when jsonb_typeof(${value}) = 'array'
    then exists (select 1 from jsonb_array_elements(${value}) element (value)
      where ${elementSql(test, sql`element.value`)})
    else ${elementSql(test, value)} end, false)`;
}

/**
 * One element, of the type that it is compared as or else false; a case is the only order that
 * Postgres keeps to.
 */
function elementSql(test: Test, value: SQL): SQL {
  const text = sql`(${value} #>> '{}')`;
  const when = (isRight: SQL, then: SQL) => sql`case when ${isRight} then ${then} else false end`;
  switch (test.as) {
    case "number":
      return when(
        sql`jsonb_typeof(${value}) = 'number'`,
        compareNumber(test, sql`${text}::double precision`, "double precision"),
      );
    case "decimal":
      return when(
        sql`jsonb_typeof(${value}) = 'string' and ${text} ~ '^-?(0|[1-9][0-9]{0,37})(\\.[0-9]{1,38})?$'`,
        compareNumber(test, sql`${text}::numeric`, "numeric"),
      );
    case "boolean":
      return sql`coalesce(${value} in (${sql.join(
        test.values.map((one) => sql`to_jsonb(${one}::boolean)`),
        sql`, `,
      )}), false)`;
    case "day":
      return when(
        sql`jsonb_typeof(${value}) = 'string' and ${text} ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'`,
        compareText(test, sql`(${text} || 'T00:00:00.000Z')`),
      );
    case "text":
    case "datetime":
    case "clock":
      return when(sql`jsonb_typeof(${value}) = 'string'`, compareText(test, text));
    case "any":
      return sql`false`;
  }
}

function compareNumber({ comparison, values }: Test, value: SQL, type: "double precision" | "numeric"): SQL {
  const asType = sql.raw(type);
  if (comparison === "in")
    return sql`${value} in (${sql.join(
      values.map((one) => sql`${one}::${asType}`),
      sql`, `,
    )})`;
  return sql`${value} ${sql.raw(COMPARISONS[comparison as keyof typeof COMPARISONS])} ${values[0]}::${asType}`;
}

function compareText({ comparison, values }: Test, value: SQL): SQL {
  const wanted = sql`${String(values[0])}::text`;
  const lower = (text: SQL) => sql`lower(${text} collate "C")`;
  switch (comparison) {
    case "in":
      return sql`${value} in (${sql.join(
        values.map((one) => sql`${String(one)}::text`),
        sql`, `,
      )})`;
    case "contains":
      return sql`position(${lower(wanted)} in ${lower(value)}) > 0`;
    case "starts_with":
      return sql`starts_with(${lower(value)}, ${lower(wanted)})`;
    case "ends_with":
      return sql`right(${lower(value)}, length(${wanted})) = ${lower(wanted)}`;
    default:
      return sql`(${value} collate "C") ${sql.raw(COMPARISONS[comparison as keyof typeof COMPARISONS])} ${wanted}`;
  }
}
