import * as z from "zod";
import { edgeHeaders, successText, type Pagination } from "../../../core/answers.ts";
import type { Context } from "../../../core/context.ts";
import { etagOf } from "../../../core/preconditions.ts";
import {
  aggregateEntries,
  getEntry,
  listEntries,
  listSeveral,
  notOlder,
  parseAggregateQuery,
} from "./read/index.ts";
import { operation, type } from "./declare-operation.ts";
import * as examples from "./examples.ts";
import { parseListQuery, parseViewQuery, parseSeveralQuery } from "./query/index.ts";
import { AggregateQuery, ListQuery, ViewQuery, SeveralQuery } from "./query-schemas.ts";
import { Aggregate, CanEach, CanOne, Entry, Facets, Highlights, Moved, Distances } from "./schemas.ts";

type Wanted = { params: { type: string }; request: Request };
const queryOf = ({ url }: Request) => new URLSearchParams(/\?(.*)/s.exec(url)?.[1]);

/** A search takes a token, every facet one, and so does an exact total. */
const costlyReadsOf = (query: URLSearchParams): number =>
  (query.get("q") ? 1 : 0) +
  (query.get("facets")?.split(",").length ?? 0) +
  (query.get("total") === "exact" ? 1 : 0);

async function showEntries(ctx: Context, { params: { type }, request }: Wanted): Promise<Response> {
  const query = parseListQuery(queryOf(request));
  const page = await listEntries(ctx, { type, query });
  const pagination: Pagination = {
    current_page: query.cursor === undefined ? query.page : null,
    per_page: query.limit,
    ...(page.total === undefined ? {} : { total_items: page.total }),
    ...(page.isTotalCapped ? { total_capped: true } : {}),
    next_cursor: page.nextCursor,
  };
  const data = `[${page.items.join(",")}]`;
  const extra = {
    can: page.can,
    facets: page.facets,
    highlights: page.highlights,
    distances: page.distances,
  };
  const isForEdge = ctx.isForEdge === true && query.perspective === "published";
  const more = page.facets || page.distances ? JSON.stringify(extra) : "";
  const whole = `${data}${page.total}${more}`;
  return successText(data, edgeHeaders(isForEdge, page.tags, whole), pagination, extra);
}

async function showSeveral(ctx: Context, { request }: { request: Request }): Promise<Response> {
  const { types, query } = parseSeveralQuery(queryOf(request));
  const page = await listSeveral(ctx, { types, query });
  const pagination: Pagination = {
    current_page: null,
    per_page: query.limit,
    total_items: page.total,
    ...(page.isTotalCapped ? { total_capped: true } : {}),
    next_cursor: page.nextCursor,
  };
  const data = `[${page.items.join(",")}]`;
  const isForEdge = ctx.isForEdge === true && query.perspective === "published";
  const headers = edgeHeaders(isForEdge, page.tags, `${data}${page.total}`);
  return successText(data, headers, pagination, { can: page.can });
}

async function showEntry(
  ctx: Context,
  { params: { type, id }, request }: Wanted & { params: { id: string } },
): Promise<Response> {
  const query = parseViewQuery(queryOf(request));
  const { item, tags, can, moved } = await notOlder(query.minVersion, () =>
    getEntry(ctx, { type, idOrSlug: id, query }),
  );
  if (query.perspective === "published") {
    const whole = moved ? item + moved.to : item;
    return successText(item, edgeHeaders(ctx.isForEdge === true, tags, whole), undefined, { moved });
  }
  const { version } = JSON.parse(item) as { version: number };
  return successText(item, { etag: etagOf(version) }, undefined, { can, moved });
}

async function showAggregate(ctx: Context, { params: { type }, request }: Wanted): Promise<Response> {
  const query = parseAggregateQuery(queryOf(request));
  const { groups, tags } = await aggregateEntries(ctx, { type, query });
  const data = JSON.stringify(groups);
  const isForEdge = ctx.isForEdge === true && query.perspective === "published";
  return successText(data, edgeHeaders(isForEdge, tags, data));
}

export const readingOperations = [
  operation({
    method: "get",
    path: "/content/{type}",
    operationId: "listEntries",
    summary: "List entries",
    description:
      "The published entries of a type, cached at the edge until one of them changes. Unknown parameters, fields and operators are rejected, with the nearest valid name in the message.",
    permission: "content:read",
    params: { type },
    query: ListQuery,
    isQueryOpen: true,
    isPermissionOpen: true,
    answer: z.array(Entry),
    isList: true,
    beside: { can: CanEach, facets: Facets, highlights: Highlights, distances: Distances },
    hasEtag: true,
    errors: {
      400: ["content/bad-query"],
      404: ["content/unknown-type"],
      422: ["content/unknown-locale", "http/bad-cursor"],
    },
    example: examples.list,
    costlyReads: costlyReadsOf,
    run: showEntries,
  }),
  operation({
    method: "get",
    path: "/content",
    operationId: "listSeveral",
    summary: "List entries of several types",
    description:
      "In one order, a page after the other by `cursor`. Filters and sort orders are about fields that all of the types have, of the same kind, and about what every entry has.",
    permission: "content:read",
    query: SeveralQuery,
    isQueryOpen: true,
    isPermissionOpen: true,
    answer: z.array(Entry),
    isList: true,
    beside: { can: CanEach },
    hasEtag: true,
    errors: {
      400: ["content/bad-query"],
      404: ["content/unknown-type"],
      422: ["content/unknown-locale", "http/bad-cursor"],
    },
    example: examples.several,
    costlyReads: costlyReadsOf,
    run: showSeveral,
  }),
  operation({
    method: "get",
    path: "/content/{type}/{id}",
    patterns: { id: ".+" },
    operationId: "getEntry",
    summary: "Get an entry by id or slug",
    description:
      "A slug may contain slashes; they need no encoding in the path. By a slug that it was published with and has no more, an entry is found as long as no other one has it: then `moved` says which it has now. `-` is the only entry of a singleton.",
    permission: "content:read",
    params: { type, id: z.string().describe("The entry's id or slug.") },
    query: ViewQuery.extend({
      version: z.int().min(1).optional().describe("Returns this version, in the form of a working copy."),
      min_version: z
        .int()
        .min(1)
        .optional()
        .describe("Returns nothing older: waits up to a second for this version, and is `412` then."),
    }),
    isQueryOpen: true,
    isPermissionOpen: true,
    answer: Entry,
    beside: { can: CanOne, moved: Moved },
    hasEtag: true,
    errors: {
      400: ["content/bad-query"],
      404: ["content/not-found", "content/no-such-version", "content/unknown-type", "content/not-singleton"],
      412: ["content/not-visible-yet"],
      422: ["content/unknown-locale"],
    },
    example: examples.get,
    run: showEntry,
  }),
  operation({
    method: "get",
    path: "/aggregate/{type}",
    operationId: "aggregateEntries",
    summary: "Aggregate entries",
    description:
      "The number of matching entries, and min, max, avg and sum of fields, over all of them or per group (at most 1,000).",
    permission: "content:read",
    params: { type },
    query: AggregateQuery,
    isQueryOpen: true,
    isPermissionOpen: true,
    answer: z.array(Aggregate),
    hasEtag: true,
    errors: {
      400: ["content/bad-query"],
      404: ["content/unknown-type"],
      422: ["content/unknown-locale"],
    },
    example: examples.aggregate,
    costlyReads: () => 1,
    run: showAggregate,
  }),
];
