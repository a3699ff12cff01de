import {
  jwtVerify,
  importJWK,
  decodeProtectedHeader,
  decodeJwt,
  errors as jose,
  type JWTPayload,
} from "jose";
import { AppError } from "../../core/errors.ts";
import type { TenantSnapshot } from "../../core/snapshot.ts";
import { malformedClaim, type Claims } from "./claims.ts";
import { unauthenticated } from "./unauthenticated.ts";

export type TrustedKey = TenantSnapshot["keys"][number];
export const ALGORITHMS = ["ES256", "EdDSA", "RS256"];

/** What a JWT says whose signature, times and claims are right; throws UNAUTHENTICATED. */
export async function verify(raw: string, key: TrustedKey): Promise<Claims> {
  try {
    const publicKey = await importJWK(key.jwk as never, key.alg);
    const { payload } = await jwtVerify(raw, publicKey, {
      algorithms: [key.alg],
      audience: "flowcms",
      requiredClaims: ["exp", "sub", "tid"],
      ...(key.is_ours ? { typ: "at+jwt" } : {}),
    });
    requireForms(payload);
    return payload;
  } catch (error) {
    // The signature is looked at before the claims.
    if (error instanceof jose.JWTClaimValidationFailed) requireForms(error.payload);
    if (error instanceof AppError) throw error;
    const isExpired = error instanceof jose.JWTExpired;
    throw unauthenticated(
      isExpired ? "access/token-expired" : "access/bad-token",
      isExpired ? "The token has expired." : "The token is not valid.",
    );
  }
}

function requireForms(payload: JWTPayload): asserts payload is Claims {
  const wrong = malformedClaim(payload);
  if (wrong)
    throw unauthenticated("access/bad-claim", `The token's ${wrong.claim} ${wrong.must}.`, true, [
      { path: wrong.claim, message: wrong.must },
    ]);
}

/** Which key and which tenant a JWT names, before anything of it is proved. */
export function readUnverified(raw: string): { kid: string; tenantId: string } {
  try {
    const { kid, alg } = decodeProtectedHeader(raw);
    const tenantId = decodeJwt(raw)["tid"];
    if (
      typeof kid === "string" &&
      ALGORITHMS.includes(alg ?? "") &&
      typeof tenantId === "string" &&
      /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(tenantId)
    ) {
      return { kid, tenantId };
    }
  } catch {
    // Not a JWT at all: the same answer as for one that is not ours.
  }
  throw unauthenticated("access/bad-token", "The token is not valid.");
}
