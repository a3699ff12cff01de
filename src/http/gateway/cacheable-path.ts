import { parseJson, readText } from "../../core/read-body.ts";
import { saysJson } from "../graphql-over-http.ts";
import { mayShowDrafts, queryAsGet } from "./graphql-operation.ts";

/** The path and sorted query under which an answer is kept; undefined when it is not for the cache. */
export async function cacheablePath(request: Request, url: URL): Promise<{ path?: string; body?: string }> {
  const path = url.pathname;
  if (path === "/api/v3/graphql" && request.method === "POST" && saysJson(request)) {
    const body = await readText(request);
    const asGet = queryAsGet(parseJson(body));
    return { body, ...(asGet === undefined ? {} : { path: asGet }) };
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
  if (path === "/api/v3/graphql" && mayShowDrafts(url.searchParams.toString())) return {};
  url.searchParams.delete("environment");
  url.searchParams.sort();
  return { path: path + url.search };
}

/** Versions, references, comments: what is below an entry is for editors and never delivered. */
const isBelowEntry = (path: string) => /^\/api\/v3\/content\/[^/]+\/cnt_[^/]+\//.test(path);

/** Bytes pass through: the memory of an isolate is for answers. */
const isFile = (path: string) => path.startsWith("/api/v3/assets/") && path.endsWith("/file");
