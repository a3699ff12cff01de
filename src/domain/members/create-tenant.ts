import { sql } from "drizzle-orm";
import * as z from "zod";
import { AppError } from "../../core/errors.ts";
import type { IdentityContext } from "../../core/identity-context.ts";
import { PlainName } from "../../core/plain-name.ts";
import { parseInput } from "../../core/parse-input.ts";
import { requireOwnSession, type Person } from "../people/index.ts";
import { tenantStatements } from "../tenants/index.ts";

export const NewTenant = z.strictObject({
  slug: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "must be lower-case letters, digits and hyphens"),
  name: PlainName.min(1),
});

/**
 * Makes a tenant whose owner is who is signed in: all of it in one transaction, or nothing. Throws CONFLICT
 * `tenants/slug-taken`; FORBIDDEN for who owns no tenant yet, unless the installation lets everybody in (SIGN_UP=open).
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
      "New tenants are made by the owners of this installation.",
    );
  const { slug, name } = parseInput(
    NewTenant,
    input.tenant,
    "tenants/invalid-tenant",
    "The form is not filled in rightly.",
  );
  const tenantId = crypto.randomUUID();
  await ctx.db.run([
    ...tenantStatements({
      tenantId,
      environmentId: crypto.randomUUID(),
      slug,
      name,
      by: person.id,
      requestId: ctx.requestId,
    }),
    sql`insert into members (tenant_id, person_id, email, name, roles, source, created_by)
      values (${tenantId}::uuid, ${person.id}, ${person.email}, ${person.name}, array['owner'], 'first', ${person.id})`,
  ]);
  return { slug };
}
