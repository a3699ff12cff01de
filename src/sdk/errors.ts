/** What the API refused: its `code` (closed set), `reason` (such as `content/slug-taken`), details and request id. */
export class FlowError extends Error {
  readonly code: string;
  readonly reason: string;
  readonly status: number;
  readonly details: { path: string; message: string }[];
  readonly requestId: string | null;

  constructor(
    status: number,
    error: {
      code?: string;
      reason?: string;
      message?: string;
      details?: { path: string; message: string }[];
    },
    requestId: string | null,
  ) {
    super(error.message ?? `HTTP ${status}`);
    this.name = "FlowError";
    this.status = status;
    this.code = error.code ?? "INTERNAL";
    this.reason = error.reason ?? "http/unexpected";
    this.details = error.details ?? [];
    this.requestId = requestId;
  }
}
