import { GraphQLError } from "graphql";
import { AppError } from "../../core/errors.ts";
import { GRAPHQL_MEDIA_TYPE } from "../graphql-over-http.ts";

/** An error inside a resolver, with the same code and reason that REST gives. */
export function toGraphqlError(error: unknown): Error {
  const original = (error as GraphQLError).originalError ?? error;
  if (original instanceof AppError) {
    const { code, reason, details, message } = original;
    return new GraphQLError(message, { ...positionOf(error), extensions: { code, reason, details } });
  }
  if (original instanceof GraphQLError) return error instanceof GraphQLError ? error : original;
  console.error(
    JSON.stringify({
      event: "graphql.failed",
      message: (original as Error).message,
      stack: (original as Error).stack?.slice(0, 2000),
    }),
  );
  return new GraphQLError("Something went wrong on our side.", {
    ...positionOf(error),
    extensions: { code: "INTERNAL", reason: "graphql/unexpected", details: [] },
  });
}

/** The code that clients of persisted queries wait for, with the status 200. */
const PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND";

/**
 * An error that came before the document was known, in GraphQL's form and the media type that is
 * accepted.
 */
export function errorBody(error: AppError, accept: string): Response {
  const { code, reason, details, message, status } = error;
  const extensions = {
    code: code === "NOT_FOUND" && status === 200 ? PERSISTED_QUERY_NOT_FOUND : code,
    reason,
    details,
  };
  const type = accept.includes(GRAPHQL_MEDIA_TYPE) ? GRAPHQL_MEDIA_TYPE : "application/json";
  return new Response(JSON.stringify({ errors: [{ message, extensions }] }), {
    status,
    headers: { ...error.headers, "content-type": `${type}; charset=utf-8` },
  });
}

type ShownError = {
  message: string;
  locations?: { line: number; column: number }[];
  path?: (string | number)[];
  extensions?: Record<string, unknown>;
};
type Stage = "syntax" | "validation" | "execution";
const STAGES: Record<Stage, { reason: string; parameter: string }> = {
  syntax: { reason: "graphql/syntax-error", parameter: "query" },
  validation: { reason: "graphql/invalid-document", parameter: "query" },
  execution: { reason: "graphql/bad-variables", parameter: "variables" },
};

/**
 * An answer whose errors all say code, reason and details, and nothing else that a library knows of
 * them; `isRefused` when nothing was executed.
 */
export function withReasons(body: string, stage: Stage): { body: string; isRefused: boolean } {
  if (!body.includes('"errors"')) return { body, isRefused: false };
  const answer = JSON.parse(body) as { data?: unknown; errors?: ShownError[] };
  if (!Array.isArray(answer.errors)) return { body, isRefused: false };
  answer.errors = answer.errors.map(({ extensions = {}, ...error }) => {
    const { code, reason, details = [] } = extensions;
    if (typeof reason === "string") return { ...error, extensions: { code, reason, details } };
    return { ...error, extensions: { code: "INVALID", ...fault(error, stage) } };
  });
  const isNotKept = answer.errors.some(
    ({ extensions }) => extensions?.["code"] === PERSISTED_QUERY_NOT_FOUND,
  );
  return { body: JSON.stringify(answer), isRefused: answer.data === undefined && !isNotKept };
}

/** A library's error as one of ours: a field's own arguments are checked when it is resolved. */
function fault({ message, path, locations }: ShownError, stage: Stage) {
  const { reason, parameter } = path
    ? { reason: "graphql/bad-argument", parameter: path.join(".") }
    : STAGES[stage];
  const place = parameter === "query" ? locations?.[0] : undefined;
  return { reason, details: [{ path: parameter, message, ...place }] };
}

function positionOf(error: unknown) {
  return error instanceof GraphQLError ? { nodes: error.nodes ?? null, path: error.path ?? null } : {};
}
