import type { JWTPayload } from "jose";
import type { TenantSnapshot } from "../../core/snapshot.ts";
import { unauthenticated } from "./unauthenticated.ts";

/** Throws when a token of ours, its session, its client or its person was refused since it was issued. */
export function requireUnrevoked({ revoked = [] }: TenantSnapshot, payload: JWTPayload): void {
  const { jti, sub, iat = 0, sid, gid, client_id: clientId } = payload as JWTPayload & Record<string, string>;
  const issuedAt = Number(payload["iat_ms"] ?? iat * 1000);
  const isRevoked = revoked.some(({ kind, id, at }) => {
    if (kind === "session") return id === sid || id === gid;
    if (kind === "token") return id === jti;
    if (kind === "people") return sub !== clientId && issuedAt <= Date.parse(at);
    return id === (kind === "client" ? clientId : sub) && issuedAt <= Date.parse(at);
  });
  if (isRevoked)
    throw unauthenticated("access/token-revoked", "The token was revoked, or its session has ended.");
}
