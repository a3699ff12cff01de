import * as z from "zod";
import { Answered, done, SNAPSHOT_CHANGED, success } from "./answers.ts";
import type { Context } from "./context.ts";
import { invalid, type ErrorDetail } from "./errors.ts";
import { addDetail } from "./nearest.ts";
import type { Input, Invalid, Operation } from "./operation.ts";
import { parseInput } from "./parse-input.ts";
import { requirePermission } from "./permissions.ts";
import { etagOf, readPrecondition } from "./preconditions.ts";
import { readJson } from "./read-body.ts";

/** The input of an operation, not validated yet. Only REST has a `request`. */
export type RawInput = Pick<Input, "params" | "json"> & {
  query: Record<string, unknown>;
  precondition?: Input["precondition"];
  ifVersion?: Input["ifVersion"];
  request?: Request;
};

/** What an operation without a query takes in its place. */
const NO_QUERY = z.strictObject({ environment: z.string().optional() });

/**
 * Runs an operation: checks the permission and the input. Returns data, `Answered`, or a response.
 * Throws AppError.
 */
export async function performOperation<C extends Context>(
  operation: Operation<C>,
  ctx: C,
  asked: RawInput,
): Promise<unknown> {
  const { permission, isPermissionOpen, query, body, badQuery } = operation;
  if (permission !== null && permission !== "any" && !isPermissionOpen) requirePermission(ctx, permission);
  const input = {
    ...asked,
    query: operation.isQueryOpen
      ? undefined
      : parseInput(query ?? NO_QUERY, asked.query, badQuery, "The query is not valid."),
    body:
      body && !operation.isBodyOpen
        ? parseInput(body, await asked.json(), ...invalidOf(operation))
        : undefined,
  };
  await takeTokens(operation, ctx, input.body, asked.request);
  return operation.run(ctx, input as never);
}

/** Once it is known to be valid, and before the database is asked. */
async function takeTokens<C extends Context>(
  { method, writes, costlyReads }: Operation<C>,
  { quota }: C,
  body: unknown,
  request: Request | undefined,
): Promise<void> {
  if (method !== "get") await quota.take("writes", writes?.(body as never) ?? 1);
  else if (costlyReads && request)
    await quota.take("costly-reads", costlyReads(new URL(request.url).searchParams));
}

/** Carries out an operation for a request of REST and answers it. */
export async function answerOperation<C extends Context>(
  operation: Operation<C>,
  ctx: C,
  request: Request,
  params: Record<string, string>,
): Promise<Response> {
  const result = await performOperation(operation, ctx, {
    params,
    query: operation.isQueryOpen ? {} : queryOf(operation, request),
    json: async () => (operation.isBodyOptional && !hasBody(request) ? {} : readJson(request)),
    precondition: operation.isConditional ? readPrecondition(request.headers) : undefined,
    request,
  });
  return result instanceof Response ? result : respond(operation, result, ctx.outbox.receipt());
}

/** Throws INVALID for a parameter that comes twice. */
function queryOf({ badQuery }: Operation, { url }: Request): Record<string, string> {
  const at = url.indexOf("?");
  if (at < 0) return {};
  const params = new URLSearchParams(url.slice(at));
  const details: ErrorDetail[] = [];
  for (const name of new Set(params.keys()))
    if (params.getAll(name).length > 1) addDetail(details, name.slice(0, 100), "is given more than once");
  if (details.length > 0) throw invalid(badQuery, "The query is not valid.", details);
  return Object.fromEntries(params);
}

const hasBody = ({ headers }: Request): boolean => Number(headers.get("content-length") ?? 0) > 0;

function invalidOf({ operationId, invalid }: Operation): Invalid {
  if (!invalid) throw new Error(`${operationId} does not declare the error of an invalid body.`);
  return invalid;
}

function respond(
  { statuses, changesSnapshot, secret }: Operation,
  result: unknown,
  receipt: string | undefined,
): Response {
  const { data, facts } = result instanceof Answered ? result : { data: result, facts: {} };
  const headers: Record<string, string> = {
    ...(facts.version === undefined ? {} : { etag: etagOf(facts.version) }),
    ...(facts.location === undefined ? {} : { location: facts.location }),
    ...(facts.isUnchanged ? { "x-flow-unchanged": "true" } : {}),
    ...(changesSnapshot ? SNAPSHOT_CHANGED : {}),
    ...(secret === undefined ? {} : { "x-flow-secret": secret }),
  };
  if (data === undefined || facts.status === 204) return done(headers);
  const { pagination, beside } = facts;
  const more = {
    ...(pagination === undefined ? {} : { pagination }),
    ...beside,
    ...(receipt === undefined ? {} : { receipt }),
  };
  return success(data, facts.status ?? statuses?.[0] ?? 200, headers, more);
}
