import { graphqlRefusal, type GraphqlError } from "./attempt.ts";
import type { Ask, CallOptions } from "./call.ts";
import { FlowError } from "./errors.ts";

/** A query or mutation, or the name of a registered one; `isMutation` gives that its Idempotency-Key. */
export type GraphqlDocument = string | { documentId: string; isMutation?: boolean };

/** Runs a GraphQL document; its first error is thrown as a FlowError. */
export async function runGraphql<T>(
  ask: Ask,
  document: GraphqlDocument,
  variables: Record<string, unknown>,
  options: CallOptions | undefined,
): Promise<T> {
  const isText = typeof document === "string";
  const isOnce = isText ? /\bmutation\b/.test(document) : document.isMutation === true;
  const said = isText ? { query: document } : { documentId: document.documentId };
  const parts = { body: { ...said, variables }, isOnce };
  const { status, headers, body } = await ask("POST", "/graphql", parts, options);
  const { data, errors } = body as { data: T; errors?: GraphqlError[] };
  if (errors?.[0])
    throw new FlowError(status, graphqlRefusal(errors[0], status), headers.get("x-request-id"));
  return data;
}
