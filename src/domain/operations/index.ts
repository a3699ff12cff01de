export { deleteOperation, listOperations, putOperation, readOperation } from "./registered-operations.ts";
