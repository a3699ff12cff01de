import type { EdgeContext } from "../../../core/context.ts";
import type { Quotas } from "../../../core/plans.ts";

/**
 * What the tenant's plan grants, from the gateway: a header and no prop, since responses do not depend
 * on it and a change of plan is to keep them.
 */
export const QUOTAS_HEADER = "x-flow-quotas";
export const quotasFrom = (given: Headers): Quotas | undefined =>
  (JSON.parse(given.get(QUOTAS_HEADER) ?? "null") as Quotas | null) ?? undefined;

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
