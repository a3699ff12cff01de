import { DurableObject } from "cloudflare:workers";
import type { ExecuteAnswer, LiveErrors, LiveEvent, Subscriber } from "../../core/live.ts";
import { contentDesk } from "./ask-content.ts";
import {
  FULL_HEADER,
  hubName,
  hubOf,
  ORIGIN_HEADER,
  type Census,
  type RealtimeBindings,
  type ShardStub,
} from "./env.ts";
import { concerns, executeFor, tell, type Asked } from "./fan-out.ts";
import { MAX_SOCKETS_PER_SHARD } from "./limits.ts";
import { operate, type Shop } from "./operate.ts";
import {
  CLOSE,
  credentialIn,
  errorFrame,
  PING,
  PONG,
  readMessage,
  SUBPROTOCOL,
  type Closing,
  type Message,
} from "./protocol.ts";
import { callerOf, censusOf, listen, newRoom, unlisten, type Room, type Standing } from "./room.ts";
import {
  answered,
  deadlineOf,
  isTooMany,
  keepSeat,
  newSeat,
  seatAgain,
  send,
  type Arrival,
  type Seat,
} from "./seat.ts";
import { allStanding, dropStanding, openStanding } from "./standing.ts";

const LEAVE_AFTER_MS = 1000;

/** Holds sockets near those who opened them, and tells them of what the hubs of their environments tell. */
export class Shard extends DurableObject<RealtimeBindings> implements ShardStub {
  readonly #desk = contentDesk(this.env.CONTENT);
  readonly #seats = new Map<WebSocket, Seat>();
  readonly #rooms = new Map<string, Room>();
  readonly #standing = new Map<string, Standing>();
  readonly #left = new Set<string>();
  readonly #shop: Shop = {
    desk: this.#desk,
    sql: this.ctx.storage.sql,
    standing: this.#standing,
    read: (room, since) => hubOf(this.env, room.hub).read(since),
    send: (seat, frame) => this.#send(seat, frame),
    close: (seat, why) => this.#close(seat, why),
    recheck: (room) => this.#recheck(room),
    drop: (seat, id) => this.#drop(seat, id),
  };

  constructor(ctx: DurableObjectState, env: RealtimeBindings) {
    super(ctx, env);
    openStanding(ctx.storage.sql);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    for (const standing of allStanding(ctx.storage.sql)) this.#standing.set(standing.key, standing);
    for (const ws of ctx.getWebSockets()) this.#seatAgain(ws);
    const wanted = new Set([...this.#rooms.values()].flatMap(({ listeners }) => [...listeners.keys()]));
    for (const key of this.#standing.keys()) if (!wanted.has(key)) this.#forget(key);
  }

  override async fetch(request: Request): Promise<Response> {
    if (this.#seats.size >= MAX_SOCKETS_PER_SHARD)
      return new Response(null, { status: 503, headers: { [FULL_HEADER]: "true" } });
    const arrival = JSON.parse(request.headers.get(ORIGIN_HEADER) ?? "null") as Arrival;
    const authorization = request.headers.get("authorization");
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    const seat = newSeat(server, { ...arrival, ...(authorization === null ? {} : { authorization }) });
    this.#seats.set(server, seat);
    keepSeat(seat);
    const offered = (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((one) => one.trim());
    if (!offered.includes(SUBPROTOCOL)) this.#close(seat, CLOSE.noSubprotocol);
    else await this.#wakeAt(deadlineOf(seat));
    const headers: HeadersInit = offered.includes(SUBPROTOCOL)
      ? { "sec-websocket-protocol": SUBPROTOCOL }
      : {};
    return new Response(null, { status: 101, webSocket: client, headers });
  }

  override async webSocketMessage(ws: WebSocket, data: string | ArrayBuffer): Promise<void> {
    const seat = this.#seats.get(ws);
    if (!seat) return;
    const message = readMessage(data);
    if (!("type" in message)) return this.#close(seat, message);
    if (message.type === "pong") return answered(seat);
    if (isTooMany(seat, Date.now())) return this.#close(seat, CLOSE.tooMany);
    try {
      await this.#handle(seat, message);
    } catch (error) {
      console.error(JSON.stringify({ event: "realtime.failed", message: String(error) }));
      this.#close(seat, CLOSE.later);
    }
  }

  override async webSocketClose(ws: WebSocket): Promise<void> {
    const seat = this.#seats.get(ws);
    if (seat) this.#leave(seat);
  }

  override async webSocketError(ws: WebSocket): Promise<void> {
    await this.webSocketClose(ws);
  }

  async deliver(hub: string, events: readonly LiveEvent[], isGap: boolean): Promise<boolean> {
    const room = this.#rooms.get(hub);
    if (!room) return false;
    if (isGap) {
      for (const seat of room.seats) this.#close(seat, CLOSE.changed);
      return false;
    }
    const told = room.tail.then(() => this.#tell(room, events));
    room.tail = told.catch(() => {});
    await told;
    return true;
  }

  async recheck(hub: string): Promise<void> {
    const room = this.#rooms.get(hub);
    if (room) await this.#recheck(room);
  }

  async census(hub: string): Promise<Census> {
    return censusOf(this.#rooms.get(hub));
  }

  /** Closes the sockets whose token has ended, and those that nobody signed in at. */
  override async alarm(): Promise<void> {
    const now = Date.now();
    for (const seat of this.#seats.values())
      if (deadlineOf(seat) <= now) this.#close(seat, seat.subscriber ? CLOSE.forbidden : CLOSE.initTimeout);
    await this.#wakeAt(Math.min(...[...this.#seats.values()].map(deadlineOf)));
  }

  async #handle(seat: Seat, message: Exclude<Message, { type: "pong" }>): Promise<void> {
    switch (message.type) {
      case "ping":
        return this.#send(seat, JSON.stringify({ type: "pong", payload: message.payload }));
      case "connection_init":
        return this.#signIn(seat, message.payload);
      case "complete":
        return this.#drop(seat, message.id);
      case "subscribe": {
        const room = seat.subscriber && this.#roomOf(seat.subscriber);
        if (!room) return this.#close(seat, CLOSE.notSignedIn);
        if (seat.operations.has(message.id))
          return this.#close(seat, [4409, `Subscriber for ${message.id} already exists`]);
        return operate(this.#shop, { room, seat, id: message.id, payload: message.payload });
      }
    }
  }

  async #signIn(seat: Seat, payload: Record<string, unknown>): Promise<void> {
    if (seat.subscriber || seat.isSigningIn) return this.#close(seat, CLOSE.initAgain);
    seat.isSigningIn = true;
    const { ticket, authorization = seat.arrival.authorization } = credentialIn(payload);
    const { environment = seat.arrival.environment } = payload;
    const { authorization: _, ...rest } = seat.arrival;
    seat.arrival = { ...rest, environment: typeof environment === "string" ? environment : null };
    const answer = await this.#desk.signIn({ ...seat.arrival, authorization }, ticket);
    if (!this.#seats.has(seat.ws)) return;
    if ("refused" in answer) return this.#close(seat, [4403, shortened(answer.refused.message)]);
    seat.subscriber = answer.subscriber;
    const room = this.#roomOf(answer.subscriber);
    room.seats.add(seat);
    const who = callerOf(seat);
    const { all, ofEach } = censusOf(room);
    const joining = { shard: this.ctx.id.name!, who, all, ofWho: ofEach[who]! };
    const joined = await hubOf(this.env, room.hub).join(joining);
    if (!this.#seats.has(seat.ws)) return;
    if ("refused" in joined)
      return this.#close(seat, [1013, `Too many connections of this ${joined.refused}`]);
    await this.#wakeAt(deadlineOf(seat));
    keepSeat(seat);
    this.#send(seat, JSON.stringify({ type: "connection_ack", payload: { since: joined.since } }));
  }

  #roomOf({ tenantId, environmentId }: Subscriber): Room {
    const hub = hubName(tenantId, environmentId);
    const room = this.#rooms.get(hub) ?? newRoom(hub);
    this.#rooms.set(hub, room);
    return room;
  }

  async #tell(room: Room, events: readonly LiveEvent[]): Promise<void> {
    let keys: string[] = [...room.listeners.keys()].filter((key) =>
      concerns(this.#standing.get(key)!, events),
    );
    // A second time for those in whose name it was executed first, who were let go meanwhile.
    for (let isAgain = false; keys.length > 0; isAgain = true) {
      const asked = keys.flatMap((key): Asked[] => {
        const [listener] = room.listeners.get(key) ?? [];
        return listener ? [{ standing: this.#standing.get(key)!, listener }] : [];
      });
      const answer = await executeFor(this.#desk, asked, events);
      keys = Object.keys(answer).filter((key) => "seesAs" in answer[key]!);
      this.#tellAnswers(room, answer);
      if (keys.length === 0) return;
      if (isAgain) throw new Error("Subscribers do not see what they are said to.");
      await this.#recheck(room);
    }
  }

  #tellAnswers(room: Room, answer: ExecuteAnswer): void {
    for (const [key, outcome] of Object.entries(answer)) {
      const listeners = room.listeners.get(key) ?? [];
      if ("results" in outcome)
        tell(listeners, outcome.results, ({ seat }, frame) => this.#send(seat, frame));
      else if ("errors" in outcome)
        for (const { seat, id } of listeners) this.#refuse(seat, id, outcome.errors);
    }
  }

  #refuse(seat: Seat, id: string, errors: LiveErrors): void {
    this.#drop(seat, id);
    this.#send(seat, errorFrame(id, errors));
  }

  /** Lets go of those who see something else by now, or nothing. */
  async #recheck(room: Room): Promise<void> {
    const bySubscriber = Map.groupBy(room.seats, ({ subscriber }) => JSON.stringify(subscriber));
    const groups = [...bySubscriber.values()];
    const seen = await this.#desk.again(groups.map(([seat]) => seat!.subscriber!));
    groups.forEach((seats, i) => {
      if (seen[i] === seats[0]!.subscriber!.seesAs) return;
      for (const seat of seats) this.#close(seat, seen[i] === null ? CLOSE.forbidden : CLOSE.changed);
    });
  }

  #send(seat: Seat, frame: string): void {
    const tooSlow = send(seat, frame);
    if (tooSlow) this.#close(seat, tooSlow);
  }

  #close(seat: Seat, [code, reason]: Closing): void {
    this.#leave(seat);
    try {
      seat.ws.close(code, reason);
    } catch {
      // It is closed.
    }
  }

  #leave(seat: Seat): void {
    if (!this.#seats.delete(seat.ws)) return;
    for (const id of seat.operations.keys()) this.#drop(seat, id, false);
    if (!seat.subscriber) return;
    const room = this.#roomOf(seat.subscriber);
    room.seats.delete(seat);
    if (room.seats.size === 0) this.#rooms.delete(room.hub);
    this.#tellLeft(room.hub);
  }

  /** Tells a hub how many are left, once for all who leave together. */
  #tellLeft(hub: string): void {
    if (this.#left.size === 0)
      setTimeout(() => {
        const hubs = [...this.#left];
        this.#left.clear();
        for (const name of hubs)
          void hubOf(this.env, name)
            .leave(this.ctx.id.name!, censusOf(this.#rooms.get(name)))
            .catch(() => {});
      }, LEAVE_AFTER_MS);
    this.#left.add(hub);
  }

  #drop(seat: Seat, id: string, isKept = true): void {
    const unused = seat.subscriber && unlisten(this.#roomOf(seat.subscriber), seat, id);
    if (unused !== undefined) this.#forget(unused);
    if (seat.operations.delete(id) && isKept) keepSeat(seat);
  }

  #forget(key: string): void {
    this.#standing.delete(key);
    dropStanding(this.ctx.storage.sql, key);
  }

  #seatAgain(ws: WebSocket): void {
    if (ws.readyState !== WebSocket.OPEN) return;
    const seat = seatAgain(ws);
    this.#seats.set(ws, seat);
    if (!seat.subscriber) return;
    const room = this.#roomOf(seat.subscriber);
    room.seats.add(seat);
    for (const [id, operation] of seat.operations) listen(room, operation.key!, { seat, id, operation });
  }

  async #wakeAt(deadline: number): Promise<void> {
    if (!Number.isFinite(deadline)) return;
    const planned = await this.ctx.storage.getAlarm();
    if (planned === null || deadline < planned) await this.ctx.storage.setAlarm(deadline);
  }
}

/** The reason of a closed socket has 123 bytes. */
const shortened = (text: string): string => {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= 123) return text;
  // As a stream, so that half a character at the end is left out.
  return `${new TextDecoder().decode(bytes.subarray(0, 120), { stream: true })}…`;
};
