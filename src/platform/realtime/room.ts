import type { Interest, LiveEvent, SubscriptionRequest } from "../../core/live.ts";
import { isOfInterest } from "../../core/live.ts";
import type { Census } from "./env.ts";
import type { Operation, Seat } from "./seat.ts";

/** A subscription that sockets have, the same for all of them. */
export type Standing = { key: string; request: SubscriptionRequest; interest: Interest };
/** One who has it. */
export type Listener = { seat: Seat; id: string; operation: Operation };

/** What a shard holds of one environment. `tail` is the end of the work on its events, which keep their order. */
export type Room = {
  hub: string;
  seats: Set<Seat>;
  listeners: Map<string, Set<Listener>>;
  tail: Promise<void>;
};

export const newRoom = (hub: string): Room => ({
  hub,
  seats: new Set(),
  listeners: new Map(),
  tail: Promise.resolve(),
});

export function listen({ listeners }: Room, key: string, listener: Listener): void {
  const all = listeners.get(key) ?? new Set();
  all.add(listener);
  listeners.set(key, all);
}

/** Takes an operation away; answers its key when nobody has that subscription any more. */
export function unlisten({ listeners }: Room, seat: Seat, id: string): string | undefined {
  const key = seat.operations.get(id)?.key;
  const all = key === undefined ? undefined : listeners.get(key);
  if (key === undefined || !all) return undefined;
  for (const listener of all) if (listener.seat === seat && listener.id === id) all.delete(listener);
  if (all.size > 0) return undefined;
  listeners.delete(key);
  return key;
}

export const callerOf = ({ subscriber }: Seat): string => {
  const identity = subscriber!.identity;
  return identity.kind === "token" ? identity.id : `${identity.kid}:${String(identity.claims["sub"])}`;
};

export function censusOf(room: Room | undefined): Census {
  const ofEach: Record<string, number> = {};
  for (const seat of room?.seats ?? []) ofEach[callerOf(seat)] = (ofEach[callerOf(seat)] ?? 0) + 1;
  return { all: room?.seats.size ?? 0, ofEach };
}

/** The events that a subscription is about: of each thing the last. */
export function latestOfInterest(interest: Interest, events: readonly LiveEvent[]): LiveEvent[] {
  const latest = new Map<unknown, LiveEvent>();
  for (const event of events) {
    if (!isOfInterest(interest, event)) continue;
    const id = event.payload["id"];
    latest.delete(id);
    latest.set(id, event);
  }
  return [...latest.values()];
}
