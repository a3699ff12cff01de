import { FlowError } from "./errors.ts";

export type ClientOptions = {
  /** Where FlowCMS is, such as `https://cms.example.com`. */
  url: string;
  /** An API token, `flow_…`. */
  apiKey: string;
  /** The environment to work in; the tenant's default when absent. */
  environment?: string;
  fetch?: typeof fetch;
  /** For one attempt. */
  timeoutMs?: number;
  /** How often a call that is safe to repeat is tried again. */
  retries?: number;
};

export type Call = {
  method: string;
  path: string;
  body?: unknown;
  isRepeatable?: boolean;
  signal?: AbortSignal | undefined;
};
export type Answer = { status: number; headers: Headers; body: unknown };

const RETRIED = new Set([429, 502, 503, 504]);

/** Sends a call; repeats it with growing, jittered pauses (or after Retry-After) when that is safe. Throws FlowError. */
export async function send(options: ClientOptions, call: Call): Promise<Answer> {
  const retries = (call.isRepeatable ?? call.method === "GET") ? (options.retries ?? 3) : 0;
  for (let attempt = 0; ; attempt++) {
    const outcome = await attemptOnce(options, call);
    if (!("retryAfterMs" in outcome)) return outcome;
    if (attempt >= retries) throw outcome.error;
    await pause(
      outcome.retryAfterMs ?? Math.min(8000, 200 * 2 ** attempt) * (0.5 + Math.random()),
      call.signal,
    );
  }
}

type Failure = { error: unknown; retryAfterMs: number | undefined };

async function attemptOnce(options: ClientOptions, call: Call): Promise<Answer | Failure> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? 30_000);
  const signal = call.signal ? AbortSignal.any([call.signal, timeout]) : timeout;
  const headers: Record<string, string> = {
    authorization: `Bearer ${options.apiKey}`,
    accept: "application/json",
  };
  if (options.environment !== undefined) headers["x-flow-environment"] = options.environment;
  if (call.body !== undefined) headers["content-type"] = "application/json";
  let response: Response;
  let text: string;
  try {
    const body = call.body === undefined ? null : JSON.stringify(call.body);
    response = await (options.fetch ?? fetch)(options.url.replace(/\/$/, "") + call.path, {
      method: call.method,
      headers,
      body,
      signal,
    });
    text = await response.text();
  } catch (error) {
    if (call.signal?.aborted) throw error;
    return { error, retryAfterMs: undefined };
  }
  const parsed = parse(text);
  if (response.ok) return { status: response.status, headers: response.headers, body: parsed };
  const error = new FlowError(
    response.status,
    (parsed as { error?: object } | undefined)?.error ?? {},
    response.headers.get("x-request-id"),
  );
  if (!RETRIED.has(response.status)) throw error;
  const retryAfter = Number(response.headers.get("retry-after"));
  return { error, retryAfterMs: retryAfter > 0 ? retryAfter * 1000 : undefined };
}

function parse(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
