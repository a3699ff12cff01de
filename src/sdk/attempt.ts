import type { Answer, Call, CallOptions, ClientOptions } from "./call.ts";
import { bodyOf, ReaderFailure } from "./body.ts";
import { clientError, FlowError, type ErrorDetail } from "./errors.ts";

const TIMEOUT_MS = 30_000;
const PASSING = new Set([429, 502, 503, 504]);
/** The first request under a key was applied and its answer is not known yet. */
const UNANSWERED = "http/idempotency-unanswered";

type Failure = { error: unknown; mayPass: boolean; retryAfter: string | null };

/**
 * Sends a call once. Answers what went wrong and whether it may pass; throws only when the caller gave
 * up.
 */
export async function attemptOnce(
  client: ClientOptions,
  call: Call,
  options: CallOptions,
  attempt: number,
): Promise<Answer | Failure> {
  const { signal } = options;
  signal?.throwIfAborted();
  const timeoutMs = options.timeoutMs ?? client.timeoutMs ?? TIMEOUT_MS;
  const within = new AbortController();
  const giveUp = (): void => within.abort(signal!.reason);
  signal?.addEventListener("abort", giveUp, { once: true });
  const timer = setTimeout(() => within.abort(), timeoutMs);
  try {
    const request = requestOf(client, call, within.signal);
    await client.onRequest?.(request);
    const startedAt = Date.now();
    let response: Response;
    let body: unknown;
    try {
      response = await (client.fetch ?? fetch)(request);
      body = await bodyOf(response, call);
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof ReaderFailure) throw cause.thrown;
      const error = within.signal.aborted
        ? clientError("UNAVAILABLE", "client/timeout", `No response within ${timeoutMs} ms.`, cause)
        : clientError("UNAVAILABLE", "client/network", "FlowCMS cannot be reached.", cause);
      return { error, mayPass: true, retryAfter: null };
    }
    await client.onResponse?.(response, { attempt, durationMs: Date.now() - startedAt });
    return read(response, body);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}

function requestOf(client: ClientOptions, call: Call, signal: AbortSignal): Request {
  const headers: Record<string, string> = {
    ...call.headers,
    authorization: `Bearer ${client.apiKey}`,
    accept: call.isFile || call.read ? "*/*" : "application/json",
  };
  if (client.environment !== undefined) headers["x-flow-environment"] = client.environment;
  const isForm = call.body instanceof FormData;
  if (call.body !== undefined && !isForm) headers["content-type"] = "application/json";
  const body = call.body === undefined ? null : isForm ? (call.body as FormData) : JSON.stringify(call.body);
  const url = `${baseOf(client)}${call.path}${call.query ? `?${call.query}` : ""}`;
  return new Request(url, { method: call.method, headers, body, signal });
}

/** Where the API of a FlowCMS begins. */
export const baseOf = ({ url }: Pick<ClientOptions, "url">): string =>
  `${url.replace(/(?<!\/)\/+$/, "")}/api/v3`;

function read(response: Response, body: unknown): Answer | Failure {
  const { status, headers } = response;
  if (response.ok && (body !== undefined || status === 204)) return { status, headers, body };
  const requestId = headers.get("x-request-id");
  if (response.ok) {
    const refusal = { code: "UNAVAILABLE", reason: "client/no-json", message: "The response is not JSON." };
    return { error: new FlowError(status, refusal, requestId), mayPass: false, retryAfter: null };
  }
  const error = new FlowError(status, refusalIn(body, status), requestId, undefined, headers);
  const mayPass = PASSING.has(status) || error.reason === UNANSWERED;
  return { error, mayPass, retryAfter: headers.get("retry-after") };
}

type Refusal = { code?: string; reason?: string; message?: string; details?: ErrorDetail[] };

/** What an error answer says; GraphQL's say it in the `extensions` of their first error. */
function refusalIn(body: unknown, status: number): Refusal {
  const { error, errors } = (body ?? {}) as { error?: Refusal; errors?: GraphqlError[] };
  return errors?.[0] ? graphqlRefusal(errors[0], status) : (error ?? {});
}

/** One of the `errors` of a GraphQL answer. */
export type GraphqlError = { message: string; extensions?: Refusal & Record<string, unknown> };

/**
 * A GraphQL error in the words of REST: documents that cannot be run are INVALID,
 * `graphql/invalid-document`.
 */
export function graphqlRefusal({ message, extensions }: GraphqlError, status: number): Refusal {
  const { code, reason, details } = extensions ?? {};
  if (code && reason) return { code, reason, message, ...(details ? { details } : {}) };
  return status < 500 ? { code: "INVALID", reason: "graphql/invalid-document", message } : { message };
}
