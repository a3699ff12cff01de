import type { Context as HonoContext, MiddlewareHandler } from "hono";
import { sha256Base64 } from "../core/base64.ts";
import type { Context, EdgeContext, IdempotencyKey } from "../core/context.ts";
import { AppError, errorResponse, invalid } from "../core/errors.ts";
import { MAX_BODY_BYTES, MAX_FILE_BYTES } from "../core/read-body.ts";
import { RECEIPT_HEADER } from "./receipts.ts";
import { fingerprintOf } from "./body-fingerprint.ts";
import {
  storeResponse,
  storedResponseIn,
  readStoredResponse,
  type StoredResponse,
} from "../db/idempotency.ts";

/** What an app must know of a request for its writes to be answered once. */
type Answering = { Variables: { ctx: Context; idempotencyKey?: IdempotencyKey | undefined } };

/** Of a write within a document of GraphQL: the fingerprint of the document, which it is repeated with. */
export const WRITE_OF = "x-flow-write-of";
const MAX_KEY_CHARS = 255;
const WAIT_MS = 100;
const MAX_WAITS = 30;
/** Marks a response with a secret, which must not be stored. */
const SECRET_ANSWER = "x-flow-secret";
const STORED_HEADERS = [
  "content-type",
  "etag",
  "location",
  "x-flow-snapshot",
  "x-flow-unchanged",
  RECEIPT_HEADER,
];

/**
 * Reads Idempotency-Key of a write and what it must be repeated with: method, path, actor and body.
 * Undefined when there is none; throws INVALID for a key that is too long or not printable ASCII.
 */
export async function readIdempotencyKey(
  request: Request,
  edge: EdgeContext,
): Promise<IdempotencyKey | undefined> {
  const key = request.headers.get("idempotency-key");
  if (key === null || request.method === "GET" || request.method === "HEAD") return undefined;
  if (!/^[\x21-\x7e]+$/.test(key) || key.length > MAX_KEY_CHARS)
    throw invalid(
      "http/bad-idempotency-key",
      "Idempotency-Key must be 1 to 255 printable ASCII characters.",
      [],
      400,
    );
  const { pathname, search } = new URL(request.url);
  const type = request.headers.get("content-type") ?? "";
  const boundary = /^multipart\/[\w-]+;(?:[^"]*;)?\s*boundary="?([^\s";,]{1,70})/i.exec(
    type.slice(0, 500),
  )?.[1];
  const most = boundary === undefined ? MAX_BODY_BYTES : MAX_FILE_BYTES;
  const said = [
    request.method,
    pathname + search,
    edge.environmentId,
    edge.actor.id,
    request.headers.get("if-match"),
    request.headers.get("if-none-match"),
    await fingerprintOf(request.clone().body, most, boundary),
    ...(request.headers.has(WRITE_OF) ? [request.headers.get(WRITE_OF)] : []),
  ];
  return { key, fingerprint: await sha256Base64(JSON.stringify(said)) };
}

/** Stores the response of a write with a key before it is sent, and returns it for repeats. */
export const answerOnce: MiddlewareHandler<Answering> = async (c, next) => {
  await next();
  const key = c.var.idempotencyKey;
  if (!key) return;
  const stored = storedResponseIn(c.error);
  if (stored) c.res = await replay(c, key, stored);
  // Nothing was done for a 429, and the same key is to do it later.
  else if (c.res.status < 500 && c.res.status !== 429 && !c.res.headers.has(SECRET_ANSWER))
    await store(c, key);
};

async function store(c: HonoContext<Answering>, key: IdempotencyKey): Promise<void> {
  const headers: Record<string, string> = {};
  for (const name of STORED_HEADERS) {
    const value = c.res.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  const body = c.res.body ? await c.res.clone().text() : null;
  const { tenantId, requestId } = c.var.ctx;
  const statement = storeResponse(tenantId, { ...key, requestId }, { status: c.res.status, headers, body });
  await c.var.ctx.db.run([statement], { isRead: true });
}

async function replay(
  c: HonoContext<Answering>,
  key: IdempotencyKey,
  first: StoredResponse,
): Promise<Response> {
  const { requestId } = c.var.ctx;
  let stored = first;
  for (
    let waits = 0;
    stored.status === null && stored.fingerprint === key.fingerprint && waits < MAX_WAITS;
    waits++
  ) {
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    const { rows } = await c.var.ctx.db.read(readStoredResponse(c.var.ctx.tenantId, key.key));
    stored = rows[0]![0] as StoredResponse;
  }
  if (stored.fingerprint !== key.fingerprint)
    return errorResponse(
      invalid(
        "http/idempotency-key-reused",
        "This Idempotency-Key was used for another request: use a new one.",
      ),
      requestId,
    );
  if (stored.status === null)
    return errorResponse(
      new AppError(
        "CONFLICT",
        "http/idempotency-unanswered",
        "The first request with this Idempotency-Key was applied, but its response is not available: it is still running, or it contained a secret. Read what it wrote.",
        { headers: { "retry-after": "1" } },
      ),
      requestId,
    );
  return new Response(stored.body, {
    status: stored.status,
    headers: { "cache-control": "no-store", ...stored.headers, "idempotency-replayed": "true" },
  });
}
