import type { Scope } from "../../core/permissions.ts";
import { parseJson, readText } from "../../core/read-body.ts";
import { answerMediaOf, saysJson, type AnswerMedia } from "../graphql-over-http.ts";
import { mayShowDrafts, queryAsGet } from "./graphql-operation.ts";

/**
 * What is asked: `path` is where CONTENT has it. `shared` names the one answer that everybody may get
 * who sees what everybody sees; without it there is none. `body` is that of a GraphQL request, which
 * had to be read for that.
 */
export type Question = { path: string; shared?: { path: string; accept: AnswerMedia }; body?: string };

/** Reads what a request asks. A path that is shared has its query sorted, and without the environment. */
export async function questionOf(request: Request, url: URL): Promise<Question> {
  const asItIs = url.pathname + url.search;
  if (url.pathname === "/api/v3/graphql" && request.method === "POST" && saysJson(request)) {
    const body = await readText(request);
    const asGet = queryAsGet(parsed(body));
    const accept = answerMediaOf(request.headers.get("accept"));
    const isShared = asGet !== undefined && accept !== undefined;
    return { path: asItIs, body, ...(isShared ? { shared: { path: asGet, accept } } : {}) };
  }
  if (!isDelivered(request, url)) return { path: asItIs };
  const isGraphql = url.pathname === "/api/v3/graphql";
  const accept = isGraphql ? answerMediaOf(request.headers.get("accept")) : "application/json";
  if (accept === undefined) return { path: asItIs };
  const path = url.pathname + sortedQuery(url);
  return { path, shared: { path, accept } };
}

/** Whether a request is one of those whose answers are shared. */
function isDelivered({ method }: Request, { pathname: path, searchParams }: URL): boolean {
  if (method !== "GET" && method !== "HEAD") return false;
  if (path === "/api/v3/graphql")
    return !isForEditors(searchParams) && !mayShowDrafts(searchParams.toString());
  const isShared =
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

const isForEditors = (query: URLSearchParams) => query.get("perspective") === "draft" || query.has("version");

/**
 * A caller who may write may ask for an answer that no cache gave; `fetch` says no-cache with every
 * If-None-Match too.
 */
export function wantsFresh({ headers }: Request, scopes: readonly Scope[]): boolean {
  if (headers.get("cache-control") !== "no-cache" || headers.has("if-none-match")) return false;
  return !(scopes.length === 1 && scopes[0] === "read");
}

/** The value of a JSON body; undefined for what is none, which GraphQL refuses in its own form. */
function parsed(body: string): unknown {
  try {
    return parseJson(body);
  } catch {
    return undefined;
  }
}

/** Versions, references, comments: what is below an entry is for editors and never delivered. */
const isBelowEntry = (path: string) => /^\/api\/v3\/content\/[^/]+\/cnt_[^/]+\//.test(path);

/** Bytes pass through: the memory of an isolate is for answers. */
const isFile = (path: string) => path.startsWith("/api/v3/assets/") && path.endsWith("/file");
