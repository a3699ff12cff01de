import { AppError, invalid } from "../../core/errors.ts";
import { didYouMean } from "../../core/nearest.ts";
import { INEXACT_NUMBER, parseJson, readJson } from "../../core/read-body.ts";
import { saysJson } from "../graphql-over-http.ts";
import type { DocumentParams } from "./named-documents.ts";

/** What a GraphQL request says, each part of the type that it has to be. */
export type GraphQLRequest = DocumentParams & {
  /** How it came: what may be asked depends on it. */
  method: "GET" | "POST" | "SOCKET" | "GET_STREAM";
  variables: Record<string, unknown> | undefined;
  operationName: string | undefined;
};

const PARAMETERS = ["query", "documentId", "variables", "operationName", "extensions"];

/** Reads a request of GraphQL over HTTP; throws INVALID for what is none. */
export async function readRequest(raw: Request): Promise<GraphQLRequest> {
  if (raw.method === "GET" || raw.method === "HEAD") {
    const { searchParams } = new URL(raw.url);
    refuseUnknown(searchParams.keys(), [...PARAMETERS, "environment"]);
    const twice = PARAMETERS.find((name) => searchParams.getAll(name).length > 1);
    if (twice !== undefined)
      throw bad("graphql/repeated-parameter", `${twice} is given more than once.`, twice);
    const parsed = (name: string) => {
      const text = searchParams.get(name);
      return text === null || text === "" ? undefined : parse(name, text);
    };
    return checked("GET", {
      query: searchParams.get("query") ?? undefined,
      documentId: searchParams.get("documentId") ?? undefined,
      operationName: searchParams.get("operationName") || undefined,
      variables: parsed("variables"),
      extensions: parsed("extensions"),
    });
  }
  refuseUnknown(new URL(raw.url).searchParams.keys(), ["environment"]);
  if (!saysJson(raw))
    throw bad("graphql/not-json", "Send the operation with Content-Type: application/json.", undefined, 415);
  const body = await readJson(raw);
  if (Array.isArray(body))
    throw bad("graphql/batching-off", "Batches are not supported: send one operation.");
  if (typeof body !== "object" || body === null)
    throw bad("graphql/no-query", "The body must be { query, variables?, operationName? }.");
  refuseUnknown(Object.keys(body), PARAMETERS);
  return checked("POST", body as Record<string, unknown>);
}

function refuseUnknown(given: Iterable<string>, known: string[]): void {
  const unknown = [...given].find((name) => !known.includes(name))?.slice(0, 100);
  if (unknown === undefined) return;
  const message = `${unknown.toWellFormed()} is not a parameter of a request.${didYouMean(unknown, known)}`;
  throw bad("graphql/unknown-parameter", message, unknown);
}

/** What a message of a socket says, or of a stream; throws INVALID for what is none. */
export const readMessage = (given: unknown, method: "SOCKET" | "GET_STREAM"): GraphQLRequest => {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw bad("graphql/no-query", "The payload must be { query, variables?, operationName? }.");
  refuseUnknown(Object.keys(given), PARAMETERS);
  return checked(method, given as Record<string, unknown>);
};

export const MUTATION_BY_GET = "graphql/mutation-by-get";
/** The refusal of a mutation by a request that has to be safe. */
export const mutationByGet = () =>
  new AppError("INVALID", MUTATION_BY_GET, "Send mutations with POST.", {
    status: 405,
    headers: { allow: "POST" },
  });

function checked(method: GraphQLRequest["method"], given: Record<string, unknown>): GraphQLRequest {
  const { query, documentId, operationName, variables, extensions } = given;
  if (!isObject(variables ?? {}))
    throw bad("graphql/bad-variables", "variables must be an object.", "variables");
  if (!isObject(extensions ?? {}))
    throw bad("graphql/bad-extensions", "extensions must be an object.", "extensions");
  if (typeof (operationName ?? "") !== "string")
    throw bad("graphql/bad-operation-name", "operationName must be a string.", "operationName");
  if (typeof (documentId ?? "") !== "string")
    throw bad("graphql/no-query", "documentId must be a string.", "documentId");
  return {
    method,
    query,
    documentId: (documentId ?? undefined) as string | undefined,
    extensions: extensions ?? undefined,
    variables: (variables ?? undefined) as GraphQLRequest["variables"],
    operationName: (operationName ?? undefined) as string | undefined,
  };
}

function parse(name: string, text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof AppError && error.reason === INEXACT_NUMBER) throw error;
    const reason = name === "variables" ? "graphql/bad-variables" : "graphql/bad-extensions";
    throw bad(reason, `${name} must be JSON.`, name);
  }
}

const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
/** The error of an invalid request; `parameter` is the invalid one. */
const bad = (reason: string, message: string, parameter?: string, status = 400) =>
  invalid(reason, message, parameter === undefined ? [] : [{ path: parameter, message }], status);
