import { sql } from "drizzle-orm";
import * as z from "zod";
import { AppError, overQuota } from "../../../core/errors.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { PlainName } from "../../../core/plain-name.ts";
import { parseInput } from "../../../core/parse-input.ts";
import { EXPECTATION_FAILED } from "../../../db/errors.ts";
import { asPerson } from "../../tenant/events/index.ts";
import { aliveCte, requireOwnSession, type Person } from "../people/index.ts";
import { tenantStatements } from "../../tenant/tenants/index.ts";

/**
 * Words that an installation's own paths and hosts have, or that people would take for the
 * installation itself.
 */
const RESERVED = new Set(
  (
    "about abuse access account accounts admin administrator anonymous api app apps assets auth billing blog cdn cms console content " +
    "dashboard default demo dev developer developers device docs download email example files flow flowcms ftp graphql gateway " +
    "healthz help home host hostmaster id identity imap internal invitation legal local localhost login logout mail main mcp media " +
    "members metrics mx new ns null oauth oidc ops passkeys policy pop postmaster preview privacy production readyz register reset " +
    "root saml scim security server session settings setup sign-in sign-out sign-up signin signout signup smtp sso ssl staff staging " +
    "static status support system t team tenant tenants terms test token tokens undefined user users v1 v2 v3 verify webhooks " +
    "webmaster well-known wpad www"
  ).split(" "),
);
/** Punycode is displayed as other characters. */
const isReserved = (slug: string) => RESERVED.has(slug) || slug.startsWith("xn--");
/** How many tenants one person may own. */
const MAX_OWNED = 20;

export const NewTenant = z.strictObject({
  slug: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "must be lower-case letters, digits and hyphens")
    .refine((slug) => !isReserved(slug), "is reserved: choose another"),
  name: PlainName.min(1),
});

/**
 * Makes a tenant whose owner is who is signed in: all of it in one transaction, or nothing. Throws
 * CONFLICT `tenants/slug-taken`; FORBIDDEN for who owns no tenant yet, unless the installation lets
 * everybody in (SIGN_UP=open).
 */
export async function createTenant(
  ctx: IdentityContext,
  person: Person,
  input: { tenant: unknown },
): Promise<{ slug: string }> {
  requireOwnSession(person);
  if (!ctx.isSignUpOpen && !person.tenants.some(({ roles }) => roles.includes("owner")))
    throw new AppError(
      "FORBIDDEN",
      "tenants/closed",
      "Only the owners of this installation can create tenants.",
    );
  const { slug, name } = parseInput(
    NewTenant,
    input.tenant,
    "tenants/invalid-tenant",
    "The form has invalid values.",
  );
  if (person.tenants.filter(({ roles }) => roles.includes("owner")).length >= MAX_OWNED)
    throw overQuota("tenants/too-many", `A person owns at most ${MAX_OWNED} tenants.`);
  const tenantId = crypto.randomUUID();
  await ctx.db.run([
    asPerson(sql`${person.id}::text`),
    sql`select pg_advisory_xact_lock(hashtextextended(${`tenants:${person.id}`}, 0))`,
    sql`with ${aliveCte(person.id)} select cms_expect(exists (select 1 from alive), ${EXPECTATION_FAILED},
      'person')`,
    sql`select cms_expect((select count(*) from members where person_id = ${person.id}
      and 'owner' = any (roles)) < ${MAX_OWNED}::int, ${EXPECTATION_FAILED}, 'tenants')`,
    ...tenantStatements({
      tenantId,
      environmentId: crypto.randomUUID(),
      slug,
      name,
      by: person.id,
      requestId: ctx.requestId,
    }),
    sql`insert into members (tenant_id, person_id, email, name, roles, source, created_by)
      values (${tenantId}::uuid, ${person.id}, ${person.email}, ${person.name}, array['owner'], 'first',
        ${person.id})`,
  ]);
  return { slug };
}
