import type { GraphQLResolveInfo } from "graphql";
import type { Context } from "../../core/context.ts";
import { CLEAN_TEXT, isCleanText } from "../../core/cut-text.ts";
import { AppError, invalid } from "../../core/errors.ts";
import { entryTag, typeTag } from "../../core/events.ts";
import { getAsset, listAssets } from "../../domain/media/assets/index.ts";
import {
  aggregateEntries,
  getEntry,
  listEntries,
  listSeveral,
  ONLY_ENTRY,
  parseAggregateQuery,
  parseListQuery,
  parseSeveralQuery,
  type EntryPage,
  type ListQuery,
} from "../../domain/content/entries/index.ts";
import { previewOf } from "../../domain/content/releases/index.ts";
import type { CompiledType, EnvironmentSchema } from "../../domain/content/types/index.ts";
import { wholeNumber } from "./arguments.ts";
import type { RequestState, EntryValues } from "./request-state.ts";
import { columnName, columnsOf, toRestFilter } from "./input-types.ts";
import { enumName, restName } from "./names.ts";
import { CAN, MOVED_FROM } from "./scalars.ts";
import { selectedBelow, selectedIncludes, type Selected } from "./selection.ts";

type RichTextForm = ListQuery["richText"];
type View = { locale?: string; perspective?: "published" | "draft"; release?: string; version?: number };
type Nearest = { field: string; lat: number; lon: number };
type Match = View & { filter?: EntryValues | null; q?: string; nearest?: Nearest | null };
type ListArguments = Match & {
  page?: number;
  limit?: number;
  cursor?: string;
  sort?: string[] | null;
  random?: string | null;
};

/** The generic `content(type, …)`. */
export async function resolveContent(
  state: RequestState,
  { type, richText, ...args }: ListArguments & { type: string; richText?: RichTextForm | null },
): Promise<EntryValues[]> {
  const form = richText ? { richText } : {};
  return itemsOf(await read(state, type, args, args.filter ?? undefined, { ...form, total: "false" }));
}

/** `blogPostList(…)`: the references that the selection looks into come along in the same round trip. */
export async function resolveList(
  state: RequestState,
  schema: EnvironmentSchema,
  type: CompiledType,
  args: ListArguments,
  info: GraphQLResolveInfo,
): Promise<EntryValues[]> {
  const filter = args.filter ? toRestFilter(schema, type, args.filter) : undefined;
  const selected = selectedIncludes(schema, type, { info, state });
  return itemsOf(await read(state, type.id, args, filter, { ...selected, total: "false" }));
}

type ConnectionPage = {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
};

/** Whether the last entries are asked for; throws INVALID `graphql/bad-argument` where both ends are. */
function pagesBackwards({ first, after, last, before }: ConnectionPage): boolean {
  const isBackwards = last != null || before != null;
  if (!isBackwards || (first == null && after == null)) return isBackwards;
  const message = "cannot be given with last and before";
  throw invalid("graphql/bad-argument", "first and after cannot be given with last and before.", [
    { path: first == null ? "after" : "first", message },
  ]);
}

/** `blogPostConnection(…)`: a page as Relay has it. */
export async function resolveConnection(
  state: RequestState,
  schema: EnvironmentSchema,
  type: CompiledType,
  args: Match &
    ConnectionPage & {
      sort?: string[];
      random?: string | null;
      facets?: string[];
      exactTotal?: boolean | null;
    },
  info: GraphQLResolveInfo,
) {
  const { first, after, last, before, facets, ...match } = args;
  const isBackwards = pagesBackwards(args);
  const [limit, cursor] = isBackwards ? [last, before] : [first, after];
  const list = {
    ...match,
    ...(limit == null ? {} : { limit }),
    ...(cursor == null ? {} : { cursor }),
  };
  const filter = args.filter ? toRestFilter(schema, type, args.filter) : undefined;
  const selected = selectedIncludes(schema, type, { info, state }, [["edges", "node"], ["nodes"]]);
  const counted = args.exactTotal === true ? "exact" : "true";
  const highlight = args.q !== undefined && selectedBelow(info, ["edges"]).includes("highlights");
  const page = await read(state, type.id, list, filter, {
    ...selected,
    isBackwards,
    highlight,
    facets: facets && facets.length > 0 ? facets : undefined,
    total: selectedBelow(info).some((name) => name.startsWith("total")) ? counted : "false",
  });
  return {
    ...connectionOf(page, { isBackwards, isFirst: cursor == null }),
    facets:
      page.facets && Object.entries(page.facets).map(([id, values]) => ({ field: enumName(id), values })),
  };
}

/** `entries(types, …)`: entries of several types, with what their fragments look into. */
export async function resolveEntries(
  state: RequestState,
  schema: EnvironmentSchema,
  args: Match & ConnectionPage & { types: string[]; sort?: string[] },
  info: GraphQLResolveInfo,
) {
  const { first, after, last, before, types: named, sort } = args;
  const isBackwards = pagesBackwards(args);
  const [limit, cursor] = isBackwards ? [last, before] : [first, after];
  const params = parametersOf(args, args.filter ?? undefined);
  params.set("types", named.join(","));
  if (limit != null) params.set("limit", String(limit));
  if (cursor != null) params.set("cursor", cursor);
  if (sort && sort.length > 0) params.set("sort", sort.join(","));
  const { types, query } = parseSeveralQuery(params);
  for (const type of types) note(state, type, query.perspective);
  const known = types.flatMap((type) => schema.types.get(type) ?? []);
  const selected = selectedIncludes(schema, known, { info, state }, [["edges", "node"], ["nodes"]]);
  const page = await listSeveral(await contextOf(state, args), {
    types,
    query: { ...query, ...selected, isBackwards },
  });
  for (const tag of page.tags) state.tags.add(tag);
  return connectionOf(page, { isBackwards, isFirst: cursor == null });
}

/** A page as Relay has it. */
function connectionOf(page: EntryPage, { isBackwards, isFirst }: { isBackwards: boolean; isFirst: boolean }) {
  const nodes = itemsOf(page);
  const hasMore = page.nextCursor !== null;
  const cursorAt = (index: number) => (nodes.length > 0 ? page.cursorAt(index) : null);
  return {
    nodes,
    edges: nodes.map((node, i) => ({
      node,
      cursor: page.cursorAt(i),
      distance: page.distances?.[node["id"] as string] ?? null,
      highlights: page.highlights?.[node["id"] as string] ?? null,
    })),
    pageInfo: {
      hasNextPage: isBackwards ? !isFirst : hasMore,
      hasPreviousPage: isBackwards ? hasMore : !isFirst,
      startCursor: cursorAt(0),
      endCursor: cursorAt(nodes.length - 1),
    },
    totalCount: isFirst ? (page.total ?? null) : null,
    totalCapped: isFirst ? page.isTotalCapped : null,
  };
}

/** `blogPost(id, slug)`: null when there is no such entry. */
export async function resolveOne(
  state: RequestState,
  schema: EnvironmentSchema,
  type: CompiledType,
  args: View & { id?: string; slug?: string },
  info: GraphQLResolveInfo,
): Promise<EntryValues | null> {
  const idOrSlug = type.definition.singleton ? ONLY_ENTRY : (args.id ?? args.slug);
  if (idOrSlug == null || (args.id != null && args.slug != null))
    throw invalid("graphql/id-or-slug", "Give either id or slug.");
  return readOne(state, type.id, idOrSlug, args, selectedIncludes(schema, type, { info, state }));
}

/** One entry as the perspective has it; null when it has none. */
export async function readOne(
  state: RequestState,
  type: string,
  idOrSlug: string,
  view: View,
  selected: Selected,
): Promise<EntryValues | null> {
  const version = view.version ?? undefined;
  const perspective = version === undefined ? (view.perspective ?? "published") : "draft";
  note(state, type, perspective);
  try {
    const query = {
      perspective,
      locale: view.locale ?? undefined,
      ...selected,
      richText: "json",
      version,
    } as const;
    const { item, tags, can, moved } = await getEntry(await contextOf(state, view), {
      type,
      idOrSlug,
      query,
    });
    for (const tag of tags) state.tags.add(tag);
    const entry = JSON.parse(item) as EntryValues;
    return { ...entry, ...(can ? { [CAN]: can } : {}), ...(moved ? { [MOVED_FROM]: moved.from } : {}) };
  } catch (error) {
    if (error instanceof AppError && error.code === "NOT_FOUND") return null;
    throw error;
  }
}

/** `blogPostAggregate(…)`: what is computed is what is selected. */
export async function resolveAggregate(
  state: RequestState,
  schema: EnvironmentSchema,
  type: CompiledType,
  args: Match & { groupBy?: string[]; timeZone?: string | null },
  info: GraphQLResolveInfo,
) {
  const ids = new Map(
    [...columnsOf(type).map(({ id }) => id), "created_at", "updated_at", "published_at"].map((id) => [
      columnName(id),
      id,
    ]),
  );
  const filter = args.filter ? toRestFilter(schema, type, args.filter) : undefined;
  const params = parametersOf(args, filter);
  if (args.groupBy && args.groupBy.length > 0) params.set("group_by", args.groupBy.join(","));
  if (args.timeZone != null) params.set("time_zone", args.timeZone);
  for (const name of ["min", "max", "avg", "sum", "distinct"]) {
    const wanted = selectedBelow(info, [name]).flatMap((field) => ids.get(field) ?? []);
    if (wanted.length > 0) params.set(name, wanted.join(","));
  }
  const query = parseAggregateQuery(params);
  note(state, type.id, query.perspective);
  const { groups, tags } = await aggregateEntries(await contextOf(state, args), { type: type.id, query });
  for (const tag of tags) state.tags.add(tag);
  return groups;
}

/** `asset(id)`: null when there is none. */
export async function resolveAsset(state: RequestState, { id }: { id: string }) {
  state.tags.add(entryTag(state.ctx.environmentId, id));
  try {
    return await getAsset(state.ctx, { id });
  } catch (error) {
    if (error instanceof AppError && error.code === "NOT_FOUND") return null;
    throw error;
  }
}

/** `assetList(…)`: never cached at the edge, as in REST. */
export async function resolveAssets(state: RequestState, args: { limit?: number; cursor?: string }) {
  state.found.isCacheable = false;
  const limit = wholeNumber(args, "limit", 20, 100);
  const { data, total, nextCursor } = await listAssets(state.ctx, {
    limit,
    cursor: args.cursor ?? undefined,
  });
  return { items: data, totalCount: total, nextCursor };
}

async function read(
  state: RequestState,
  type: string,
  args: ListArguments,
  filter: EntryValues | undefined,
  more: Partial<
    Pick<ListQuery, "include" | "related" | "highlight" | "facets" | "richText" | "isBackwards" | "total">
  >,
): Promise<EntryPage> {
  const params = parametersOf(args, filter);
  for (const name of ["page", "limit", "cursor"] as const)
    if (args[name] != null) params.set(name, String(args[name]));
  const { nearest } = args;
  const sort = [
    ...(nearest ? [`${restName(nearest.field)}:near(${nearest.lat},${nearest.lon})`] : []),
    ...(args.sort ?? []),
    ...(args.random == null ? [] : [`random:${args.random}`]),
  ];
  if (sort.length > 0) params.set("sort", sort.join(","));
  const query = { ...parseListQuery(params), ...more };
  note(state, type, query.perspective);
  const page = await listEntries(await contextOf(state, args), { type, query });
  for (const tag of page.tags) state.tags.add(tag);
  return page;
}

/** Arguments are parsed as a query string is, so that REST and GraphQL reject the same things. */
export function parametersOf(args: Match, filter: EntryValues | undefined): URLSearchParams {
  const params = new URLSearchParams();
  // Parameters would have half a character mended.
  if (args.q != null && !isCleanText(args.q))
    throw invalid(
      "content/bad-query",
      `q must be ${CLEAN_TEXT}.`,
      [{ path: "q", message: `must be ${CLEAN_TEXT}` }],
      400,
    );
  for (const name of ["locale", "perspective", "release", "q"] as const)
    if (args[name] != null) params.set(name, args[name]);
  if (filter !== undefined) params.set("filter", JSON.stringify(filter));
  return params;
}

/** The request as it is, or as after a release; such answers are for no cache. */
async function contextOf(state: RequestState, { release, perspective, version }: View): Promise<Context> {
  if (release == null) return state.ctx;
  state.found.isCacheable = false;
  if (perspective === "draft" || version != null)
    throw invalid("content/bad-query", "release shows what is published: omit perspective and version.", [
      { path: "release", message: "shows what is published" },
    ]);
  let preview = state.previews.get(release);
  if (!preview) state.previews.set(release, (preview = previewOf(state.ctx, release)));
  return preview;
}

const itemsOf = ({ items, can }: EntryPage) =>
  items.map((item) => {
    const entry = JSON.parse(item) as EntryValues;
    return can ? { ...entry, [CAN]: can[entry["id"] as string] } : entry;
  });

function note(state: RequestState, type: string, perspective: string): void {
  state.tags.add(typeTag(state.ctx.environmentId, type));
  if (perspective === "draft") state.found.isCacheable = false;
}
