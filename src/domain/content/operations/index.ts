export { readOperation } from "./registered-operations.ts";
