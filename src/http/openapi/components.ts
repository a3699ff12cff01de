import { STATUS_OF_CODE } from "../../core/errors.ts";
import { refTo, type JsonSchema } from "./json-schema.ts";

const header = (name: string): JsonSchema => ({ $ref: `#/components/headers/${name}` });
/** What every answer has. */
export const LIMIT_HEADERS: Record<string, JsonSchema> = {
  RateLimit: header("RateLimit"),
  "RateLimit-Policy": header("RateLimitPolicy"),
};

const problem = (
  description: string,
  code: string,
  reason: string,
  message: string,
  headers: Record<string, JsonSchema> = {},
): JsonSchema => ({
  description,
  headers: { "X-Request-Id": header("RequestId"), ...LIMIT_HEADERS, ...headers },
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
    message: { type: "string", description: "What is expected." },
  },
};
const ErrorEnvelope: JsonSchema = {
  type: "object",
  description: "The error response of REST.",
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
          description: "One of a closed set; base decisions on it.",
        },
        reason: {
          type: "string",
          description: "The exact reason, such as `content/slug-taken`; new ones may be added.",
        },
        message: { type: "string", description: "A message for people." },
        details: { type: "array", items: refTo("ErrorDetail") },
        request_id: {
          type: "string",
          description: "The id of the request, as in `X-Request-Id` and the logs.",
        },
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
      description: "The number on all pages; absent when it is not counted.",
    },
    total_capped: { type: "boolean", description: "Whether there may be more than `total_items`." },
    next_cursor: { type: ["string", "null"], description: "Pass it as `cursor`; `null` on the last page." },
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
      description: "The environment; the tenant's default when absent.",
      schema: { type: "string", maxLength: 63 },
    },
    IdempotencyKey: {
      name: "Idempotency-Key",
      in: "header",
      required: false,
      description:
        "A unique value for this write, 1 to 255 printable ASCII characters. Repeated within 24 hours, the write runs once and has the same response, with `Idempotency-Replayed: true`.",
      schema: { type: "string", maxLength: 255 },
    },
    Receipt: {
      name: "receipt",
      in: "query",
      required: false,
      description:
        "The receipt of a write: the response shows nothing older. It is waited for up to a second, and is `412` then.",
      schema: { type: "string", maxLength: 30 },
    },
    IfMatch: {
      name: "If-Match",
      in: "header",
      required: false,
      description:
        'The ETag of the version that you read, such as `"3"`, several of them, or `*` for any. Strong comparison: `W/"3"` never matches.',
      schema: { type: "string" },
    },
    IfNoneMatch: {
      name: "If-None-Match",
      in: "header",
      required: false,
      description: "`*`: it must not exist yet. Or ETags of versions that it must not have.",
      schema: { type: "string" },
    },
  },
  headers: {
    RequestId: {
      description: "The id of this request in the logs; your own `X-Request-Id` when you sent one.",
      schema: { type: "string" },
    },
    RateLimit: {
      description:
        "What is left (`r`) of each limit that the request counted for, and the seconds (`t`) until all of it is there again.",
      schema: { type: "string", examples: ['"default";r=59988;t=41, "writes";r=587;t=2'] },
    },
    RateLimitPolicy: {
      description:
        "The limits that there are for the caller: the quota (`q`) and its window in seconds (`w`).",
      schema: {
        type: "string",
        examples: ['"default";q=60000;w=60, "writes";q=600;w=60, "costly-reads";q=120;w=60'],
      },
    },
    RetryAfter: {
      description: "The seconds after which the same request may be accepted.",
      schema: { type: "integer", minimum: 1 },
    },
    ETag: {
      description: "For `If-None-Match`; with working copies also for `If-Match`.",
      schema: { type: "string" },
    },
    Receipt: {
      description: "The receipt of what was written: `GET /receipts/{id}`. Absent when nothing was.",
      schema: { type: "string" },
    },
  },
  responses: {
    Unauthenticated: problem(
      "`UNAUTHENTICATED`: the token is missing or not valid.",
      "UNAUTHENTICATED",
      "access/no-token",
      "Send Authorization: Bearer flow_….",
    ),
    Forbidden: problem(
      "`FORBIDDEN`: the token lacks the permission.",
      "FORBIDDEN",
      "access/scope-missing",
      'This needs the permission content:write: use a token with the scope "write".',
    ),
    RateLimited: problem(
      "`RATE_LIMITED`: wait `Retry-After` seconds. `quota/writes`, `quota/costly-reads`, `access/rate-limited`, or another `reason`.",
      "RATE_LIMITED",
      "quota/writes",
      "The quota of 600 writes within 60 seconds is used up: try again in 1 s.",
      { "Retry-After": header("RetryAfter") },
    ),
    Unavailable: problem(
      "`UNAVAILABLE`: try again after `Retry-After` seconds.",
      "UNAVAILABLE",
      "db/busy",
      "The database is busy: try again.",
      { "Retry-After": header("RetryAfter") },
    ),
    Unexpected: problem(
      "`INTERNAL`: something went wrong on our side.",
      "INTERNAL",
      "http/unexpected",
      "Something went wrong on our side. The request id helps us find it.",
    ),
  },
};
