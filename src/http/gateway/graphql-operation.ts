/**
 * Whether a GraphQL document has only queries, judged by its top-level keywords without parsing; strings
 * and comments are skipped. When in doubt it is false, which only costs the cache.
 */
export function isQueryOnly(document: string): boolean {
  let depth = 0;
  let operations = 0;
  const token =
    /"""(?:\\"""|[^])*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*|[{}()[\]]|[_A-Za-z][_0-9A-Za-z]*|\.\.\.|[^]/g;
  let previous = "";
  for (const [piece] of document.matchAll(token)) {
    if (/^[\s,#\uFEFF]/.test(piece)) continue;
    if (piece === "{" || piece === "(" || piece === "[") {
      if (depth === 0 && piece === "{" && (previous === "" || previous === "}")) operations++;
      depth++;
    } else if (piece === "}" || piece === ")" || piece === "]") depth--;
    else if (depth === 0 && (previous === "" || previous === "}")) {
      if (piece === "query") operations++;
      else if (piece !== "fragment") return false;
    }
    if (depth < 0) return false;
    previous = piece;
  }
  return depth === 0 && operations > 0;
}

/**
 * Whether a query names the draft perspective or a release anywhere, in its text or its variables: such answers are
 * for no cache.
 */
export function mayShowDrafts(search: string): boolean {
  return /\bdraft\b|\brel_[0-9a-z]{26}/.test(decodeURIComponent(search.replaceAll("+", " ")));
}

const MAX_URL_CHARS = 8000;

/** The GET that is equivalent to a POST, as the cache key. Undefined when it is too long or not a query. */
export function queryAsGet(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return undefined;
  const { query, variables, operationName, ...rest } = body as Record<string, unknown>;
  if (typeof query !== "string" || Object.keys(rest).length > 0 || !isQueryOnly(query)) return undefined;
  // What is no valid request is for GraphQL itself to refuse.
  if (typeof (operationName ?? "") !== "string" || typeof (variables ?? {}) !== "object") return undefined;
  const params = new URLSearchParams({ query });
  if (variables !== undefined && variables !== null) params.set("variables", JSON.stringify(variables));
  if (typeof operationName === "string") params.set("operationName", operationName);
  params.sort();
  const search = params.toString();
  if (mayShowDrafts(search)) return undefined;
  return search.length <= MAX_URL_CHARS ? `/api/v3/graphql?${search}` : undefined;
}
