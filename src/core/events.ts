/** Every event the outbox may carry, with its payload. Names are `noun.past_tense`. */
export type EventMap = {
  "entry.created": EntryEvent;
  "entry.updated": EntryEvent;
  "entry.published": EntryEvent;
  "entry.unpublished": EntryEvent;
  "entry.deleted": EntryEvent;
  "entry.erased": EntryEvent;
  "entry.version_named": EntryEvent;
  "entry.moved": EntryEvent & { stage: string };
  "entry.assigned": EntryEvent & { assignee: string | null };
  "comment.created": { id: string; entry: string };
  "schedule.created": { id: string; entry: string };
  "schedule.cancelled": { id: string; entry: string };
  "schedule.failed": { id: string; entry: string };
  "environment.created": { name: string };
  "environment.deleted": { name: string };
  "type.created": TypeEvent;
  "type.updated": TypeEvent;
  "type.deleted": TypeEvent;
  "environment.updated": { name: string };
  "operation.saved": { name: string };
  "operation.deleted": { name: string };
  "asset.created": { id: string };
  "asset.updated": { id: string };
  "asset.deleted": { id: string };
  "tenant.updated": { slug: string };
  "token.created": { id: string };
  "token.revoked": { id: string };
  "key.created": { id: string };
  "key.revoked": { id: string };
  "read_model.rebuilt": { type: string };
};

export type EntryEvent = { id: string; type: string; version: number };
export type TypeEvent = { id: string; version: number };
export type EventName = keyof EventMap;

/** The cache tag of every answer that lists entries of a type. */
export const typeTag = (environmentId: string, type: string): string => `ty:${environmentId}:${type}`;
/** The cache tag of every answer that shows an entry or asset. */
export const entryTag = (environmentId: string, id: string): string => `en:${environmentId}:${id}`;
/** The cache tag of every answer of an environment. */
export const environmentTag = (environmentId: string): string => `ev:${environmentId}`;

/** Stands for assets where answers are tagged with the types of what they show. */
export const ASSETS = "@assets";

/** Which cached answers an event makes stale; empty for events that delivery cannot see. */
export function purgeTags(
  environmentId: string,
  name: EventName,
  payload: { id?: string; type?: string },
): string[] {
  switch (name) {
    case "entry.published":
    case "entry.unpublished":
    case "entry.deleted":
      return [typeTag(environmentId, payload.type!), entryTag(environmentId, payload.id!)];
    case "read_model.rebuilt":
      return [typeTag(environmentId, payload.type!)];
    case "type.created":
    case "type.updated":
    case "type.deleted":
    case "environment.updated":
    case "operation.saved":
    case "operation.deleted":
      return [environmentTag(environmentId)];
    case "asset.created":
    case "asset.updated":
    case "asset.deleted":
      return [entryTag(environmentId, payload.id!), typeTag(environmentId, ASSETS)];
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
    case "environment.created":
    case "environment.deleted":
    case "tenant.updated":
    case "token.created":
    case "token.revoked":
    case "key.created":
    case "key.revoked":
      return [];
  }
}

/** Whether an event changes what the tenant's snapshot at the edge says. */
export function touchesSnapshot(name: EventName): boolean {
  return /^(?:tenant|token|key|environment)\./.test(name);
}
