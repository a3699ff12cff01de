import { AppError } from "../../../core/errors.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { SCOPES } from "../../../core/permissions.ts";
import { demandRefusal, type Person } from "../people/index.ts";
import { answerToken, type TokenAnswer } from "./access-token.ts";
import { PAGES_CLIENT } from "./client-auth.ts";

/**
 * An access token for a page of our own, by the session its browser holds. Throws FORBIDDEN for who is
 * no member.
 */
export async function tokenForPage(ctx: IdentityContext, person: Person): Promise<TokenAnswer> {
  requireMember(ctx, person);
  const { member, session } = person;
  if (member.demand) throw demandRefusal(ctx, member.demand);
  return answerToken(ctx, {
    sub: person.id,
    sid: session.id,
    clientId: PAGES_CLIENT,
    scopes: SCOPES,
    roles: member.roles,
    amr: session.amr,
    authTime: Math.floor(Date.parse(session.authenticated_at) / 1000),
  });
}

/**
 * Throws FORBIDDEN `identity/not-a-member` for a person who is no member of the site's tenant, or is
 * suspended.
 */
export function requireMember(
  ctx: IdentityContext,
  person: Person,
): asserts person is Person & { member: NonNullable<Person["member"]> } {
  if (person.member && !person.member.is_suspended) return;
  throw new AppError("FORBIDDEN", "identity/not-a-member", `You are not a member of ${ctx.site.tenantName}.`);
}
