import { newRequestId } from "../../core/ids.ts";
import { limitHeaders } from "./limit.ts";
import type { Window } from "../../platform/edge/rate-limiter.ts";

export type CacheState = "HIT" | "MISS" | "STALE" | "BYPASS";

/** Whom an answer is for, and what it says of their minute once that is known. */
export type Reply = {
  request: Request;
  requestId: string;
  window?: Window;
  /** What the quotas of the tenant are, as members of `RateLimit-Policy`. */
  quotaPolicy?: string;
};

/** What every answer carries, to which the answer's own headers are added. */
export function standardHeaders(
  { request, requestId, window, quotaPolicy }: Reply,
  cache: CacheState,
  now: number,
  quotaFigures: string | null = null,
): [string, string][] {
  const headers: [string, string][] = [
    ["x-request-id", requestId],
    ["x-flow-cache", cache],
    ["x-content-type-options", "nosniff"],
  ];
  if (request.headers.has("origin")) {
    headers.push(["access-control-allow-origin", "*"], ["access-control-expose-headers", EXPOSED]);
  }
  if (window) headers.push(...limitHeaders(window, quotaPolicy, quotaFigures, now));
  return headers;
}

/** Headers that pages of other origins may read, besides those that are always readable. */
const EXPOSED =
  "Accept-Ranges, Age, Allow, Content-Disposition, Content-Length, Content-Range, Date, ETag, Idempotency-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, Server-Timing, Traceparent, Vary, WWW-Authenticate, X-Flow-Cache, X-Flow-Receipt, X-Flow-Unchanged, X-Query-Cost, X-Request-Id";
/** Request headers that mean something here, or that tracing and HTTP libraries add by themselves. */
const KNOWN =
  "Accept, Accept-Language, Authorization, Baggage, Cache-Control, Content-Type, Idempotency-Key, If-Match, If-Modified-Since, If-None-Match, If-Range, If-Unmodified-Since, Last-Event-ID, Pragma, Prefer, Range, Sentry-Trace, Traceparent, Tracestate, Tus-Resumable, Upload-Length, Upload-Metadata, Upload-Offset, X-Flow-Environment, X-Flow-Tenant, X-HTTP-Method-Override, X-Request-Id, X-Requested-With";
const HEADER_NAMES = /^[\w!#$%&'*+.^`|~-]+(?: *, *[\w!#$%&'*+.^`|~-]+)*$/;
const MAX_NAMES_CHARS = 4000;

/**
 * The response to a preflight: all origins and headers are allowed, since browsers never send
 * credentials automatically.
 */
export function preflightHeaders({ headers }: Request): [string, string][] {
  const asked = headers.get("access-control-request-headers")?.trim() ?? "";
  const isNamed = asked !== "" && asked.length <= MAX_NAMES_CHARS && HEADER_NAMES.test(asked);
  return [
    ["access-control-allow-origin", "*"],
    ["access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE"],
    ["access-control-allow-headers", isNamed ? `${KNOWN}, ${asked}` : KNOWN],
    ["access-control-max-age", "86400"],
    ["vary", "access-control-request-headers"],
  ];
}

/** The caller's request id when it is a plain word, or a new one. */
export function requestIdOf(request: Request): string {
  const given = request.headers.get("x-request-id");
  return given !== null && /^[\w.-]{1,64}$/.test(given) ? given : newRequestId();
}

/** The caller's trace, or a new one (W3C Trace Context). */
export function traceOf(request: Request): string {
  const given = request.headers.get("traceparent");
  if (given !== null && /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(given)) return given;
  let hex = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(24))) hex += (byte + 256).toString(16).slice(1);
  return `00-${hex.slice(0, 32)}-${hex.slice(32)}-00`;
}
