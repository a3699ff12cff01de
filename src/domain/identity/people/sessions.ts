import { sql, type SQL } from "drizzle-orm";
import { AppError, notFound } from "../../../core/errors.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { hashSecret } from "../../../core/tokens.ts";
import { OUTLIVES_TOKENS, rolesOf } from "../../tenant/tenants/index.ts";
import { asPerson, eventRows, pokeAll, recordPerson } from "../../tenant/events/index.ts";
import { IDLE_DAYS, type Amr } from "./open-session.ts";
import { isOfThisTenant, policyDemand, type SignInDemand } from "./sign-in-policy.ts";

/** Who is signed in, and what this site's tenant knows of them. */
export type Person = {
  id: string;
  email: string;
  name: string;
  isEmailVerified: boolean;
  hasPassword: boolean;
  hasTotp: boolean;
  session: {
    id: string;
    amr: Amr[];
    authenticated_at: string;
    sso_tenant_id: string | null;
    sso_connection_id: string | null;
    door_tenant_id: string | null;
  };
  /** Null for a person who is no member of the tenant; `roles` are their own and those of their teams. */
  member: { roles: string[]; is_suspended: boolean; demand: SignInDemand | null } | null;
  /** Every tenant they belong to. */
  tenants: { id: string; slug: string; name: string; roles: string[] }[];
};

const SHOWN = sql.raw(
  "session.id, session.amr, cms_iso(session.created_at), cms_iso(session.last_seen_at), session.address, session.user_agent",
);

const isSessionToken = (text: string) => /^[0-9a-hjkmnp-tv-z]{32}$/.test(text);

/** Who holds this session token; undefined when nobody does. One round trip. */
export async function readSession(ctx: IdentityContext, token: string): Promise<Person | undefined> {
  if (!isSessionToken(token)) return undefined;
  const hash = await hashSecret(token);
  const alive = sql`session.token_hash = ${hash} and session.revoked_at is null
    and session.expires_at > now()
    and session.last_seen_at > now() - make_interval(days => ${IDLE_DAYS}::int)
    and ${isOfThisTenant(ctx, sql`session`)}`;
  const { results } = await ctx.db.run([
    asPerson(
      sql`(select person_id from sessions session where ${alive})`,
      sql`with seen as (update sessions session set last_seen_at = now() where ${alive}
        and session.last_seen_at < now() - interval '5 minutes')`,
    ),
    sql`select person.id, person.email, person.name, person.email_verified_at is not null,
      person.password_hash is not null,
        exists (select 1 from totp_secrets where person_id = person.id and confirmed_at is not null),
        jsonb_build_object('id', session.id, 'amr', session.amr, 'authenticated_at',
          cms_iso(session.authenticated_at),
          'sso_tenant_id', session.sso_tenant_id, 'sso_connection_id', session.sso_connection_id,
          'door_tenant_id', session.door_tenant_id),
        (select jsonb_build_object('roles', ${rolesOf(sql`member`)}, 'is_suspended',
          member.suspended_at is not null,
            'demand', ${policyDemand(ctx, sql`person.id`, sql`session.amr`)})
          from members member where member.tenant_id = ${ctx.tenantId}::uuid
          and member.person_id = person.id),
        (select coalesce(jsonb_agg(jsonb_build_object('id', tenant.tenant_id, 'slug', tenant.slug, 'name',
          tenant.name, 'roles', member.roles) order by tenant.name), '[]')
          from members member join tenants tenant on tenant.tenant_id = member.tenant_id
          where member.person_id = person.id and member.suspended_at is null
            and coalesce(session.sso_tenant_id, session.door_tenant_id, member.tenant_id) = member.tenant_id)
      from sessions session join people person on person.id = session.person_id
      and person.disabled_at is null where ${alive}`,
  ]);
  const row = results[1]![0];
  if (!row) return undefined;
  const [id, email, name, isEmailVerified, hasPassword, hasTotp, session, member, tenants] = row;
  return { id, email, name, isEmailVerified, hasPassword, hasTotp, session, member, tenants } as Person;
}

const RECENT_MS = 15 * 60_000;

/**
 * Throws FORBIDDEN `identity/sign-in-again` unless the person signed in within the last quarter of an
 * hour: who finds an open browser must not be able to make its account their own.
 */
export function requireRecentSignIn(ctx: IdentityContext, { session }: Person): void {
  if (ctx.now().getTime() - Date.parse(session.authenticated_at) < RECENT_MS) return;
  throw new AppError(
    "FORBIDDEN",
    "identity/sign-in-again",
    "Sign in again to change this: your last sign-in is too long ago.",
  );
}

export type SessionShown = {
  id: string;
  amr: Amr[];
  created_at: string;
  last_seen_at: string;
  address: string | null;
  user_agent: string | null;
};

/** The person's open sessions, the newest first. */
export async function listSessions(ctx: IdentityContext, person: Person): Promise<SessionShown[]> {
  const { rows } = await ctx.db.read(sql`select ${SHOWN} from sessions session
    where session.person_id = ${person.id} and session.revoked_at is null and session.expires_at > now()
    and ${withinReach(person)} order by session.id desc limit 100`);
  return rows.map(([id, amr, created_at, last_seen_at, address, user_agent]) => ({
    id,
    amr,
    created_at,
    last_seen_at,
    address,
    user_agent,
  })) as SessionShown[];
}

/**
 * A session that a tenant's identity provider opened, or a tenant's own host, reaches those of that
 * tenant, and no others.
 */
const withinReach = ({ session }: Person): SQL => {
  const bound = session.sso_tenant_id ?? session.door_tenant_id;
  return bound === null
    ? sql`true`
    : sql`coalesce(session.sso_tenant_id, session.door_tenant_id) = ${bound}::uuid`;
};

/** Ends one session of the person: its tokens are refused within ten seconds. NOT_FOUND for another's. */
export async function revokeSession(
  ctx: IdentityContext,
  person: Person,
  input: { id: string },
): Promise<void> {
  const ended = await endSessionsOf(ctx, person, sql`session.id = ${input.id} and ${withinReach(person)}`);
  if (ended === 0) throw notFound("identity/no-such-session", "There is no such session.");
}

/** Ends every session of the person but one. Answers how many. */
export const revokeOtherSessions = (ctx: IdentityContext, person: Person): Promise<number> =>
  endSessionsOf(ctx, person, sql`session.id <> ${person.session.id} and ${withinReach(person)}`);

/** Ends the session that the cookie carried, whichever tenant's it is. */
export async function signOut(ctx: IdentityContext, token: string): Promise<void> {
  if (!isSessionToken(token)) return;
  const mine = sql`session.token_hash = ${await hashSecret(token)}`;
  await endSessions(ctx, sql`(select session.person_id from sessions session where ${mine})`, mine);
}

const endSessionsOf = (ctx: IdentityContext, { id }: Person, which: SQL): Promise<number> =>
  endSessions(ctx, sql`${id}::text`, sql`session.person_id = ${id} and ${which}`);

async function endSessions(ctx: IdentityContext, person: SQL, which: SQL): Promise<number> {
  const { results } = await ctx.db.run([
    asPerson(person),
    sql`with ${endedCte(which)},
      ${recordPerson(ctx, {
        event: "session.revoked",
        from: sql`ended`,
        person: sql`ended.person_id`,
        payload: sql`jsonb_build_object('session', ended.id)`,
      })}
      select (select count(*)::int from ended), ${eventRows}`,
  ]);
  const [count, events] = results[1]![0]!;
  pokeAll(ctx, events);
  return count as number;
}

/**
 * The CTEs `ended` (the sessions that end now) and `refused` (their revocation, in every tenant that
 * `asPerson` opened).
 */
export const endedCte = (which: SQL): SQL => sql`ended as (
    update sessions session set revoked_at = now() where session.revoked_at is null and ${which}
      returning session.id, session.person_id),
  refused as (insert into revocations (tenant_id, kind, id, expires_at)
    select member.tenant_id, 'session', ended.id, now() + ${OUTLIVES_TOKENS} from ended
    join members member on member.person_id = ended.person_id
    on conflict (tenant_id, kind, id) do nothing)`;
