import {
  GraphQLError,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLFormattedError,
} from "graphql";
import { AppError } from "../../core/errors.ts";

/** An error inside a resolver, with the same code and reason that REST gives. */
export function toGraphqlError(error: unknown): Error {
  const original = (error as GraphQLError).originalError ?? error;
  if (original instanceof AppError) {
    const { code, reason, details, message } = original;
    return new GraphQLError(message, {
      ...positionOf(error),
      originalError: original,
      extensions: { code, reason, details },
    });
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

/** An error as it is sent: with code, reason and details, and nothing else that a library knows of it. */
export type ShownError = Omit<GraphQLFormattedError, "extensions"> & {
  extensions: { code: string; reason: string; details: readonly unknown[] };
};

/** What a GraphQL request is answered, and where HTTP has more to say than 200. */
export type Outcome = {
  result: Omit<FormattedExecutionResult, "errors"> & { errors?: readonly ShownError[] };
  status: number;
  headers: Readonly<Record<string, string>>;
};

/** The refusal of a request before its document was known. */
export function refusalOf({ code, reason, details, message, status, headers }: AppError): Outcome {
  const shown = code === "NOT_FOUND" && status === 200 ? PERSISTED_QUERY_NOT_FOUND : code;
  return {
    result: { errors: [{ message, extensions: { code: shown, reason, details } }] },
    status,
    headers,
  };
}

type Stage = "syntax" | "validation" | "execution";
const STAGES: Record<Stage, { reason: string; parameter: string }> = {
  syntax: { reason: "graphql/syntax-error", parameter: "query" },
  validation: { reason: "graphql/invalid-document", parameter: "query" },
  execution: { reason: "graphql/bad-variables", parameter: "variables" },
};

/** What an execution came to. Where nothing is answered for want of something that is down, it is UNAVAILABLE. */
export function outcomeOf(result: ExecutionResult, stage: Stage): Outcome {
  if (!result.errors) return { result: result as Outcome["result"], status: 200, headers: {} };
  const errors = result.errors.map((error) => shownError(error.toJSON(), stage));
  const down = isEmpty(result.data) ? result.errors.map(causeOf).find(isUnavailable) : undefined;
  return { result: { ...result, errors }, status: down?.status ?? 200, headers: down?.headers ?? {} };
}

/** Whether an answer says that its document was not executed, to clients that wait for a status of it. */
export const isRefused = ({ data, errors }: Outcome["result"]): boolean =>
  data === undefined && !errors?.some(({ extensions }) => extensions.code === PERSISTED_QUERY_NOT_FOUND);

const causeOf = ({ originalError }: GraphQLError): unknown => originalError;
const isUnavailable = (cause: unknown): cause is AppError =>
  cause instanceof AppError && cause.code === "UNAVAILABLE";
const isEmpty = (data: ExecutionResult["data"]): boolean =>
  !data || Object.values(data).every((value) => value === null);

/** A library's error as one of ours: a field's own arguments are checked when it is resolved. */
function shownError({ extensions = {}, ...error }: GraphQLFormattedError, stage: Stage): ShownError {
  const { code, reason, details = [] } = extensions as Partial<ShownError["extensions"]>;
  if (reason !== undefined) return { ...error, extensions: { code: code!, reason, details } };
  const { message, path, locations } = error;
  const fault = path ? { reason: "graphql/bad-argument", parameter: path.join(".") } : STAGES[stage];
  const place = fault.parameter === "query" ? locations?.[0] : undefined;
  const said = [{ path: fault.parameter, message, ...place }];
  return { ...error, extensions: { code: "INVALID", reason: fault.reason, details: said } };
}

function positionOf(error: unknown) {
  return error instanceof GraphQLError ? { nodes: error.nodes ?? null, path: error.path ?? null } : {};
}
