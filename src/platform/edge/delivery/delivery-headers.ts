import type { EdgeContext } from "../../../core/context.ts";

/**
 * All that CONTENT is told of a request whose answer is shared. What shapes the answer is in the
 * cache's key (`accept`, and what the context says of tenant and environment); the rest is for logs.
 * Nothing else of a caller's may come along.
 */
export function headersForContent(
  context: EdgeContext,
  accept: string,
  given: Headers,
): Record<string, string> {
  const traceparent = given.get("traceparent");
  return {
    "x-flow-context": JSON.stringify(context),
    accept,
    ...(traceparent === null ? {} : { traceparent }),
  };
}
