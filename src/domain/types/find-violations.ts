import { sql } from "drizzle-orm";
import type { Context } from "../../core/context.ts";
import { AppError, type ErrorDetail } from "../../core/errors.ts";
import { checkValue } from "./check-value.ts";
import { slugForm } from "./slug.ts";
import type { Field, TypeDefinition } from "./schemas.ts";

const PAGE = 5000;
const MAX_PAGES = 40;
const MAX_VIOLATORS = 20;

/** What of a field decides whether a stored value is valid. */
const rulesOf = ({ name: _name, help: _help, default: _default, ...rules }: Field) => JSON.stringify(rules);

/**
 * The entries that a new definition of their type would make invalid, at most 20, each with the path and what is wrong.
 * `fingerprint` tells later whether entries changed since. Reads 5,000 entries a round trip, only where rules changed.
 */
export async function findViolations(
  ctx: Context,
  before: TypeDefinition,
  after: TypeDefinition,
): Promise<{ violations: ErrorDetail[]; fingerprint: string }> {
  const old = new Map(before.fields.map((field) => [field.id, field]));
  const kept = new Map(after.fields.map((field) => [field.id, field]));
  const removed = before.fields.filter((field) => !kept.has(field.id));
  const changed = after.fields.filter((field) => {
    const previous = old.get(field.id);
    return previous ? rulesOf(previous) !== rulesOf(field) : field.required;
  });
  const fingerprint = (await ctx.db.read(fingerprintOf(ctx, after.id))).rows[0]![0] as string;
  const violations: ErrorDetail[] = [];
  const ids = [...removed, ...changed].map((field) => field.id);
  const seen = new Map<string, string>();
  for (let page = 0, last = ""; ids.length > 0 && violations.length < MAX_VIOLATORS; page++) {
    if (page === MAX_PAGES) {
      throw new AppError(
        "INVALID",
        "types/too-many-entries",
        `More than ${PAGE * MAX_PAGES} entries would have to be checked: add a new field instead.`,
      );
    }
    const { rows } = await ctx.db.read(sql`
      select id, (select jsonb_object_agg(key, value) from jsonb_each(data) where key in ${ids}) from entries
      where tenant_id = ${ctx.tenantId}::uuid and environment_id = ${ctx.environmentId}::uuid and type = ${after.id} and id > ${last}
      order by id limit ${PAGE}::int`);
    for (const [id, data] of rows as [string, Record<string, unknown> | null][]) {
      if (violations.length >= MAX_VIOLATORS) break;
      const values = data ?? {};
      for (const field of removed) {
        if (hasValue(values[field.id]))
          violations.push({
            path: field.id,
            entry: id,
            message: `has a value in ${id}, which removing the field would lose`,
          });
      }
      for (const field of changed)
        violations.push(...violationsIn(field, old.get(field.id), id, values[field.id], seen));
    }
    if (rows.length < PAGE) break;
    last = rows.at(-1)![0] as string;
  }
  return { violations: violations.slice(0, MAX_VIOLATORS), fingerprint };
}

/** A text that differs once any entry of the type was written, created or deleted. */
export function fingerprintOf(ctx: Context, type: string) {
  return sql`select count(*) || ':' || coalesce(sum(version), 0) || ':' || coalesce(max(updated_at)::text, '') from entries
    where tenant_id = ${ctx.tenantId}::uuid and environment_id = ${ctx.environmentId}::uuid and type = ${type}`;
}

function violationsIn(
  field: Field,
  previous: Field | undefined,
  entry: string,
  stored: unknown,
  seen: Map<string, string>,
): ErrorDetail[] {
  if (previous && previous.localized !== field.localized && hasValue(stored)) {
    return [
      {
        path: field.id,
        entry,
        message: `has a value in ${entry}: whether a field is localised cannot change any more`,
      },
    ];
  }
  const issues: ErrorDetail[] = [];
  const values: [string, unknown][] = field.localized
    ? Object.entries((stored ?? { "": null }) as object)
    : [["", stored]];
  for (const [locale, value] of values) {
    const path = locale === "" ? field.id : `${field.id}.${locale}`;
    checkValue(field, value, path, { issues, allowIncomplete: false });
    if (field.type === "slug" && value !== slugForm(value))
      issues.push({ path, message: "is not in the form that slugs have (NFC): write it anew" });
    if ((field.unique || field.type === "slug") && hasValue(value)) {
      const key = `${path}\n${String(value)}`;
      const other = seen.get(key);
      if (other !== undefined) issues.push({ path, message: `has the same value as ${other}` });
      seen.set(key, entry);
    }
  }
  return issues.map((issue) => ({ ...issue, entry, message: `${issue.message} (${entry})` }));
}

const hasValue = (value: unknown) => value !== null && value !== undefined;
