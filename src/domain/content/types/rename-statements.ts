import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { record } from "../../tenant/events/index.ts";
import type { NewIds } from "./new-ids.ts";

/** Statements that move all that is stored of types and components to their new ids. */
export const renameStatements = (ctx: Context, { types, components }: NewIds, ready: SQL): SQL[] => [
  ...[...types].flatMap(([to, from]) => [
    sql`select cms_rename_type(${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${from}, ${to})
      where exists (${ready})`,
    ...grantStatements(ctx, from, to, ready),
    ...followerStatements(ctx, from, to, ready),
  ]),
  ...[...components].map(
    ([
      to,
      from,
    ]) => sql`select cms_rename_component(${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${from}, ${to})
      where exists (${ready})`,
  ),
];

/** What releases come to is made anew when it is asked for. */
const MADE_OF_RELEASES = [
  "release_targets",
  "release_docs",
  "release_fields",
  "release_refs",
  "release_texts",
];

/** What was planned or asked for of a type: releases, endpoints that are told of its entries, notifications. */
function followerStatements(ctx: Context, from: string, to: string, ready: SQL): SQL[] {
  const here = (alias: string) => sql`${inEnvironment(ctx, alias)} and exists (${ready})`;
  return [
    sql`update release_items item set type = ${to} where ${here("item")} and item.type = ${from}`,
    ...MADE_OF_RELEASES.map(
      (table) => sql`delete from ${sql.raw(table)} made where ${here("made")} and made.type = ${from}`,
    ),
    sql`update webhooks webhook set version = webhook.version + 1, updated_at = now(), updated_by = ${ctx.actor.id},
        config = jsonb_set(webhook.config::jsonb, '{content_types}',
          cms_list_renamed(webhook.config::jsonb -> 'content_types', ${from}, ${to}, false))::json
      where ${here("webhook")} and webhook.config::jsonb -> 'content_types' ? ${from}`,
    sql`update notifications told set payload = jsonb_set(told.payload, '{type}', to_jsonb(${to}::text))
      where ${here("told")} and told.payload ->> 'type' = ${from}`,
  ];
}

/** The names of the environment, as grants have them. */
export const namesOfEnvironment = (ctx: Context): SQL => sql`(select jsonb_agg(name) from (
    select name from environments where tenant_id = ${ctx.tenantId}::uuid and id = ${ctx.environmentId}::uuid
    union all select name from environment_aliases where tenant_id = ${ctx.tenantId}::uuid
      and environment_id = ${ctx.environmentId}::uuid) each_name)`;

/** Whether a type of that id is in another environment of the tenant. */
export const isElsewhere = (ctx: Context, id: string): SQL => sql`exists (select 1 from content_types other
    where other.tenant_id = ${ctx.tenantId}::uuid and other.environment_id <> ${ctx.environmentId}::uuid
    and other.id = ${id})`;

/** What is granted for a type stays granted: where other environments have the old id, for both. */
function grantStatements(ctx: Context, from: string, to: string, ready: SQL): SQL[] {
  const now = (grants: SQL, isKept: SQL) =>
    sql`cms_grants_renamed(${grants}, ${namesOfEnvironment(ctx)}, ${from}, ${to}, ${isKept})`;
  const policies = now(sql`policy.grants`, isElsewhere(ctx, from));
  const plans = ["schedules", "releases"].map(
    (table) => sql`update ${sql.raw(table)} plan
      set planned_by = jsonb_set(plan.planned_by, '{grants}', ${now(sql`plan.planned_by -> 'grants'`, sql`false`)})
      where plan.tenant_id = ${ctx.tenantId}::uuid and plan.environment_id = ${ctx.environmentId}::uuid
      and jsonb_typeof(plan.planned_by -> 'grants') = 'array' and exists (${ready})`,
  );
  const types = sql`cms_list_renamed(token.content_types, ${from}, ${to},
    token.environment_id is null and ${isElsewhere(ctx, from)})`;
  return [
    sql`with saved as (update policies policy set grants = ${policies}, updated_at = clock_timestamp(),
        updated_by = ${ctx.actor.id}
      where policy.tenant_id = ${ctx.tenantId}::uuid and policy.grants <> ${policies} and exists (${ready})
      returning policy.*),
      ${record(ctx, {
        event: "policy.updated",
        from: sql`saved`,
        subject: sql`'policy:' || saved.id`,
        payload: sql`jsonb_build_object('id', saved.id)`,
        personal: { data: sql`jsonb_build_object('name', saved.name, 'grants', saved.grants)` },
      })}
      select 1`,
    sql`update api_tokens token set content_types = ${types} where token.tenant_id = ${ctx.tenantId}::uuid
      and token.content_types ? ${from} and exists (${ready})
      and (token.environment_id is null or token.environment_id = ${ctx.environmentId}::uuid)`,
    ...plans,
  ];
}
