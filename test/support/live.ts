import { createClient, type Client } from "graphql-ws";
import { inject } from "vitest";
import { eventually } from "./eventually.ts";

const address = () => `${inject("url").replace("http", "ws")}/api/v3/graphql`;

export type Live = {
  /** What was told so far, and how it ended. */
  results: any[];
  errors: any[];
  isComplete: boolean;
  stop(): void;
  /** Waits for so many results; answers all of them. */
  until(count: number): Promise<any[]>;
};

/** A client of graphql-ws as its users have one; it does not connect again by itself. */
export function liveClient(connectionParams: Record<string, unknown>, retryAttempts = 0) {
  const seen = { acks: [] as any[], closes: [] as { code: number; reason: string }[], standing: 0 };
  let asked = 0;
  const client: Client = createClient({
    url: address(),
    connectionParams,
    retryAttempts,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
    on: {
      connected: (_, payload) => void seen.acks.push(payload),
      pong: (_, payload) => void (payload?.["standing"] !== undefined && seen.standing++),
      closed: (event) => void seen.closes.push(event as { code: number; reason: string }),
    },
  });
  const subscribe = (query: string, variables: object = {}, extensions?: Record<string, unknown>): Live => {
    const live: Live = {
      results: [],
      errors: [],
      isComplete: false,
      stop: () => {},
      async until(count) {
        await eventually(async () => live.results.length >= count || live.errors.length > 0);
        if (live.errors.length > 0) throw new Error(JSON.stringify(live.errors));
        return live.results;
      },
    };
    asked++;
    live.stop = client.subscribe(
      { query, variables: { ...variables }, ...(extensions ? { extensions } : {}) },
      {
        next: (result) => void live.results.push(result),
        error: (error) =>
          void live.errors.push(
            error instanceof Error || Array.isArray(error)
              ? error
              : { code: (error as CloseEvent).code, reason: (error as CloseEvent).reason },
          ),
        complete: () => void (live.isComplete = true),
      },
    );
    lives.push(live);
    return live;
  };
  const lives: Live[] = [];
  /** Waits until every subscription stands, or is refused. */
  const settled = () =>
    eventually(async () => seen.standing + lives.filter(({ errors }) => errors.length > 0).length >= asked);
  return { client, seen, subscribe, settled };
}

/** A bare socket: what is sent and what comes, word for word. */
export async function bareSocket(protocols: string[] = ["graphql-transport-ws"], url = address()) {
  const ws = new WebSocket(url, protocols);
  const messages: any[] = [];
  const frames: string[] = [];
  let closed: { code: number; reason: string } | undefined;
  ws.addEventListener("message", ({ data }) => {
    frames.push(data as string);
    messages.push(JSON.parse(data as string));
  });
  const isClosed = new Promise<{ code: number; reason: string }>((resolve) =>
    ws.addEventListener("close", ({ code, reason }) => resolve((closed = { code, reason }))),
  );
  await new Promise((resolve, reject) => {
    ws.addEventListener("open", resolve);
    ws.addEventListener("error", () => reject(new Error("It was not opened.")));
  });
  return {
    ws,
    messages,
    frames,
    isClosed,
    send: (message: unknown) =>
      ws.send(
        typeof message === "string" || message instanceof Uint8Array ? message : JSON.stringify(message),
      ),
    /** Waits for a message of that type. */
    async until(type: string, count = 1): Promise<any> {
      await eventually(
        async () => closed !== undefined || messages.filter((one) => one.type === type).length >= count,
      );
      const found = messages.filter((one) => one.type === type);
      if (found.length < count) throw new Error(`closed: ${JSON.stringify(closed)}`);
      return found[count - 1];
    },
  };
}
