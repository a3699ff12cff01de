import { sql } from "drizzle-orm";
import { AppError } from "../../../core/errors.ts";
import { isId } from "../../../core/ids.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { hashSecret, newTokenSecret } from "../../../core/tokens.ts";
import { addressKey, countAttempt, countedRows, requireUncounted, type Counted } from "../people/index.ts";
import { noSuchConnection } from "./connections.ts";
import type { OidcConfig, SamlConfig } from "./schemas.ts";

export const ATTEMPT_SECONDS = 600;
/** The limit per IP address of started and of finished sign-ins: a whole office may share one address. */
const PER_QUARTER_HOUR = 1200;

/** A connection as a sign-in needs it. */
export type Connection<Config = SamlConfig | OidcConfig> = {
  id: string;
  config: Config;
  sealedSecret: string | null;
  updatedAt: string;
};

/** The start of a sign-in. `isSent`: another site redirected the browser here to start it. */
export type SignInRequest = { id: string; cookie: string | undefined; relay: string; isSent: boolean };
export type SignInStart = { url: string; cookie?: string };

export type AttemptState = {
  isUsed: boolean;
  isExpired: boolean;
  /** Whether this browser started the sign-in. */
  isSameBrowser: boolean;
  sealed: string | null;
  relay: string | null;
};

const counters = (ctx: IdentityContext): Counted[] => [
  { key: `sso:${addressKey(ctx.ip)}`, limit: PER_QUARTER_HOUR },
];

/** The enabled connection of that id and type, and the pending attempt, if known. One round trip. */
export async function findConnection<Config>(
  ctx: IdentityContext,
  type: "saml" | "oidc",
  id: string,
  attempt?: { id: string; cookie: string | undefined },
): Promise<{ connection: Connection<Config>; attempt: AttemptState | undefined }> {
  if (!isId("sso", id)) throw noSuchConnection();
  const cookieHash = await hashSecret(attempt?.cookie ?? "");
  const read = sql`select (select jsonb_build_array(id, config, sealed_secret, updated_at)
    from sso_connections
        where tenant_id = ${ctx.tenantId}::uuid and id = ${id} and type = ${type} and enabled),
      (select jsonb_build_array(used_at is not null, expires_at < now(), cookie_hash = ${cookieHash},
        sealed, relay) from sso_attempts
        where tenant_id = ${ctx.tenantId}::uuid and id = ${attempt?.id ?? ""} and connection_id = ${id})`;
  let row;
  if (attempt) {
    const { results } = await ctx.db.run([
      sql`with ${countAttempt(counters(ctx))} select ${countedRows}`,
      read,
    ]);
    requireUncounted(counters(ctx), results[0]![0]![0]);
    row = results[1]![0]!;
  } else row = (await ctx.db.read(read)).rows[0]!;
  const [connection, state] = row as [
    [string, Config, string | null, string] | null,
    [boolean, boolean, boolean, string | null, string | null] | null,
  ];
  if (!connection) throw noSuchConnection();
  return {
    connection: {
      id: connection[0],
      config: connection[1],
      sealedSecret: connection[2],
      updatedAt: connection[3],
    },
    attempt: state
      ? { isUsed: state[0], isExpired: state[1], isSameBrowser: state[2], sealed: state[3], relay: state[4] }
      : undefined,
  };
}

/**
 * Notes a sign-in that begins. Answers what the browser's cookie must hold; the one it has already
 * stays good.
 */
export async function beginAttempt(
  ctx: IdentityContext,
  attempt: { id: string; connectionId: string; cookie: string | undefined; sealed?: string; relay: string },
): Promise<string> {
  const cookie = /^[0-9a-hjkmnp-tv-z]{32}$/.test(attempt.cookie ?? "") ? attempt.cookie! : newTokenSecret();
  const { results } = await ctx.db.run([
    sql`with ${countAttempt(counters(ctx))} select ${countedRows}`,
    sql`insert into sso_attempts (tenant_id, id, connection_id, cookie_hash, sealed, relay, expires_at)
      values (${ctx.tenantId}::uuid, ${attempt.id}, ${attempt.connectionId}, ${await hashSecret(cookie)},
        ${attempt.sealed ?? null}::text, ${attempt.relay},
        now() + make_interval(secs => ${ATTEMPT_SECONDS}::int))`,
  ]);
  requireUncounted(counters(ctx), results[0]![0]![0]);
  return cookie;
}

/** Throws unless the attempt is open and this browser began it. */
export function requireOpen(attempt: AttemptState | undefined): AttemptState {
  if (!attempt || attempt.isExpired || !attempt.isSameBrowser) throw unknownAttempt();
  return attempt;
}

/** The one refusal of answers to a sign-in that this browser did not begin. */
export const unknownAttempt = () =>
  new AppError(
    "UNAUTHENTICATED",
    "sso/unknown-attempt",
    "This sign-in was not started in this browser, or took too long: start again.",
  );
