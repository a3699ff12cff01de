import type { OperationFacts } from "../../../core/operation.ts";

/**
 * Where an operation has its field of GraphQL: one that it names in the schema of an environment's
 * content, several there for each content type, or one in the schema of management. Undefined for
 * files and for what is not in the envelope of the API.
 */
export function fieldPlaceOf(operation: OperationFacts): "content" | "types" | "management" | undefined {
  if (operation.isFile || operation.isBare) return undefined;
  if (operation.graphql) return "content";
  return /^\/(?:content|aggregate)\/\{type\}/.test(operation.path) ? "types" : "management";
}
