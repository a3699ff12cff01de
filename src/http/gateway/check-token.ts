import { keepNewest } from "../../core/keep-newest.ts";
import type { TenantSnapshot } from "../../core/snapshot.ts";
import { equalInConstantTime, hashSecret, parseToken, type ParsedToken } from "../../core/tokens.ts";
import type { Behind, SnapshotSource } from "../../platform/edge/env.ts";
import { refreshSnapshot, snapshotOf, type CachedSnapshot } from "../../platform/edge/snapshots.ts";
import { requireActive } from "./check-access.ts";
import { credentialOf, type Credential } from "./credential.ts";
import { noteUse } from "./token-use.ts";
import { unauthenticated } from "./unauthenticated.ts";

type Found = { cached: CachedSnapshot; token: TenantSnapshot["tokens"][number] };

const MAX_HASHES = 20_000;
const hashes = new Map<string, string>();

/** The credential of an API token, `flow_…`. */
export async function checkToken(
  env: SnapshotSource,
  raw: string,
  behind: Behind,
  freshMs: number | undefined,
): Promise<Credential> {
  const parts = parseToken(raw);
  if (!parts) throw unauthenticated("access/bad-token", "The token is not valid.");

  const { cached, token } = (await findToken(env, parts, behind, freshMs)) ?? {};
  const credential = credentialOfToken(cached, token);
  noteUse(env, parts.tenantId, token!.id, behind);
  return credential;
}

/** The credential of a token in a tenant's snapshot; throws for one that is not there, or has ended. */
export function credentialOfToken(
  cached: CachedSnapshot | undefined,
  token: TenantSnapshot["tokens"][number] | undefined,
): Credential {
  const expiresAt = token?.expires_at ? Date.parse(token.expires_at) : Number.POSITIVE_INFINITY;
  if (!cached || !token || expiresAt <= Date.now())
    throw unauthenticated("access/bad-token", "The token is not valid, or was revoked.");
  requireActive(cached.snapshot);
  return credentialOf(cached, {
    identity: { kind: "token", id: token.id },
    kind: "token",
    id: token.id,
    scopes: token.scopes,
    roles: token.role == null ? undefined : [token.role],
    contentTypes: token.content_types ?? null,
    environmentId: token.environment_id,
    ipRanges: token.ip_ranges,
    endsAt: expiresAt,
  });
}

/** The token in the tenant's snapshot; one that is not in it may have been made since it was read. */
async function findToken(
  env: SnapshotSource,
  { tenantId, tokenId, secret }: ParsedToken,
  behind: Behind,
  freshMs: number | undefined,
): Promise<Found | undefined> {
  const hash = await hashOf(secret);
  const find = (cached: CachedSnapshot | null): Found | undefined => {
    const token = cached?.snapshot.tokens.find((one) => one.id === tokenId);
    return cached && token && equalInConstantTime(token.hash, hash) ? { cached, token } : undefined;
  };
  const cached = await snapshotOf(env, tenantId, behind, freshMs);
  const isUnknown = cached !== null && !cached.snapshot.tokens.some((one) => one.id === tokenId);
  return find(cached) ?? (isUnknown ? find(await refreshSnapshot(env, tenantId)) : undefined);
}

async function hashOf(secret: string): Promise<string> {
  const known = hashes.get(secret);
  if (known !== undefined) return known;
  const hash = await hashSecret(secret);
  keepNewest(hashes, secret, hash, MAX_HASHES);
  return hash;
}
