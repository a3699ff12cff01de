import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import type { NewIds } from "./new-ids.ts";
import { namesOfEnvironment } from "./rename-statements.ts";

const MAX_EACH = 50;

/** What names a type or component, by a name of its own. */
type NamingStep = {
  type: string;
  action: "policy" | "token" | "webhook" | "document";
  field: string;
  to: string;
};

/** What else names types and components that get another id: policies, tokens, registered documents. */
export async function namingSteps(ctx: Context, { types, components }: NewIds): Promise<NamingStep[]> {
  const steps: NamingStep[] = [];
  for (const [to, from] of types) {
    const names = sql`jsonb_build_array(${from}::text)`;
    const { rows } = await ctx.db.read(sql`(select 'policy', policy.name from policies policy
        where policy.tenant_id = ${ctx.tenantId}::uuid
        and policy.grants <> cms_grants_renamed(policy.grants, ${namesOfEnvironment(ctx)}, ${from}, ${to}, false)
        order by 2 limit ${MAX_EACH}::int)
      union all (select 'token', token.name from api_tokens token where token.tenant_id = ${ctx.tenantId}::uuid
        and token.content_types @> ${names} and token.revoked_at is null
        and (token.environment_id is null or token.environment_id = ${ctx.environmentId}::uuid)
        order by 2 limit ${MAX_EACH}::int)
      union all (select 'webhook', webhook.config ->> 'name' from webhooks webhook
        where webhook.tenant_id = ${ctx.tenantId}::uuid and webhook.environment_id = ${ctx.environmentId}::uuid
        and webhook.config::jsonb -> 'content_types' ? ${from} order by 2 limit ${MAX_EACH}::int)`);
    for (const [action, field] of rows as [NamingStep["action"], string][])
      steps.push({ type: to, action, field, to });
  }
  for (const [to, from] of [...types, ...components]) {
    const { rows } = await ctx.db.read(sql`select operation.name from graphql_operations operation
      where operation.tenant_id = ${ctx.tenantId}::uuid and operation.environment_id = ${ctx.environmentId}::uuid
      and operation.document ~ ${mentionOf(from)} order by 1 limit ${MAX_EACH}::int`);
    for (const [field] of rows as [string][]) steps.push({ type: to, action: "document", field, to });
  }
  return steps;
}

/** A pattern for the names that GraphQL makes of an id, and the id itself as text. */
function mentionOf(id: string): string {
  const camel = id.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const first = `[${camel[0]}${camel[0]!.toUpperCase()}]`;
  return `\\m${first}${camel.slice(1)}(?![a-z0-9])|"${id}"`;
}
