import { cutText } from "../../../core/cut-text.ts";
import { sql } from "drizzle-orm";
import { AppError } from "../../../core/errors.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { asPerson, auditPerson } from "../../tenant/events/index.ts";
import { aliveCte } from "./lock-person.ts";
import { issueCte } from "./one-time.ts";
import { sessionCte, type Amr, type OpenedSession } from "./open-session.ts";
import { clearAttempts, countAttempt, countedRows, requireUncounted, signInCounters } from "./throttle.ts";

/** A session, or the token for the second factor. */
export type SignedIn = { kind: "session"; session: OpenedSession } | { kind: "second_factor"; step: string };

const MAX_PASSWORD_CHARS = 1000;

/**
 * Signs a person in by password. Throws UNAUTHENTICATED `identity/wrong-credentials`, the same and
 * after the same work whether the account exists, has a password or is disabled; RATE_LIMITED after
 * too many attempts.
 */
export async function signIn(
  ctx: IdentityContext,
  input: { email: string; password: string },
): Promise<SignedIn> {
  const email = cutText(input.email.trim().toLowerCase(), 254);
  const password = input.password.slice(0, MAX_PASSWORD_CHARS);
  const counters = signInCounters(email, ctx.ip);
  const { results } = await ctx.db.run([
    sql`with ${countAttempt(counters)}
      select ${countedRows}, person.id, person.password_hash, person.disabled_at is not null,
        exists (select 1 from totp_secrets where person_id = person.id and confirmed_at is not null)
      from (select 1) one left join people person on person.email = ${email}`,
  ]);
  const [counted, id, hash, isDisabled, hasTotp] = results[0]![0]! as [
    unknown,
    string | null,
    string | null,
    boolean,
    boolean,
  ];
  requireUncounted(counters, counted);
  const isRight = await ctx.passwords.verify(hash, password);
  if (!isRight || id === null || isDisabled) {
    await noteFailure(ctx, id);
    throw wrongCredentials();
  }
  const rehash = ctx.passwords.isOutdated(hash!) ? await ctx.passwords.hash(password) : null;
  return enter(ctx, { personId: id, amr: ["pwd"], hasTotp, counters, shown: hash, rehash });
}

type Entering = {
  personId: string;
  amr: readonly Amr[];
  hasTotp: boolean;
  counters: ReturnType<typeof signInCounters>;
  /** The hash of the password that was shown: it must be theirs still. */
  shown?: string | null;
  rehash?: string | null;
};

/** Opens a session after the first factor, or asks for the second factor that the person has set up. */
export async function enter(ctx: IdentityContext, entering: Entering): Promise<SignedIn> {
  const { personId, amr, hasTotp, counters, shown = null, rehash = null } = entering;
  const person = sql`person as (update people set password_hash = coalesce(${rehash}::text, password_hash)
    where id = ${personId} and disabled_at is null
    and (${shown}::text is null or password_hash = ${shown}::text) returning id as person_id)`;
  if (hasTotp) {
    const { cte, token } = await issueCte("second_factor", sql`person`, { amr });
    await ctx.db.run([sql`with ${person}, ${cte} select 1`]);
    return { kind: "second_factor", step: token };
  }
  const { cte, opened } = await sessionCte(ctx, { from: sql`person`, amr });
  const { results } = await ctx.db.run([
    asPerson(sql`${personId}::text`),
    sql`with ${person}, ${cte}, ${clearAttempts(counters)}, ${auditSignIn(ctx, amr)} select id from session`,
  ]);
  if (results[1]!.length === 0) throw wrongCredentials();
  return { kind: "session", session: opened };
}

/** The audit row of a session that the CTE `session` opened. */
export const auditSignIn = (ctx: IdentityContext, amr: readonly Amr[]) =>
  auditPerson(ctx, {
    event: "person.signed_in",
    from: sql`session`,
    person: sql`session.person_id`,
    meta: sql`jsonb_build_object('session', session.id, 'amr', ${JSON.stringify(amr)}::jsonb)`,
  });

async function noteFailure(ctx: IdentityContext, personId: string | null): Promise<void> {
  await ctx.db.run([
    asPerson(sql`${personId}::text`),
    sql`with ${aliveCte(personId)}, failed as (select person_id from alive),
      ${auditPerson(ctx, {
        event: "person.sign_in_failed",
        from: sql`failed`,
        person: sql`failed.person_id`,
      })} select 1`,
  ]);
}

/** The one refusal of credentials. */
export function wrongCredentials(): AppError {
  return new AppError(
    "UNAUTHENTICATED",
    "identity/wrong-credentials",
    "The email address or the password is wrong.",
  );
}
