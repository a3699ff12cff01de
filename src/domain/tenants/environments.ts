import { sql } from "drizzle-orm";
import * as z from "zod";
import type { Context } from "../../core/context.ts";
import { AppError, invalid, notFound, type ErrorDetail } from "../../core/errors.ts";
import { requirePermission } from "../../core/permissions.ts";
import { parseInput } from "../../core/parse-input.ts";
import { record } from "../events/index.ts";

export const LocaleCode = z
  .string()
  .regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/, "must be a language tag such as en or pt-BR");

/** The locales of an environment, each with the one that it falls back to. */
export const Locales = z
  .array(z.strictObject({ code: LocaleCode, fallback: LocaleCode.optional() }))
  .min(1)
  .max(60);

export const GraphqlSettings = z.strictObject({
  introspection: z.boolean().describe("Whether the schema may be asked for."),
  registered_only: z.boolean().describe("Whether only registered operations are run."),
});

export const EnvironmentChange = z.strictObject({
  is_default: z
    .literal(true)
    .optional()
    .describe("Makes it the environment that requests are for when they name none."),
  default_locale: LocaleCode.optional().describe("One of the locales."),
  locales: Locales.optional().describe("All of them: one that is not there goes."),
  graphql: GraphqlSettings.partial().optional().describe("Only what is given is changed."),
});
export type EnvironmentChange = z.infer<typeof EnvironmentChange>;

export const ENVIRONMENT_COLUMNS = sql`environment.name, environment.is_default, environment.default_locale, environment.locales,
  environment.schema_version, cms_iso(environment.created_at), environment.graphql`;

export type Environment = {
  name: string;
  is_default: boolean;
  default_locale: string;
  locales: Locale[];
  schema_version: number;
  created_at: string;
  graphql: z.infer<typeof GraphqlSettings>;
};

/** The tenant's environments with their locales. */
export async function listEnvironments(ctx: Context) {
  requirePermission(ctx, "environments:read");
  const { rows } = await ctx.db.read(
    sql`select ${ENVIRONMENT_COLUMNS} from environments environment where tenant_id = ${ctx.tenantId}::uuid
      and (${ctx.actor.boundTo ?? null}::uuid is null or environment.id = ${ctx.actor.boundTo ?? null}::uuid) order by name`,
  );
  return rows.map(presentEnvironment);
}

/** Sets the locales of an environment. A fallback must be one of them, and no chain may run in a circle. */
export async function updateEnvironment(ctx: Context, input: { name: string; change: unknown }) {
  requirePermission(ctx, "environments:write");
  const change = parseInput(
    EnvironmentChange,
    input.change,
    "environments/invalid",
    "The environment is not valid.",
  );
  const environments = await listEnvironments(ctx);
  const current = environments.find((one) => one.name === input.name);
  if (!current)
    throw notFound("environments/not-found", `There is no environment "${input.name.slice(0, 64)}".`);
  const next = { ...current, ...change };
  const graphql = { ...current.graphql, ...change.graphql };
  checkLocales(next.locales as Locale[], next.default_locale);
  const hasNewLocales = JSON.stringify(current.locales) !== JSON.stringify(next.locales);
  const { results } = await ctx.db.run([
    sql`with saved as (update environments set locales = ${JSON.stringify(next.locales)}::jsonb, default_locale = ${next.default_locale}, is_default = ${next.is_default},
        graphql = ${JSON.stringify(graphql)}::jsonb, schema_version = schema_version + 1 where tenant_id = ${ctx.tenantId}::uuid and name = ${input.name}
          and schema_version = ${current.schema_version as number}::int returning *),
      unset as (update environments other set is_default = false where other.tenant_id = ${ctx.tenantId}::uuid and ${change.is_default === true}::boolean
        and other.is_default and other.name <> ${input.name} and exists (select 1 from saved)),
      ${record(ctx, { event: "environment.updated", from: sql`saved`, environment: sql`saved.id`, subject: sql`'environment:' || saved.name`, payload: sql`jsonb_build_object('name', saved.name, 'locales', ${hasNewLocales}::boolean)` })}
      select ${ENVIRONMENT_COLUMNS}, (select id::text from event_row) from saved environment`,
  ]);
  const row = results[0]![0];
  if (!row)
    throw new AppError(
      "CONFLICT",
      "environments/changed",
      "The environment was changed at the same time: try again.",
    );
  ctx.outbox.poke(ctx.tenantId, [row.at(-1) as string]);
  return presentEnvironment(row);
}

type Locale = { code: string; fallback?: string };

/** Throws INVALID unless the locales are distinct, hold the default one and fall back without a circle. */
export function checkLocales(locales: Locale[], defaultLocale: string): void {
  const codes = locales.map((locale) => locale.code);
  const issues: ErrorDetail[] = [];
  if (!codes.includes(defaultLocale))
    issues.push({ path: "default_locale", message: "must be one of the locales" });
  locales.forEach((locale, i) => {
    if (codes.indexOf(locale.code) !== i)
      issues.push({ path: `locales[${i}].code`, message: "is there twice" });
    const seen = new Set<string>();
    for (let at: Locale | undefined = locale; at; at = locales.find((one) => one.code === at!.fallback)) {
      if (at.fallback !== undefined && !codes.includes(at.fallback)) {
        issues.push({
          path: `locales[${i}].fallback`,
          message: `"${at.fallback}" is not one of the locales`,
        });
      }
      if (seen.has(at.code)) {
        issues.push({ path: `locales[${i}].fallback`, message: "runs in a circle" });
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
