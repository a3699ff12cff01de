import type { OperationGroup } from "../../core/operation.ts";
import { IDENTITY_GROUPS } from "../identity/operation-groups.ts";
import { CONTENT_GROUPS } from "../operation-groups.ts";
import { documentOperations, graphqlOperations } from "./own-operations.ts";

/** What every slice says of its REST, in the order in which its examples work. */
export const GROUPS: readonly OperationGroup[] = [
  ...CONTENT_GROUPS,
  ...IDENTITY_GROUPS,
  graphqlOperations,
  documentOperations,
];
