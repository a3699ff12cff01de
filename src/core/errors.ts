/** The closed set of error codes and the HTTP status each one has unless an error says otherwise. */
export const STATUS_OF_CODE = {
  INVALID: 422,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  PRECONDITION_FAILED: 412,
  QUOTA_EXCEEDED: 402,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
  INTERNAL: 500,
} as const;

export type ErrorCode = keyof typeof STATUS_OF_CODE;

/** What may go well a little later: those answers always say when to try again. */
const PASSING: readonly ErrorCode[] = ["UNAVAILABLE", "RATE_LIMITED"];

/**
 * One thing that is wrong: `path` as in `author.name` or `blocks[2].title`, `message` says what would
 * be right.
 */
export type ErrorDetail = { path: string; message: string; [fact: string]: unknown };

/** How many problems an error names at most. */
export const MAX_DETAILS = 50;

/**
 * The one error a verb throws. `reason` is open and owned by a slice (`content/slug-taken`); `status`
 * differs from the code's own only where HTTP has a finer word (400, 405, 413).
 *
 * @example throw new AppError("CONFLICT", "content/version-conflict", "The entry is at version 4, not 3.")
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly status: number;
  readonly details: ErrorDetail[];
  readonly headers: Record<string, string>;

  constructor(
    code: ErrorCode,
    reason: string,
    message: string,
    options: {
      details?: ErrorDetail[];
      status?: number;
      headers?: Record<string, string>;
      cause?: unknown;
    } = {},
  ) {
    super(message.toWellFormed(), { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.reason = reason;
    this.status = options.status ?? STATUS_OF_CODE[code];
    this.details = (options.details ?? []).slice(0, MAX_DETAILS).map((one) => ({
      ...one,
      path: one.path.toWellFormed(),
      message: one.message.toWellFormed(),
    }));
    this.headers = { ...(PASSING.includes(code) ? { "retry-after": "1" } : {}), ...options.headers };
  }
}

/**
 * The error envelope of every API: `{ status: "error", error: { code, reason, message, details,
 * request_id } }`.
 */
export function errorEnvelope(error: AppError, requestId: string) {
  const { code, reason, message, details } = error;
  return { status: "error" as const, error: { code, reason, message, details, request_id: requestId } };
}

/** The error envelope as an HTTP answer that no cache may keep. */
export function errorResponse(error: AppError, requestId: string): Response {
  return Response.json(errorEnvelope(error, requestId), {
    status: error.status,
    headers: { "cache-control": "no-store", "x-request-id": requestId, ...error.headers },
  });
}

/** Input of the wrong shape: one error that lists every problem found. */
export function invalid(
  reason: string,
  message: string,
  details: ErrorDetail[] = [],
  status = 422,
): AppError {
  return new AppError("INVALID", reason, message, { details, status });
}

/** More of something than a tenant, or a person, may have. */
export function overQuota(reason: string, message: string): AppError {
  return new AppError("QUOTA_EXCEEDED", reason, message);
}

/** A thing that is not there, or that belongs to another tenant: the two look the same on purpose. */
export function notFound(reason: string, message: string): AppError {
  return new AppError("NOT_FOUND", reason, message);
}
