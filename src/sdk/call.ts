import type { WriteNote } from "./generated/shapes.ts";

/** How a client reaches FlowCMS. */
export type ClientOptions = {
  /** Where FlowCMS is, such as `https://cms.example.com`. */
  url: string;
  /** An API token, `flow_…`. */
  apiKey: string;
  /** The environment to work in, or an alias of one; the tenant's default when absent. */
  environment?: string | undefined;
  /** What sends requests; the platform's own when absent. */
  fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** For one attempt; 30,000 when absent. */
  timeoutMs?: number | undefined;
  /** How often a call is tried again; 3 when absent. */
  retries?: number | undefined;
  /** Gets a ticket for subscriptions, where there is no token: in a page. */
  ticket?: (() => Promise<string>) | undefined;
  /** The WebSocket of subscriptions; the platform's own when absent, which Node has from 22 on. */
  webSocket?: (new (url: string, protocol: string) => WebSocket) | undefined;
  /** Sees every request before it is sent, repetitions too, and may set headers. */
  onRequest?: ((request: Request) => void | Promise<void>) | undefined;
  /** Sees every response, whose body has been read already. */
  onResponse?: ((response: Response, facts: ResponseFacts) => void | Promise<void>) | undefined;
};

/** `attempt` counts from 1. */
export type ResponseFacts = { attempt: number; durationMs: number };

/** The options of a single call. */
export type CallOptions = {
  /** Gives the call up; it then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  timeoutMs?: number | undefined;
  retries?: number | undefined;
  /** Names a write, so that it happens once however often it is sent; made for each call when absent. */
  idempotencyKey?: string | undefined;
  /** Told what a write could not keep of HTML; a bulk has notes with its items. */
  onNotes?: ((notes: WriteNote[]) => void) | undefined;
  /** Told the receipt of what a write wrote: see `receipts.get`, and `after`. */
  onReceipt?: ((receipt: string) => void) | undefined;
  /** A receipt: what is read shows nothing older. Throws PRECONDITION_FAILED after a second. */
  after?: string | undefined;
};

/** What is sent. */
export type Parts = {
  query?: string | undefined;
  body?: unknown;
  headers?: Record<string, string> | undefined;
  /**
   * Whether sending it twice may do something twice: so it is for POST, PATCH and DELETE unless it
   * says otherwise.
   */
  isOnce?: boolean | undefined;
  /** Answers the body's bytes. */
  isFile?: boolean;
  /** Reads the body's bytes as they come; what it answers is the body. */
  read?: ReadBytes<unknown>;
};
/**
 * Reads bytes as they come. It is called again, with all of them from the first on, when the
 * connection breaks.
 */
export type ReadBytes<T> = (bytes: ReadableStream<Uint8Array>) => Promise<T>;
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
export type Call = Parts & { method: Method; path: string };
export type Answer = { status: number; headers: Headers; body: unknown };

/** Makes a call and answers what came back; throws FlowError. */
export type Ask = (method: Method, path: string, parts?: Parts, options?: CallOptions) => Promise<Answer>;

/** Whether a write made something new, changed it, or found it as it should be. */
export type Outcome = "created" | "updated" | "unchanged";

/** The `data` of an answer. */
export const dataOf = <T>(answer: Answer): T => (answer.body as { data: T }).data;

/** What stands beside the `data` of an answer. */
export const besideOf = <T>(answer: Answer, name: string): T => (answer.body as { [name: string]: T })[name]!;

/** The `data` of an answer that may have none. */
export const dataIn = <T>(answer: Answer): T | undefined => (answer.body as { data: T } | undefined)?.data;

export function outcomeOf({ status, headers }: Answer): Outcome {
  if (headers.get("x-flow-unchanged") === "true") return "unchanged";
  return status === 201 ? "created" : "updated";
}
