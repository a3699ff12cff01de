import type { EventName } from "./events.ts";

/** An event as hubs keep it; `id` is that of its outbox row. */
export type CommittedEvent = {
  id: string;
  event: EventName;
  payload: Readonly<Record<string, unknown>>;
  /** When it was committed, ISO 8601. */
  at: string;
};

/** An event with its place in the log of a hub, which clients give back as `since`. */
export type LiveEvent = CommittedEvent & { since: string };

/** Which events a subscription is about: of these names, and of this type and id where it names them. */
export type Interest = { events: readonly string[]; type?: string; id?: string };

/** Whether a subscription is about an event. */
export function isOfInterest(
  { events, type, id }: Interest,
  { event, payload }: Pick<CommittedEvent, "event" | "payload">,
): boolean {
  return (
    events.includes(event) &&
    (type === undefined || payload["type"] === type) &&
    (id === undefined || payload["id"] === id)
  );
}

/**
 * What a credential was found to be, without its secret: enough to look again whether it still holds,
 * and what it grants by now.
 */
export type Identity =
  | { kind: "token"; id: string }
  | { kind: "jwt"; kid: string; claims: Readonly<Record<string, unknown>> };

/** Where a caller comes from, as the gateway knows it. */
export type Origin = {
  /** The tenants that the host and the headers name. */
  tenants: readonly string[];
  address: string | null;
  /** The name of the environment; null for the usual one. */
  environment: string | null;
  /** The plan of tenants without one, where the gateway is told of it. */
  plan?: string | undefined;
};

/** A caller who has signed in for subscriptions. */
export type Subscriber = {
  tenantId: string;
  environmentId: string;
  from: Origin;
  identity: Identity;
  /** The same for all who see the same: what one of them is answered, each of them is. */
  seesAs: string;
  /** When the credential ends, milliseconds since 1970; null for one that does not. */
  endsAt: number | null;
};

/** A subscription as a client asks for it, without what differs from one client to the next. */
export type SubscriptionRequest = {
  query?: unknown;
  documentId?: unknown;
  operationName?: unknown;
  variables?: unknown;
  extensions?: unknown;
};

/** An operation that CONTENT is asked to plan; one that came by GET changes nothing. */
export type PlanRequest = { subscriber: Subscriber; request: SubscriptionRequest; isByGet?: boolean };

/** Errors as they are sent to clients of GraphQL. */
export type LiveErrors = readonly { message: string; extensions?: Readonly<Record<string, unknown>> }[];

/** What CONTENT answers to who signs in. */
export type SignInAnswer =
  | { subscriber: Subscriber }
  | { refused: { code: string; reason: string; message: string } };

/**
 * What CONTENT answers to an operation: what a subscription is about, or what is wrong with it; the
 * result of any other, as JSON, null for a subscription that leaves out its field.
 */
export type PlanAnswer =
  | { interest: Interest }
  | { result: string | null }
  | { errors: LiveErrors }
  | { seesAs: string | null };

/** Subscriptions that are executed for events, each as one of those who have it. */
export type ExecuteRequest = {
  subscriptions: readonly { key: string; subscriber: Subscriber; request: SubscriptionRequest }[];
  /** The events, and the keys of the subscriptions that are about each. */
  events: readonly { event: LiveEvent; keys: readonly string[] }[];
};

/**
 * What executing came to, by the keys of the subscriptions: each result with its place, in the order of
 * the events, as JSON; errors end it. `seesAs` is another where the credential grants something else by now, null
 * where it does not hold any more: then nothing was executed.
 */
export type ExecuteAnswer = Record<
  string,
  | { results: readonly (readonly [since: string, result: string])[] }
  | { errors: LiveErrors }
  | { seesAs: string | null }
>;
