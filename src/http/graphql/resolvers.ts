import type { GraphQLResolveInfo, SelectionSetNode } from "graphql";
import type { Context } from "../../core/context.ts";
import { AppError, invalid } from "../../core/errors.ts";
import { typeTag, entryTag } from "../../core/events.ts";
import { getEntry, listEntries, parseListQuery, type ListQuery } from "../../domain/content/index.ts";
import { filterKind, type CompiledType } from "../../domain/types/index.ts";
import { camelCase } from "./names.ts";

export type EntryValues = Record<string, unknown>;
/** What a resolver has: the request's context, and the cache tags its answer gathers. */
export type Door = { ctx: Context; tags: Set<string>; isCacheable: boolean };

type ListArguments = {
  page?: number;
  limit?: number;
  cursor?: string;
  sort?: string[];
  locale?: string;
  perspective?: "published" | "draft";
  filter?: { field: string; operator: string; value: string }[];
};

/** The generic `content(type, …)`. */
export async function resolveContent(
  door: Door,
  args: ListArguments & { type: string },
): Promise<EntryValues[]> {
  return list(door, args.type, args, []);
}

/** `blogPostList(…)`: the references that the selection looks into come along in the same round trip. */
export async function resolveList(
  door: Door,
  type: CompiledType,
  args: ListArguments,
  info: GraphQLResolveInfo,
): Promise<EntryValues[]> {
  return list(door, type.id, args, selectedReferences(type, info));
}

/** `blogPost(id, slug)`: null when there is no such entry. */
export async function resolveOne(
  door: Door,
  type: CompiledType,
  args: { id?: string; slug?: string; locale?: string; perspective?: "published" | "draft" },
  info: GraphQLResolveInfo,
): Promise<EntryValues | null> {
  const idOrSlug = args.id ?? args.slug;
  if (idOrSlug === undefined || (args.id !== undefined && args.slug !== undefined)) {
    throw invalid("graphql/id-or-slug", "Give either id or slug.");
  }
  const perspective = args.perspective ?? "published";
  note(door, type.id, perspective);
  const include = selectedReferences(type, info);
  try {
    const query = { perspective, locale: args.locale, include, richText: "json" } as const;
    const { item, id, includedTypes } = await getEntry(door.ctx, { type: type.id, idOrSlug, query });
    door.tags.add(entryTag(door.ctx.environmentId, id));
    for (const one of includedTypes) door.tags.add(typeTag(door.ctx.environmentId, one));
    return JSON.parse(item) as EntryValues;
  } catch (error) {
    if (error instanceof AppError && error.code === "NOT_FOUND") return null;
    throw error;
  }
}

async function list(
  door: Door,
  type: string,
  args: ListArguments,
  include: string[],
): Promise<EntryValues[]> {
  const query = toQuery(args);
  note(door, type, query.perspective);
  const page = await listEntries(door.ctx, { type, query: { ...query, include } });
  for (const one of page.includedTypes) door.tags.add(typeTag(door.ctx.environmentId, one));
  return page.items.map((item) => JSON.parse(item) as EntryValues);
}

function note(door: Door, type: string, perspective: string): void {
  door.tags.add(typeTag(door.ctx.environmentId, type));
  if (perspective === "draft") door.isCacheable = false;
}

/** Arguments go through the same reading as a query string, so that both doors refuse the same things. */
function toQuery({ sort, filter, ...rest }: ListArguments): ListQuery {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(rest)) {
    if (value !== null && value !== undefined && name !== "type") params.set(name, String(value));
  }
  if (sort && sort.length > 0) params.set("sort", sort.join(","));
  for (const { field, operator, value } of filter ?? [])
    params.append(`filter[${field}][${operator}]`, value);
  return parseListQuery(params);
}

function selectedReferences(type: CompiledType, info: GraphQLResolveInfo): string[] {
  const byName = new Map(
    [...type.fields.values()]
      .filter((field) => filterKind(field) === "reference")
      .map((field) => [camelCase(field.id), field.id]),
  );
  const found = new Set<string>();
  const visit = (set: SelectionSetNode | undefined): void => {
    for (const node of set?.selections ?? []) {
      if (node.kind === "Field") {
        const id = byName.get(node.name.value);
        if (id) found.add(id);
      } else if (node.kind === "InlineFragment") visit(node.selectionSet);
      else visit(info.fragments[node.name.value]?.selectionSet);
    }
  };
  for (const node of info.fieldNodes) visit(node.selectionSet);
  return [...found];
}
