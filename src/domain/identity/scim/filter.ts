import { invalid } from "../../../core/errors.ts";

export type Comparison = "eq" | "ne" | "co" | "sw" | "ew" | "gt" | "ge" | "lt" | "le";
export type Value = string | number | boolean | null;
/**
 * A filter of RFC 7644 (3.4.2.2). `has` is a value path: one element of the attribute for which the
 * filter holds.
 */
export type Filter =
  | { op: "and" | "or"; filters: Filter[] }
  | { op: "not"; filter: Filter }
  | { op: "pr"; path: string }
  | { op: "has"; path: string; filter: Filter }
  | { op: Comparison; path: string; value: Value };
/** What a PATCH names: an attribute, the elements of it that a filter chooses, a part of them. */
export type Path = { path: string; filter?: Filter; sub?: string };

const COMPARISONS: ReadonlySet<string> = new Set(["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]);
const LITERALS = new Map<string, Value>([
  ["true", true],
  ["false", false],
  ["null", null],
]);
const MAX_LENGTH = 4000;
const MAX_DEPTH = 20;
const MAX_TERMS = 200;
/** The limit in a path, whose filter is evaluated for each element, for up to a thousand operations. */
const MAX_PATH_TERMS = 20;

/**
 * Blanks, a quoted text, a bracket (a closing one with what follows it), or a word: each in one pass
 * over the text.
 */
const TOKEN = /\s+|"(?:[^"\\]|\\.)*"|[()[]|\](?:\.[A-Za-z$][\w$-]*)?|[^\s"()[\]]+/suy;
const PATH = /^[A-Za-z$][\w$:.-]*$/;

type Tokens = { list: string[]; at: number; termsLeft: number; refuse: (what: string) => Error };

/** Reads a filter; undefined for none. Throws INVALID `scim/invalid-filter`. */
export function readFilter(text: string | undefined): Filter | undefined {
  if (text === undefined) return undefined;
  const tokens = tokensOf(text, "scim/invalid-filter", "filter", MAX_TERMS);
  const filter = readOr(tokens, 0);
  if (tokens.at < tokens.list.length) throw tokens.refuse(`"${peek(tokens)}" is unexpected`);
  return filter;
}

/**
 * Reads `title`, `name.familyName`, `emails[type eq "work"]` or `emails[type eq "work"].value`. Throws
 * INVALID `scim/invalid-path`.
 */
export function readPath(text: string): Path {
  const tokens = tokensOf(text, "scim/invalid-path", "path", MAX_PATH_TERMS);
  const path = attribute(tokens);
  if (tokens.at === tokens.list.length) return { path };
  const { filter, sub } = readBrackets(tokens, 0);
  if (tokens.at < tokens.list.length) throw tokens.refuse(`"${peek(tokens)}" is unexpected`);
  return { path, filter, ...(sub === undefined ? {} : { sub }) };
}

function tokensOf(text: string, reason: string, what: string, termsLeft: number): Tokens {
  const refuse = (why: string) =>
    invalid(reason, `The ${what} cannot be parsed: ${why.slice(0, 200)}.`, [], 400);
  if (text.length > MAX_LENGTH) throw refuse(`it is longer than ${MAX_LENGTH} characters`);
  const list: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const start = TOKEN.lastIndex;
    const found = TOKEN.exec(text)?.[0];
    if (found === undefined) throw refuse(`a quote at character ${start + 1} is not closed`);
    if (found.trim() !== "") list.push(found);
  }
  if (list.length === 0) throw refuse("it is empty");
  return { list, at: 0, termsLeft, refuse };
}

const peek = ({ list, at }: Tokens): string | undefined => list[at];
const word = (tokens: Tokens): string | undefined => peek(tokens)?.toLowerCase();
function take(tokens: Tokens): string {
  const token = tokens.list[tokens.at++];
  if (token === undefined) throw tokens.refuse("it is incomplete");
  return token;
}

function readOr(tokens: Tokens, depth: number): Filter {
  return joined(tokens, "or", () => joined(tokens, "and", () => readTerm(tokens, depth)));
}

function joined(tokens: Tokens, op: "and" | "or", read: () => Filter): Filter {
  const filters = [read()];
  while (word(tokens) === op) {
    take(tokens);
    filters.push(read());
  }
  return filters.length === 1 ? filters[0]! : { op, filters };
}

function readTerm(tokens: Tokens, depth: number): Filter {
  if (depth > MAX_DEPTH) throw tokens.refuse(`it nests deeper than ${MAX_DEPTH}`);
  if (tokens.termsLeft-- === 0) throw tokens.refuse("it has too many conditions");
  if (word(tokens) === "not" && tokens.list[tokens.at + 1] === "(") {
    take(tokens);
    return { op: "not", filter: readGroup(tokens, depth) };
  }
  if (peek(tokens) === "(") return readGroup(tokens, depth);
  const path = attribute(tokens);
  if (peek(tokens) === "[") {
    const { filter, sub } = readBrackets(tokens, depth);
    if (sub === undefined) return { op: "has", path, filter };
    return { op: "has", path, filter: { op: "and", filters: [filter, readComparison(tokens, sub)] } };
  }
  return readComparison(tokens, path);
}

function readGroup(tokens: Tokens, depth: number): Filter {
  take(tokens);
  const filter = readOr(tokens, depth + 1);
  if (take(tokens) !== ")") throw tokens.refuse("a bracket is not closed");
  return filter;
}

function readBrackets(tokens: Tokens, depth: number): { filter: Filter; sub?: string } {
  if (take(tokens) !== "[") throw tokens.refuse("a filter in brackets was expected");
  const filter = readOr(tokens, depth + 1);
  const close = take(tokens);
  if (!close.startsWith("]")) throw tokens.refuse("a bracket is not closed");
  return close === "]" ? { filter } : { filter, sub: close.slice(2) };
}

function attribute(tokens: Tokens): string {
  const path = take(tokens);
  if (!PATH.test(path)) throw tokens.refuse(`"${path}" is not an attribute`);
  return path;
}

function readComparison(tokens: Tokens, path: string): Filter {
  const op = take(tokens).toLowerCase();
  if (op === "pr") return { op, path };
  if (!COMPARISONS.has(op)) throw tokens.refuse(`"${op}" is not one of pr, ${[...COMPARISONS].join(", ")}`);
  return { op: op as Comparison, path, value: readValue(tokens) };
}

function readValue(tokens: Tokens): Value {
  const token = take(tokens);
  const literal = LITERALS.get(token.toLowerCase());
  if (literal !== undefined) return literal;
  try {
    const value = JSON.parse(token) as unknown;
    if (typeof value === "string" || typeof value === "number") return value;
  } catch {
    // Rejected as an invalid value.
  }
  throw tokens.refuse(`"${token}" is not a value: strings must be quoted`);
}
