import { sql } from "drizzle-orm";
import { AppError } from "../../../core/errors.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { asPerson } from "../../tenant/events/index.ts";
import type { Person } from "./sessions.ts";

/**
 * Throws FORBIDDEN `identity/letter-required` when a tenant of the person requires a second factor and
 * this session has only a password: somebody who knows just the password could otherwise add the
 * required factor.
 */
export async function requireMoreThanPassword(ctx: IdentityContext, person: Person): Promise<void> {
  if (person.session.amr.some((one) => one !== "pwd")) return;
  const { results } = await ctx.db.run([
    asPerson(sql`${person.id}::text`),
    sql`select tenant.name from members member join tenants tenant on tenant.tenant_id = member.tenant_id
      where member.person_id = ${person.id} and member.suspended_at is null
      and (tenant.sign_in_policy ->> 'second_factor') = 'true'
      order by tenant.name limit 1`,
  ]);
  const name = results[1]![0]?.[0] as string | undefined;
  if (name === undefined) return;
  throw new AppError(
    "FORBIDDEN",
    "identity/letter-required",
    `${name} requires more than a password: sign in with an email link to change this.`,
  );
}
