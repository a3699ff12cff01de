import type { ErrorDetail } from "../../../../core/errors.ts";
import { addDetail } from "../../../../core/nearest.ts";
import { mapConditions, readWhere, type Where } from "../../grants/index.ts";
import { MAX_LIMIT, readNames, readWhole } from "./read-parameters.ts";

/** Which entries of a list or of a back reference are shown with an entry, and in which order. */
export type RelatedQuery = {
  /** The name under which the entry has them. */
  as: string;
  /** How many; as many as there are of references, and as usual of back references, when undefined. */
  limit: number | undefined;
  after?: string | undefined;
  sort: string[];
  where?: Where | undefined;
  /** Whether they are counted as well. */
  isCounted: boolean;
  /** The type that has it, where several have one of that name. */
  owner?: string;
  /** Whether each entry has its cursor. */
  hasCursors?: boolean;
  /** What `sort` and `filter[…]` are called in errors. */
  named?: (path: string) => string;
};

/** What a query says of the lists that it includes. */
type Options = {
  options?: ReadonlyMap<string, RelatedQuery> | undefined;
  related?: ReadonlyMap<string, RelatedQuery>;
};

/** `include[author.articles][sort]`, also with more in brackets of `filter`. */
const OPTION = /^include\[([^\][]+)\]\[(filter|sort|limit)\]((?:\[[^]*)?)$/;

const isOption = (name: string): boolean => {
  const [, , option, rest] = OPTION.exec(name) ?? [];
  return option !== undefined && (option === "filter" || rest === "");
};

/** Whether a parameter says something of one path of `include`; adds a problem where it does so in no way that there is. */
export function checkIncludeOption(name: string, isRepeated: boolean, issues: ErrorDetail[]): boolean {
  if (!name.startsWith("include[")) return false;
  if (!isOption(name))
    addDetail(
      issues,
      name.slice(0, 100),
      "must be written include[path][sort], include[path][limit] or include[path][filter][field]",
    );
  else if (isRepeated && !name.includes("][filter]")) addDetail(issues, name, "is given more than once");
  return true;
}

/** What is said of lists that `include` shows, by their paths: which of a list, in which order, how many. */
export function readIncludeOptions(
  params: URLSearchParams,
  issues: ErrorDetail[],
): Map<string, RelatedQuery> | undefined {
  const given = new Map<string, URLSearchParams>();
  for (const [name, value] of params) {
    const [, path, option, rest] = isOption(name) ? OPTION.exec(name)! : [];
    if (path === undefined) continue;
    const own = given.get(path) ?? new URLSearchParams();
    given.set(path, own);
    own.append(`${option}${rest}`, value);
  }
  if (given.size === 0) return undefined;
  return new Map([...given].map(([path, own]) => [path, readOption(path, own, issues)]));
}

function readOption(path: string, given: URLSearchParams, issues: ErrorDetail[]): RelatedQuery {
  const own: ErrorDetail[] = [];
  const named = (name: string) => `include[${path}]${name.replace(/^\w+/, (first) => `[${first}]`)}`;
  const where = readWhere(given, own);
  const sort = readNames(given, "sort", 5, own) ?? [];
  const limit = given.has("limit") ? readWhole(given, "limit", 1, 1, MAX_LIMIT, own) : undefined;
  issues.push(...own.map((one) => ({ ...one, path: named(one.path) })));
  return {
    as: path.slice(path.lastIndexOf(".") + 1),
    limit,
    sort,
    where: where && namedWhere(where, named),
    isCounted: true,
    named,
  };
}

/** The same conditions, called in errors as `named` has it. */
export const namedWhere = (where: Where, named: (path: string) => string): Where =>
  mapConditions(where, (one) => {
    const path = named(one.path);
    return one.kind === "filter" ? { ...one, path } : { ...one, path, of: namedWhere(one.of, named) };
  });

/**
 * Paths of `include` in which each step that something is said of has a name of its own, such as
 * `articles#0`, and what is said by those names.
 */
export function withOptions(
  { options, related }: Options,
  paths: readonly string[],
): { include: string[] } & Pick<Options, "related"> {
  if (!options) return { include: [...paths], ...(related ? { related } : {}) };
  const names = new Map([...options.keys()].map((path, i) => [path, `${options.get(path)!.as}#${i}`]));
  const include = new Set(
    [...paths, ...options.keys()].map((path) => {
      const steps = path.split(".");
      return steps.map((step, i) => names.get(steps.slice(0, i + 1).join(".")) ?? step).join(".");
    }),
  );
  return {
    include: [...include],
    related: new Map([...names].map(([path, name]) => [name, options.get(path)!])),
  };
}
