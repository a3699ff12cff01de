import * as z from "zod";
import { PERMISSIONS, SCOPES } from "../../../core/permissions.ts";

const KINDS = [...new Set(PERMISSIONS.map((one) => one.split(":")[0]!))].map((kind) => `${kind}:*`);
/** Everything that the actions of a grant may say. */
export const ACTIONS: readonly string[] = ["*", ...KINDS, ...PERMISSIONS];

const Id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, "lower-case letters, digits, - and _, at most 63 characters");
const names = (most: number) => z.array(z.string().min(1).max(100)).min(1).max(most);

export const NewGrant = z.strictObject({
  id: Id.optional().describe("Its id in explanations; `grant-1`, `grant-2`, … when absent."),
  effect: z
    .enum(["allow", "deny"])
    .default("allow")
    .describe("`deny` overrides every `allow`, in any order."),
  actions: names(50).describe(
    "Permissions such as `content:publish`, all of one resource (`content:*`), or `*`.",
  ),
  types: names(100).optional().describe("Content types; all when absent."),
  locales: names(60).optional().describe("Locales; all, and values that are not localised, when absent."),
  environments: names(50).optional().describe("Names of environments; all when absent."),
  fields: z
    .array(z.string().min(1).max(300))
    .min(1)
    .max(200)
    .optional()
    .describe(
      "Fields that may be read or written, also inside components by their paths: `seo.title`, `page.hero.text`; all when absent.",
    ),
  conditions: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      'Filters on the entry, with the syntax of lists, such as `{ "created_by": "$me", "status": { "in": ["draft"] } }`; `$me` and `$actor.…` stand for the caller.',
    ),
});

export type NewGrant = z.infer<typeof NewGrant>;

const Label = z.string().trim().min(1).max(100);
const Description = z.string().max(1000);

export const NewPolicy = z.strictObject({
  id: z
    .string()
    .regex(/^pol_[0-7][0-9a-hjkmnp-tv-z]{25}$/, "must be a policy id such as pol_01jd…")
    .optional()
    .describe("An id that you choose; generated when absent."),
  name: Label.describe("Unique in the tenant."),
  description: Description.optional(),
  grants: z.array(NewGrant).min(1).max(50),
});
export type NewPolicy = z.infer<typeof NewPolicy>;
export const PolicyChange = NewPolicy.omit({ id: true }).partial();
export type PolicyChange = z.infer<typeof PolicyChange>;

export const NewRole = z.strictObject({
  name: z
    .string()
    .regex(
      /^[a-z][a-z0-9_-]{0,62}$/,
      "lower-case letters, digits, - and _, starting with a letter, at most 63 characters",
    )
    .describe("The name for tokens and JWTs; it cannot change."),
  description: Description.optional(),
  policies: z
    .array(z.string().max(40))
    .max(20)
    .default([])
    .describe("Ids of policies; their grants are combined."),
});
export type NewRole = z.infer<typeof NewRole>;
export const RoleChange = z.strictObject({
  description: Description.optional(),
  policies: z.array(z.string().max(40)).max(20).optional(),
});
export type RoleChange = z.infer<typeof RoleChange>;

const By = {
  created_at: z.iso.datetime(),
  created_by: z.string(),
  updated_at: z.iso.datetime(),
  updated_by: z.string(),
};
const Grant = NewGrant.extend({ id: z.string().describe("Its id in explanations.") });
/** A policy as the API answers it. */
export const Policy = z.object({
  id: z.string().describe("`pol_…`"),
  name: z.string(),
  description: z.string().nullable(),
  grants: z.array(Grant),
  ...By,
});
export type Policy = z.infer<typeof Policy>;

/** A role; one that the product has by itself has neither id nor policies, but grants. */
export const Role = z.object({
  id: z.string().nullable().describe("`rol_…`; null for a built-in role."),
  name: z.string(),
  description: z.string().nullable(),
  is_built_in: z.boolean(),
  policies: z.array(z.string()).describe("Ids, in their order."),
  grants: z.array(z.unknown()).optional().describe("Only of a built-in role."),
  created_at: z.iso.datetime().optional(),
  updated_at: z.iso.datetime().optional(),
});
export type Role = z.infer<typeof Role>;

export const ExplainQuery = z.strictObject({
  subject: z
    .string()
    .max(100)
    .default("me")
    .describe(
      "The subject: `me`, `user:usr_…`, `token:tok_…` or `role:editor`. Others than `me` need `access:read`.",
    ),
  action: z.string().max(60).describe("A permission, such as `content:publish`."),
  resource: z
    .string()
    .max(100)
    .optional()
    .describe(
      "The resource: `entry:cnt_…` or `type:article`; absent for actions that are not about content.",
    ),
  field: z.string().max(300).optional().describe("A field of the resource, or a path such as `seo.title`."),
  locale: z.string().max(35).optional().describe("A locale; the whole entry when absent."),
  environment: z.string().optional(),
});
export type ExplainQuery = z.infer<typeof ExplainQuery>;

/** Which grant it was, and where it comes from. */
const GrantName = z.object({
  grant: z.string(),
  policy: z.string().nullable(),
  role: z.string().nullable(),
  effect: z.enum(["allow", "deny"]),
});
export type GrantName = z.infer<typeof GrantName>;

export const Explanation = z.object({
  subject: z.string(),
  action: z.string(),
  resource: z.string().nullable(),
  allowed: z.boolean(),
  is_conditional: z.boolean().describe("For a type: whether the decision depends on the entry."),
  decided_by: z
    .object({ by: z.enum(["grant", "scope", "default"]), scopes: z.array(z.enum(SCOPES)) })
    .partial({ scopes: true })
    .extend(GrantName.partial().shape)
    .describe(
      "The id of the deciding grant; `scope` when only the scopes decide; `default` when nothing grants it.",
    ),
  considered: z
    .array(GrantName.extend({ applies: z.boolean(), because: z.string() }))
    .describe("Every grant, and why it applies or not."),
});
export type Explanation = z.infer<typeof Explanation>;

export const Me = z.object({
  kind: z.enum(["token", "person", "system"]),
  id: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  roles: z.array(z.string()).nullable().describe("Null when no role restricts the scopes."),
  permissions: z
    .array(z.string())
    .describe("All permissions; those on content may be limited to some entries."),
  is_narrowed: z.boolean().describe("Whether grants restrict the scopes."),
  grants: z.array(z.unknown()).nullable().describe("The effective grants in this environment."),
  attributes: z.record(z.string(), z.unknown()).describe("The values of `$actor.…` in conditions."),
  is_bound: z.boolean().describe("Whether the token is limited to one environment."),
});
export type Me = z.infer<typeof Me>;
