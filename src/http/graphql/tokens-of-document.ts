import {
  getArgumentValues,
  getDirectiveValues,
  getOperationAST,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLSchema,
  type GraphQLDirective,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import type { BucketName } from "../../core/plans.ts";

/** A query takes a token for each full thousand of its cost, and what its searches take in REST. */
export const COST_PER_TOKEN = 1000;

/** An operation that is about to be executed, with the cost that it may have. */
export type Costing = {
  schema: GraphQLSchema;
  document: DocumentNode;
  operationName: string | undefined;
  variables: Readonly<Record<string, unknown>>;
  cost: number;
};
type Values = Record<string, unknown>;

/** What executing a document takes, and of which quota: what it writes, or what it reads at a high cost. */
export function tokensOf(asked: Costing): { bucket: BucketName; tokens: number } {
  const { document, schema, operationName, cost } = asked;
  const operation = getOperationAST(document, operationName)!;
  const fields = schema.getRootType(operation.operation)?.getFields() ?? {};
  const isMutation = operation.operation === "mutation";
  let tokens = isMutation ? 0 : Math.floor(cost / COST_PER_TOKEN);
  for (const node of rootFields(operation.selectionSet, asked)) {
    const field = fields[node.name.value];
    if (!field) continue;
    const given = argumentsOf(field, node, asked);
    tokens += isMutation ? writesOf(field, given) : costlyReadsOf(field, given);
  }
  return { bucket: isMutation ? "writes" : "costly-reads", tokens };
}

function writesOf({ extensions }: GraphQLField<unknown, unknown>, given: Values): number {
  const writes = extensions["writes"] as ((body: Values) => number) | undefined;
  return writes?.(given) ?? 1;
}

function costlyReadsOf({ args }: GraphQLField<unknown, unknown>, given: Values): number {
  const { q, facets, exactTotal } = given;
  const isAggregate = args.some(({ name }) => name === "groupBy");
  const counted = Array.isArray(facets) ? facets.length : 0;
  return (isAggregate ? 1 : 0) + (!isAggregate && q ? 1 : 0) + counted + (exactTotal === true ? 1 : 0);
}

function rootFields(set: SelectionSetNode, asked: Costing): FieldNode[] {
  return set.selections.flatMap((node): FieldNode[] => {
    if (isLeftOut(node, asked)) return [];
    if (node.kind === Kind.FIELD) return [node];
    if (node.kind === Kind.INLINE_FRAGMENT) return rootFields(node.selectionSet, asked);
    const fragment = asked.document.definitions.find(
      (one): one is FragmentDefinitionNode =>
        one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === node.name.value,
    );
    return fragment ? rootFields(fragment.selectionSet, asked) : [];
  });
}

function isLeftOut(node: SelectionNode, { variables }: Costing): boolean {
  try {
    const valuesOf = (directive: GraphQLDirective) => getDirectiveValues(directive, node, variables);
    return (
      valuesOf(GraphQLSkipDirective)?.["if"] === true || valuesOf(GraphQLIncludeDirective)?.["if"] === false
    );
  } catch {
    return false;
  }
}

/** Arguments that do not fit are for the execution to refuse. */
function argumentsOf(field: GraphQLField<unknown, unknown>, node: FieldNode, { variables }: Costing): Values {
  try {
    return getArgumentValues(field, node, variables);
  } catch {
    return {};
  }
}
