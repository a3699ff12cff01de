import { SCOPES, type Scope } from "../../core/permissions.ts";
import type { Behind, SnapshotSource } from "../../platform/edge/env.ts";
import { refreshSnapshot, snapshotOf, type CachedSnapshot } from "../../platform/edge/snapshots.ts";
import { requireActive } from "./check-access.ts";
import type { Claims } from "./claims.ts";
import { credentialOf, type Credential } from "./credential.ts";
import { attributesOf, rolesOf } from "./granted.ts";
import { requireUnrevoked } from "./revoked.ts";
import { unauthenticated } from "./unauthenticated.ts";
import { ALGORITHMS, readUnverified, verify, type TrustedKey } from "./verify-jwt.ts";

const MAX_LIFETIME_SECONDS = 3600;
const CLOCK_SKEW_SECONDS = 60;

/** The credential of a JWT that IDENTITY issued, or that a key trusted by the tenant signed. */
export async function checkJwt(
  env: SnapshotSource,
  raw: string,
  behind: Behind,
  freshMs: number | undefined,
): Promise<Credential> {
  const { kid, tenantId } = readUnverified(raw);
  const { cached, key } = await trustedKey(env, tenantId, kid, behind, freshMs);
  requireActive(cached.snapshot);

  const claims = await verify(raw, key);
  const credential = credentialOfClaims(cached, key, claims);
  requireShortLife(claims);
  return credential;
}

/** The credential of claims that a key of a tenant's snapshot signed; throws when they were revoked. */
export function credentialOfClaims(cached: CachedSnapshot, key: TrustedKey, claims: Claims): Credential {
  requireActive(cached.snapshot);
  if (key.is_ours) requireUnrevoked(cached.snapshot, claims);
  const { kid } = key;
  return credentialOf(cached, {
    identity: { kind: "jwt", kid, claims: pick(claims) },
    kind: claims.sub === claims.client_id ? "token" : "person",
    id: key.is_ours ? claims.sub : `jwt:${kid}:${claims.sub}`,
    scopes: scopesOf(claims),
    roles: rolesOf(claims["roles"]),
    attributes: attributesOf(claims["attributes"]),
    endsAt: claims.exp * 1000,
  });
}

/** The claims that a credential is made of. */
const CLAIMS = "sub exp iat iat_ms jti sid gid client_id scope roles attributes".split(" ");
const pick = (claims: Claims) =>
  Object.fromEntries(CLAIMS.flatMap((name) => (name in claims ? [[name, claims[name]]] : [])));

/** The key in the tenant's snapshot; one that is not in it may have been added since it was read. */
async function trustedKey(
  env: SnapshotSource,
  tenantId: string,
  kid: string,
  behind: Behind,
  freshMs: number | undefined,
): Promise<{ cached: CachedSnapshot; key: TrustedKey }> {
  let cached = await snapshotOf(env, tenantId, behind, freshMs);
  if (cached && !cached.snapshot.keys.some((key) => key.kid === kid))
    cached = await refreshSnapshot(env, tenantId);
  return { cached: cached!, key: keyNamed(cached, kid) };
}

/** The key of that name in a snapshot; throws when it is not trusted. */
export function keyNamed(cached: CachedSnapshot | null, kid: string): TrustedKey {
  const named = cached?.snapshot.keys.filter((one) => one.kid === kid);
  const key = named?.find((one) => one.is_ours) ?? named?.[0];
  if (key && ALGORITHMS.includes(key.alg)) return key;
  throw unauthenticated("access/unknown-key", "The token is signed with a key this tenant does not trust.");
}

function requireShortLife({ exp, iat }: Claims): void {
  const now = Math.floor(Date.now() / 1000);
  const issuedAt = iat ?? now;
  if (issuedAt > now + CLOCK_SKEW_SECONDS)
    throw unauthenticated("access/issued-in-future", "The token's iat is in the future.");
  if (exp - issuedAt > MAX_LIFETIME_SECONDS)
    throw unauthenticated("access/token-lives-too-long", "A JWT may be valid for one hour at most.");
}

function scopesOf({ scope = "" }: Claims): Scope[] {
  const isScope = (word: string): word is Scope => (SCOPES as readonly string[]).includes(word);
  const scopes = scope.split(" ").filter(isScope);
  if (scopes.length > 0) return scopes;
  throw unauthenticated(
    "access/no-scope",
    "The token's scope contains none of read, write, admin and sso_admin.",
  );
}
