import * as z from "zod";
import { PERMISSIONS } from "../../core/permissions.ts";

const KINDS = [...new Set(PERMISSIONS.map((one) => one.split(":")[0]!))].map((kind) => `${kind}:*`);
/** Everything that the actions of a grant may say. */
export const ACTIONS: readonly string[] = ["*", ...KINDS, ...PERMISSIONS];

const Id = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, "lower-case letters, digits, - and _, at most 63");
const names = (most: number) => z.array(z.string().min(1).max(100)).min(1).max(most);

export const NewGrant = z.strictObject({
  id: Id.optional().describe("What explanations call it; `grant-1`, `grant-2`, … when absent."),
  effect: z
    .enum(["allow", "deny"])
    .default("allow")
    .describe("`deny` beats every `allow`, whatever their order."),
  actions: names(50).describe("Permissions such as `content:publish`, all of a kind (`content:*`), or `*`."),
  types: names(100).optional().describe("Content types; all when absent."),
  locales: names(60).optional().describe("Locales; all, and what is not localised, when absent."),
  environments: names(50).optional().describe("Names of environments; all when absent."),
  fields: names(200).optional().describe("Fields that may be read or written; all when absent."),
  conditions: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      'Filters on the entry as lists have them, such as `{ "created_by": "$me", "status": { "in": ["draft"] } }`; `$me` and `$actor.…` stand for who acts.',
    ),
});

const Label = z.string().trim().min(1).max(100);
const Description = z.string().max(1000);

export const NewPolicy = z.strictObject({
  id: z
    .string()
    .regex(/^pol_[0-7][0-9a-hjkmnp-tv-z]{25}$/, "must be a policy id such as pol_01jd…")
    .optional()
    .describe("An id of your own; a new one when absent."),
  name: Label.describe("Unique in the tenant."),
  description: Description.optional(),
  grants: z.array(NewGrant).min(1).max(50),
});
export const PolicyChange = NewPolicy.omit({ id: true }).partial();

export const NewRole = z.strictObject({
  name: z
    .string()
    .regex(
      /^[a-z][a-z0-9_-]{0,62}$/,
      "lower-case letters, digits, - and _, beginning with a letter, at most 63",
    )
    .describe("What tokens and JWTs call it; it cannot change."),
  description: Description.optional(),
  policies: z.array(z.string().max(40)).max(20).default([]).describe("Ids of policies, whose grants add up."),
});
export const RoleChange = z.strictObject({
  description: Description.optional(),
  policies: z.array(z.string().max(40)).max(20).optional(),
});

/** A policy as the API answers it. */
export type Policy = {
  id: string;
  name: string;
  description: string | null;
  grants: (z.infer<typeof NewGrant> & { id: string })[];
  created_at: string;
  created_by: string;
  updated_at: string;
  updated_by: string;
};

/** A role; one that the product has by itself has neither id nor policies, but grants. */
export type Role = {
  id: string | null;
  name: string;
  description: string | null;
  is_built_in: boolean;
  policies: string[];
  grants?: unknown;
  created_at?: string;
  updated_at?: string;
};
