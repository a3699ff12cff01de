import * as z from "zod";
import { Domain } from "../../core/domain-name.ts";
import { EmailAddress } from "../../core/email-address.ts";
import { PlainName } from "../../core/plain-name.ts";
import { RoleNames } from "../../core/role-names.ts";

export const MemberChange = z
  .strictObject({
    roles: RoleNames.describe("In place of those they have."),
    suspended: z.boolean().describe("Whether they are kept out for now."),
  })
  .partial();

export const NewInvitation = z.strictObject({
  email: EmailAddress.describe("Who is invited: the invitation is for whoever reads this mailbox."),
  roles: RoleNames.describe("What they will be."),
});

const name = PlainName.min(1);
const roles = RoleNames.describe("What its members are, beside their own roles.");
export const NewTeam = z.strictObject({ name, roles: roles.default([]) });
export const TeamChange = z.strictObject({ name, roles }).partial();

export const NewDomain = z.strictObject({
  domain: Domain.describe("Lower case, in its ASCII form."),
  serves: z.boolean().default(false).describe("Whether requests for this host are the tenant's."),
});
