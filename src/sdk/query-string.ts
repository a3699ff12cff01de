const OPERATORS = new Set(
  "eq ne in nin gt gte lt lte contains starts_with ends_with exists null near box polygon overlaps within".split(
    " ",
  ),
);

/**
 * A query as a query string: lists with commas, the filter in brackets or, where it is more than that,
 * as JSON.
 */
export function queryString(query: object): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query) as [string, unknown][]) {
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    if (name === "filter") addFilter(params, value as Conditions);
    else if (name === "include_options") addOptions(params, value as IncludeOptions);
    else params.set(name, String(value));
  }
  return params.toString();
}

type IncludeOptions = Record<string, { filter?: Conditions; sort?: readonly string[]; limit?: number }>;

function addOptions(params: URLSearchParams, options: IncludeOptions): void {
  for (const [path, { filter, sort, limit }] of Object.entries(options)) {
    if (filter) params.set(`include[${path}][filter]`, JSON.stringify(filter));
    if (sort && sort.length > 0) params.set(`include[${path}][sort]`, String(sort));
    if (limit !== undefined) params.set(`include[${path}][limit]`, String(limit));
  }
}

type Conditions = Record<string, unknown>;

function addFilter(params: URLSearchParams, filter: Conditions): void {
  const flat = flatten(filter);
  if (flat) for (const [name, value] of flat) params.append(name, value);
  else params.set("filter", JSON.stringify(filter));
}

/**
 * `filter[field][operator]=value` of each condition; undefined for a filter that says more than
 * brackets can.
 */
function flatten(filter: Conditions): [string, string][] | undefined {
  const flat: [string, string][] = [];
  for (const [field, condition] of Object.entries(filter)) {
    if (condition === undefined) continue;
    if (isPlain(condition)) flat.push([`filter[${field}]`, String(condition)]);
    else if (!isConditions(condition)) return undefined;
    else
      for (const [operator, value] of Object.entries(condition)) {
        if (value === undefined) continue;
        if (!OPERATORS.has(operator) || !isFlat(value)) return undefined;
        flat.push([`filter[${field}][${operator}]`, String(value)]);
      }
  }
  return flat;
}

const isPlain = (value: unknown): boolean => ["string", "number", "boolean"].includes(typeof value);
const isConditions = (value: unknown): value is Conditions =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
const isFlat = (value: unknown): boolean =>
  isPlain(value) ||
  (Array.isArray(value) &&
    value.length > 0 &&
    value.every((one) => isPlain(one) && !/^\s|,|\s$/.test(String(one))));
