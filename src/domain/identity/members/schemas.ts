import * as z from "zod";
import { Domain as DomainName } from "../../../core/domain-name.ts";
import { EmailAddress } from "../../../core/email-address.ts";
import { PlainName } from "../../../core/plain-name.ts";
import { RoleNames } from "../../../core/role-names.ts";

export const MemberChange = z
  .strictObject({
    roles: RoleNames.describe("Replaces all their roles."),
    suspended: z.boolean().describe("Whether they are suspended."),
  })
  .partial();
export type MemberChange = z.infer<typeof MemberChange>;

export const NewInvitation = z.strictObject({
  email: EmailAddress.describe("The invited email address: whoever reads its mailbox can accept."),
  roles: RoleNames.describe("The roles they get."),
});
export type NewInvitation = z.infer<typeof NewInvitation>;

const name = PlainName.min(1);
const roles = RoleNames.describe("The roles of its members, in addition to their own.");
export const NewTeam = z.strictObject({ name, roles: roles.default([]) });
export type NewTeam = z.infer<typeof NewTeam>;
export const TeamChange = z.strictObject({ name, roles }).partial();
export type TeamChange = z.infer<typeof TeamChange>;

export const NewDomain = z.strictObject({
  domain: DomainName.describe("Lower case, in ASCII (Punycode)."),
  serves: z.boolean().default(false).describe("Whether the domain is used as a host of the tenant."),
});
export type NewDomain = z.infer<typeof NewDomain>;

const given = z
  .array(z.string())
  .describe("Names of roles: `owner`, `admin`, `editor`, `author`, `contributor`, `viewer`, or your own.");
export const Member = z.object({
  id: z.string().describe("The id of the person, `usr_…`."),
  email: z.string(),
  name: z.string(),
  roles: given,
  teams: z
    .array(z.object({ id: z.string(), name: z.string(), roles: given }))
    .describe("Their teams; the roles of these count too."),
  source: z.string().describe("How they became a member: `first`, `invitation`, `sso` or `scim`."),
  suspended: z.boolean(),
  created_at: z.iso.datetime(),
});
export type Member = z.infer<typeof Member>;
export const Invitation = z.object({
  id: z.string().describe("`inv_…`"),
  email: z.string(),
  roles: given,
  created_at: z.iso.datetime(),
  created_by: z.string(),
  expires_at: z.iso.datetime().describe("A week after it was sent."),
});
export type Invitation = z.infer<typeof Invitation>;
export const Team = z.object({
  id: z.string().describe("`tea_…`"),
  name: z.string(),
  roles: given,
  members: z.array(z.string()).describe("Ids of people."),
  created_at: z.iso.datetime(),
});
export type Team = z.infer<typeof Team>;
export const Domain = z.object({
  domain: z.string(),
  serves: z.boolean().describe("Whether the domain is used as a host of the tenant."),
  verified: z.boolean(),
  verified_at: z.iso.datetime().nullable(),
  record: z
    .object({ name: z.string(), type: z.literal("TXT"), value: z.string() })
    .describe("The DNS record that verifies it."),
  created_at: z.iso.datetime(),
});
export type Domain = z.infer<typeof Domain>;

const KINDS = ["tokens", "schedules"] as const;
/** `tokens,schedules`: which of what a member leaves ends with their membership. */
export const Revoked = z.strictObject({
  revoke: z
    .string()
    .max(100)
    .transform((text) => text.split(","))
    .pipe(z.array(z.enum(KINDS)))
    .optional(),
});

/** What a member created and what stays active without them: usable API tokens and pending schedules. */
export const Leavings = z.object({
  tokens: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      scopes: z.array(z.string()),
      last_used_at: z.string().nullable(),
    }),
  ),
  schedules: z.array(
    z.object({
      id: z.string(),
      environment: z.string(),
      entry: z.string(),
      action: z.string(),
      due_at: z.string(),
    }),
  ),
  revoked: z.array(z.enum(KINDS)).describe("Which of them were revoked with the membership."),
});
export type Leavings = z.infer<typeof Leavings>;
