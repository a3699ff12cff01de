import { cutText } from "../../../core/cut-text.ts";
import { sql, type SQL } from "drizzle-orm";
import { newId } from "../../../core/ids.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { hashSecret, newTokenSecret } from "../../../core/tokens.ts";
import { textArray } from "../../../db/text-array.ts";

/**
 * How a person proved who they are, in the words of RFC 8176 and two of ours: `mail` (a link), `rec`
 * (a recovery code).
 */
export type Amr = "pwd" | "otp" | "hwk" | "mail" | "fed" | "rec";

/** A session as the cookie carries it. */
export type OpenedSession = { token: string; maxAgeSeconds: number };

export const SESSION_DAYS = 30;
export const IDLE_DAYS = 14;
/**
 * A provider's assertion is valid for a day: people who left it or changed groups there must sign in
 * with it again.
 */
const SSO_HOURS = 24;

/**
 * The CTE `session`, which opens a session for the person that `from` (a CTE with a column
 * `person_id`) names, and the token its cookie carries. At a host of the tenant's own it is a session
 * at that tenant only.
 */
export async function sessionCte(
  ctx: IdentityContext,
  {
    from,
    amr,
    sso,
  }: {
    from: SQL;
    amr: readonly Amr[];
    /** `endsAt` is when the identity provider wants the session to end, ISO 8601. */
    sso?: { tenantId: string; connectionId: string; endsAt?: string | undefined };
  },
): Promise<{ cte: SQL; opened: OpenedSession }> {
  const token = newTokenSecret();
  const hash = await hashSecret(token);
  const wanted =
    sso?.endsAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(sso.endsAt) - ctx.now().getTime();
  const longest = sso ? SSO_HOURS * 3600 : SESSION_DAYS * 86_400;
  const maxAgeSeconds = Math.max(1, Math.min(longest, Math.floor(wanted / 1000)));
  const cte = sql`session as (
    insert into sessions (id, person_id, token_hash, amr, sso_tenant_id, sso_connection_id, door_tenant_id,
      expires_at, address, user_agent)
    select ${newId("ses", ctx.now().getTime())}, person_id, ${hash}, ${textArray(amr)},
      ${sso?.tenantId ?? null}::uuid, ${sso?.connectionId ?? null},
        ${ctx.site.isTenants ? ctx.tenantId : null}::uuid,
          now() + make_interval(secs => ${maxAgeSeconds}::int),
      ${ctx.ip ?? null}, ${ctx.site.userAgent ? cutText(ctx.site.userAgent, 300) : null}
    from ${from} returning id, person_id)`;
  return { cte, opened: { token, maxAgeSeconds } };
}
