import { expect, it } from "vitest";
import type { EdgeContext } from "../../../core/context.ts";
import { headersForContent } from "./delivery-headers.ts";

it("hands on nothing of a caller's but the trace", () => {
  const context = { tenantId: "t", environmentId: "e", requestId: "r" } as EdgeContext;
  const given = new Headers({
    ...{ accept: "text/event-stream", authorization: "Bearer x", cookie: "a=b", range: "bytes=0-1" },
    ...{ "if-none-match": "*", "x-flow-context": "{}", "accept-language": "fr", traceparent: "00-1" },
  });
  expect(headersForContent(context, "application/json", given)).toEqual({
    "x-flow-context": JSON.stringify(context),
    accept: "application/json",
    traceparent: "00-1",
  });
});
