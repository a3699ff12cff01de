import { sql, type SQL } from "drizzle-orm";
import { formatToken, hashSecret, newTokenSecret } from "../../../core/tokens.ts";
import { plainLine } from "../../../core/plain-name.ts";
import { newId } from "../../../core/ids.ts";
import type { Scope } from "../../../core/permissions.ts";
import { runBatch, type DatabaseClient } from "../../../db/client.ts";

export type ProvisionedTenant = {
  tenantId: string;
  environmentId: string;
  tokens: Record<FirstScope, string>;
};

/** A tenant begins with one token of each; others are made by its admins. */
const FIRST_SCOPES = ["read", "write", "admin"] as const satisfies Scope[];
type FirstScope = (typeof FIRST_SCOPES)[number];

/**
 * Makes a tenant with its first environment `main` and one token of each scope, in one transaction.
 * `owner` is a client with the owner's rights. The tokens' secrets exist only in the answer. Throws
 * CONFLICT when the slug or a host is taken.
 */
export async function provisionTenant(
  owner: DatabaseClient,
  input: { slug: string; name: string; hosts?: string[] },
): Promise<ProvisionedTenant> {
  const tenantId = crypto.randomUUID();
  const environmentId = crypto.randomUUID();
  const made = await newTokens(tenantId);
  await runBatch(owner, [
    ...tenantStatements({ ...input, tenantId, environmentId, by: "provision", requestId: "provision" }),
    ...made.statements,
  ]);
  return { tenantId, environmentId, tokens: made.tokens };
}

type NewTenant = {
  tenantId: string;
  environmentId: string;
  slug: string;
  name: string;
  hosts?: string[];
  by: string;
  requestId: string;
};

/**
 * The statements that make a tenant with its first environment `main`, for one batch; they open its
 * scope first.
 */
export function tenantStatements({
  tenantId,
  environmentId,
  slug,
  name,
  hosts = [],
  by,
  requestId,
}: NewTenant): SQL[] {
  return [
    sql`select set_config('app.tenant_id', ${tenantId}, true)`,
    sql`insert into tenants (tenant_id, slug, name) values (${tenantId}::uuid, ${slug}, ${plainLine(name)})`,
    ...[slug, ...hosts].map(
      (host) => sql`insert into tenant_domains (host, tenant_id) values (${host}, ${tenantId}::uuid)`,
    ),
    sql`insert into environments (tenant_id, id, name, is_default)
      values (${tenantId}::uuid, ${environmentId}::uuid, 'main', true)`,
    sql`insert into audit_log (tenant_id, environment_id, actor_kind, actor_id, action, subject, request_id)
      values (${tenantId}::uuid, ${environmentId}::uuid, ${by.startsWith("usr_") ? "person" : "system"},
        ${by}, 'tenant.created', ${`tenant:${slug}`}, ${requestId})`,
  ];
}

/** The tenant of that slug, or undefined. Needs the owner's rights, as provisioning does. */
export async function findTenantBySlug(owner: DatabaseClient, slug: string): Promise<string | undefined> {
  const [, rows] = await runBatch(owner, [
    sql`select set_config('app.host', ${slug}, true)`,
    sql`select tenant_id::text from tenant_domains where host = ${slug}`,
  ]);
  return rows![0]?.[0] as string | undefined;
}

/** Gives an existing tenant one more token of each scope: for when the first ones are lost. */
export async function issueTokens(
  owner: DatabaseClient,
  tenantId: string,
): Promise<Record<FirstScope, string>> {
  const made = await newTokens(tenantId);
  await runBatch(owner, [sql`select set_config('app.tenant_id', ${tenantId}, true)`, ...made.statements]);
  return made.tokens;
}

async function newTokens(
  tenantId: string,
): Promise<{ tokens: Record<FirstScope, string>; statements: SQL[] }> {
  const tokens = {} as Record<FirstScope, string>;
  const statements: SQL[] = [];
  for (const scope of FIRST_SCOPES) {
    const tokenId = newId("tok");
    const secret = newTokenSecret();
    tokens[scope] = formatToken({ kind: scope, tenantId, tokenId, secret });
    statements.push(sql`insert into api_tokens (tenant_id, id, name, scopes, secret_hash, created_by)
      values (${tenantId}::uuid, ${tokenId}, ${`First ${scope} token`}, array[${scope}]::text[],
        ${await hashSecret(secret)}, 'provision')`);
  }
  return { tokens, statements };
}
