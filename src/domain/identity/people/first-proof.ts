import { sql, type SQL } from "drizzle-orm";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { OUTLIVES_TOKENS } from "../../tenant/tenants/index.ts";
import { endedCte } from "./sessions.ts";

/**
 * The CTE `unproved`: those of `from` (a CTE or table with `person_id`) whose address nobody has
 * proved yet. Whoever made such an account may be somebody else than who proves it.
 */
export const unprovedCte = (from: SQL): SQL => sql`unproved as (select id as person_id from people
  where id in (select person_id from ${from}) and email_verified_at is null and disabled_at is null)`;

/**
 * CTEs that take away every way in but the password which was set up before the address of the
 * `unproved` was proved.
 */
export const dropWaysIn: SQL = sql`
  old_passkeys as (delete from passkeys where person_id in (select person_id from unproved)),
  old_app as (delete from totp_secrets where person_id in (select person_id from unproved)),
  old_codes as (delete from recovery_codes where person_id in (select person_id from unproved))`;

/**
 * CTEs that remove what unconfirmed persons (`unproved`) had set up, opened, consented to or been sent
 * before, except the session `kept`.
 */
export const dropClaims = (ctx: IdentityContext, kept: string | null = null): SQL => sql`${dropWaysIn},
  ${endedCte(sql`session.person_id in (select person_id from unproved) and session.id is distinct
    from ${kept}::text`)},
  ${endedGrantsCte(ctx, sql`unproved`)}, ${dropTokens(sql`unproved`)}`;

/** The CTE `dropped`: no link, code or step that the persons of `from` were given before works any more. */
export const dropTokens = (from: SQL): SQL => sql`dropped as (
  delete from one_time_tokens where used_at is null and person_id in (select person_id from ${from}))`;

/**
 * CTEs that end what the persons of `from` allowed applications, in every tenant that `asPerson`
 * opened, and forget the consents.
 */
export const endedGrantsCte = (ctx: IdentityContext, from: SQL): SQL => sql`
  ended_grants as (update oauth_grants g set revoked_at = now() where g.revoked_at is null
    and g.person_id in (select person_id from ${from})
    returning g.tenant_id, g.id, g.person_id),
  refused_grants as (insert into revocations (tenant_id, kind, id, expires_at)
    select member.tenant_id, 'session', ended_grants.id, now() + ${OUTLIVES_TOKENS} from ended_grants
    join members member on member.tenant_id = ended_grants.tenant_id
    and member.person_id = ended_grants.person_id
    on conflict (tenant_id, kind, id) do nothing),
  grant_audit as (insert into audit_log (tenant_id, actor_kind, actor_id, action, subject, request_id)
    select member.tenant_id, 'person', member.person_id, 'oauth.grant_revoked', 'grant:' || ended_grants.id,
      ${ctx.requestId} from ended_grants
    join members member on member.tenant_id = ended_grants.tenant_id
    and member.person_id = ended_grants.person_id),
  old_consents as (delete from oauth_consents where person_id in (select person_id from ${from}))`;
