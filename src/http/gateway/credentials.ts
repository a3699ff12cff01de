import {
  jwtVerify,
  importJWK,
  decodeProtectedHeader,
  decodeJwt,
  errors as jose,
  type JWTPayload,
} from "jose";
import type { Actor } from "../../core/context.ts";
import { AppError, type ErrorDetail } from "../../core/errors.ts";
import { grantsOf } from "../../core/grants.ts";
import { SCOPES, type Scope } from "../../core/permissions.ts";
import type { TenantSnapshot } from "../../core/snapshot.ts";
import { equalInConstantTime, hashSecret, parseToken } from "../../core/tokens.ts";
import { ipMatcher, type IpMatcher } from "../../platform/ip-ranges.ts";
import type { Behind, GatewayBindings } from "../../platform/edge/env.ts";
import { malformedClaim, type Claims } from "./claims.ts";
import { attributesOf, customIn, rolesOf, sharesAnswers } from "./granted.ts";
import {
  nextCheck,
  refreshSnapshot,
  snapshotOf,
  type CachedSnapshot,
} from "../../platform/edge/snapshots.ts";

/** Who asks and what they may see; `validUntil` is when it must be checked again. */
export type Credential = {
  tenantId: string;
  actor: Actor;
  /** The only environment a token is for. */
  boundEnvironmentId: string | null;
  cached: CachedSnapshot;
  validUntil: number;
  /** From where it may be used; undefined when from anywhere. */
  isFromAllowed: IpMatcher | undefined;
  /** Whether it may be given the answers that everybody shares, in every environment. */
  isShared: boolean;
};

const ALGORITHMS = ["ES256", "EdDSA", "RS256"];
const MAX_LIFETIME_SECONDS = 3600;
const CLOCK_SKEW_SECONDS = 60;
const MAX_MEMO = 20_000;
const memo = new Map<string, Credential>();
const hashes = new Map<string, string>();
const notedAt = new Map<string, number>();
const NOTE_USE_EVERY_MS = 300_000;

/** The credential of an Authorization header that this isolate has checked within the last ten seconds. */
export function cachedCredential(authorization: string, now: number): Credential | undefined {
  const known = memo.get(authorization);
  return known && known.validUntil > now ? known : undefined;
}

/** Forgets what was checked for a tenant, after its tokens or keys changed. */
export function forgetCredentials(tenantId: string): void {
  for (const [authorization, { tenantId: owner }] of memo) if (owner === tenantId) memo.delete(authorization);
}

/**
 * Checks an Authorization header against the tenant's snapshot; throws UNAUTHENTICATED. No database is
 * asked.
 */
export async function checkCredential(
  env: GatewayBindings,
  authorization: string | null,
  behind: Behind,
  freshMs?: number,
): Promise<Credential> {
  const raw = /^Bearer +([\w.~+/=-]{1,4096})$/i.exec(authorization ?? "")?.[1];
  if (!raw)
    throw unauthenticated(
      "access/no-token",
      "This needs a token: Authorization: Bearer flow_…",
      /^bearer\b/i.test(authorization ?? ""),
    );
  const credential = raw.startsWith("flow_")
    ? await checkToken(env, raw, behind, freshMs)
    : await checkJwt(env, raw, behind, freshMs);
  memo.delete(authorization!);
  memo.set(authorization!, credential);
  if (memo.size > MAX_MEMO) memo.delete(memo.keys().next().value!);
  return credential;
}

async function checkToken(
  env: GatewayBindings,
  raw: string,
  behind: Behind,
  freshMs: number | undefined,
): Promise<Credential> {
  const parts = parseToken(raw);
  if (!parts) throw unauthenticated("access/bad-token", "The token is not valid.");
  const hash = await hashOf(parts.secret);
  const find = (cached: CachedSnapshot | null) => {
    const token = cached?.snapshot.tokens.find((one) => one.id === parts.tokenId);
    return cached && token && equalInConstantTime(token.hash, hash) ? { cached, token } : undefined;
  };
  const cached = await snapshotOf(env, parts.tenantId, behind, freshMs);
  const isUnknown = cached !== null && !cached.snapshot.tokens.some((one) => one.id === parts.tokenId);
  const found = find(cached) ?? (isUnknown ? find(await refreshSnapshot(env, parts.tenantId)) : undefined);
  const expiresAt = found?.token.expires_at ? Date.parse(found.token.expires_at) : Number.POSITIVE_INFINITY;
  if (!found || expiresAt <= Date.now())
    throw unauthenticated("access/bad-token", "The token is not valid, or was revoked.");
  requireActive(found.cached.snapshot);
  noteUse(env, parts.tenantId, found.token.id, behind);
  const { role, content_types: contentTypes, scopes } = found.token;
  const roles = role == null ? undefined : [role];
  const grants = grantsOf(roles, customIn(found.cached.snapshot), contentTypes ?? null);
  return {
    isShared: sharesAnswers(scopes, grants),
    isFromAllowed: allowedFrom(found.cached.snapshot, found.token.ip_ranges),
    tenantId: parts.tenantId,
    actor: {
      kind: "token",
      id: found.token.id,
      scopes,
      ...(roles ? { roles } : {}),
      ...(grants ? { grants } : {}),
      ...(found.token.environment_id === null ? {} : { boundTo: found.token.environment_id }),
    },
    boundEnvironmentId: found.token.environment_id,
    cached: found.cached,
    validUntil: Math.min(nextCheck(found.cached), expiresAt),
  };
}

async function checkJwt(
  env: GatewayBindings,
  raw: string,
  behind: Behind,
  freshMs: number | undefined,
): Promise<Credential> {
  const { kid, tenantId } = readUnverified(raw);
  let cached = await snapshotOf(env, tenantId, behind, freshMs);
  if (cached && !cached.snapshot.keys.some((key) => key.kid === kid))
    cached = await refreshSnapshot(env, tenantId);
  const named = cached?.snapshot.keys.filter((one) => one.kid === kid);
  const key = named?.find((one) => one.is_ours) ?? named?.[0];
  if (!cached || !key || !ALGORITHMS.includes(key.alg))
    throw unauthenticated("access/unknown-key", "The token is signed with a key this tenant does not trust.");
  requireActive(cached.snapshot);
  const payload = await verify(raw, key);
  if (key.is_ours && isRevoked(cached.snapshot, payload))
    throw unauthenticated("access/token-revoked", "The token was revoked, or its session has ended.");
  const now = Math.floor(Date.now() / 1000);
  const { exp, sub, iat: issuedAt = now } = payload;
  if (issuedAt > now + CLOCK_SKEW_SECONDS)
    throw unauthenticated("access/issued-in-future", "The token's iat lies in the future.");
  if (exp - issuedAt > MAX_LIFETIME_SECONDS)
    throw unauthenticated("access/token-lives-too-long", "A JWT may live for an hour at most.");
  const scopes = (payload.scope ?? "")
    .split(" ")
    .filter((scope): scope is Scope => (SCOPES as readonly string[]).includes(scope));
  if (scopes.length === 0)
    throw unauthenticated(
      "access/no-scope",
      "The token's scope holds none of read, write, admin and sso_admin.",
    );
  const roles = rolesOf(payload["roles"]);
  const grants = grantsOf(roles, customIn(cached.snapshot));
  const attributes = attributesOf(payload["attributes"]);
  return {
    isShared: sharesAnswers(scopes, grants),
    isFromAllowed: allowedFrom(cached.snapshot, []),
    tenantId,
    actor: {
      kind: sub === payload.client_id ? "token" : "person",
      id: key.is_ours ? sub : `jwt:${kid}:${sub}`,
      scopes,
      ...(roles ? { roles } : {}),
      ...(grants ? { grants } : {}),
      ...(attributes ? { attributes } : {}),
    },
    boundEnvironmentId: null,
    cached,
    validUntil: Math.min(nextCheck(cached), exp * 1000),
  };
}

/** Both the tenant's ranges and the token's, where there are any. */
function allowedFrom({ tenant }: TenantSnapshot, ofToken: string[]): IpMatcher | undefined {
  const matchers = [tenant.ip_ranges, ofToken].filter((ranges) => ranges.length > 0).map(ipMatcher);
  return matchers.length === 0 ? undefined : (address) => matchers.every((isIn) => isIn(address));
}

/** Tells the tenant's object that a token is in use: from each isolate once in five minutes. */
function noteUse(env: GatewayBindings, tenantId: string, tokenId: string, behind: Behind): void {
  const now = Date.now();
  if (now - (notedAt.get(tokenId) ?? 0) < NOTE_USE_EVERY_MS) return;
  notedAt.delete(tokenId);
  notedAt.set(tokenId, now);
  if (notedAt.size > MAX_MEMO) notedAt.delete(notedAt.keys().next().value!);
  behind.waitUntil(
    env.TENANTS.getByName(tenantId)
      .touch(tokenId, now)
      .catch(() => {}),
  );
}

/** Whether a token of ours, its session, its client or its person was refused since it was issued. */
function isRevoked({ revoked = [] }: TenantSnapshot, payload: JWTPayload): boolean {
  const { jti, sub, iat = 0, sid, gid, client_id: clientId } = payload as JWTPayload & Record<string, string>;
  const issuedAt = Number(payload["iat_ms"] ?? iat * 1000);
  return revoked.some(({ kind, id, at }) => {
    if (kind === "session") return id === sid || id === gid;
    if (kind === "token") return id === jti;
    if (kind === "people") return sub !== clientId && issuedAt <= Date.parse(at);
    return id === (kind === "client" ? clientId : sub) && issuedAt <= Date.parse(at);
  });
}

/** What a JWT says whose signature, times and claims are right; throws UNAUTHENTICATED. */
async function verify(raw: string, key: TenantSnapshot["keys"][number]): Promise<Claims> {
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

function readUnverified(raw: string): { kid: string; tenantId: string } {
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

async function hashOf(secret: string): Promise<string> {
  const known = hashes.get(secret);
  if (known !== undefined) return known;
  const hash = await hashSecret(secret);
  hashes.set(secret, hash);
  if (hashes.size > MAX_MEMO) hashes.delete(hashes.keys().next().value!);
  return hash;
}

function requireActive(snapshot: TenantSnapshot): void {
  if (snapshot.tenant.status !== "active")
    throw new AppError("FORBIDDEN", "access/tenant-suspended", "This tenant is suspended.");
}

/** The challenge names an error only to who sent a token (RFC 6750, 3.1). */
export function unauthenticated(
  reason: string,
  message: string,
  hasToken = true,
  details: ErrorDetail[] = [],
): AppError {
  const description = message.replace(/[^ -~]|["\\]/g, "");
  const error = hasToken ? `, error="invalid_token", error_description="${description}"` : "";
  return new AppError("UNAUTHENTICATED", reason, message, {
    details,
    headers: { "www-authenticate": `Bearer realm="flowcms"${error}` },
  });
}
