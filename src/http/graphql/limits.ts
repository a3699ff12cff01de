import {
  GraphQLError,
  Kind,
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
} from "graphql";

export const MAX_DEPTH = 10;
export const MAX_COST = 10_000;
export const MAX_ALIASES = 30;
export const MAX_DOCUMENT_CHARS = 16_384;
const MAX_FIELDS = 2000;
const DEFAULT_LIST_LIMIT = 20;

/** What executing a document could cost: nodes in the worst case, nesting, and aliases. */
export type Measure = { depth: number; cost: number; aliases: number };

/**
 * Measures the worst case of a document without a schema: every field costs 1, times the `limit` of each list above it
 * (20 where a list of a page is asked for without one). Fragments count where they are spread; a cycle is infinite.
 */
export function measure(document: DocumentNode, variables: Record<string, unknown> = {}): Measure {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const total: Measure = { depth: 0, cost: 0, aliases: 0 };
  let fields = 0;

  const visit = (set: SelectionSetNode, depth: number, factor: number, spread: ReadonlySet<string>): void => {
    if (fields > MAX_FIELDS) return;
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) {
        fields++;
        if (node.alias) total.aliases++;
        if (node.name.value.startsWith("__") && depth > 1) continue;
        total.depth = Math.max(total.depth, depth);
        total.cost += factor;
        const limit = limitOf(node, variables);
        if (node.selectionSet) visit(node.selectionSet, depth + 1, factor * limit, spread);
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        visit(node.selectionSet, depth, factor, spread);
      } else {
        const name = node.name.value;
        if (spread.has(name)) {
          total.depth = Number.POSITIVE_INFINITY;
          continue;
        }
        const fragment = fragments.get(name);
        if (fragment) visit(fragment.selectionSet, depth, factor, new Set([...spread, name]));
      }
    }
  };
  for (const node of document.definitions) {
    if (node.kind === Kind.OPERATION_DEFINITION) visit(node.selectionSet, 1, 1, new Set());
  }
  if (fields > MAX_FIELDS) total.cost = Number.POSITIVE_INFINITY;
  return total;
}

function limitOf(
  node: { name: { value: string }; arguments?: readonly { name: { value: string }; value: unknown }[] },
  variables: Record<string, unknown>,
): number {
  const argument = node.arguments?.find((one) => one.name.value === "limit")?.value as
    | { kind: Kind; value?: string; name?: { value: string } }
    | undefined;
  if (argument?.kind === Kind.INT) return clamp(Number(argument.value));
  if (argument?.kind === Kind.VARIABLE)
    return clamp(Number(variables[argument.name!.value] ?? DEFAULT_LIST_LIMIT));
  return node.name.value === "content" || node.name.value.endsWith("List") ? DEFAULT_LIST_LIMIT : 1;
}

const clamp = (limit: number) =>
  Number.isFinite(limit) ? Math.min(Math.max(limit, 1), 1000) : DEFAULT_LIST_LIMIT;

/** A validation rule that refuses documents over the limits before anything is executed. */
export function limitRule(variables: Record<string, unknown>) {
  return (context: ValidationContext): ASTVisitor => ({
    Document(document) {
      const isIntrospection = document.definitions.every(
        (node) =>
          node.kind !== Kind.OPERATION_DEFINITION ||
          node.selectionSet.selections.every(
            (one) => one.kind === Kind.FIELD && one.name.value.startsWith("__"),
          ),
      );
      const { depth, cost, aliases } = measure(document, variables);
      const say = (what: string, is: number, most: number) =>
        context.reportError(
          new GraphQLError(
            `The query's ${what} is ${Number.isFinite(is) ? is : "without end"}: at most ${most} is allowed.`,
            {
              extensions: { code: "INVALID", reason: `graphql/${what}-exceeded`, http: { status: 400 } },
            },
          ),
        );
      if (depth > MAX_DEPTH + (isIntrospection ? 10 : 0)) say("depth", depth, MAX_DEPTH);
      if (cost > MAX_COST) say("cost", cost, MAX_COST);
      if (aliases > MAX_ALIASES) say("aliases", aliases, MAX_ALIASES);
    },
  });
}
