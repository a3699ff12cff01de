import { parseJson, readText } from "../../core/read-body.ts";
import { answerMediaOf, saysJson, type AnswerMedia } from "../graphql-over-http.ts";
import { mayShowDrafts, queryAsGet } from "./graphql-operation.ts";

/** `path` and `accept` are the key under which an answer is kept; without a path it is not for the cache. */
type Cacheable = { path?: string; accept?: AnswerMedia; body?: string };

/** The path and sorted query under which an answer is kept, and its media type where there is more than one. */
export async function cacheablePath(request: Request, url: URL): Promise<Cacheable> {
  const path = url.pathname;
  if (path === "/api/v3/graphql" && request.method === "POST" && saysJson(request)) {
    const body = await readText(request);
    const asGet = queryAsGet(parsed(body));
    const accept = answerMediaOf(request.headers.get("accept"));
    return { body, ...(asGet === undefined || accept === undefined ? {} : { path: asGet, accept }) };
  }
  if (request.method !== "GET" && request.method !== "HEAD") return {};
  const isDelivered =
    path.startsWith("/api/v3/content/") ||
    path.startsWith("/api/v3/aggregate/") ||
    path.startsWith("/api/v3/assets/") ||
    path === "/api/v3/graphql" ||
    path === "/api/v3/openapi.json";
  const { searchParams } = url;
  const isForEditors = searchParams.get("perspective") === "draft" || searchParams.has("version");
  if (!isDelivered || isForEditors || isBelowEntry(path) || isFile(path)) return {};
  const isGraphql = path === "/api/v3/graphql";
  if (isGraphql && mayShowDrafts(url.searchParams.toString())) return {};
  const accept = isGraphql ? answerMediaOf(request.headers.get("accept")) : "application/json";
  if (accept === undefined) return {};
  url.searchParams.delete("environment");
  url.searchParams.sort();
  return { path: path + url.search, accept };
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
