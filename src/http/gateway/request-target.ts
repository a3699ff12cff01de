import type { Scope } from "../../core/permissions.ts";
import { parseJson, readText } from "../../core/read-body.ts";
import { answerMediaOf, saysJson, type AnswerMedia } from "../graphql-over-http.ts";
import { mayShowDrafts, queryAsGet } from "./graphql-operation.ts";

/**
 * The target of a request. `path` is its path in CONTENT. `shared` identifies the response that callers
 * without restrictions share; absent when the response is not cacheable. `body` is the body of a GraphQL
 * request, which was read to find out.
 */
export type RequestTarget = { path: string; shared?: { path: string; accept: AnswerMedia }; body?: string };

/** Reads the target. The shared path has its query sorted, without `environment`. */
export async function readTarget(request: Request, url: URL): Promise<RequestTarget> {
  const asItIs = url.pathname + url.search;
  if (url.pathname === "/api/v3/graphql" && request.method === "POST" && saysJson(request)) {
    const body = await readText(request);
    const asGet = afterReceipt(queryAsGet(parsed(body)), url);
    const accept = answerMediaOf(request.headers.get("accept"));
    // What it is asked with otherwise is refused by CONTENT.
    const isAlone = [...url.searchParams.keys()].every((name) => name === "environment");
    const isShared = asGet !== undefined && accept !== undefined && isAlone;
    return { path: asItIs, body, ...(isShared ? { shared: { path: asGet, accept } } : {}) };
  }
  if (!isDelivered(request, url)) return { path: asItIs };
  const isGraphql = url.pathname === "/api/v3/graphql";
  const accept = isGraphql ? answerMediaOf(request.headers.get("accept")) : "application/json";
  if (accept === undefined) return { path: asItIs };
  const path = url.pathname + sortedQuery(url);
  return { path, shared: { path, accept } };
}

/** What a POST is to be read after is in its URL. */
function afterReceipt(asGet: string | undefined, { searchParams }: URL): string | undefined {
  const receipt = searchParams.get("receipt");
  if (asGet === undefined || receipt === null) return asGet;
  return `${asGet}&receipt=${encodeURIComponent(receipt)}`;
}

/** Whether responses to such requests are shared. */
function isDelivered({ method }: Request, { pathname: path, searchParams }: URL): boolean {
  if (method !== "GET" && method !== "HEAD") return false;
  if (path === "/api/v3/graphql")
    return !isForEditors(searchParams) && !mayShowDrafts(searchParams.toString());
  const isShared =
    path === "/api/v3/content" ||
    path.startsWith("/api/v3/content/") ||
    path.startsWith("/api/v3/aggregate/") ||
    path.startsWith("/api/v3/assets/") ||
    path === "/api/v3/openapi.json";
  return isShared && !isForEditors(searchParams) && !isBelowEntry(path) && !isFile(path);
}

function sortedQuery({ searchParams }: URL): string {
  const sorted = new URLSearchParams(searchParams);
  sorted.delete("environment");
  sorted.sort();
  const query = sorted.toString();
  return query === "" ? "" : `?${query}`;
}

const isForEditors = (query: URLSearchParams) =>
  ["version", "release"].some((name) => query.has(name)) || query.get("perspective") === "draft";

/**
 * `Cache-Control: no-cache` of a caller who may write. Ignored with If-None-Match, where `fetch` adds it
 * by itself.
 */
export function bypassesCache({ headers }: Request, scopes: readonly Scope[]): boolean {
  if (headers.get("cache-control") !== "no-cache" || headers.has("if-none-match")) return false;
  return !(scopes.length === 1 && scopes[0] === "read");
}

/** The value of a JSON body; undefined for invalid JSON, which GraphQL rejects in its own format. */
function parsed(body: string): unknown {
  try {
    return parseJson(body);
  } catch {
    return undefined;
  }
}

/** Versions, references and comments of an entry are for editors and never shared. */
const isBelowEntry = (path: string) => /^\/api\/v3\/content\/[^/]+\/(?:cnt_[^/]+|-)\//.test(path);

/** Files are streamed and not held in the isolate's memory. */
const isFile = (path: string) => path.startsWith("/api/v3/assets/") && path.endsWith("/file");
