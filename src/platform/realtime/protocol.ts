import { MAX_ID_CHARS, MAX_MESSAGE_CHARS } from "./limits.ts";

export const SUBPROTOCOL = "graphql-transport-ws";

/** Why a socket is closed: the codes of the protocol, and those of WebSockets after which clients come again. */
export const CLOSE = {
  badMessage: [4400, "Invalid message"],
  notSignedIn: [4401, "Unauthorized"],
  forbidden: [4403, "Forbidden"],
  noSubprotocol: [4406, "Subprotocol not acceptable"],
  initTimeout: [4408, "Connection initialisation timeout"],
  initAgain: [4429, "Too many initialisation requests"],
  tooBig: [1009, "Message too big"],
  tooMany: [1008, "Too many messages"],
  changed: [1012, "What the token may see has changed: connect again"],
  later: [1013, "Try again later"],
  tooSlow: [1013, "Too slow: messages did not arrive"],
} as const satisfies Record<string, readonly [number, string]>;

export type Closing = readonly [code: number, reason: string];

/** A message of a client, as far as the protocol has it. */
export type Message =
  | { type: "connection_init"; payload: Record<string, unknown> }
  | { type: "ping"; payload: unknown }
  | { type: "pong" }
  | { type: "subscribe"; id: string; payload: Record<string, unknown> }
  | { type: "complete"; id: string };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads a message; answers why the socket is to be closed where it is none. */
export function readMessage(data: string | ArrayBuffer): Message | Closing {
  if (typeof data !== "string") return CLOSE.badMessage;
  if (data.length > MAX_MESSAGE_CHARS) return CLOSE.tooBig;
  let given: unknown;
  try {
    given = JSON.parse(data);
  } catch {
    return CLOSE.badMessage;
  }
  if (!isObject(given)) return CLOSE.badMessage;
  const { type, id, payload } = given;
  const isPayload = payload === undefined || payload === null || isObject(payload);
  const isId = typeof id === "string" && id.length > 0 && id.length <= MAX_ID_CHARS;
  if (type === "connection_init" && isPayload) return { type, payload: payload ?? {} };
  if (type === "ping" && isPayload) return { type, payload: payload ?? undefined };
  if (type === "pong" && isPayload) return { type };
  if (type === "complete" && isId) return { type, id };
  if (type === "subscribe" && isId && isObject(payload)) return { type, id, payload };
  return CLOSE.badMessage;
}

export const PING = JSON.stringify({ type: "ping" });
export const PONG = JSON.stringify({ type: "pong" });
/** `result` is JSON already: it is the same for everybody. */
export const nextFrame = (id: string, result: string): string =>
  `{"id":${JSON.stringify(id)},"type":"next","payload":${result}}`;
/** Says that a subscription stands: a message that the protocol has and clients need not heed. */
export const standingFrame = (id: string): string =>
  JSON.stringify({ type: "pong", payload: { standing: id } });
export const completeFrame = (id: string): string => JSON.stringify({ id, type: "complete" });
export const errorFrame = (id: string, payload: readonly unknown[]): string =>
  JSON.stringify({ id, type: "error", payload });

/** An error of GraphQL, as CONTENT writes those of its own. */
export const liveError = (code: string, reason: string, message: string, path?: string) => ({
  message,
  extensions: { code, reason, details: path === undefined ? [] : [{ path, message }] },
});

/** The reason of an operation that failed for no fault of its own. */
export const FAILED = "realtime/failed";

/** The Authorization header that a `connection_init` brings along, as clients write it; a ticket in its place. */
export function credentialIn(payload: Record<string, unknown>): { authorization?: string; ticket?: string } {
  const { ticket, token, headers } = payload;
  if (typeof ticket === "string") return { ticket };
  if (typeof token === "string") return { authorization: bearer(token) };
  const given = [payload, isObject(headers) ? headers : {}].flatMap((owner) =>
    Object.entries(owner).filter(([name]) => name.toLowerCase() === "authorization"),
  );
  const [, value] = given.find(([, one]) => typeof one === "string") ?? [];
  return value === undefined ? {} : { authorization: bearer(value as string) };
}

const bearer = (text: string): string => (/^bearer\s/i.test(text) ? text : `Bearer ${text}`);
