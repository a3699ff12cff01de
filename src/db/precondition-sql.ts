import { sql, type SQL } from "drizzle-orm";
import type { Precondition } from "../core/preconditions.ts";

/** Whether a row at this version meets `If-Match` and `If-None-Match`. */
export function versionMeets(precondition: Precondition | undefined, version: SQL): SQL {
  const { only, not } = precondition ?? {};
  const isOneOf = (versions: number[]) =>
    sql`${version} = any (array(select jsonb_array_elements_text(${JSON.stringify(versions)}::jsonb)::int))`;
  const asked = [
    ...(only === undefined || only === "any" ? [] : [isOneOf(only)]),
    ...(not === "any" ? [sql`false`] : not === undefined ? [] : [sql`not ${isOneOf(not)}`]),
  ];
  return asked.length === 0 ? sql`true` : sql`(${sql.join(asked, sql` and `)})`;
}

/** Whether a row may be new. */
export const mayBeNew = (precondition: Precondition | undefined): SQL =>
  precondition?.only === undefined ? sql`true` : sql`false`;
