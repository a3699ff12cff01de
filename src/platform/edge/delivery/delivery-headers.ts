import type { EdgeContext } from "../../../core/context.ts";

/**
 * All headers that CONTENT gets of a shared request. Those that shape the response are in the cache key
 * (`accept`, and tenant and environment in the context); the rest is for logs. No other header of a
 * caller may be forwarded.
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
