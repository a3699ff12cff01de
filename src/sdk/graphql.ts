import { graphqlRefusal, type GraphqlError } from "./attempt.ts";
import type { Ask, CallOptions } from "./call.ts";
import { FlowError } from "./errors.ts";

/** Runs a GraphQL query; its first error is thrown as a FlowError. */
export async function runGraphql<T>(
  ask: Ask,
  query: string,
  variables: Record<string, unknown>,
  options: CallOptions | undefined,
): Promise<T> {
  const { status, headers, body } = await ask(
    "POST",
    "/graphql",
    { body: { query, variables }, isOnce: false },
    options,
  );
  const { data, errors } = body as { data: T; errors?: GraphqlError[] };
  if (errors?.[0])
    throw new FlowError(status, graphqlRefusal(errors[0], status), headers.get("x-request-id"));
  return data;
}
