import { keepNewest } from "../../core/keep-newest.ts";
import { AppError, errorResponse } from "../../core/errors.ts";
import { isKnown } from "../../core/preconditions.ts";
import type { GatewayBindings, PublicDocument } from "../../platform/edge/env.ts";
import { requestIdOf, standardHeaders } from "./response-headers.ts";

type CachedDocument = { body: ArrayBuffer; headers: [string, string][]; etag: string; until: number };

/** Public documents of CONTENT change only with a deployment; pages are cached per host. */
const cache = new Map<string, CachedDocument>();
const MAX_CACHED = 60;
const KEEP_SECONDS = 300;
const PASSED_ON = ["content-type", "content-security-policy", "etag"];

/**
 * A document that needs no token, undefined when there is none with that name: CONTENT renders it, the
 * gateway caches it with its ETag.
 */
export async function showDocument(
  request: Request,
  env: GatewayBindings,
  name: PublicDocument,
): Promise<Response | undefined> {
  const requestId = requestIdOf(request);
  const { origin } = new URL(request.url);
  const key = name.startsWith("docs") ? `${name} ${origin}` : name;
  const found = cache.get(key);
  const isFresh = found !== undefined && found.until > Date.now();
  const document = isFresh ? found : await load(env, key, name, origin);
  if (document === "missing") return undefined;
  if (!document) return errorResponse(unreachable(), requestId);
  const headers = new Headers(document.headers);
  const state = isFresh ? "HIT" : "MISS";
  for (const [header, value] of standardHeaders({ request, requestId }, state, Date.now()))
    headers.set(header, value);
  if (isKnown(request.headers.get("if-none-match"), document.etag))
    return new Response(null, { status: 304, headers });
  return new Response(request.method === "HEAD" ? null : document.body, { headers });
}

async function load(
  env: GatewayBindings,
  key: string,
  name: PublicDocument,
  origin: string,
): Promise<CachedDocument | "missing" | undefined> {
  const response = await env.INTERNAL.document(name, origin).catch(() => undefined);
  if (response?.status === 404) return "missing";
  if (!response?.ok) return undefined;
  const headers = PASSED_ON.flatMap((header): [string, string][] => {
    const value = response.headers.get(header);
    return value === null ? [] : [[header, value]];
  });
  headers.push(["cache-control", `public, max-age=${KEEP_SECONDS}`]);
  const document = {
    body: await response.arrayBuffer(),
    headers,
    etag: response.headers.get("etag") ?? "",
    until: Date.now() + KEEP_SECONDS * 1000,
  };
  keepNewest(cache, key, document, MAX_CACHED);
  return document;
}

const unreachable = () =>
  new AppError(
    "UNAVAILABLE",
    "http/service-unreachable",
    "The document cannot be loaded right now: try again.",
    {
      headers: { "retry-after": "1" },
    },
  );
