import type { TenantSnapshot } from "../../core/snapshot.ts";
import { keySet } from "../key-set.ts";
import type { IdentityPath } from "./identity-path.ts";

/**
 * The answer to who asks for the keys that sign the tenant's tokens, as far as this copy knows them:
 * before the first token there are none, and IDENTITY is asked.
 */
export function publishedKeys(
  { method }: Request,
  { path }: IdentityPath,
  { keys }: TenantSnapshot,
): Response | undefined {
  if (path !== "/.well-known/jwks.json" || (method !== "GET" && method !== "HEAD")) return undefined;
  const ours = keys.filter((key) => key.is_ours);
  if (ours.length === 0) return undefined;
  return keySet(ours.map(({ kid, alg, jwk }) => ({ ...jwk, kid, alg, use: "sig" })));
}
