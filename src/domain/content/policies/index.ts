export type { Explanation, Policy, Role } from "./schemas.ts";
