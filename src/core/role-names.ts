import * as z from "zod";

/** Names of roles, sorted and each once. */
export const RoleNames = z
  .array(z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, "must be a role's name"))
  .max(20)
  .transform((roles) => [...new Set(roles)].sort());
