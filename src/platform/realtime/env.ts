import type { CommittedEvent, LiveEvent } from "../../core/live.ts";
import type { ContentBindings } from "../content-env.ts";

/** How many sockets a shard holds in an environment: of one caller, and of all. */
export type Census = { all: number; ofEach: Readonly<Record<string, number>> };

/** A shard that has a socket more. `who` is the caller; the counts are what it holds with that socket. */
export type Joining = { shard: string; who: string; all: number; ofWho: number };
export type Joined = { since: string } | { refused: "caller" | "environment" };

/** The hub of an environment, named `<tenant id>:<environment id>`: its log of events, and who is told of them. */
export type HubStub = {
  /** Takes events, each once; returns when they are stored. */
  append(events: readonly CommittedEvent[]): Promise<void>;
  join(joining: Joining): Promise<Joined>;
  leave(shard: string, census: Census): Promise<void>;
  /** The events after a place in the log; undefined when the log does not reach back so far. */
  read(since: string): Promise<LiveEvent[] | undefined>;
  /** What its subscribers may see has changed; returns when all were looked at, or at once. */
  recheck(options: { isAwaited: boolean }): Promise<void>;
};

/** Holds sockets. */
export type ShardStub = {
  fetch(request: Request): Promise<Response>;
  /** Tells of events of a hub, in their order; answers whether anybody listens. */
  deliver(hub: string, events: readonly LiveEvent[], isGap: boolean): Promise<boolean>;
  recheck(hub: string): Promise<void>;
  census(hub: string): Promise<Census>;
};

type Namespace<Stub> = {
  idFromName(name: string): DurableObjectId;
  get(id: DurableObjectId, options?: { locationHint?: DurableObjectLocationHint }): Stub;
};

/** What REALTIME is given. */
export type RealtimeBindings = ContentBindings & {
  CONTENT: Fetcher;
  HUBS: Namespace<HubStub>;
  SHARDS: Namespace<ShardStub>;
};

export const hubOf = ({ HUBS }: Pick<RealtimeBindings, "HUBS">, name: string): HubStub =>
  HUBS.get(HUBS.idFromName(name));

export const hubName = (tenantId: string, environmentId: string): string => `${tenantId}:${environmentId}`;

/** How the gateway tells a shard of who connects, as JSON. */
export const ORIGIN_HEADER = "x-flow-origin";
/** On the answer of a shard that has no room. */
export const FULL_HEADER = "x-flow-full";
