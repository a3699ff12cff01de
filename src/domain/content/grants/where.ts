import { AppError, MAX_DETAILS, type ErrorDetail } from "../../../core/errors.ts";
import { addDetail } from "../../../core/nearest.ts";
import { INEXACT_NUMBER, parseJson } from "../../../core/read-body.ts";

export const OPERATORS = [
  "eq",
  "ne",
  "in",
  "nin",
  "gt",
  "gte",
  "lt",
  "lte",
  "contains",
  "starts_with",
  "ends_with",
  "exists",
  "null",
  "near",
  "box",
  "polygon",
  "overlaps",
  "within",
] as const;
export type Operator = (typeof OPERATORS)[number];

/** One condition on a field. `path` names it in errors, such as `filter[price][gte]`. */
export type Filter = { kind: "filter"; path: string; field: string; operator: Operator; value: unknown };

/**
 * What a list is filtered by: conditions, joined by and, or and not, on the entry or on what it refers
 * to.
 */
export type Where =
  | Filter
  | { kind: "and" | "or"; of: Where[] }
  | { kind: "not"; of: Where }
  | { kind: "reference"; path: string; field: string; of: Where }
  /** One element of a list of components, or one block, that meets all of it; read from `reference`. */
  | { kind: "element"; path: string; field: string; of: Where };

/** A condition on a field, or on what is behind it. */
export type OnField = Exclude<Where, { kind: "and" | "or" | "not" }>;

/** The same joined conditions, each of them changed. */
export function mapConditions(where: Where, change: (one: OnField) => Where): Where {
  switch (where.kind) {
    case "and":
    case "or":
      return { kind: where.kind, of: where.of.map((one) => mapConditions(one, change)) };
    case "not":
      return { kind: "not", of: mapConditions(where.of, change) };
    default:
      return change(where);
  }
}

const MAX_CONDITIONS = 50;
const MAX_DEPTH = 20;
const MAX_FILTER_CHARS = 16_384;

type Node = { [key: string]: unknown };
/** `takesEmpty`: what is empty counts as not written; conditions of grants must say what they mean. */
type Reader = { issues: ErrorDetail[]; conditions: number; takesEmpty: boolean };

/**
 * Reads filters from a query string: `filter[price][gte]=10`, `filter[or][0][kind]=news`,
 * `filter[author][name]=Ann`, or the same as one JSON object in `filter=`. Undefined when there are
 * none; problems are pushed to `issues`.
 */
export function readWhere(params: URLSearchParams, issues: ErrorDetail[]): Where | undefined {
  const parts: Where[] = [];
  const brackets: Node = Object.create(null) as Node;
  let hasBrackets = false;
  for (const [key, value] of params) {
    if (key === "filter") {
      const told = issues.length;
      const given = readFilter(value, issues);
      if (given === undefined && issues.length === told)
        issues.push({
          path: "filter",
          message: 'must be written filter[field][operator]=value, or as JSON: filter={"price":{"gte":10}}',
        });
      else if (given !== undefined) parts.push(...toList(readAll(given, issues, true)));
    } else if (key.startsWith("filter[")) {
      hasBrackets = true;
      putBrackets(brackets, key, value, issues);
    }
  }
  if (hasBrackets && issues.length === 0) parts.push(...toList(readAll(brackets, issues, true)));
  return parts.length > 1 ? { kind: "and", of: parts } : parts[0];
}

/**
 * Reads filters from a JSON object such as `{ price: { gte: 10 }, or: [{ kind: "news" }, { live: true
 * }] }`.
 */
export function whereOf(given: unknown, issues: ErrorDetail[]): Where | undefined {
  return readAll(given, issues, false);
}

function readAll(given: unknown, issues: ErrorDetail[], takesEmpty: boolean): Where | undefined {
  if (takesEmpty && given === null) return undefined;
  const reader: Reader = { issues, conditions: 0, takesEmpty };
  const where = readObject(given, "filter", 1, reader);
  if (reader.conditions > MAX_CONDITIONS)
    issues.push({ path: "filter", message: `can hold at most ${MAX_CONDITIONS} conditions` });
  return where;
}

/** Whether reading on is pointless: there are too many conditions or problems already. */
const hasTooMany = ({ issues, conditions }: Reader) =>
  conditions > MAX_CONDITIONS || issues.length >= MAX_DETAILS;

const toList = (where: Where | undefined): Where[] => (where ? [where] : []);

function readObject(given: unknown, path: string, depth: number, reader: Reader): Where | undefined {
  if (!isNode(given)) {
    addDetail(reader.issues, path, 'must be an object such as {"price": {"gte": 10}}');
    return undefined;
  }
  if (depth > MAX_DEPTH) {
    addDetail(reader.issues, path, `can be nested at most ${MAX_DEPTH} levels deep`);
    return undefined;
  }
  const parts: Where[] = [];
  for (const [key, value] of Object.entries(given)) {
    if (hasTooMany(reader)) break;
    const at = `${path}[${key.slice(0, 64)}]`;
    if (key === "and" || key === "or") parts.push(...toList(readGroup(key, value, at, depth, reader)));
    else if (key === "not" && value === null && reader.takesEmpty) continue;
    else if (key === "not") {
      const of = readObject(value, at, depth + 1, reader);
      if (of) parts.push({ kind: "not", of });
    } else parts.push(...readField(...spelledOut(key, value), at, depth, reader));
  }
  if (parts.length === 0 && reader.takesEmpty) return undefined;
  return parts.length === 1 ? parts[0] : { kind: "and", of: parts };
}

function readGroup(
  kind: "and" | "or",
  value: unknown,
  path: string,
  depth: number,
  reader: Reader,
): Where | undefined {
  const list = isNode(value) && !Array.isArray(value) ? indexed(value) : value;
  if (list === null && reader.takesEmpty) return undefined;
  if (!Array.isArray(list) || (list.length === 0 && !reader.takesEmpty)) {
    addDetail(reader.issues, path, 'must be a list of conditions such as [{"kind": "news"}]');
    return undefined;
  }
  const of = list.flatMap((one, i) =>
    hasTooMany(reader) ? [] : toList(readObject(one, `${path}[${i}]`, depth + 1, reader)),
  );
  return of.length === 0 && reader.takesEmpty ? undefined : { kind, of };
}

/** `filter[or][0]…` arrives as an object with whole numbers as keys. */
function indexed(node: Node): unknown[] | undefined {
  const keys = Object.keys(node);
  return keys.every((key) => /^\d{1,3}$/.test(key))
    ? keys.sort((a, b) => Number(a) - Number(b)).map((key) => node[key])
    : undefined;
}

/** `seo.title` is the same as `{ seo: { title: … } }`. */
function spelledOut(key: string, value: unknown): [string, unknown] {
  const dot = key.startsWith("$") ? -1 : key.indexOf(".");
  return dot > 0 ? [key.slice(0, dot), { [key.slice(dot + 1)]: value }] : [key, value];
}

function readField(field: string, value: unknown, path: string, depth: number, reader: Reader): Where[] {
  const say = (operator: Operator, given: unknown, at = path): Where => {
    reader.conditions++;
    return { kind: "filter", path: at, field, operator, value: given };
  };
  if (value === null) return [say("null", true)];
  if (Array.isArray(value)) return [say("in", value)];
  if (!isNode(value)) return [say("eq", value)];
  const keys = Object.keys(value);
  if (keys.length === 0 && reader.takesEmpty) return [];
  if (keys.length === 0) {
    addDetail(reader.issues, path, "has no operator");
    return [];
  }
  if (keys.every((key) => OPERATORS.includes(key as Operator)))
    return keys.map((key) => {
      const at = `${path}[${key}]`;
      if (value[key] === null && key === "eq") return say("null", true, at);
      if (value[key] === null && key === "ne") return say("null", false, at);
      return say(key as Operator, value[key], at);
    });
  const of = readObject(value, path, depth + 1, reader);
  return of ? [{ kind: "reference", path, field, of }] : [];
}

function putBrackets(root: Node, key: string, value: string, issues: ErrorDetail[]): void {
  const path = key.slice(0, 100);
  const names = /^filter((?:\[[^[\]]{1,64}\])+)$/.exec(key)?.[1]?.slice(1, -1).split("][");
  if (!names || names.length > 2 * MAX_DEPTH) {
    addDetail(issues, path, "must be written filter[field][operator]=value, such as filter[price][gte]=10");
    return;
  }
  let node = root;
  for (const name of names.slice(0, -1)) {
    const next = (node[name] ??= Object.create(null) as Node);
    if (!isNode(next)) return void addDetail(issues, path, "contradicts another filter");
    node = next;
  }
  const last = names.at(-1)!;
  if (node[last] !== undefined) addDetail(issues, path, "is given more than once: use in, nin or and");
  node[last] = value;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The JSON of a filter; undefined when it is invalid. Numbers that a double would round are reported. */
function readFilter(text: string, issues: ErrorDetail[]): unknown {
  if (text.trim() === "null") return null;
  if (text.length > MAX_FILTER_CHARS || !text.trimStart().startsWith("{")) return undefined;
  try {
    return parseJson(text);
  } catch (error) {
    const details = error instanceof AppError && error.reason === INEXACT_NUMBER ? error.details : [];
    for (const { path, message } of details) addDetail(issues, `filter.${path}`, message);
    return undefined;
  }
}
