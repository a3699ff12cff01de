import { CLEAN_TEXT, isCleanText } from "../../../../core/cut-text.ts";
import { invalid, type ErrorDetail } from "../../../../core/errors.ts";
import { addDetail } from "../../../../core/nearest.ts";
import { readWhere, type Where } from "../../grants/index.ts";
import type { RichTextForm } from "../schemas.ts";
import { checkIncludeOption, readIncludeOptions, type RelatedQuery } from "./include-options.ts";
import { MAX_LIMIT, readChoice, readNames, readWhole } from "./read-parameters.ts";

export type Perspective = "published" | "draft";

/** How entries are shown, for a list and for a single one. */
export type ViewQuery = {
  perspective: Perspective;
  /** Single entries only: the version to return, in the form of a working copy. */
  version?: number | undefined;
  /** Single entries only: the oldest version to return. */
  minVersion?: number | undefined;
  locale?: string | undefined;
  fields?: string[] | undefined;
  include: string[];
  /** How many entries of a back reference are shown. */
  relatedLimit?: number;
  /** What is said of lists that `include` shows, by their paths. */
  options?: ReadonlyMap<string, RelatedQuery> | undefined;
  /** The same by the names of their steps, such as `articles#0`. */
  related?: ReadonlyMap<string, RelatedQuery>;
  richText: RichTextForm;
};

/** The query of a list. `page` starts at 1; with `cursor` it is ignored. */
export type ListQuery = ViewQuery & {
  page: number;
  limit: number;
  cursor?: string | undefined;
  sort: string[];
  /** The last of them before the cursor, or of all; in the order of the sort. */
  isBackwards?: boolean;
  where?: Where | undefined;
  /** Words to search for, ranked, with prefix match and typo tolerance. */
  q?: string | undefined;
  /** Whether each entry says where the words of `q` are. */
  highlight?: boolean;
  /** Fields whose values are counted over everything that matches. */
  facets?: string[] | undefined;
  /** Whether what matches is counted: up to a limit, without one, or not at all. */
  total?: (typeof TOTALS)[number];
};

const TOTALS = ["true", "false", "exact"] as const;

export const DEFAULT_LIMIT = 20;
export const DEFAULT_RELATED = 10;
/** How deep `page` goes; `cursor` has no such end. */
export const MAX_OFFSET = 10_000;
const MAX_INCLUDES = 20;
const MAX_QUERY_CHARS = 200;
const VIEW_PARAMETERS = [
  "perspective",
  "release",
  "locale",
  "fields",
  "include",
  "related_limit",
  "rich_text",
  "environment",
];
const MATCH_PARAMETERS = ["filter", "q"];
const LIST_PARAMETERS = [
  ...VIEW_PARAMETERS,
  ...MATCH_PARAMETERS,
  "page",
  "limit",
  "cursor",
  "sort",
  "highlight",
  "facets",
  "total",
];

/** Reads the query string of a list; throws INVALID `content/bad-query` that names each parameter. */
export function parseListQuery(params: URLSearchParams): ListQuery {
  const issues: ErrorDetail[] = [];
  const view = readView(params, LIST_PARAMETERS, issues);
  const page = readWhole(params, "page", 1, 1, Number.MAX_SAFE_INTEGER, issues);
  const limit = readWhole(params, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT, issues);
  if (issues.length === 0 && (page - 1) * limit > MAX_OFFSET) {
    issues.push({
      path: "page",
      message: `is limited to entry ${MAX_OFFSET}: use pagination.next_cursor beyond`,
    });
  }
  const query: ListQuery = {
    ...view,
    page,
    limit,
    cursor: params.get("cursor") ?? undefined,
    sort: readNames(params, "sort", 5, issues) ?? [],
    where: readWhere(params, issues),
    q: readWords(params, issues),
    highlight: readChoice(params, "highlight", ["false", "true"] as const, issues) === "true",
    facets: readNames(params, "facets", 10, issues),
    total: readChoice(params, "total", TOTALS, issues),
  };
  if (query.highlight && query.q === undefined) issues.push({ path: "highlight", message: "needs q" });
  throwIssues(issues);
  return query;
}

/** Reads the query string of a single entry. */
export function parseViewQuery(params: URLSearchParams): ViewQuery {
  const issues: ErrorDetail[] = [];
  const view = readView(params, [...VIEW_PARAMETERS, "version", "min_version"], issues);
  const readVersion = (name: string) =>
    params.has(name) ? readWhole(params, name, 1, 1, 2_000_000_000, issues) : undefined;
  const version = readVersion("version");
  const minVersion = readVersion("min_version");
  if (version !== undefined && params.get("perspective") === "published")
    issues.push({ path: "version", message: "always returns a working copy: omit perspective" });
  throwIssues(issues);
  return version === undefined
    ? { ...view, minVersion }
    : { ...view, perspective: "draft", version, minVersion };
}

/** Reports every unknown or repeated parameter. */
export function checkParameters(params: URLSearchParams, known: string[], issues: ErrorDetail[]): void {
  const seen = new Set<string>();
  for (const name of params.keys()) {
    const base = name.startsWith("filter[") ? "filter" : name;
    const isRepeated = seen.has(name);
    seen.add(name);
    if (known.includes("include") && checkIncludeOption(name, isRepeated, issues)) continue;
    if (known.includes(base)) {
      if (base !== "filter" && isRepeated) addDetail(issues, name, "is given more than once");
    } else if (!isRepeated) {
      const names = { written: base, valid: () => known };
      addDetail(issues, name.slice(0, 100), "is not a parameter of this route.", names);
    }
  }
}

/** What is published after a release is no working copy. */
export function checkRelease(params: URLSearchParams, issues: ErrorDetail[]): void {
  if (params.has("release") && (params.get("perspective") === "draft" || params.has("version")))
    issues.push({ path: "release", message: "shows what is published: omit perspective and version" });
}

function readView(params: URLSearchParams, known: string[], issues: ErrorDetail[]): ViewQuery {
  checkParameters(params, known, issues);
  checkRelease(params, issues);
  const options = readIncludeOptions(params, issues);
  if ((options?.size ?? 0) > MAX_INCLUDES)
    issues.push({ path: "include", message: `can name at most ${MAX_INCLUDES} paths` });
  return {
    perspective: readChoice(params, "perspective", ["published", "draft"] as const, issues),
    locale: params.get("locale") ?? undefined,
    fields: readNames(params, "fields", 200, issues),
    include: readNames(params, "include", MAX_INCLUDES, issues) ?? [],
    options,
    relatedLimit: readWhole(params, "related_limit", DEFAULT_RELATED, 1, MAX_LIMIT, issues),
    richText: readChoice(params, "rich_text", ["json", "html", "text"] as const, issues),
  };
}

/** The back reference that a step of `include` names; undefined for a step that no query may have. */
export function relatedQuery(
  { related, relatedLimit }: ViewQuery,
  step: string,
): (RelatedQuery & { limit: number }) | undefined {
  const named = step.includes("#") ? related?.get(step) : undefined;
  if (named) return { ...named, limit: named.limit ?? relatedLimit ?? DEFAULT_RELATED };
  if (step.includes("#")) return undefined;
  return { as: step, limit: relatedLimit ?? DEFAULT_RELATED, sort: [], isCounted: true };
}

/** The words of `q`, or undefined when there is none. */
export function readWords(params: URLSearchParams, issues: ErrorDetail[]): string | undefined {
  const text = params.get("q");
  if (text === null) return undefined;
  const words = text.trim();
  if (!isCleanText(words)) issues.push({ path: "q", message: `must be ${CLEAN_TEXT}` });
  else if (words === "" || words.length > MAX_QUERY_CHARS)
    issues.push({ path: "q", message: `must be 1 to ${MAX_QUERY_CHARS} characters` });
  return words;
}

export function throwIssues(issues: ErrorDetail[]): void {
  if (issues.length === 0) return;
  const { path, message } = issues[0]!;
  throw invalid(
    "content/bad-query",
    `${path} ${message}`.replace(/[.?]?$/, (end) => end || "."),
    issues,
    400,
  );
}
