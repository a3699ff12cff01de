import type { LiveErrors, LiveEvent, SubscriptionRequest } from "../../core/live.ts";
import type { ContentDesk } from "./ask-content.ts";
import { concerns, executeFor, tell } from "./fan-out.ts";
import { parseSince } from "./hub-log.ts";
import { MAX_DIFFERENT, MAX_OPERATIONS_PER_SOCKET } from "./limits.ts";
import {
  completeFrame,
  errorFrame,
  FAILED,
  liveError,
  nextFrame,
  standingFrame,
  type Closing,
} from "./protocol.ts";
import { listen, type Listener, type Room, type Standing } from "./room.ts";
import { keepSeat, type Operation, type Seat } from "./seat.ts";
import { keepStanding, keyOf } from "./standing.ts";

/** What a shard does operations with. */
export type Shop = {
  desk: ContentDesk;
  sql: SqlStorage;
  standing: Map<string, Standing>;
  /** The events of a room's hub after a place; undefined when it does not reach back so far. */
  read(room: Room, since: string): Promise<LiveEvent[] | undefined>;
  send(seat: Seat, frame: string): void;
  close(seat: Seat, why: Closing): void;
  recheck(room: Room): Promise<void>;
  /** Forgets an operation. */
  drop(seat: Seat, id: string): void;
};
type Asked = { room: Room; seat: Seat; id: string; payload: Record<string, unknown> };
/** An operation on its way to be answered, or to stand. */
type Begun = {
  room: Room;
  seat: Seat;
  id: string;
  request: SubscriptionRequest;
  since: string | undefined;
  operation: Operation;
  isStill(): boolean;
  refuse(errors: LiveErrors): void;
};

/**
 * Does an operation: a subscription stands until it is completed, first told of what it missed since
 * the place that it names; anything else is answered once. What fails ends that operation alone.
 */
export async function operate(shop: Shop, { room, seat, id, payload }: Asked): Promise<void> {
  const { since, request } = requestOf(payload);
  const refuse = (errors: LiveErrors): void => {
    if (!isStill()) return;
    shop.drop(seat, id);
    shop.send(seat, errorFrame(id, errors));
  };
  const operation: Operation = { upTo: 0 };
  const isStill = () => seat.operations.get(id) === operation;
  if (seat.operations.size >= MAX_OPERATIONS_PER_SOCKET)
    return shop.send(
      seat,
      errorFrame(id, [tooMany(`A connection has ${MAX_OPERATIONS_PER_SOCKET} operations at most.`)]),
    );
  seat.operations.set(id, operation);
  if (since === null) return refuse([BAD_SINCE]);
  try {
    await begin(shop, { room, seat, id, request, since, operation, isStill, refuse });
  } catch (error) {
    console.error(JSON.stringify({ event: "realtime.failed", message: String(error) }));
    refuse([HAS_FAILED]);
  }
}

async function begin(shop: Shop, begun: Begun): Promise<void> {
  const { room, seat, id, request, since, operation, isStill, refuse } = begun;
  const key = await keyOf(seat.subscriber!.seesAs, request);
  let standing = shop.standing.get(key);
  if (!standing) {
    const plan = await shop.desk.plan({
      subscriber: seat.subscriber!,
      request,
      isByGet: seat.arrival.isByGet === true,
    });
    if (!isStill()) return;
    if ("seesAs" in plan) return shop.recheck(room);
    if ("errors" in plan) return refuse(plan.errors);
    if ("result" in plan) {
      if (plan.result !== null) shop.send(seat, nextFrame(id, plan.result));
      shop.drop(seat, id);
      return shop.send(seat, completeFrame(id));
    }
    if (room.listeners.size >= MAX_DIFFERENT)
      return refuse([tooMany(`There are ${MAX_DIFFERENT} different subscriptions in this environment.`)]);
    standing = { key, request, interest: plan.interest };
    shop.standing.set(key, standing);
    keepStanding(shop.sql, standing);
  }
  if (!isStill()) return;
  operation.key = key;
  const listener: Listener = { seat, id, operation };
  if (since !== undefined) operation.held = [];
  listen(room, key, listener);
  keepSeat(seat);
  const isWhole = since === undefined || (await catchUp(shop, room, standing, listener, since));
  if (!isWhole) return refuse([TOO_OLD]);
  if (isStill()) shop.send(seat, standingFrame(id));
}

/** Tells of what was missed, then of what came meanwhile; answers false when that is not known any more. */
async function catchUp(
  shop: Shop,
  room: Room,
  standing: Standing,
  listener: Listener,
  since: string,
): Promise<boolean> {
  const { operation, seat, id } = listener;
  const missed = await shop.read(room, since);
  if (!missed) return false;
  const send = (_: unknown, frame: string) => shop.send(seat, frame);
  const held = operation.held ?? [];
  if (concerns(standing, missed)) {
    const outcome = (await executeFor(shop.desk, [{ standing, listener }], missed))[standing.key]!;
    if (seat.operations.get(id) !== operation) return true;
    if ("seesAs" in outcome) {
      await shop.recheck(room);
      return true;
    }
    delete operation.held;
    if ("results" in outcome) tell([listener], outcome.results, send);
    else {
      shop.drop(seat, id);
      shop.send(seat, errorFrame(id, outcome.errors));
      return true;
    }
  }
  delete operation.held;
  for (const { since: at, frame } of held) {
    const seq = parseSince(at)?.seq ?? 0;
    if (seq <= operation.upTo) continue;
    operation.upTo = seq;
    shop.send(seat, frame);
  }
  return true;
}

/** A request without what is of this client alone: `since` is undefined without one, null for none. */
function requestOf(payload: Record<string, unknown>): {
  since: string | null | undefined;
  request: SubscriptionRequest;
} {
  const { extensions, ...request } = payload;
  if (typeof extensions !== "object" || extensions === null) return { since: undefined, request: payload };
  const { since, ...others } = extensions as Record<string, unknown>;
  const rest = Object.keys(others).length > 0 ? { ...request, extensions: others } : request;
  if (since === undefined || since === null) return { since: undefined, request: rest };
  return { since: typeof since === "string" && parseSince(since) ? since : null, request: rest };
}

const BAD_SINCE = liveError(
  "INVALID",
  "realtime/bad-since",
  "since must be what a message of a subscription, or the acknowledgement of a connection, said.",
  "extensions.since",
);
const TOO_OLD = liveError(
  "INVALID",
  "realtime/since-too-old",
  "What happened since then is not known any more: read anew, and subscribe without since.",
  "extensions.since",
);
const HAS_FAILED = liveError(
  "UNAVAILABLE",
  FAILED,
  "The operation failed on our side: ask it again after a while.",
);
const tooMany = (message: string) => liveError("QUOTA_EXCEEDED", "realtime/too-many-subscriptions", message);
