import { addressCte } from "../../tenant/events/index.ts";
import { cutText } from "../../../core/cut-text.ts";
import { sql, type SQL } from "drizzle-orm";
import { EmailAddress } from "../../../core/email-address.ts";
import { AppError } from "../../../core/errors.ts";
import { newId } from "../../../core/ids.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { plainLine } from "../../../core/plain-name.ts";
import { hashSecret } from "../../../core/tokens.ts";
import { sessionCte, type OpenedSession } from "../people/index.ts";
import { unknownAttempt } from "./sign-in-attempts.ts";
import { OUTLIVES_TOKENS } from "../../tenant/tenants/index.ts";

/** Whom an identity provider says is here, proved. */
export type Asserted = {
  issuer: string;
  subject: string;
  email: string | undefined;
  isEmailVerified: boolean;
  name: string;
  groups: string[];
  /** When the provider wants the session to end, ISO 8601. */
  sessionEndsAt?: string | undefined;
};

/** What makes the proof count once: the attempt that it answers, the assertion that carried it. */
export type Proof = {
  attempt?: { id: string; cookie: string };
  assertion?: { id: string; expiresAt: string };
};

const MAX_GROUPS = 500;

/**
 * Consumes the assertion and opens a session at this tenant, in one statement. The person is found by
 * connection, issuer and subject; otherwise, when the asserted address is in a domain that the tenant
 * has verified for the connection, by that confirmed address, or is created.
 */
export async function enterBySso(
  ctx: IdentityContext,
  connectionId: string,
  asserted: Asserted,
  proof: Proof,
): Promise<{ session: OpenedSession; relay: string | null }> {
  try {
    return await enterOnce(ctx, connectionId, asserted, proof);
  } catch (error) {
    // Somebody else has just made the account, and this transaction left nothing behind: now it is there.
    if (!(error instanceof AppError) || error.reason !== "identity/email-taken") throw error;
    return enterOnce(ctx, connectionId, asserted, proof);
  }
}

async function enterOnce(
  ctx: IdentityContext,
  connectionId: string,
  asserted: Asserted,
  proof: Proof,
): Promise<{ session: OpenedSession; relay: string | null }> {
  const parsed = EmailAddress.safeParse(asserted.email);
  const email = parsed.success ? parsed.data : null;
  const domain = email?.slice(email.lastIndexOf("@") + 1) ?? null;
  const name = plainLine(asserted.name);
  const groups = JSON.stringify(asserted.groups.slice(0, MAX_GROUPS));
  const mine = sql`tenant_id = ${ctx.tenantId}::uuid`;
  const { cte, opened } = await sessionCte(ctx, {
    from: sql`member`,
    amr: ["fed"],
    sso: { tenantId: ctx.tenantId, connectionId, endsAt: asserted.sessionEndsAt },
  });
  const { results } = await ctx.db.run([
    sql`with ${await provenCte(ctx, connectionId, proof)},
      connection as (select * from sso_connections where ${mine} and id = ${connectionId} and enabled
        and exists (select 1 from fresh)),
      known as (select known.person_id from sso_identities known, connection
        where known.tenant_id = connection.tenant_id
        and known.connection_id = connection.id and known.issuer = ${asserted.issuer}
        and known.subject = ${asserted.subject}),
      covered as (select 1 from connection join domains verified
        on verified.tenant_id = connection.tenant_id and verified.domain = ${domain}::text
        and verified.verified_at is not null where ${domain}::text = any (connection.domains)
        and ${String(asserted.isEmailVerified)}::boolean),
      namesake as (select id as person_id, email_verified_at is not null as is_verified from people
        where email = ${email}::text and exists (select 1 from covered)
        and not exists (select 1 from known)),
      before as (select * from members where ${mine}
        and person_id in (select person_id from known union all select person_id from namesake
        where is_verified)),
      may as (select exists (select 1 from before where suspended_at is null)
        or (not exists (select 1 from before) and connection.jit and exists (select 1 from covered)) as enter
        from connection),
      made as (insert into people (id, email, name, email_verified_at)
        select ${newId("usr", ctx.now().getTime())}, ${email}, ${name}, now()
        from may where enter and not exists (select 1 from known) and not exists (select 1 from namesake)
        returning id as person_id),
      entering as (select person.id as person_id from people person, may where may.enter
        and person.disabled_at is null
          and person.id in (select person_id from known union all select person_id from namesake
          where is_verified)
        union all select person_id from made),
      member as (insert into members (tenant_id, person_id, email, name, roles, source, created_by,
        last_seen_at)
        select ${ctx.tenantId}::uuid, entering.person_id, coalesce((select email from before),
          ${email}::text), ${name}, ${mappedRoles(groups)}, 'sso', entering.person_id, now()
        from entering, connection
        on conflict (tenant_id, person_id) do update set last_seen_at = now(),
          name = case when members.source = 'sso' and excluded.name <> '' then excluded.name
            else members.name end,
          roles = case when members.source = 'sso' and not 'owner' = any (members.roles) then excluded.roles
            else members.roles end
        returning person_id, roles),
      linked as (insert into sso_identities (tenant_id, connection_id, issuer, subject, person_id)
        select ${ctx.tenantId}::uuid, ${connectionId}, ${asserted.issuer}, ${asserted.subject}, person_id
        from member
        on conflict (tenant_id, connection_id, issuer, subject) do update set last_seen_at = now()),
      changed as (select member.person_id, member.roles from member
        join before on before.person_id = member.person_id and before.roles <> member.roles),
      refused as (insert into revocations (tenant_id, kind, id, at, expires_at)
        select ${ctx.tenantId}::uuid, 'person', person_id, now(), now() + ${OUTLIVES_TOKENS} from changed
        on conflict (tenant_id, kind, id) do update set at = excluded.at, expires_at = excluded.expires_at),
      ${cte},
      told as (select session.person_id, 'person.signed_in' as action,
        jsonb_build_object('session', session.id, 'amr', '["fed"]'::jsonb) as meta from session
        union all select person_id, 'member.joined', jsonb_build_object('source', 'sso') from member
        where not exists (select 1 from before)
        union all select person_id, 'member.updated', jsonb_build_object('roles', roles) from changed),
      audit_row as (insert into audit_log (tenant_id, actor_kind, actor_id, action, subject, request_id,
        meta)
        select ${ctx.tenantId}::uuid, 'person', person_id, action, 'person:' || person_id, ${ctx.requestId},
          jsonb_build_object('connection', ${connectionId}::text) || meta from told
            returning tenant_id, id, subject)${addressCte(ctx)}
      select (select count(*)::int from proven), (select count(*)::int from fresh),
        (select relay from proven), (select count(*)::int from session),
        exists (select 1 from before where suspended_at is not null), exists (select 1 from covered),
        exists (select 1 from namesake where not is_verified), (select jit from connection),
          exists (select 1 from before), exists (select 1 from connection)`,
  ]);
  const [proven, fresh, relay, sessions, ...why] = results[0]![0] as [
    number,
    number,
    string | null,
    number,
    ...boolean[],
  ];
  if (proven === 0) throw unknownAttempt();
  if (fresh === 0) throw replayed();
  if (sessions === 0) throw await refuse(ctx, connectionId, asserted, refusalOf(ctx, why, email));
  return { session: opened, relay };
}

/**
 * The CTEs `proven` (one row with the attempt's `relay`) and `fresh` (one row unless the assertion was
 * used before).
 */
async function provenCte(
  ctx: IdentityContext,
  connectionId: string,
  { attempt, assertion }: Proof,
): Promise<SQL> {
  const proven = attempt
    ? sql`proven as (update sso_attempts set used_at = now() where tenant_id = ${ctx.tenantId}::uuid
      and id = ${attempt.id} and connection_id = ${connectionId}
        and cookie_hash = ${await hashSecret(attempt.cookie)} and used_at is null and expires_at > now()
        returning relay)`
    : sql`proven as (select null::text as relay)`;
  const fresh = assertion
    ? sql`fresh as (insert into saml_assertions (tenant_id, connection_id, id, expires_at)
        select ${ctx.tenantId}::uuid, ${connectionId}, ${assertion.id}, ${assertion.expiresAt}::timestamptz
        from proven on conflict do nothing returning id)`
    : sql`fresh as (select 1 from proven)`;
  return sql`${proven}, ${fresh}`;
}

/** The connection's default roles and those of the groups. */
const mappedRoles = (groups: string): SQL => sql`array(select distinct role from (
  select unnest(connection.default_roles) as role
  union select jsonb_array_elements_text(mapped.value) from jsonb_each(connection.role_mapping) mapped
    where mapped.key in (select jsonb_array_elements_text(${groups}::jsonb))
  ) given where role <> 'owner' order by role)`;

function refusalOf(ctx: IdentityContext, why: boolean[], email: string | null): AppError {
  const [isSuspended, isCovered, isUnproved, isJit, isMember, isEnabled] = why;
  const refused = (reason: string, message: string) => new AppError("FORBIDDEN", reason, message);
  if (!isEnabled) return refused("sso/connection-off", "This connection is disabled.");
  if (isSuspended) return refused("sso/suspended", `Your access to ${ctx.site.tenantName} is suspended.`);
  if (isMember) return refused("sso/disabled", "Your account is disabled.");
  if (!isCovered)
    return refused(
      "sso/domain-not-covered",
      email === null
        ? "The identity provider sent no verified email address."
        : `${email} is unknown, and this identity provider is not trusted for its domain.`,
    );
  if (isUnproved)
    return refused(
      "sso/address-unproved",
      `The account for ${email} has an unconfirmed address: sign in to it once with an email link.`,
    );
  return isJit
    ? refused("sso/disabled", "Your account is disabled.")
    : refused("sso/not-a-member", `You are not a member of ${ctx.site.tenantName}: ask for an invitation.`);
}

/** Notes a sign-in that was proved and refused all the same. */
export async function refuse(
  ctx: IdentityContext,
  connectionId: string,
  { subject }: Pick<Asserted, "subject">,
  error: AppError,
): Promise<AppError> {
  await ctx.db.run([
    sql`with audit_row as (insert into audit_log (tenant_id, actor_kind, actor_id, action, subject,
      request_id, meta)
        values (${ctx.tenantId}::uuid, 'system', 'identity', 'sso.sign_in_refused',
          ${`connection:${connectionId}`}, ${ctx.requestId},
          jsonb_build_object('reason', ${error.reason}::text)) returning id, subject),
      known as (select person.id from people person where person.id in (select person_id from sso_identities
        where tenant_id = ${ctx.tenantId}::uuid and connection_id = ${connectionId}
        and subject = ${subject}) limit 1 for key share)
      insert into audit_private (tenant_id, audit_id, about, data)
        select ${ctx.tenantId}::uuid, id, coalesce((select 'person:' || known.id from known), subject),
          ${JSON.stringify({ address: ctx.ip ?? null, subject: cutText(subject, 200) })}::jsonb
            from audit_row`,
  ]);
  return error;
}

export const replayed = () =>
  new AppError("UNAUTHENTICATED", "sso/saml-replay", "This response was already used: start again.");
