import { FlowError } from "../sdk/index.ts";

/** Where FlowCMS is and as whom; the tenant's default environment when none is named. */
export type Connection = { url: string; token: string; environment?: string | undefined };
export type ApiAnswer = { status: number; headers: Headers; body: any };
export type Outcome = "created" | "updated" | "unchanged";
type CallOptions = { headers?: Record<string, string>; isRepeatable?: boolean };

const RETRIED = new Set([429, 502, 503, 504]);
const MAX_TRIES = 6;
const TIMEOUT_MS = 120_000;

/** Calls the REST API: objects go as JSON, forms as they are. Repeats what is safe to repeat; throws FlowError. */
export async function call(
  connection: Connection,
  method: string,
  path: string,
  body?: unknown,
  options: CallOptions = {},
): Promise<ApiAnswer> {
  const response = await send(connection, method, path, body, options);
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parse(text) };
}

/** Like `call`, with the body of the answer left to be read. */
export async function send(
  connection: Connection,
  method: string,
  path: string,
  body?: unknown,
  options: CallOptions = {},
): Promise<Response> {
  const isRepeatable = options.isRepeatable ?? ["GET", "PUT", "DELETE"].includes(method);
  for (let attempt = 1; ; attempt++) {
    const isLast = attempt === MAX_TRIES;
    let response: Response;
    try {
      response = await fetch(`${connection.url.replace(/\/+$/, "")}/api/v3${path}`, {
        method,
        headers: { ...headersOf(connection, body), ...options.headers },
        body: body === undefined ? null : body instanceof FormData ? body : JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
        redirect: "manual",
      });
    } catch (error) {
      if (isLast || !isRepeatable) throw error;
      await pause(attempt, null);
      continue;
    }
    if (response.ok || response.status === 302) return response;
    // What was refused for its rate was not done, so any call may be repeated.
    const isSafe = isRepeatable || response.status === 429;
    if (isLast || !isSafe || !RETRIED.has(response.status)) throw await refusalOf(response);
    await response.body?.cancel();
    await pause(attempt, response.headers.get("retry-after"));
  }
}

/** What stands in `data` of an answer. */
export const dataOf = <T>(answer: ApiAnswer): T => answer.body.data as T;

/** What a write under an id of one's own came to. */
export function outcomeOf(answer: ApiAnswer): Outcome {
  if (answer.headers.get("x-flow-unchanged") === "true") return "unchanged";
  return answer.status === 201 ? "created" : "updated";
}

/** Everything of a list, page by page. `path` may have a query already. */
export async function* everyOf<T>(connection: Connection, path: string): AsyncGenerator<T> {
  for (let cursor: string | null = ""; cursor !== null;) {
    const next = cursor === "" ? "" : `${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(cursor)}`;
    const { body } = await call(connection, "GET", path + next);
    yield* body.data as T[];
    cursor = (body.pagination?.next_cursor ?? null) as string | null;
  }
}

/** Whether an error says that the thing is not there. */
export const isNotFound = (error: unknown): boolean => error instanceof FlowError && error.status === 404;

function headersOf({ token, environment }: Connection, body: unknown): Record<string, string> {
  return {
    authorization: `Bearer ${token}`,
    accept: "application/json",
    ...(environment === undefined ? {} : { "x-flow-environment": environment }),
    ...(body === undefined || body instanceof FormData ? {} : { "content-type": "application/json" }),
  };
}

async function refusalOf(response: Response): Promise<FlowError> {
  const parsed = parse(await response.text()) as { error?: object } | undefined;
  return new FlowError(response.status, parsed?.error ?? {}, response.headers.get("x-request-id"));
}

function pause(attempt: number, retryAfter: string | null): Promise<void> {
  const seconds = Number(retryAfter);
  const ms = seconds > 0 ? seconds * 1000 : Math.min(8000, 200 * 2 ** attempt) * (0.5 + Math.random());
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function parse(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
