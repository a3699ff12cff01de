/**
 * One thing that was wrong: where, and what would be right. Some reasons add facts, such as
 * `current_version`.
 */
export type ErrorDetail = { path: string; message: string; [fact: string]: unknown };

type Refusal = {
  code?: string | undefined;
  reason?: string | undefined;
  message?: string | undefined;
  details?: ErrorDetail[] | undefined;
};

/** What is left of a limit, such as `writes`, and the seconds until all of it is there again. */
export type RateLimit = { name: string; remaining: number; resetSeconds: number };

/**
 * What the API refused: its `code` (closed set), `reason` (such as `content/slug-taken`), details and
 * request id. What never got an answer has the code `UNAVAILABLE`, status 0, a reason such as
 * `client/timeout`, and its `cause`.
 */
export class FlowError extends Error {
  readonly code: string;
  readonly reason: string;
  readonly status: number;
  readonly details: ErrorDetail[];
  readonly requestId: string | null;
  /** When the same call may be accepted; null when the response does not say. */
  readonly retryAfterSeconds: number | null;
  /** The limits that the response gave figures of. */
  readonly limits: RateLimit[];

  constructor(
    status: number,
    error: Refusal,
    requestId: string | null,
    options?: { cause?: unknown },
    headers?: Headers,
  ) {
    super(error.message ?? `HTTP ${status}`, options);
    this.name = "FlowError";
    this.status = status;
    this.code = error.code ?? "INTERNAL";
    this.reason = error.reason ?? "http/unexpected";
    this.details = error.details ?? [];
    this.requestId = requestId;
    this.retryAfterSeconds = Number(headers?.get("retry-after")) || null;
    this.limits = [...(headers?.get("ratelimit") ?? "").matchAll(/"([^"]+)";r=(\d+);t=(\d+)/g)].map(
      ([, name, r, t]) => ({ name: name!, remaining: Number(r), resetSeconds: Number(t) }),
    );
  }
}

/** What the client itself found wrong, before or instead of an answer. */
export const clientError = (code: string, reason: string, message: string, cause?: unknown): FlowError =>
  new FlowError(0, { code, reason, message }, null, cause === undefined ? undefined : { cause });
