import { STATUS_OF_CODE } from "../../core/errors.ts";
import { refTo, type JsonSchema } from "./json-schema.ts";

const problem = (description: string, code: string, reason: string, message: string): JsonSchema => ({
  description,
  content: {
    "application/json": {
      schema: refTo("Error"),
      example: {
        status: "error",
        error: { code, reason, message, details: [], request_id: "req_01jd3f0b6vfs8t4z9c7q2m5n8x" },
      },
    },
  },
});

const ErrorDetail: JsonSchema = {
  type: "object",
  required: ["path", "message"],
  properties: {
    path: { type: "string", description: "Where, as in `blocks[2].title`." },
    message: { type: "string", description: "What would be right." },
  },
};
const ErrorEnvelope: JsonSchema = {
  type: "object",
  description: "Every error of REST.",
  required: ["status", "error"],
  properties: {
    status: { type: "string", const: "error" },
    error: {
      type: "object",
      required: ["code", "reason", "message", "details", "request_id"],
      properties: {
        code: {
          type: "string",
          enum: Object.keys(STATUS_OF_CODE),
          description: "One of a closed set, to decide by.",
        },
        reason: {
          type: "string",
          description: "What exactly, such as `content/slug-taken`; the set may grow.",
        },
        message: { type: "string", description: "For a person." },
        details: { type: "array", items: refTo("ErrorDetail") },
        request_id: { type: "string", description: "As in `X-Request-Id` and in the logs." },
      },
    },
  },
};
const Pagination: JsonSchema = {
  type: "object",
  required: ["per_page", "next_cursor"],
  properties: {
    current_page: { type: ["integer", "null"], description: "`null` with a cursor." },
    per_page: { type: "integer", description: "The `limit` of the request." },
    total_items: {
      type: "integer",
      description: "How many there are on all pages; absent where nobody counts.",
    },
    total_capped: { type: "boolean", description: "Whether there are more than `total_items` says." },
    next_cursor: { type: ["string", "null"], description: "Give it as `cursor`; `null` at the end." },
  },
};

/** The parts of the document that belong to no slice. */
export const SHARED = {
  schemas: { Error: ErrorEnvelope, ErrorDetail, Pagination },
  securitySchemes: {
    token: {
      type: "http",
      scheme: "bearer",
      description: "`Authorization: Bearer flow_…`, an API token, or a JWT signed by a trusted key.",
    },
  },
  parameters: {
    Environment: {
      name: "X-Flow-Environment",
      in: "header",
      required: false,
      description: "The environment to work in; the tenant's default when absent.",
      schema: { type: "string", maxLength: 63 },
    },
    IdempotencyKey: {
      name: "Idempotency-Key",
      in: "header",
      required: false,
      description:
        "A name of your own for this write, 1 to 255 printable ASCII characters. Repeated with it within 24 hours, the write is done once and answered the same, with `Idempotency-Replayed: true`.",
      schema: { type: "string", maxLength: 255 },
    },
    IfMatch: {
      name: "If-Match",
      in: "header",
      required: false,
      description:
        'The ETag of the version that you read, such as `"3"`, several of them, or `*` for any. Compared strongly: `W/"3"` is never it.',
      schema: { type: "string" },
    },
    IfNoneMatch: {
      name: "If-None-Match",
      in: "header",
      required: false,
      description: "`*`: there must be none yet. Or ETags of versions that it must not be at.",
      schema: { type: "string" },
    },
  },
  headers: {
    RequestId: {
      description: "Names this request in the logs; your own `X-Request-Id` when you sent one.",
      schema: { type: "string" },
    },
    ETag: {
      description: "For `If-None-Match`, and of a working copy for `If-Match`.",
      schema: { type: "string" },
    },
  },
  responses: {
    Unauthenticated: problem(
      "`UNAUTHENTICATED`: there is no token, or it is not a valid one.",
      "UNAUTHENTICATED",
      "access/no-token",
      "Send Authorization: Bearer flow_….",
    ),
    Forbidden: problem(
      "`FORBIDDEN`: the token's scope does not reach that far.",
      "FORBIDDEN",
      "access/scope-missing",
      'This needs the permission content:write: use a token with the scope "write".',
    ),
    RateLimited: problem(
      "`RATE_LIMITED`: wait as many seconds as `Retry-After` says.",
      "RATE_LIMITED",
      "access/rate-limited",
      "Too many requests: try again in 12 s.",
    ),
    Unavailable: problem(
      "`UNAVAILABLE`: try again after `Retry-After` seconds.",
      "UNAVAILABLE",
      "db/busy",
      "The database is busy: try again.",
    ),
    Unexpected: problem(
      "`INTERNAL`: something went wrong on our side.",
      "INTERNAL",
      "http/unexpected",
      "Something went wrong on our side. The request id helps us find it.",
    ),
  },
};
