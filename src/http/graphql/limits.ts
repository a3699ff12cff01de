import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  Lexer,
  Source,
  TokenKind,
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from "graphql";
import { readExactNumber } from "../../core/exact-numbers.ts";

export const MAX_DEPTH = 10;
export const MAX_COST = 10_000;
export const MAX_ALIASES = 30;
export const MAX_DOCUMENT_CHARS = 16_384;
export const MAX_TOKENS = 4000;
const MAX_NODES = 2000;
const MAX_DIRECTIVES = 100;
const MAX_REPEATS = 300;
const INTROSPECTION_DEPTH = 20;
const MAX_BRACKETS = 100;
const OPENING = new Set<string>([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSING = new Set<string>([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);
const DEFAULT_LIST_LIMIT = 20;
const MAX_LIST_LIMIT = 100;
/** How many values a field with several is taken to have. */
const SEVERAL = 10;

/** What of a document is over a limit: `what` is it, and most `most` is allowed. */
export type Excess = {
  what: "depth" | "aliases" | "repeats" | "size" | "directives";
  most: number;
  /** Where it is over, in characters from the beginning. */
  at: number;
};

/**
 * Looks at the words of a document, before it is parsed: whether brackets nest so deep that parsing
 * would run out of stack, and which number, as it is written, a double would round.
 */
export function readTokens(text: string): { tooDeepAt?: number; inexact?: { number: string; at: number } } {
  const lexer = new Lexer(new Source(text));
  let depth = 0;
  for (let tokens = 0; tokens <= MAX_TOKENS; tokens++) {
    const { kind, value, start: at } = lexer.advance();
    if (kind === TokenKind.EOF) break;
    if (OPENING.has(kind)) depth++;
    else if (CLOSING.has(kind)) depth--;
    else if ((kind === TokenKind.INT || kind === TokenKind.FLOAT) && readExactNumber(value) === undefined)
      return { inexact: { number: value, at } };
    if (depth > MAX_BRACKETS) return { tooDeepAt: at };
  }
  return {};
}

/**
 * Limits the size of a document before validation: nesting, aliases, repeated fields (which are
 * expensive to compare), nodes and directives. Fragments count at every spread.
 */
export function excessOf(document: DocumentNode): Excess | undefined {
  const fragments = fragmentsOf(document);
  const reached = new Set<string>();
  let nodes = 0;
  let aliases = 0;
  let repeats = 0;
  let directives = 0;
  let excess: Excess | undefined;
  const over = (what: Excess["what"], most: number, { loc }: ASTNode) =>
    void (excess ??= { what, most, at: loc?.start ?? 0 });

  const visit = (
    set: SelectionSetNode,
    depth: number,
    mostDeep: number,
    seen: Set<string>,
    spread: readonly string[],
  ): void => {
    if (depth > mostDeep) over("depth", MAX_DEPTH, set);
    for (const node of set.selections) {
      if (excess) return;
      if (++nodes > MAX_NODES) over("size", MAX_NODES, node);
      directives += node.directives?.length ?? 0;
      if (directives > MAX_DIRECTIVES) over("directives", MAX_DIRECTIVES, node);
      if (node.kind === Kind.FIELD) {
        const name = node.alias?.value ?? node.name.value;
        if (node.alias && ++aliases > MAX_ALIASES) over("aliases", MAX_ALIASES, node);
        if (seen.has(name) && ++repeats > MAX_REPEATS) over("repeats", MAX_REPEATS, node);
        seen.add(name);
        const isIntrospection = depth === 1 && node.name.value.startsWith("__");
        const below = isIntrospection ? INTROSPECTION_DEPTH : mostDeep;
        if (node.selectionSet) visit(node.selectionSet, depth + 1, below, new Set(), spread);
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        visit(node.selectionSet, depth, mostDeep, seen, spread);
      } else {
        const name = node.name.value;
        const fragment = fragments.get(name);
        reached.add(name);
        if (spread.includes(name)) over("depth", MAX_DEPTH, node);
        else if (fragment) visit(fragment.selectionSet, depth, mostDeep, seen, [...spread, name]);
      }
    }
  };
  for (const node of document.definitions) {
    if (node.kind === Kind.OPERATION_DEFINITION) visit(node.selectionSet, 1, MAX_DEPTH, new Set(), []);
    else if (++nodes > MAX_NODES) over("size", MAX_NODES, node);
  }
  // Validation reads what nothing spreads as well.
  for (const [name, { selectionSet }] of fragments)
    if (!reached.has(name)) visit(selectionSet, 1, MAX_DEPTH, new Set(), [name]);
  return excess;
}

/**
 * What executing an operation may cost at most: every root field `rootCost`, every other 1, times what the
 * lists above it can hold (`limit`, `first` or `last`, else 20; fields with several values count as 10).
 * Introspection is free.
 */
export function costOf(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  { graphql: schema, rootCost }: { graphql: GraphQLSchema; rootCost: number },
  variables: Readonly<Record<string, unknown>>,
): number {
  const fragments = fragmentsOf(document);
  const root = schema.getRootType(operation.operation) ?? undefined;
  const visit = (set: SelectionSetNode, parent: GraphQLNamedType | undefined, factor: number): number => {
    let cost = 0;
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) {
        if (node.name.value.startsWith("__")) continue;
        const field = fieldOf(parent, node.name.value);
        const below = factor * (field ? sizeOf(node, field, variables) : 1);
        cost += parent === root ? rootCost : factor;
        if (node.selectionSet) cost += visit(node.selectionSet, field && getNamedType(field.type), below);
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        const name = node.typeCondition?.name.value;
        cost += visit(node.selectionSet, name ? schema.getType(name) : parent, factor);
      } else {
        const fragment = fragments.get(node.name.value)!;
        cost += visit(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value), factor);
      }
    }
    return cost;
  };
  return visit(operation.selectionSet, root, 1);
}

/** Whether the cost of a document depends on its variables. */
export function hasVariableLimits(document: DocumentNode): boolean {
  let found = false;
  const visit = (set: SelectionSetNode | undefined): void => {
    for (const node of set?.selections ?? []) {
      if (node.kind === Kind.FRAGMENT_SPREAD) continue;
      if (node.kind === Kind.FIELD && limitsOf(node).some(({ kind }) => kind === Kind.VARIABLE)) found = true;
      visit(node.selectionSet);
    }
  };
  for (const node of document.definitions) if ("selectionSet" in node) visit(node.selectionSet);
  return found;
}

function fragmentsOf(document: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  return fragments;
}

function fieldOf(
  parent: GraphQLNamedType | undefined,
  name: string,
): GraphQLField<unknown, unknown> | undefined {
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
}

const LIMITS = ["limit", "first", "last"];
const limitsOf = (node: FieldNode): ValueNode[] =>
  (node.arguments ?? []).flatMap(({ name, value }) => (LIMITS.includes(name.value) ? [value] : []));

/** How many values a field answers at most. */
function sizeOf(
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  variables: Readonly<Record<string, unknown>>,
): number {
  const isPaged = field.args.some(({ name }) => name === "limit" || name === "first");
  if (isPaged) {
    const given = limitsOf(node).flatMap((one) => {
      const value = one.kind === Kind.INT ? Number(one.value) : undefined;
      const variable = one.kind === Kind.VARIABLE ? variables[one.name.value] : value;
      return typeof variable === "number" ? [clamp(variable)] : [];
    });
    const usual = (field.extensions["usualSize"] as number | undefined) ?? DEFAULT_LIST_LIMIT;
    return given.length > 0 ? Math.max(...given) : usual;
  }
  // The elements of a page were counted with its limit.
  if (["edges", "nodes", "items"].includes(field.name)) return 1;
  const isList = isListType(getNullableType(field.type)) && isCompositeType(getNamedType(field.type));
  return isList ? SEVERAL : 1;
}

const clamp = (limit: number) => Math.min(Math.max(limit, 1), MAX_LIST_LIMIT);
