import { sql } from "drizzle-orm";
import { invalid } from "../../../core/errors.ts";
import { newId } from "../../../core/ids.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { hashSecret, newTokenSecret } from "../../../core/tokens.ts";
import { asPerson, auditPerson } from "../../tenant/events/index.ts";
import { countAttempt, countedRows, requireUncounted, type Counted, type Person } from "../people/index.ts";
import {
  authenticateClient,
  clientOf,
  clientRow,
  readScopes,
  type Client,
  type Shown,
} from "./client-auth.ts";
import {
  answerGrant,
  asksSomethingSql,
  boundSession,
  firstRefreshCte,
  grantColumns,
  invalidGrant,
  isAlive,
  scopesLeft,
} from "./grants.ts";
import { oauthError } from "./oauth-error.ts";
import { revokeGrantCte } from "./revoke.ts";
import type { TokenAnswer } from "./access-token.ts";
import { textArray } from "../../../db/text-array.ts";

const SECONDS = 600;
const INTERVAL_SECONDS = 5;
const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
/** Letters that are not mistaken for each other, and form no words. */
const ALPHABET = "BCDFGHJKLMNPQRSTVWXZ";

/** RFC 8628: a code for the device, and a short one for the person. */
export async function beginDevice(ctx: IdentityContext, input: { shown: Shown; scope: string | undefined }) {
  const client = await authenticateClient(ctx, input.shown, DEVICE_GRANT);
  const scopes = readScopes(client, input.scope);
  const deviceCode = newTokenSecret();
  const userCode = newUserCode();
  await ctx.db.run([
    sql`insert into oauth_devices (tenant_id, device_hash, user_code, client_id, scopes, interval_seconds,
      expires_at)
      values (${ctx.tenantId}::uuid, ${await hashSecret(deviceCode)}, ${userCode}, ${client.id},
        ${textArray(scopes)}, ${INTERVAL_SECONDS}::int, now() + make_interval(secs => ${SECONDS}::int))`,
  ]);
  const uri = `${ctx.site.issuer}/device`;
  return {
    device_code: deviceCode,
    user_code: userCode,
    verification_uri: uri,
    verification_uri_complete: `${uri}?user_code=${userCode}`,
    expires_in: SECONDS,
    interval: INTERVAL_SECONDS,
  };
}

/**
 * Which client waits behind a user code, and for what. Throws INVALID `oauth/wrong-user-code`;
 * RATE_LIMITED for guessers.
 */
export async function findDevice(
  ctx: IdentityContext,
  person: Person,
  input: { userCode: string },
): Promise<{ client: Client; scopes: string[]; userCode: string }> {
  const userCode = readUserCode(input.userCode);
  const counters = guesses(person);
  const { results } = await ctx.db.run([
    sql`with ${countAttempt(counters)} select ${countedRows}, device.client_id, to_jsonb(device.scopes)
      from (select 1) one left join oauth_devices device on device.tenant_id = ${ctx.tenantId}::uuid
      and device.user_code = ${userCode}
        and device.state = 'pending' and device.expires_at > now()`,
  ]);
  const [counted, clientId, scopes] = results[0]![0]!;
  requireUncounted(counters, counted);
  if (clientId === null) throw wrongCode();
  const { rows } = await ctx.db.read(sql`select ${clientRow(ctx, clientId as string)}`);
  const client = clientOf(clientId as string, rows[0]![0]);
  if (!client) throw wrongCode();
  return { client, scopes: scopes as string[], userCode };
}

/**
 * Lets the device in as the person, or not. Throws INVALID when the code was answered before or is
 * too old; RATE_LIMITED for guessers.
 */
export async function answerDevice(
  ctx: IdentityContext,
  person: Person,
  input: { userCode: string; isAllowed: boolean },
): Promise<void> {
  const state = input.isAllowed ? "allowed" : "denied";
  const counters = guesses(person);
  const { results } = await ctx.db.run([
    asPerson(sql`${person.id}::text`),
    sql`with ${countAttempt(counters)}, answered as (update oauth_devices
      set state = ${state}, person_id = ${person.id}, session_id = ${person.session.id}
        where tenant_id = ${ctx.tenantId}::uuid and user_code = ${readUserCode(input.userCode)}
        and state = 'pending' and expires_at > now()
          and not exists (select 1 from counted where failures > ${counters[0]!.limit}::int)
          returning person_id, client_id, scopes),
      ${auditPerson(ctx, {
        event: input.isAllowed ? "oauth.device_allowed" : "oauth.device_denied",
        from: sql`answered`,
        person: sql`answered.person_id`,
        meta: sql`jsonb_build_object('client', answered.client_id, 'scopes', answered.scopes)`,
      })}
      select ${countedRows}, (select count(*)::int from answered)`,
  ]);
  const [counted, answered] = results[1]![0]!;
  requireUncounted(counters, counted);
  if (answered === 0) throw wrongCode();
}

/**
 * The polling of the device: tokens once the person has consented. Reusing the code revokes the grant;
 * other errors do not end it before its ten minutes (RFC 8628, 3.5): polling too early only increases
 * the interval.
 */
export async function redeemDevice(
  ctx: IdentityContext,
  client: Client,
  form: Record<string, string>,
): Promise<TokenAnswer> {
  const { device_code: code = "" } = form;
  if (code === "") throw oauthError("invalid_request", "device_code is missing.");
  const hash = await hashSecret(code);
  const isIt = sql`device.tenant_id = ${ctx.tenantId}::uuid and device.device_hash = ${hash}
    and device.client_id = ${client.id}`;
  const { cte, token } = await firstRefreshCte(ctx, client);
  const { results } = await ctx.db.run([
    sql`with ${revokeGrantCte(ctx, sql`g.id in (select device.grant_id from oauth_devices device where ${isIt} and device.state = 'used')`)} select 1`,
    sql`select state, expires_at < now(), polled_at > now() - make_interval(secs => interval_seconds)
      from oauth_devices device where ${isIt} for update`,
    sql`update oauth_devices device set polled_at = now(), interval_seconds = interval_seconds
      + case when polled_at > now() - make_interval(secs => interval_seconds) then 5 else 0 end
        where ${isIt} and state = 'pending'`,
    sql`with shown as (select device.tenant_id, device.device_hash,
      ${newId("grt", ctx.now().getTime())} as grant_id, device.client_id, device.person_id,
          ${boundSession(sql`device.scopes`, sql`device.session_id`)} as session_id, session.amr,
            session.authenticated_at, ${scopesLeft(client, sql`device.scopes`)} as scopes
        from oauth_devices device join sessions session on session.id = device.session_id
        and session.revoked_at is null
        where ${isIt} and device.state = 'allowed' and device.expires_at > now()),
      used as (update oauth_devices device set state = 'used', grant_id = shown.grant_id from shown
        where device.tenant_id = shown.tenant_id and device.device_hash = shown.device_hash
          and ${isAlive(ctx, sql`shown`)} and ${asksSomethingSql(sql`shown.scopes`)} returning shown.*),
      granted as (insert into oauth_grants (tenant_id, id, client_id, person_id, session_id, amr,
        authenticated_at, scopes)
        select ${ctx.tenantId}::uuid, grant_id, client_id, person_id, session_id, amr, authenticated_at,
          scopes from used returning *),
      ${cte} select ${grantColumns(ctx, sql`granted`)} from granted`,
  ]);
  const [state, isExpired, isTooSoon] = results[1]![0] ?? [];
  if (state === undefined || state === "used") throw invalidGrant("device code");
  if (state === "denied") throw oauthError("access_denied", "The person denied the request.");
  if (isExpired) throw oauthError("expired_token", "The code has expired: start again.");
  if (state === "pending" && isTooSoon)
    throw oauthError("slow_down", "Polling too fast: increase the interval by five seconds.");
  if (state === "pending") throw oauthError("authorization_pending", "The person has not decided yet.");
  const row = results[3]![0];
  if (!row) throw invalidGrant("device code");
  return answerGrant(ctx, client, row, token);
}

function newUserCode(): string {
  const letters: string[] = [];
  while (letters.length < 8) {
    const [byte] = crypto.getRandomValues(new Uint8Array(1));
    if (byte! < 240) letters.push(ALPHABET[byte! % ALPHABET.length]!);
  }
  return `${letters.slice(0, 4).join("")}-${letters.slice(4).join("")}`;
}

function readUserCode(given: string): string {
  const letters = given
    .toUpperCase()
    .replaceAll(/[^A-Z]/g, "")
    .slice(0, 8);
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/** Codes that a person types, to look one up or to answer it. */
const guesses = ({ id }: Person): Counted[] => [{ key: `device:${id}`, limit: 20 }];

const wrongCode = () =>
  invalid("oauth/wrong-user-code", "The code is wrong, already used or expired.", [
    { path: "user_code", message: "must be the code that the device shows" },
  ]);
