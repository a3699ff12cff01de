import { cutText } from "../../../core/cut-text.ts";
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type AuthenticatorTransportFuture,
  type RegistrationResponseJSON,
} from "@simplewebauthn/server";
import { sql } from "drizzle-orm";
import * as z from "zod";
import { fromBase64, toBase64 } from "../../../core/base64.ts";
import { AppError, invalid, notFound } from "../../../core/errors.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { asPerson, auditPerson, eventRows, pokeAll, recordPerson } from "../../tenant/events/index.ts";
import { requireMoreThanPassword } from "./first-factor.ts";
import { issueCte, useCte } from "./one-time.ts";
import { sessionCte, type OpenedSession } from "./open-session.ts";
import { endedCte, requireRecentSignIn, type Person } from "./sessions.ts";
import { requireOwnSession } from "./sign-in-policy.ts";
import { auditSignIn } from "./sign-in.ts";
import { addressKey, countAttempt, countedRows, requireUncounted, type Counted } from "./throttle.ts";

const MAX_PASSKEYS = 20;
/** The shape that browsers answer; the library checks what is in it. */
const Answer = z.looseObject({
  id: z.string().max(2000),
  rawId: z.string().max(2000),
  type: z.literal("public-key"),
  response: z.looseObject({ clientDataJSON: z.string().max(20_000) }),
  clientExtensionResults: z.looseObject({}).default({}),
});

export type PasskeyShown = { id: string; name: string; created_at: string; last_used_at: string | null };

/** The browser's view of the site: the host that passkeys belong to. */
const hostOf = (ctx: IdentityContext) => new URL(ctx.site.issuer);

/** What the browser needs to make a passkey, and the token that finishes it. */
export async function beginPasskey(ctx: IdentityContext, person: Person) {
  requireOwnSession(person);
  requireRecentSignIn(ctx, person);
  await requireMoreThanPassword(ctx, person);
  const { rows } = await ctx.db.read(sql`select id, transports from passkeys where person_id = ${person.id}`);
  if (rows.length >= MAX_PASSKEYS)
    throw new AppError(
      "CONFLICT",
      "identity/too-many-passkeys",
      `You have ${MAX_PASSKEYS} passkeys already: remove one first.`,
    );
  const options = await generateRegistrationOptions({
    rpName: ctx.site.tenantName,
    rpID: hostOf(ctx).hostname,
    userName: person.email,
    userDisplayName: person.name || person.email,
    userID: new TextEncoder().encode(person.id),
    attestationType: "none",
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    excludeCredentials: rows.map(([id, transports]) => ({
      id: id as string,
      transports: transports as AuthenticatorTransportFuture[],
    })),
  });
  const { cte, token } = await issueCte("passkey", sql`person`, {
    challenge: options.challenge,
    for: "register",
  });
  await ctx.db.run([sql`with person as (select ${person.id}::text as person_id), ${cte} select 1`]);
  return { options, step: token };
}

/** Keeps the passkey that the browser made. Throws INVALID `identity/bad-passkey`. */
export async function finishPasskey(
  ctx: IdentityContext,
  person: Person,
  input: { step: string; answer: unknown; name: string },
): Promise<void> {
  requireOwnSession(person);
  await requireMoreThanPassword(ctx, person);
  const answer = readAnswer(input.answer) as unknown as RegistrationResponseJSON;
  const challenge = await takeChallenge(ctx, input.step, "register", person.id);
  const { credential, isBackedUp } = await check(async () => {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: answer,
      expectedChallenge: challenge,
      expectedOrigin: hostOf(ctx).origin,
      expectedRPID: hostOf(ctx).hostname,
      requireUserVerification: true,
    });
    if (!verified) throw new Error("not verified");
    return { credential: registrationInfo.credential, isBackedUp: registrationInfo.credentialBackedUp };
  });
  await ctx.db.run([
    asPerson(sql`${person.id}::text`),
    sql`with added as (insert into passkeys (id, person_id, public_key, counter, transports, name,
      is_backed_up)
        values (${credential.id}, ${person.id}, ${toBase64(credential.publicKey)},
          ${credential.counter}::bigint,
          ${JSON.stringify(answer.response.transports ?? [])}::jsonb, ${nameOf(input.name)},
            ${String(isBackedUp)}::boolean) returning person_id, id),
      ${auditPerson(ctx, { event: "person.passkey_added", from: sql`added`, person: sql`added.person_id` })}
        select 1`,
  ]);
}

/** What the browser needs to sign in with a passkey, and the token that finishes it. */
export async function beginPasskeySignIn(ctx: IdentityContext) {
  const counters: Counted[] = [{ key: `passkey:${addressKey(ctx.ip)}`, limit: 100 }];
  const options = await generateAuthenticationOptions({
    rpID: hostOf(ctx).hostname,
    userVerification: "required",
  });
  const { cte, token } = await issueCte("passkey", sql`nobody`, {
    challenge: options.challenge,
    for: "sign-in",
  });
  const { results } = await ctx.db.run([
    sql`with ${countAttempt(counters)}, nobody as (select null::text as person_id), ${cte}
      select ${countedRows}`,
  ]);
  requireUncounted(counters, results[0]![0]![0]);
  return { options, step: token };
}

/** Signs in with a passkey; it counts as two factors, since it requires a fingerprint, a face or a PIN. */
export async function finishPasskeySignIn(
  ctx: IdentityContext,
  input: { step: string; answer: unknown },
): Promise<OpenedSession> {
  const answer = readAnswer(input.answer) as unknown as AuthenticationResponseJSON;
  const used = await useCte("passkey", input.step);
  const { results } = await ctx.db.run([
    sql`with ${used} select used.data, passkey.person_id, passkey.public_key, passkey.counter,
      passkey.transports
      from used left join passkeys passkey on passkey.id = ${answer.id}`,
  ]);
  const [data, personId, publicKey, counter, transports] = results[0]![0] ?? [];
  const { challenge, for: purpose } = (data ?? {}) as { challenge?: string; for?: string };
  if (challenge === undefined || purpose !== "sign-in" || !personId) throw badPasskey();
  const newCounter = await check(async () => {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: answer,
      expectedChallenge: challenge,
      expectedOrigin: hostOf(ctx).origin,
      expectedRPID: hostOf(ctx).hostname,
      requireUserVerification: true,
      credential: {
        id: answer.id,
        publicKey: fromBase64(publicKey as string),
        counter: Number(counter),
        transports: transports as AuthenticatorTransportFuture[],
      },
    });
    if (!verified) throw new Error("not verified");
    return authenticationInfo.newCounter;
  });
  const { cte, opened } = await sessionCte(ctx, { from: sql`proved`, amr: ["hwk"] });
  const { results: done } = await ctx.db.run([
    asPerson(sql`${personId}::text`),
    sql`with proved as (update passkeys set counter = ${newCounter}::bigint, last_used_at = now()
        where id = ${answer.id} and exists (select 1 from people where id = passkeys.person_id
        and disabled_at is null) returning person_id),
      ${cte}, ${auditSignIn(ctx, ["hwk"])} select id from session`,
  ]);
  if (done[1]!.length === 0) throw badPasskey();
  return opened;
}

/** The person's passkeys, the newest last. */
export async function listPasskeys(ctx: IdentityContext, person: Person): Promise<PasskeyShown[]> {
  const { rows } = await ctx.db.read(
    sql`select id, name, cms_iso(created_at), cms_iso(last_used_at) from passkeys
      where person_id = ${person.id} order by created_at, id`,
  );
  return rows.map(([id, name, created_at, last_used_at]) => ({
    id,
    name,
    created_at,
    last_used_at,
  })) as PasskeyShown[];
}

/**
 * Takes a passkey of the person away, with the other sessions that passkeys opened. NOT_FOUND for
 * another's.
 */
export async function removePasskey(
  ctx: IdentityContext,
  person: Person,
  input: { id: string },
): Promise<void> {
  requireOwnSession(person);
  requireRecentSignIn(ctx, person);
  const { results } = await ctx.db.run([
    asPerson(sql`${person.id}::text`),
    sql`with removed as (delete from passkeys where id = ${input.id} and person_id = ${person.id}
      returning person_id),
      ${endedCte(sql`session.person_id in (select person_id from removed) and 'hwk' = any (session.amr)
        and session.id <> ${person.session.id}`)},
      ${recordPerson(ctx, {
        event: "person.passkey_removed",
        from: sql`removed`,
        person: sql`removed.person_id`,
      })}
      select ${eventRows} from removed`,
  ]);
  if (results[1]!.length === 0) throw notFound("identity/no-such-passkey", "There is no such passkey.");
  pokeAll(ctx, results[1]![0]![0]);
}

async function takeChallenge(
  ctx: IdentityContext,
  step: string,
  purpose: string,
  personId: string,
): Promise<string> {
  const { results } = await ctx.db.run([
    sql`with ${await useCte("passkey", step)} select data from used where person_id = ${personId}`,
  ]);
  const data = results[0]![0]?.[0] as { challenge: string; for: string } | undefined;
  if (data?.for !== purpose) throw badPasskey();
  return data.challenge;
}

function readAnswer(answer: unknown) {
  const parsed = Answer.safeParse(answer);
  if (!parsed.success) throw badPasskey();
  return parsed.data;
}

/** The library reports errors as text only, so all failures get the same error. */
async function check<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (error) {
    throw badPasskey(error);
  }
}

const badPasskey = (cause?: unknown): AppError =>
  Object.assign(invalid("identity/bad-passkey", "The passkey could not be verified: try again."), { cause });

const nameOf = (name: string) => cutText(name.trim(), 100) || "Passkey";
