import type { EdgeContext } from "../../core/context.ts";
import type { GatewayBindings } from "../../platform/edge/env.ts";
import { askBehind, content, identity } from "../../platform/resilience/workers-behind.ts";
import { contextHeader } from "./granted.ts";
import { refreshIfChanged } from "./refresh-tenant.ts";

type Asked = {
  service: Fetcher;
  address: string;
  request: Request;
  headers: Headers;
  context: EdgeContext;
  /** In place of the request's, which was read. */
  body?: string | undefined;
};

/** Asks a Worker behind, in a caller's context; the tenant's snapshot is read anew when that changed it. */
export async function askWorker(
  env: GatewayBindings,
  { service, address, request, headers, context, body }: Asked,
): Promise<Response> {
  const { method } = request;
  headers.set("x-flow-context", contextHeader(context));
  const worker = service === env.IDENTITY ? identity : content;
  const response = await askBehind(worker, service, address, {
    method,
    headers,
    body: body ?? (method === "GET" || method === "HEAD" ? null : request.body),
    redirect: "manual",
  });
  await refreshIfChanged(env, context.tenantId, response);
  return response;
}
