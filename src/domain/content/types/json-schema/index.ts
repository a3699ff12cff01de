export { schemaProblems } from "./check-schema.ts";
export type { Schema } from "./keywords.ts";
export { validate, type Budget, type Problem } from "./validate.ts";
