import type { ErrorDetail } from "../../../../core/errors.ts";
import { addDetail } from "../../../../core/nearest.ts";
import type { Where } from "../../grants/index.ts";
import { filterKind, type CompiledType } from "../../types/index.ts";
import { parseListQuery, throwIssues, type ListQuery } from "./list-query.ts";
import { readNames } from "./read-parameters.ts";
import { badQuery } from "./source.ts";

export const MAX_LISTED_TYPES = 10;
/** What a list of several types has not. */
const LEFT_OUT = ["page", "facets", "highlight", "total"];

/** Reads the query string of a list of several types. */
export function parseSeveralQuery(params: URLSearchParams): { types: string[]; query: ListQuery } {
  const issues: ErrorDetail[] = [];
  const types = readNames(params, "types", MAX_LISTED_TYPES, issues);
  if (!types) addDetail(issues, "types", "is needed: the ids of content types, separated by commas");
  for (const name of LEFT_OUT)
    if (params.has(name)) addDetail(issues, name, "is not a parameter of lists of several types");
  throwIssues(issues);
  const rest = new URLSearchParams(params);
  rest.delete("types");
  if (params.getAll("types").length > 1) addDetail(issues, "types", "is given more than once");
  throwIssues(issues);
  return { types: [...new Set(types)], query: parseListQuery(rest) };
}

/** Throws INVALID unless what the query filters and sorts by is of one kind in all types that have it. */
export function requireAlike(types: readonly CompiledType[], { where, sort }: ListQuery): void {
  const [first, ...others] = types as [CompiledType, ...CompiledType[]];
  const check = (parameter: string, id: string) => {
    const kind = kindIn(first, id);
    const other = others.find((type) => kindIn(type, id) !== kind);
    if (!other) return;
    const say = (type: CompiledType) => `${kindIn(type, id) ?? "no field"} of ${type.id}`;
    throw badQuery(
      parameter,
      `is for what all types have in common: "${id.slice(0, 64)}" is ${say(first)} and ${say(other)}`,
    );
  };
  for (const [path, id] of namesIn(where)) check(path, id);
  for (const name of sort) check("sort", name.replace(/^-|[:.][^]*/g, ""));
}

/** Of which kind a field is; undefined for none, and for what every entry has. */
function kindIn(type: CompiledType, id: string): string | undefined {
  const link = type.backReferences.get(id);
  if (link) return `a back reference to ${link.type}`;
  const field = type.fields.get(id);
  if (!field) return undefined;
  const kind = ["parts", "none"].includes(filterKind(field)) ? field.type : filterKind(field);
  return field.multiple ? `a list of ${kind}s` : `a ${kind}`;
}

/** The fields that conditions are about, each with the path that names it. */
function namesIn(where: Where | undefined): [path: string, id: string][] {
  if (!where) return [];
  switch (where.kind) {
    case "and":
    case "or":
      return where.of.flatMap(namesIn);
    case "not":
      return namesIn(where.of);
    case "filter":
    case "reference":
    case "element":
      return [[where.path, where.field]];
  }
}
