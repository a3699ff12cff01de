/** Every event the outbox may carry, with its payload. Names are `noun.past_tense`. */
export type EventMap = {
  "entry.created": EntryEvent;
  "entry.updated": EntryEvent;
  "entry.published": EntryEvent;
  "entry.unpublished": EntryEvent;
  /** `published` says whether it was. */
  "entry.deleted": EntryEvent & { published: boolean };
  "entry.erased": EntryEvent;
  "entry.version_named": EntryEvent;
  "entry.moved": EntryEvent & { stage: string };
  "entry.assigned": EntryEvent & { assignee: string | null };
  /** It has another place in the manual order of its type. */
  "entry.placed": EntryEvent;
  "comment.created": { id: string; entry: string };
  "schedule.created": { id: string; entry: string };
  "schedule.cancelled": { id: string; entry: string };
  "schedule.failed": { id: string; entry: string };
  "release.created": { id: string };
  "release.updated": { id: string };
  "release.scheduled": { id: string };
  "release.deleted": { id: string };
  "release.failed": { id: string };
  /** With the types of its entries, and the entries where these are few. */
  "release.published": ReleaseEvent;
  "release.rolled_back": ReleaseEvent & { inverse_of: string };
  "environment.created": { name: string };
  "environment.deleted": { name: string };
  "type.created": TypeEvent;
  "type.updated": TypeEvent;
  "type.deleted": TypeEvent;
  /** It has another id, `from` being the one before; its definition may have changed with it. */
  "type.renamed": TypeEvent & { from: string };
  /** Hints for editors changed, which no answer depends on. */
  "type.described": TypeEvent;
  "component.created": TypeEvent;
  "component.updated": TypeEvent;
  "component.deleted": TypeEvent;
  "component.renamed": TypeEvent & { from: string };
  /** `locales` says whether they or what they fall back to changed, and so every published answer. */
  "environment.updated": { name: string; locales: boolean };
  "operation.saved": { name: string };
  "operation.deleted": { name: string };
  "asset.created": { id: string };
  "asset.updated": { id: string };
  "asset.deleted": { id: string };
  "tenant.updated": { slug: string };
  "person.renamed": { id: string };
  "person.email_changed": { id: string };
  "person.email_verified": { id: string };
  "person.deleted": { id: string };
  "person.password_changed": { id: string };
  "person.second_factor_removed": { id: string };
  "person.passkey_removed": { id: string };
  "session.revoked": { id: string; session: string };
  "access.revoked": Record<string, never>;
  "token.created": { id: string };
  "token.revoked": { id: string };
  "key.created": { id: string };
  "key.revoked": { id: string };
  "key.rotated": { id: string };
  "member.updated": { id: string };
  "member.removed": { id: string };
  "invitation.created": { id: string };
  "invitation.revoked": { id: string };
  "team.created": { id: string };
  "team.updated": { id: string };
  "team.deleted": { id: string };
  "domain.added": { domain: string };
  "domain.verified": { domain: string };
  "domain.removed": { domain: string };
  "client.created": { id: string };
  "client.updated": { id: string };
  "client.deleted": { id: string };
  "role.created": { id: string };
  "role.updated": { id: string };
  "role.deleted": { id: string };
  "policy.created": { id: string };
  "policy.updated": { id: string };
  "policy.deleted": { id: string };
  "sso.connection_created": { id: string };
  "sso.connection_updated": { id: string };
  "sso.connection_deleted": { id: string };
  "scim.user_created": { id: string };
  "scim.user_updated": { id: string };
  "scim.user_deleted": { id: string };
  "scim.group_created": { id: string };
  "scim.group_updated": { id: string };
  "scim.group_deleted": { id: string };
  "webhook.created": { id: string };
  "webhook.updated": { id: string };
  "webhook.deleted": { id: string };
  "webhook.disabled": { id: string };
  "read_model.rebuilt": { type: string };
};

/**
 * Of a publication, `was` is the version that was published before, null of the first; `locales` those it was
 * about, null for all;
 * `release` what it was published with.
 */
export type EntryEvent = {
  id: string;
  type: string;
  version: number;
  was?: number | null;
  locales?: readonly string[] | null;
  release?: string;
};
export type ReleaseEvent = { id: string; types: string[]; entries: string[] | null };
export type TypeEvent = { id: string; version: number };
export type EventName = keyof EventMap;

/** The cache tag of all responses that list entries of a type, or depend on some. */
export const typeTag = (environmentId: string, type: string): string => `ty:${environmentId}:${type}`;
/** The cache tag of all responses with this entry or asset. */
export const entryTag = (environmentId: string, id: string): string => `en:${environmentId}:${id}`;
/** The cache tag of all responses of an environment. */
export const environmentTag = (environmentId: string): string => `ev:${environmentId}`;

/**
 * The cache tag of all responses with a single entry of a type: purged when all entries of the type are
 * rebuilt.
 */
const madeTag = (environmentId: string, type: string): string => `tm:${environmentId}:${type}`;

/** Stands for assets where answers are tagged with the types of what they show. */
export const ASSETS = "@assets";
/** Stands for every type, where an answer depends on more than a header can name. */
const ANY_TYPE = "@any";
const MAX_TYPE_TAGS = 40;

/** The cache tags of an answer that depends on the entries of these types, `ASSETS` among them. */
export function tagsOfTypes(environmentId: string, types: Iterable<string>): string[] {
  const named = [...new Set(types)];
  const tags = named.length > MAX_TYPE_TAGS ? [ANY_TYPE] : named;
  return [environmentTag(environmentId), ...tags.map((type) => typeTag(environmentId, type))];
}

/** The cache tags of an answer that shows one entry, whatever its type shows elsewhere. */
export const tagsOfEntry = (environmentId: string, { id, type }: { id: string; type: string }): string[] => [
  environmentTag(environmentId),
  entryTag(environmentId, id),
  madeTag(environmentId, type),
];

/**
 * The cache tags that an event purges; empty for events that do not affect delivery, undefined for
 * unknown events.
 */
export function purgeTags(
  environmentId: string,
  name: EventName,
  payload: { id?: string; type?: string; release?: string; types?: string[]; entries?: string[] | null },
): string[] | undefined {
  switch (name) {
    case "entry.published":
    case "entry.unpublished":
    case "entry.deleted":
      return [
        ...[payload.type!, ANY_TYPE].map((type) => typeTag(environmentId, type)),
        // Those of a release are purged by its own event, all at once.
        ...(payload.release === undefined ? [entryTag(environmentId, payload.id!)] : []),
      ];
    case "release.published":
    case "release.rolled_back":
      return [
        ...[...payload.types!, ANY_TYPE].map((type) => typeTag(environmentId, type)),
        ...(payload.entries?.map((id) => entryTag(environmentId, id)) ??
          payload.types!.map((type) => madeTag(environmentId, type))),
      ];
    case "entry.placed":
      return [payload.type!, ANY_TYPE].map((type) => typeTag(environmentId, type));
    case "read_model.rebuilt":
      return [
        ...[payload.type!, ANY_TYPE].map((type) => typeTag(environmentId, type)),
        madeTag(environmentId, payload.type!),
      ];
    case "type.created":
    case "type.updated":
    case "type.deleted":
    case "type.renamed":
    case "environment.updated":
    case "operation.saved":
    case "operation.deleted":
      return [environmentTag(environmentId)];
    case "asset.created":
    case "asset.updated":
    case "asset.deleted":
      return [
        entryTag(environmentId, payload.id!),
        ...[ASSETS, ANY_TYPE].map((type) => typeTag(environmentId, type)),
      ];
    case "entry.created":
    case "entry.updated":
    case "entry.erased":
    case "entry.version_named":
    case "entry.moved":
    case "entry.assigned":
    case "comment.created":
    case "schedule.created":
    case "schedule.cancelled":
    case "schedule.failed":
    case "release.created":
    case "release.updated":
    case "release.scheduled":
    case "release.deleted":
    case "release.failed":
    // What a component changes of content types is told by events of theirs.
    case "type.described":
    case "component.created":
    case "component.updated":
    case "component.deleted":
    case "component.renamed":
    case "environment.created":
    case "environment.deleted":
    case "tenant.updated":
    case "person.renamed":
    case "person.email_changed":
    case "person.email_verified":
    case "person.deleted":
    case "person.password_changed":
    case "person.second_factor_removed":
    case "person.passkey_removed":
    case "session.revoked":
    case "access.revoked":
    case "token.created":
    case "token.revoked":
    case "key.created":
    case "key.revoked":
    case "key.rotated":
    case "member.updated":
    case "member.removed":
    case "invitation.created":
    case "invitation.revoked":
    case "team.created":
    case "team.updated":
    case "team.deleted":
    case "domain.added":
    case "domain.verified":
    case "domain.removed":
    case "client.created":
    case "client.updated":
    case "client.deleted":
    case "role.created":
    case "role.updated":
    case "role.deleted":
    case "policy.created":
    case "policy.updated":
    case "policy.deleted":
    case "sso.connection_created":
    case "sso.connection_updated":
    case "sso.connection_deleted":
    case "scim.user_created":
    case "scim.user_updated":
    case "scim.user_deleted":
    case "scim.group_created":
    case "scim.group_updated":
    case "scim.group_deleted":
    case "webhook.created":
    case "webhook.updated":
    case "webhook.deleted":
    case "webhook.disabled":
      return [];
    default:
      return unknown(name);
  }
}

/** What a Worker of another version wrote. */
const unknown = (_name: never): undefined => undefined;

/**
 * Whether an event changes the tenant's snapshot at the edge. Revocations are not among them: each
 * leaves its own `access.revoked`. Tokens may name types that are renamed.
 */
export function touchesSnapshot(name: EventName): boolean {
  return /^(?:(?:tenant|token|key|environment|role|policy|access)\.|type\.renamed$)/.test(name);
}
