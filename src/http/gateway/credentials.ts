import { keepNewest } from "../../core/keep-newest.ts";
import type { Behind, SnapshotSource } from "../../platform/edge/env.ts";
import { checkJwt } from "./check-jwt.ts";
import { checkToken } from "./check-token.ts";
import type { Credential } from "./credential.ts";
import { unauthenticated } from "./unauthenticated.ts";

const MAX_CHECKED = 20_000;
const checked = new Map<string, Credential>();

/** The credential of an Authorization header that this isolate has checked within the last ten seconds. */
export function cachedCredential(authorization: string, now: number): Credential | undefined {
  const known = checked.get(authorization);
  return known && known.validUntil > now ? known : undefined;
}

/** Drops the cached credentials of a tenant, after its tokens or keys changed. */
export function forgetCredentials(tenantId: string): void {
  for (const [authorization, { tenantId: owner }] of checked)
    if (owner === tenantId) checked.delete(authorization);
}

/**
 * Checks an Authorization header against the tenant's snapshot, without the database; throws
 * UNAUTHENTICATED.
 */
export async function checkCredential(
  env: SnapshotSource,
  authorization: string | null,
  behind: Behind,
  freshMs?: number,
): Promise<Credential> {
  const raw = /^Bearer +([\w.~+/=-]{1,4096})$/i.exec(authorization ?? "")?.[1];
  if (!raw)
    throw unauthenticated(
      "access/no-token",
      "A token is required: Authorization: Bearer flow_…",
      /^bearer\b/i.test(authorization ?? ""),
    );
  const credential = raw.startsWith("flow_")
    ? await checkToken(env, raw, behind, freshMs)
    : await checkJwt(env, raw, behind, freshMs);
  keepNewest(checked, authorization!, credential, MAX_CHECKED);
  return credential;
}
