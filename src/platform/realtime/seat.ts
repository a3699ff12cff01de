import type { Origin, Subscriber } from "../../core/live.ts";
import {
  ASK_AFTER_CHARS,
  INIT_TIMEOUT_MS,
  MAX_UNANSWERED_CHARS,
  MESSAGES_AT_ONCE,
  MESSAGES_PER_SECOND,
} from "./limits.ts";
import { CLOSE, PING, type Closing } from "./protocol.ts";

/** An operation of a socket: the subscription that it is, once that is known. */
export type Operation = {
  key?: string;
  /** What came while it was told of what it had missed. */
  held?: { since: string; frame: string }[];
  /** The number of the last event that it was told of. */
  upTo: number;
};

/** Who connects, as the gateway tells. */
export type Arrival = Origin & {
  /** The header of the request, until somebody signs in by it. */
  authorization?: string | undefined;
  /** When, milliseconds since 1970. */
  at: number;
  /** For a stream that a GET asked for: it must change nothing. */
  isByGet?: boolean;
};

/** A socket and who is at it. All but `ws` and what is only of the moment survives hibernation. */
export type Seat = {
  ws: WebSocket;
  arrival: Arrival;
  subscriber: Subscriber | undefined;
  isSigningIn: boolean;
  operations: Map<string, Operation>;
  /** What was sent and not yet answered for, and the part of it that was sent after it was asked for. */
  unanswered: number;
  sinceAsked: number | undefined;
  budget: { left: number; at: number };
};

type Kept = { arrival: Arrival; subscriber?: Subscriber; operations?: [id: string, key: string][] };

export const newSeat = (ws: WebSocket, arrival: Arrival): Seat => ({
  ws,
  arrival,
  subscriber: undefined,
  isSigningIn: false,
  operations: new Map(),
  unanswered: 0,
  sinceAsked: undefined,
  budget: { left: MESSAGES_AT_ONCE, at: Date.now() },
});

/** Keeps with the socket what is to be known of it after hibernation. */
export function keepSeat({ ws, arrival, subscriber, operations }: Seat): void {
  const standing = [...operations].flatMap(([id, { key }]) => (key === undefined ? [] : [[id, key]]));
  const kept = { arrival, ...(subscriber ? { subscriber, operations: standing } : {}) } as Kept;
  ws.serializeAttachment(kept);
}

export function seatAgain(ws: WebSocket): Seat {
  const { arrival, subscriber, operations = [] } = ws.deserializeAttachment() as Kept;
  const seat = { ...newSeat(ws, arrival), subscriber };
  for (const [id, key] of operations) seat.operations.set(id, { key, upTo: 0 });
  return seat;
}

/** Until when it may stay: somebody signs in soon, and stays as long as their token is valid. */
export const deadlineOf = ({ arrival, subscriber }: Seat): number =>
  subscriber ? (subscriber.endsAt ?? Number.POSITIVE_INFINITY) : arrival.at + INIT_TIMEOUT_MS;

/** Counts a message; answers whether it is one too many. */
export function isTooMany({ budget }: Seat, now: number): boolean {
  budget.left = Math.min(MESSAGES_AT_ONCE, budget.left + ((now - budget.at) / 1000) * MESSAGES_PER_SECOND);
  budget.at = now;
  budget.left -= 1;
  return budget.left < 0;
}

/**
 * Sends, and from time to time asks the client to answer, which it does once everything before has
 * arrived: how much is on its way cannot be seen otherwise. Answers whether it is too much.
 */
export function send(seat: Seat, frame: string): Closing | undefined {
  seat.unanswered += frame.length;
  if (seat.unanswered > MAX_UNANSWERED_CHARS) return CLOSE.tooSlow;
  if (seat.sinceAsked !== undefined) seat.sinceAsked += frame.length;
  try {
    seat.ws.send(frame);
    if (seat.sinceAsked === undefined && seat.unanswered > ASK_AFTER_CHARS) {
      seat.sinceAsked = 0;
      seat.ws.send(PING);
    }
  } catch {
    // It is closing: it is told by its own event.
  }
  return undefined;
}

/** The client has what was sent before it was asked. */
export function answered(seat: Seat): void {
  seat.unanswered = seat.sinceAsked ?? seat.unanswered;
  seat.sinceAsked = undefined;
}
