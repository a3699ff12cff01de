import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError, notFound, overQuota } from "../../../core/errors.ts";
import { parseInput } from "../../../core/parse-input.ts";
import { record } from "../events/index.ts";
import { noSuchEnvironment } from "./clone-environment.ts";
import { lockQuota } from "./lock-quota.ts";
import { NewEnvironmentName, type Alias } from "./schemas.ts";

const MAX_ALIASES = 50;

/** Other names of the tenant's environments. */
export async function listAliases(ctx: Context): Promise<Alias[]> {
  const { rows } = await ctx.db.read(sql`select alias.name, environment.name from environment_aliases alias
    join environments environment on environment.tenant_id = ${ctx.tenantId}::uuid
    and environment.id = alias.environment_id
    where alias.tenant_id = ${ctx.tenantId}::uuid
      and (${ctx.actor.boundTo ?? null}::uuid is null
        or environment.id = ${ctx.actor.boundTo ?? null}::uuid) order by alias.name`);
  return rows.map(([name, environment]) => ({ name: name as string, environment: environment as string }));
}

/**
 * Points an alias to an environment, in one step for every reader; CONFLICT when an environment has
 * the name.
 */
export async function putAlias(ctx: Context, input: Alias): Promise<Alias> {
  const name = parseInput(NewEnvironmentName, input.name, "environments/invalid", "The alias is not valid.");
  const { environment } = input;
  const { results } = await ctx.db.run([
    lockQuota(ctx, "aliases"),
    sql`with target as (select id from environments where tenant_id = ${ctx.tenantId}::uuid
      and name = ${environment}),
      taken as (select 1 from environments where tenant_id = ${ctx.tenantId}::uuid and name = ${name}),
      saved as (insert into environment_aliases (tenant_id, name, environment_id)
        select ${ctx.tenantId}::uuid, ${name}, id from target
        where not exists (select 1 from taken) and ((select count(*) from environment_aliases
        where tenant_id = ${ctx.tenantId}::uuid) < ${MAX_ALIASES}::int
          or exists (select 1 from environment_aliases where tenant_id = ${ctx.tenantId}::uuid
            and name = ${name})) on conflict (tenant_id, name) do update
            set environment_id = excluded.environment_id returning *),
      ${record(ctx, {
        event: "environment.updated",
        from: sql`saved`,
        subject: sql`'environment-alias:' || saved.name`,
        payload: sql`jsonb_build_object('name', saved.name, 'alias', true, 'locales', false)`,
        environment: sql`saved.environment_id`,
        meta: sql`jsonb_build_object('environment', ${environment}::text)`,
      })}
      select (select id::text from target), (select count(*)::int from taken),
        (select id::text from event_row)`,
  ]);
  const [target, taken, outboxId] = results[1]![0]!;
  if (target === null) throw noSuchEnvironment(environment);
  if (taken !== 0)
    throw new AppError("CONFLICT", "environments/name-taken", `The environment "${name}" exists already.`, {
      details: [{ path: "name", message: "is taken" }],
    });
  if (outboxId === null)
    throw overQuota("environments/too-many-aliases", `A tenant has at most ${MAX_ALIASES} aliases.`);
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  return { name, environment };
}

/** Takes an alias away; the environment stays. */
export async function deleteAlias(ctx: Context, input: { name: string }): Promise<void> {
  const { results } = await ctx.db.run([
    sql`with saved as (delete from environment_aliases where tenant_id = ${ctx.tenantId}::uuid
      and name = ${input.name} returning *),
      ${record(ctx, {
        event: "environment.updated",
        from: sql`saved`,
        subject: sql`'environment-alias:' || saved.name`,
        payload: sql`jsonb_build_object('name', saved.name, 'alias', true, 'locales', false)`,
        environment: sql`saved.environment_id`,
      })}
      select (select id::text from event_row)`,
  ]);
  const outboxId = results[0]![0]![0];
  if (outboxId === null)
    throw notFound("environments/no-such-alias", `There is no alias "${input.name.slice(0, 64)}".`);
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
}
