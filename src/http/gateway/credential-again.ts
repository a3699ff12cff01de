import type { Identity, Origin } from "../../core/live.ts";
import type { Behind, SnapshotSource } from "../../platform/edge/env.ts";
import { refreshSnapshot, snapshotOf, type CachedSnapshot } from "../../platform/edge/snapshots.ts";
import { checkAccess } from "./check-access.ts";
import { credentialOfClaims, keyNamed } from "./check-jwt.ts";
import { credentialOfToken } from "./check-token.ts";
import type { Claims } from "./claims.ts";
import type { Credential } from "./credential.ts";
import { unauthenticated } from "./unauthenticated.ts";

/** The credential that was found before, as the tenant's snapshot has it by now, which is read anew for one that may be newer; throws when it holds no longer. */
export async function credentialAgain(
  env: SnapshotSource,
  { tenantId, identity, from }: { tenantId: string; identity: Identity; from: Origin },
  behind: Behind,
  mayBeNew = false,
): Promise<Credential> {
  const known = await snapshotOf(env, tenantId, behind);
  const cached = mayBeNew && known && !isIn(known, identity) ? await refreshSnapshot(env, tenantId) : known;
  const found = async (): Promise<Credential> => {
    if (identity.kind === "token")
      return credentialOfToken(
        cached ?? undefined,
        cached?.snapshot.tokens.find(({ id }) => id === identity.id),
      );
    const key = keyNamed(cached, identity.kid);
    const claims = identity.claims as Claims;
    if (claims.exp * 1000 <= Date.now())
      throw unauthenticated("access/token-expired", "The token has expired.");
    return credentialOfClaims(cached!, key, claims);
  };
  return checkAccess(found(), Promise.resolve([...from.tenants]), from.address);
}

/** Whether a snapshot knows of what an identity needs; one that does not may be older. */
const isIn = ({ snapshot }: CachedSnapshot, identity: Identity): boolean =>
  identity.kind === "token"
    ? snapshot.tokens.some(({ id }) => id === identity.id)
    : snapshot.keys.some(({ kid }) => kid === identity.kid);
