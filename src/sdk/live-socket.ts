import { baseOf, graphqlRefusal, type GraphqlError } from "./attempt.ts";
import type { ClientOptions } from "./call.ts";
import { clientError, FlowError } from "./errors.ts";
import { pauseBefore } from "./pause.ts";

/** An operation on the socket of a client, and who hears of it. */
export type LiveOperation = {
  query: string;
  variables: Record<string, unknown>;
  /** Where to resume; undefined until the first connection. */
  since: string | undefined;
  next(data: unknown): void;
  fail(error: unknown): void;
  end(): void;
  /** It stands: nothing from now on is missed. */
  stands(): void;
  /** Something was missed for good. */
  gap(): void;
};

type Told = { type: string; id: string; payload?: any };

const PROTOCOL = "graphql-transport-ws";
/** After these a client does not come again: what it sent is wrong. */
const FATAL = new Set([1008, 1009, 4400, 4401, 4406, 4409, 4429]);
const FORBIDDEN = 4403;
const PING_MS = 30_000;
const PONG_MS = 10_000;
const TOO_OLD = "realtime/since-too-old";
const FAILED = "realtime/failed";

const NO_SOCKET = () =>
  clientError(
    "UNAVAILABLE",
    "client/no-websocket",
    "There is no WebSocket here: use Node 22 or newer, or give the client one as `webSocket`.",
  );

/**
 * One socket for all subscriptions of a client, open while there are any. It connects again after
 * growing, jittered pauses, and resumes each subscription where it was.
 */
export function liveSocket(client: ClientOptions) {
  const operations = new Map<string, LiveOperation>();
  let socket: WebSocket | undefined;
  let isReady = false;
  let attempt = 0;
  let count = 0;
  let calls = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const send = (message: object): void => socket?.send(JSON.stringify(message));
  const subscribe = (id: string, { query, variables, since }: LiveOperation): void =>
    send({
      id,
      type: "subscribe",
      payload: { query, variables, ...(since === undefined ? {} : { extensions: { since } }) },
    });
  const subscribeSoon = (id: string, operation: LiveOperation): void => {
    const asked = socket;
    // On another socket it is subscribed by then.
    const again = () => asked === socket && operations.get(id) === operation && subscribe(id, operation);
    setTimeout(again, pauseBefore(++attempt, null));
  };
  const failAll = (error: unknown): void => {
    for (const [id, operation] of operations) {
      operations.delete(id);
      operation.fail(error);
    }
  };
  /** Finds out that nobody is there any more, which a silent connection does not say. */
  const watch = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      send({ type: "ping" });
      timer = setTimeout(() => lost(socket!, 1006, ""), PONG_MS);
    }, PING_MS);
  };
  const connectSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void connect(), pauseBefore(++attempt, null));
  };

  async function connect(): Promise<void> {
    const call = ++calls;
    let credential: object;
    try {
      credential = client.ticket ? { ticket: await client.ticket() } : { token: client.apiKey };
    } catch {
      return call === calls ? connectSoon() : undefined;
    }
    // Meanwhile nobody may need it any more, or somebody again.
    if (call !== calls) return;
    const Socket = client.webSocket ?? globalThis.WebSocket;
    if (Socket === undefined) return failAll(NO_SOCKET());
    const opened = new Socket(`${baseOf(client).replace(/^http/, "ws")}/graphql`, PROTOCOL);
    socket = opened;
    isReady = false;
    const { environment } = client;
    opened.addEventListener("open", () =>
      send({ type: "connection_init", payload: { ...credential, ...(environment ? { environment } : {}) } }),
    );
    opened.addEventListener("message", ({ data }: MessageEvent<string>) => {
      if (socket !== opened) return;
      watch();
      hear(JSON.parse(data) as Told);
    });
    opened.addEventListener("close", ({ code, reason }: CloseEvent) => lost(opened, code, reason));
  }

  function hear({ type, id, payload }: Told): void {
    if (type === "ping") return send({ type: "pong" });
    if (type === "connection_ack") {
      isReady = true;
      attempt = 0;
      for (const [name, operation] of operations) {
        subscribe(name, operation);
        operation.since ??= payload.since;
      }
      return;
    }
    if (type === "pong" && payload?.standing !== undefined) {
      attempt = 0;
      return operations.get(payload.standing)?.stands();
    }
    const operation = operations.get(id);
    if (!operation) return;
    if (type === "next") {
      operation.since = payload.extensions?.since ?? operation.since;
      if (payload.errors) stop(id, operation, payload.errors as GraphqlError[]);
      else operation.next(payload.data);
    } else if (type === "error") {
      const reason = payload[0].extensions?.reason;
      if (reason === FAILED) return subscribeSoon(id, operation);
      if (reason !== TOO_OLD) return stop(id, operation, payload as GraphqlError[]);
      operation.since = undefined;
      operation.gap();
      subscribe(id, operation);
    } else if (type === "complete") {
      operations.delete(id);
      operation.end();
      rest();
    }
  }

  function stop(id: string, operation: LiveOperation, errors: GraphqlError[]): void {
    send({ id, type: "complete" });
    operations.delete(id);
    operation.fail(new FlowError(200, graphqlRefusal(errors[0]!, 200), null));
    rest();
  }

  function lost(which: WebSocket, code: number, reason: string): void {
    if (socket !== which) return;
    const wasReady = isReady;
    socket = undefined;
    which.close();
    isReady = false;
    clearTimeout(timer);
    if (operations.size === 0) return;
    // What was let in before may be let in by another ticket.
    if (code === FORBIDDEN && !(wasReady && client.ticket))
      return failAll(
        new FlowError(401, { code: "UNAUTHENTICATED", reason: "access/bad-token", message: reason }, null),
      );
    if (FATAL.has(code)) return failAll(clientError("INVALID", "client/socket-closed", `${code} ${reason}`));
    connectSoon();
  }

  /** Closes a socket that nobody needs. */
  function rest(): void {
    if (operations.size > 0) return;
    clearTimeout(timer);
    calls++;
    const idle = socket;
    socket = undefined;
    idle?.close(1000);
  }

  return {
    add(operation: LiveOperation): string {
      const id = String(++count);
      operations.set(id, operation);
      if (isReady && socket) subscribe(id, operation);
      else if (operations.size === 1) void connect();
      return id;
    },
    remove(id: string): void {
      if (!operations.delete(id)) return;
      if (isReady) send({ id, type: "complete" });
      rest();
    },
  };
}
export type LiveSocket = ReturnType<typeof liveSocket>;
