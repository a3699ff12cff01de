import * as z from "zod";
import type { EventName } from "../../../core/events.ts";
import { Difference } from "../../content/entries/index.ts";

const id = z.string();
const Loose = z.record(z.string(), z.unknown());

/** What events about an entry carry. */
export const EntryEventData = z.object({
  id: id.describe("`cnt_…`"),
  type: z.string().describe("Its content type."),
  version: z.int().describe("Its version. A call with an older one than you have seen is late: ignore it."),
  locales: z.array(z.string()).nullable().describe("The locales that the event is about; null for all."),
  fields: Loose.nullable().describe(
    "The chosen fields after the event, as stored: `{ locale: value }` of localised ones. Null when there is nothing any more.",
  ),
  changes: z
    .array(Difference)
    .nullable()
    .describe("What the event changed in them; null where that is not known any more."),
  is_truncated: z
    .boolean()
    .describe("Whether values were left out, since they were too large: read the entry."),
  stage: z.string().optional(),
  assignee: z.string().nullable().optional(),
});

const Entry = EntryEventData;
const Id = z.object({ id });
const OfEntry = z.object({ id, entry: z.string() });
const Definition = z.object({ id, version: z.int() });
const Renamed = Definition.extend({ from: z.string().describe("The id that it had.") });
const Named = z.object({ name: z.string() });
const Released = z.object({
  id,
  types: z.array(z.string()).describe("The content types of its entries."),
  entries: z.array(z.string()).nullable().describe("Its entries; null of more than 50."),
});
const Domain = z.object({ domain: z.string() });

type EventFacts = { description: string; data: z.ZodObject };
/** Every event that a webhook can be told of, with what its payload carries as `data`. */
export const CATALOGUE: Readonly<Record<EventName, EventFacts>> = {
  "entry.created": { data: Entry, description: "An entry was created." },
  "entry.updated": { data: Entry, description: "The working copy of an entry was saved." },
  "entry.published": { data: Entry, description: "An entry was published, in all or some locales." },
  "entry.unpublished": { data: Entry, description: "An entry was unpublished, in all or some locales." },
  "entry.deleted": { data: Entry, description: "An entry was deleted, into the trash or for good." },
  "entry.erased": { data: Entry, description: "A deleted entry was erased from the trash." },
  "entry.version_named": { data: Entry, description: "A version of an entry was named." },
  "entry.moved": { data: Entry, description: "An entry was moved to another stage of its review." },
  "entry.assigned": { data: Entry, description: "An entry was assigned to somebody, or to nobody." },
  "entry.placed": { data: Entry, description: "An entry has another place in the manual order." },
  "comment.created": { data: OfEntry, description: "Somebody commented on an entry." },
  "schedule.created": { data: OfEntry, description: "Publishing or unpublishing was scheduled." },
  "schedule.cancelled": { data: OfEntry, description: "A schedule was cancelled." },
  "schedule.failed": { data: OfEntry, description: "A schedule could not be carried out." },
  "release.created": { data: Id, description: "A release was created." },
  "release.updated": {
    data: Id,
    description: "A release or its entries changed, or its schedule was cancelled.",
  },
  "release.scheduled": { data: Id, description: "A release was scheduled." },
  "release.published": {
    data: Released,
    description: "A release was published: all of its entries at once.",
  },
  "release.rolled_back": {
    data: Released.extend({ inverse_of: z.string().describe("The release that was rolled back.") }),
    description: "A release was rolled back, by the release with this id.",
  },
  "release.failed": { data: Id, description: "A scheduled release could not be published." },
  "release.deleted": { data: Id, description: "A release was deleted." },
  "environment.created": { data: Named, description: "An environment was created." },
  "environment.deleted": { data: Named, description: "An environment was deleted." },
  "environment.updated": {
    data: z.object({ name: z.string(), locales: z.boolean() }),
    description: "The settings of an environment changed.",
  },
  "type.created": { data: Definition, description: "A content type was created." },
  "type.updated": { data: Definition, description: "A content type changed." },
  "type.deleted": { data: Definition, description: "A content type was deleted." },
  "type.described": { data: Definition, description: "Hints for editors changed." },
  "type.renamed": { data: Renamed, description: "A content type got another id." },
  "component.renamed": { data: Renamed, description: "A component got another id." },
  "component.created": { data: Definition, description: "A component was created." },
  "component.updated": { data: Definition, description: "A component changed." },
  "component.deleted": { data: Definition, description: "A component was deleted." },
  "operation.saved": { data: Named, description: "A GraphQL document was registered." },
  "operation.deleted": { data: Named, description: "A registered GraphQL document was deleted." },
  "asset.created": { data: Id, description: "An asset was created." },
  "asset.updated": { data: Id, description: "An asset was changed or replaced." },
  "asset.deleted": { data: Id, description: "An asset was deleted." },
  "tenant.updated": { data: z.object({ slug: z.string() }), description: "The tenant's settings changed." },
  "person.renamed": { data: Id, description: "A member changed their name." },
  "person.email_changed": { data: Id, description: "A member changed their email address." },
  "person.email_verified": { data: Id, description: "A member verified their email address." },
  "person.deleted": { data: Id, description: "A member deleted their account." },
  "person.password_changed": { data: Id, description: "A member changed their password." },
  "person.second_factor_removed": { data: Id, description: "A member removed their second factor." },
  "person.passkey_removed": { data: Id, description: "A member removed a passkey." },
  "session.revoked": { data: z.object({ id, session: z.string() }), description: "A session was ended." },
  "access.revoked": { data: z.object({}), description: "Somebody's access was revoked." },
  "token.created": { data: Id, description: "An API token was created." },
  "token.revoked": { data: Id, description: "An API token was revoked." },
  "key.created": { data: Id, description: "A public key was trusted." },
  "key.revoked": { data: Id, description: "A public key is not trusted any more." },
  "key.rotated": { data: Id, description: "The tenant's issuer has a new key." },
  "member.updated": { data: Id, description: "The roles of a member changed." },
  "member.removed": { data: Id, description: "A member was removed." },
  "invitation.created": { data: Id, description: "Somebody was invited." },
  "invitation.revoked": { data: Id, description: "An invitation was revoked." },
  "team.created": { data: Id, description: "A team was created." },
  "team.updated": { data: Id, description: "A team changed." },
  "team.deleted": { data: Id, description: "A team was deleted." },
  "domain.added": { data: Domain, description: "A domain was added." },
  "domain.verified": { data: Domain, description: "A domain was verified." },
  "domain.removed": { data: Domain, description: "A domain was removed." },
  "client.created": { data: Id, description: "An OAuth client was created." },
  "client.updated": { data: Id, description: "An OAuth client changed." },
  "client.deleted": { data: Id, description: "An OAuth client was deleted." },
  "role.created": { data: Id, description: "A role was created." },
  "role.updated": { data: Id, description: "A role changed." },
  "role.deleted": { data: Id, description: "A role was deleted." },
  "policy.created": { data: Id, description: "A policy was created." },
  "policy.updated": { data: Id, description: "A policy changed." },
  "policy.deleted": { data: Id, description: "A policy was deleted." },
  "sso.connection_created": { data: Id, description: "A connection for single sign-on was created." },
  "sso.connection_updated": { data: Id, description: "A connection for single sign-on changed." },
  "sso.connection_deleted": { data: Id, description: "A connection for single sign-on was deleted." },
  "scim.user_created": { data: Id, description: "A member was provisioned." },
  "scim.user_updated": { data: Id, description: "A provisioned member changed." },
  "scim.user_deleted": { data: Id, description: "A provisioned member was removed." },
  "scim.group_created": { data: Id, description: "A group was provisioned." },
  "scim.group_updated": { data: Id, description: "A provisioned group changed." },
  "scim.group_deleted": { data: Id, description: "A provisioned group was removed." },
  "webhook.created": { data: Id, description: "A webhook was created." },
  "webhook.updated": { data: Id, description: "A webhook was changed, or got a new secret." },
  "webhook.deleted": { data: Id, description: "A webhook was deleted." },
  "webhook.disabled": {
    data: Id,
    description: "A webhook was disabled, since it answered 410 or did nothing but fail for five days.",
  },
  "read_model.rebuilt": {
    data: z.object({ type: z.string() }),
    description: "All published entries of a type were made anew after a change of it.",
  },
};

/** Events that belong to the whole tenant, whatever environment they came from. */
export const isOfTenant = (name: string): boolean =>
  !/^(?:entry|comment|schedule|type|component|operation|asset|read_model|environment|release|webhook)\./.test(
    name,
  );
