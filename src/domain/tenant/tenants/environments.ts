import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError, invalid, notFound, type ErrorDetail } from "../../../core/errors.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { record } from "../events/index.ts";
import type { Environment, EnvironmentChange } from "./schemas.ts";

export const ENVIRONMENT_COLUMNS = sql`environment.name, environment.is_default, environment.default_locale,
  environment.locales,
  environment.schema_version, cms_iso(environment.created_at), environment.graphql`;

/** The tenant's environments with their locales. */
export async function listEnvironments(ctx: Context): Promise<Environment[]> {
  requirePermission(ctx, "environments:read");
  const { rows } = await ctx.db.read(
    sql`select ${ENVIRONMENT_COLUMNS} from environments environment where tenant_id = ${ctx.tenantId}::uuid
      and (${ctx.actor.boundTo ?? null}::uuid is null
        or environment.id = ${ctx.actor.boundTo ?? null}::uuid) order by name`,
  );
  return rows.map(presentEnvironment);
}

/** Sets the locales of an environment. A fallback must be one of them, and no chain may run in a circle. */
export async function updateEnvironment(
  ctx: Context,
  input: { name: string; change: EnvironmentChange },
): Promise<Environment> {
  const { change } = input;
  const environments = await listEnvironments(ctx);
  const current = environments.find((one) => one.name === input.name);
  if (!current)
    throw notFound("environments/not-found", `There is no environment "${input.name.slice(0, 64)}".`);
  const next = { ...current, ...change };
  const graphql = { ...current.graphql, ...change.graphql };
  checkLocales(next.locales, next.default_locale);
  const hasNewLocales = JSON.stringify(current.locales) !== JSON.stringify(next.locales);
  const { results } = await ctx.db.run([
    sql`with saved as (update environments set locales = ${JSON.stringify(next.locales)}::jsonb,
      default_locale = ${next.default_locale}, is_default = ${next.is_default},
        graphql = ${JSON.stringify(graphql)}::jsonb, schema_version = schema_version + 1
          where tenant_id = ${ctx.tenantId}::uuid and name = ${input.name}
          and schema_version = ${current.schema_version}::int returning *),
      unset as (update environments other set is_default = false
        where other.tenant_id = ${ctx.tenantId}::uuid and ${change.is_default === true}::boolean
        and other.is_default and other.name <> ${input.name} and exists (select 1 from saved)),
      ${record(ctx, {
        event: "environment.updated",
        from: sql`saved`,
        environment: sql`saved.id`,
        subject: sql`'environment:' || saved.name`,
        payload: sql`jsonb_build_object('name', saved.name, 'locales', ${hasNewLocales}::boolean)`,
      })}
      select ${ENVIRONMENT_COLUMNS}, (select id::text from event_row) from saved environment`,
  ]);
  const row = results[0]![0];
  if (!row)
    throw new AppError(
      "CONFLICT",
      "environments/changed",
      "The environment was changed concurrently: try again.",
    );
  ctx.outbox.poke(ctx.tenantId, [row.at(-1) as string]);
  return presentEnvironment(row);
}

type Locale = Environment["locales"][number];

/** Throws INVALID unless the locales are distinct, hold the default one and fall back without a circle. */
export function checkLocales(locales: Locale[], defaultLocale: string): void {
  const codes = locales.map((locale) => locale.code);
  const issues: ErrorDetail[] = [];
  if (!codes.includes(defaultLocale))
    issues.push({ path: "default_locale", message: "must be one of the locales" });
  locales.forEach((locale, i) => {
    if (codes.indexOf(locale.code) !== i)
      issues.push({ path: `locales[${i}].code`, message: "is used twice" });
    const seen = new Set<string>();
    for (let at: Locale | undefined = locale; at; at = locales.find((one) => one.code === at!.fallback)) {
      if (at.fallback !== undefined && !codes.includes(at.fallback)) {
        issues.push({
          path: `locales[${i}].fallback`,
          message: `"${at.fallback}" is not one of the locales`,
        });
      }
      if (seen.has(at.code)) {
        issues.push({ path: `locales[${i}].fallback`, message: "is circular" });
        break;
      }
      seen.add(at.code);
    }
  });
  if (issues.length > 0) throw invalid("environments/invalid", "The locales are not valid.", issues);
}

/** A row of `ENVIRONMENT_COLUMNS` as the API answers it. */
export function presentEnvironment(row: unknown[]): Environment {
  const names = "name is_default default_locale locales schema_version created_at".split(" ");
  const facts = Object.fromEntries(names.map((name, i) => [name, row[i]])) as Omit<Environment, "graphql">;
  return {
    ...facts,
    graphql: { introspection: true, registered_only: false, ...(row[names.length] as object) },
  };
}
