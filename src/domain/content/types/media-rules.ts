import { sql, type SQL } from "drizzle-orm";
import type { Field } from "./schemas.ts";

/** What a field of media asks of an asset. */
export type MediaRules = Pick<
  Field,
  "accept" | "max_bytes" | "min_width" | "max_width" | "min_height" | "max_height"
>;

const RULES = ["accept", "max_bytes", "min_width", "max_width", "min_height", "max_height"] as const;

/** The rules of a field for its assets, undefined when there are none. */
export function mediaRulesOf(field: Field): MediaRules | undefined {
  const given = RULES.filter((rule) => field[rule] !== undefined).map((rule) => [rule, field[rule]] as const);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

/** The rules in words, such as `image/*, at most 5000000 bytes`. */
export function mediaExpectation(rules: MediaRules): string {
  const between = (min: number | undefined, max: number | undefined, what: string) =>
    min === undefined && max === undefined
      ? []
      : [
          `${min === undefined ? "at most" : max === undefined ? "at least" : `${min} to`} ${max ?? min} ${what}`,
        ];
  return [
    ...(rules.accept ? [rules.accept.join(" or ")] : []),
    ...between(undefined, rules.max_bytes, "bytes"),
    ...between(rules.min_width, rules.max_width, "pixels wide"),
    ...between(rules.min_height, rules.max_height, "pixels high"),
  ].join(", ");
}

/** What of an asset each rule asks, by its column; a media type that is not known is none. */
const ASKED = {
  max_bytes: "size_bytes",
  min_width: "width",
  max_width: "width",
  min_height: "height",
  max_height: "height",
} as const;

/** Whether rules ask something that may not be known of an asset. */
export const mayBeUnchecked = (rules: MediaRules | undefined): boolean =>
  rules !== undefined && Object.keys(ASKED).some((rule) => Object.hasOwn(rules, rule));

/** The rules, as a JSON list, of which nobody knows whether the asset under an alias keeps to them. */
export function uncheckedRules(alias: string, rules: SQL): SQL {
  const open = Object.entries(ASKED).map(
    ([rule, column]) => sql`(${rule}::text, ${sql.raw(`${alias}.${column}`)}::bigint)`,
  );
  return sql`(select jsonb_agg(open.rule) from (values ${sql.join(open, sql`, `)}) open (rule, known)
    where ${rules} ? open.rule and open.known is null)`;
}

/**
 * Whether the asset under an alias keeps to rules, a JSONB expression. What is not known of it, such as
 * the size of a remote file, is not held against it, except for its media type.
 */
export function keepsToRules(alias: string, rules: SQL): SQL {
  const asset = sql.raw(alias);
  const rule = (name: string) => sql`(${rules} ->> ${name}::text)::bigint`;
  return sql`((${rules} -> 'accept') is null or exists (
      select 1 from jsonb_array_elements_text(${rules} -> 'accept') accepted (pattern)
      where lower(${asset}.mime) like replace(replace(lower(accepted.pattern), '_', '\\_'), '*', '%')))
    and coalesce(${asset}.size_bytes <= ${rule("max_bytes")}, true)
    and coalesce(${asset}.width >= ${rule("min_width")}, true)
    and coalesce(${asset}.width <= ${rule("max_width")}, true)
    and coalesce(${asset}.height >= ${rule("min_height")}, true)
    and coalesce(${asset}.height <= ${rule("max_height")}, true)`;
}
