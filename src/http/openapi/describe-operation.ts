import * as z from "zod";
import { STATUS_OF_CODE, type ErrorCode } from "../../core/errors.ts";
import type { OperationFacts } from "../../core/operation.ts";
import { SCOPES, scopesGrant } from "../../core/permissions.ts";
import { LIMIT_HEADERS } from "./components.ts";
import { curlExample } from "./curl-example.ts";
import { refTo, type JsonSchema } from "./json-schema.ts";

type Write = (schema: z.ZodType) => JsonSchema;
export type Described = {
  operationId: string;
  tags: string[];
  summary: string;
  description: string;
  security?: object[];
  "x-permission"?: string;
  parameters?: JsonSchema[];
  requestBody?: JsonSchema;
  responses: Record<string, JsonSchema>;
  "x-codeSamples": { lang: string; label: string; source: string }[];
};

const WORDS = {
  200: "Done.",
  201: "Created.",
  204: "Done, no content.",
  206: "The requested range.",
  302: "A redirect: see `Location`.",
  304: "Not modified.",
} as const;
const FINER: Record<string, ErrorCode> = {
  400: "INVALID",
  405: "INVALID",
  406: "INVALID",
  411: "INVALID",
  415: "INVALID",
  416: "INVALID",
  413: "QUOTA_EXCEEDED",
};
const BODY_ERRORS = {
  400: [
    "http/empty-body",
    "http/malformed-encoding",
    "http/malformed-json",
    "http/not-utf8",
    "http/too-deep",
  ],
  413: ["http/body-too-large"],
  415: ["http/unsupported-encoding"],
};
const KEY_ERRORS = {
  400: ["http/bad-idempotency-key"],
  409: ["http/idempotency-unanswered"],
  422: ["http/idempotency-key-reused"],
};
/** The default descriptions of these parameters. */
const COMMON: Record<string, string> = {
  environment: "The same as the header X-Flow-Environment.",
  limit: "The page size.",
  cursor: "`pagination.next_cursor` of the previous response.",
};
const ENVIRONMENT_ERRORS = { 404: ["environments/not-found"] };
const RECEIPT_ERRORS = { 412: ["receipts/not-visible-yet"], 422: ["receipts/bad-receipt"] };
const CONDITION_ERRORS = { 400: ["http/bad-if-match"], 412: ["http/precondition-failed"] };

/** The code of the closed set that an HTTP status carries. */
export function codeOfStatus(status: string): ErrorCode {
  const codes = Object.entries(STATUS_OF_CODE) as [ErrorCode, number][];
  return FINER[status] ?? codes.find(([, one]) => String(one) === status)![0];
}

/** The OpenAPI object of one operation. */
export function describeOperation(operation: OperationFacts, tag: string, write: Write): Described {
  const { permission } = operation;
  const scope =
    permission && permission !== "any" ? SCOPES.find((one) => scopesGrant([one], permission)) : undefined;
  const parameters = parametersOf(operation, write);
  return {
    operationId: operation.operationId,
    tags: [tag],
    summary: operation.summary,
    description: scope
      ? `${operation.description}\n\nNeeds \`${permission}\`: a token with the scope \`${scope}\`.`
      : operation.description,
    ...(permission ? { "x-permission": permission } : { security: [{}, { token: [] }] }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(operation.body ? { requestBody: bodyOf(operation, operation.body, write) } : {}),
    responses: { ...successOf(operation, write), ...errorsOf(operation, write) },
    "x-codeSamples": [{ lang: "Shell", label: "curl", source: curlExample(operation) }],
  };
}

function parametersOf(operation: OperationFacts, write: Write): JsonSchema[] {
  const { params = {}, query, example } = operation;
  const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => {
    const schema = params[name!];
    if (!schema) throw new Error(`${operation.operationId} does not describe the parameter {${name}}.`);
    return parameter(name!, "path", schema, write, example.params?.[name!]);
  });
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]) => {
    const shown = parameter(name, "query", schema as z.ZodType, write, example.query?.[name]);
    return name === "filter" ? { ...shown, style: "deepObject", explode: true } : shown;
  });
  const headers = [
    ...(operation.isConditional
      ? [{ $ref: "#/components/parameters/IfMatch" }, { $ref: "#/components/parameters/IfNoneMatch" }]
      : []),
    ...(operation.permission ? [{ $ref: "#/components/parameters/Environment" }] : []),
    ...(isKeyed(operation) ? [{ $ref: "#/components/parameters/IdempotencyKey" }] : []),
    ...(isReadAfter(operation) ? [{ $ref: "#/components/parameters/Receipt" }] : []),
  ];
  return [...inPath, ...inQuery, ...headers];
}

const isConditionalRead = ({ method, hasEtag, errorAnswer }: OperationFacts) =>
  method === "get" && hasEtag === true && errorAnswer === undefined;
const isReadAfter = ({ method, path }: OperationFacts) =>
  method === "get" && /^\/(?:content|aggregate|assets|graphql)\b/.test(path);
const isKeyed = ({ method, permission }: OperationFacts) => method !== "get" && permission !== null;

function parameter(
  name: string,
  place: string,
  schema: z.ZodType,
  write: Write,
  example?: string,
): JsonSchema {
  const { description = place === "query" ? COMMON[name] : undefined, ...written } = write(schema);
  const isOptional = place === "query" && schema.safeParse(undefined).success;
  const isNumber = written["type"] === "integer";
  return {
    name,
    in: place,
    required: !isOptional,
    ...(description === undefined ? {} : { description }),
    schema: written,
    ...(example === undefined ? {} : { example: isNumber ? Number(example) : example }),
  };
}

function bodyOf(
  { example, form, isBodyOptional }: OperationFacts,
  body: z.ZodType,
  write: Write,
): JsonSchema {
  const json = {
    schema: write(body),
    ...(example.request === undefined ? {} : { example: example.request }),
  };
  const parts = form ? { "multipart/form-data": { schema: formSchema(write(form)) } } : {};
  return { required: !isBodyOptional, content: { "application/json": json, ...parts } };
}

function formSchema(facts: JsonSchema): JsonSchema {
  const file = { type: "string", contentMediaType: "application/octet-stream" };
  return { ...facts, required: ["file"], properties: { file, ...(facts["properties"] as object) } };
}

function successOf(operation: OperationFacts, write: Write): Record<string, JsonSchema> {
  const { example, answer, isBare } = operation;
  const statuses = operation.statuses ?? [200];
  const headers = {
    "X-Request-Id": { $ref: "#/components/headers/RequestId" },
    ...LIMIT_HEADERS,
    ...(operation.hasEtag ? { ETag: { $ref: "#/components/headers/ETag" } } : {}),
    ...(isKeyed(operation) ? { "X-Flow-Receipt": { $ref: "#/components/headers/Receipt" } } : {}),
  };
  return Object.fromEntries(
    statuses.map((status) => {
      const description = WORDS[status];
      if (operation.isFile && status < 300)
        return [status, { description, headers, content: { "application/octet-stream": {} } }];
      if (status === 204 || !answer) return [status, { description, headers }];
      const schema = isBare ? write(answer) : envelope(operation, write(answer), write);
      const shown =
        example.response === undefined
          ? {}
          : { example: isBare ? example.response : exampleEnvelope(operation) };
      return [status, { description, headers, content: { "application/json": { schema, ...shown } } }];
    }),
  );
}

const RECEIPT: JsonSchema = {
  type: "string",
  description: "The receipt of what was written: `GET /receipts/{id}`. Absent when nothing was.",
};

function envelope(
  { method, isList, beside = {} }: OperationFacts,
  data: JsonSchema,
  write: Write,
): JsonSchema {
  const others = Object.entries(beside).map(([name, schema]) => [name, write(schema)]);
  return {
    type: "object",
    required: ["status", "data", ...(isList ? ["pagination"] : [])],
    properties: {
      status: { type: "string", const: "success" },
      data,
      ...(isList ? { pagination: refTo("Pagination") } : {}),
      ...Object.fromEntries(others),
      ...(method === "get" ? {} : { receipt: RECEIPT }),
    },
  };
}

function exampleEnvelope({ example, isList }: OperationFacts): object {
  const data = example.response;
  if (!isList) return { status: "success", data, ...example.beside };
  const count = (data as unknown[]).length;
  const pagination = {
    current_page: 1,
    per_page: Number(example.query?.["limit"] ?? 20),
    total_items: count,
    next_cursor: null,
  };
  return { status: "success", data, pagination };
}

function errorsOf(operation: OperationFacts, write: Write): Record<string, JsonSchema> {
  const schema = operation.errorAnswer ? write(operation.errorAnswer) : refTo("Error");
  const reasons = new Map<string, Set<string>>();
  const { isQueryOpen, badQuery, body, isBodyOpen, invalid } = operation;
  const sources: Record<string, readonly string[]>[] = [
    badQuery !== undefined && !isQueryOpen ? { 422: [badQuery] } : {},
    body && invalid && !isBodyOpen ? { 422: [invalid[0]] } : {},
    operation.errors ?? {},
    operation.body ? BODY_ERRORS : {},
    operation.permission ? ENVIRONMENT_ERRORS : {},
    operation.isConditional || isConditionalRead(operation) ? CONDITION_ERRORS : {},
    isReadAfter(operation) ? RECEIPT_ERRORS : {},
    isKeyed(operation) ? KEY_ERRORS : {},
  ];
  for (const source of sources)
    for (const [status, list] of Object.entries(source) as [string, readonly string[]][])
      reasons.set(status, new Set([...(reasons.get(status) ?? []), ...list]));
  const own = [...reasons].map(([status, list]) => [
    status,
    {
      description: `\`${codeOfStatus(status)}\`: ${[...list].map((one) => `\`${one}\``).join(", ")}.`,
      headers: LIMIT_HEADERS,
      content: { "application/json": { schema } },
    },
  ]);
  return {
    401: { $ref: "#/components/responses/Unauthenticated" },
    ...(operation.permission ? { 403: { $ref: "#/components/responses/Forbidden" } } : {}),
    429: { $ref: "#/components/responses/RateLimited" },
    503: { $ref: "#/components/responses/Unavailable" },
    ...Object.fromEntries(own),
    default: { $ref: "#/components/responses/Unexpected" },
  };
}
