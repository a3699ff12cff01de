import { sql } from "drizzle-orm";
import { AppError, invalid } from "../../../core/errors.ts";
import { PEOPLE, type IdentityContext } from "../../../core/identity-context.ts";
import { hashSecret, newTokenSecret } from "../../../core/tokens.ts";
import { asPerson, auditPerson, eventRows, pokeAll, recordPerson } from "../../tenant/events/index.ts";
import { codesGuessedEmail } from "./emails.ts";
import { requireMoreThanPassword } from "./first-factor.ts";
import { sessionCte, type Amr, type OpenedSession } from "./open-session.ts";
import { sendLater } from "./send-email.ts";
import { endedCte, requireRecentSignIn, type Person } from "./sessions.ts";
import { requireOwnSession } from "./sign-in-policy.ts";
import { auditSignIn } from "./sign-in.ts";
import { countAttempt, countedRows, requireUncounted, type Counted } from "./throttle.ts";
import { newTotpSecret, totpStep } from "./totp.ts";

const RECOVERY_CODES = 10;
const PURPOSE = "totp";
const stepCounter = (stepHash: string): Counted => ({ key: `step:${stepHash}`, limit: 5 });
/** The limit of wrong codes over all sign-ins of a person: with the password, any number can be started. */
const personCounter = (personId: string): Counted => ({ key: `second_factor:${personId}`, limit: 10 });

/**
 * Finishes a sign-in with a code of the authenticator app, or with a recovery code. Throws
 * UNAUTHENTICATED `identity/wrong-code`, or `identity/step-expired` when the sign-in must start again;
 * RATE_LIMITED after five codes, or ten over all sign-ins of the person, who is notified by email.
 */
export async function confirmSecondFactor(
  ctx: IdentityContext,
  input: { step: string; code: string },
): Promise<OpenedSession> {
  const stepHash = await hashSecret(input.step);
  const isOpen = sql`step.token_hash = ${stepHash} and step.purpose = 'second_factor'
    and step.used_at is null and step.expires_at > now()`;
  const { results } = await ctx.db.run([
    sql`with ${countAttempt([stepCounter(stepHash)], sql`select 'second_factor:' || step.person_id from one_time_tokens step where ${isOpen}`)}
      select ${countedRows}, step.person_id, step.data, totp.sealed_secret, totp.last_step
      from (select 1) one left join one_time_tokens step on ${isOpen}
      left join totp_secrets totp on totp.person_id = step.person_id and totp.confirmed_at is not null`,
  ]);
  const [counted, personId, data, sealed, lastStep] = results[0]![0]!;
  if (personId === null || sealed === null)
    throw new AppError("UNAUTHENTICATED", "identity/step-expired", "That took too long: sign in again.");
  const ofPerson = personCounter(personId as string);
  requireUncounted([stepCounter(stepHash), ofPerson], counted);
  const secret = await ctx.vault.open(PEOPLE, PURPOSE, sealed as string);
  const step = await totpStep(secret, input.code, ctx.now().getTime(), Number(lastStep));
  const codeHash = await recoveryHash(personId as string, input.code);
  const amr: Amr[] = [...(data as { amr: Amr[] }).amr, step === undefined ? "rec" : "otp"];
  const { cte, opened } = await sessionCte(ctx, { from: sql`proved`, amr });
  const { results: done } = await ctx.db.run([
    asPerson(sql`${personId}::text`),
    sql`with by_app as (update totp_secrets set last_step = ${step ?? 0}::bigint
        where person_id = ${personId} and ${step ?? null}::bigint is not null
        and last_step < ${step ?? 0}::bigint returning person_id),
      by_code as (update recovery_codes set used_at = now()
        where person_id = ${personId} and code_hash = ${codeHash} and used_at is null
        and ${step ?? null}::bigint is null returning person_id),
      either as (select person_id from by_app union select person_id from by_code),
      proved as (update one_time_tokens set used_at = now() where token_hash = ${stepHash}
        and used_at is null
        and exists (select 1 from either) and exists (select 1 from people where id = ${personId}
        and disabled_at is null) returning person_id),
      cleared as (delete from throttles where key = ${ofPerson.key} and exists (select 1 from proved)),
      ${cte}, ${auditSignIn(ctx, amr)} select id from session`,
  ]);
  if (done[1]!.length > 0) return opened;
  await noteWrongCode(ctx, personId as string, isFull(ofPerson, counted));
  throw new AppError("UNAUTHENTICATED", "identity/wrong-code", "The code is wrong or was already used.");
}

/** Whether an attempt was the last that its counter lets through. */
const isFull = ({ key, limit }: Counted, rows: unknown): boolean =>
  (rows as [string, number][]).some(([counted, failures]) => counted === key && failures === limit);

/** The audit row of a wrong code; once the counter is full, an email too. */
async function noteWrongCode(ctx: IdentityContext, personId: string, isTold: boolean): Promise<void> {
  const { results } = await ctx.db.run([
    asPerson(sql`${personId}::text`),
    sql`with failed as (select id as person_id, email from people where id = ${personId}
      and disabled_at is null for key share),
      ${auditPerson(ctx, {
        event: "person.second_factor_failed",
        from: sql`failed`,
        person: sql`failed.person_id`,
      })} select email from failed`,
  ]);
  const email = results[1]![0]?.[0] as string | undefined;
  if (isTold && email !== undefined) sendLater(ctx, codesGuessedEmail(ctx.site, email));
}

/**
 * Starts the set-up of an authenticator app: returns its secret. It is not required until it is
 * confirmed.
 */
export async function startTotp(ctx: IdentityContext, person: Person): Promise<string> {
  requireOwnSession(person);
  requireRecentSignIn(ctx, person);
  await requireMoreThanPassword(ctx, person);
  const secret = newTotpSecret();
  const sealed = await ctx.vault.seal(PEOPLE, PURPOSE, secret);
  const { results } = await ctx.db.run([
    sql`insert into totp_secrets (person_id, sealed_secret) values (${person.id}, ${sealed})
      on conflict (person_id) do update set sealed_secret = excluded.sealed_secret, last_step = 0,
        created_at = now()
      where totp_secrets.confirmed_at is null returning person_id`,
  ]);
  if (results[0]!.length === 0)
    throw new AppError(
      "CONFLICT",
      "identity/totp-set-up",
      "An authenticator app is set up already: remove it first.",
    );
  return secret;
}

/** Confirms the app with a code of it; answers the recovery codes, which are shown this once. */
export async function confirmTotp(
  ctx: IdentityContext,
  person: Person,
  input: { code: string },
): Promise<string[]> {
  requireOwnSession(person);
  await requireMoreThanPassword(ctx, person);
  const counters: Counted[] = [{ key: `totp:${person.id}`, limit: 20 }];
  const { results } = await ctx.db.run([
    sql`with ${countAttempt(counters)} select ${countedRows}, totp.sealed_secret
      from (select 1) one left join totp_secrets totp on totp.person_id = ${person.id}
      and totp.confirmed_at is null`,
  ]);
  const [counted, sealed] = results[0]![0]!;
  requireUncounted(counters, counted);
  const secret = sealed === null ? undefined : await ctx.vault.open(PEOPLE, PURPOSE, sealed as string);
  const step = secret && (await totpStep(secret, input.code, ctx.now().getTime(), 0));
  if (step === undefined || step === "")
    throw invalid("identity/wrong-code", "The code is wrong: check the clock of your device.", [
      { path: "code", message: "must be the current six digits of the app" },
    ]);
  const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
  const hashes = await Promise.all(codes.map((code) => recoveryHash(person.id, code)));
  await ctx.db.run([
    asPerson(sql`${person.id}::text`),
    sql`with confirmed as (update totp_secrets set confirmed_at = now(), last_step = ${step}::bigint
        where person_id = ${person.id} and confirmed_at is null returning person_id),
      made as (insert into recovery_codes (person_id, code_hash)
        select confirmed.person_id, hash from confirmed,
          jsonb_array_elements_text(${JSON.stringify(hashes)}::jsonb) hash),
      ${auditPerson(ctx, {
        event: "person.second_factor_added",
        from: sql`confirmed`,
        person: sql`confirmed.person_id`,
      })} select 1`,
  ]);
  return codes;
}

/**
 * Removes the app, its recovery codes and the other sessions that used them, and notifies the person's
 * tenants.
 */
export async function removeTotp(ctx: IdentityContext, person: Person): Promise<void> {
  requireOwnSession(person);
  requireRecentSignIn(ctx, person);
  const { results } = await ctx.db.run([
    asPerson(sql`${person.id}::text`),
    sql`with removed as (delete from totp_secrets where person_id = ${person.id} returning person_id),
      codes as (delete from recovery_codes where person_id = ${person.id}),
      ${endedCte(sql`session.person_id in (select person_id from removed)
        and session.amr && array['otp', 'rec'] and session.id <> ${person.session.id}`)},
      ${recordPerson(ctx, {
        event: "person.second_factor_removed",
        from: sql`removed`,
        person: sql`removed.person_id`,
      })} select ${eventRows}`,
  ]);
  pokeAll(ctx, results[1]![0]![0]);
}

function newRecoveryCode(): string {
  return newTokenSecret().slice(0, 10).replace(/^.{5}/, "$&-");
}

const recoveryHash = (personId: string, code: string) =>
  hashSecret(`${personId}|${code.toLowerCase().replaceAll(/[^0-9a-z]/g, "")}`);
