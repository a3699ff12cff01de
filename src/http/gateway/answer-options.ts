import type { Hono } from "hono";
import type { GatewayBindings } from "../../platform/edge/env.ts";
import { allowOf, noSuchRoute } from "../allowed-methods.ts";
import { hostOfApp } from "../identity-apps.ts";
import { identityPath, isIdentityApi, isScimPath } from "./identity-path.ts";
import { refusal, withStandardHeaders } from "./refusal.ts";
import { preflightHeaders, requestIdOf } from "./response-headers.ts";

type Gateway = { Bindings: GatewayBindings };

/** `OPTIONS`: a preflight is answered at once; otherwise the Worker with the route answers its methods. */
export async function answerOptionsOf(
  app: Hono<Gateway>,
  request: Request,
  env: GatewayBindings,
): Promise<Response> {
  const requestId = requestIdOf(request);
  const headers = new Headers(preflightHeaders(request));
  if (!request.headers.has("access-control-request-method")) {
    const { pathname } = new URL(request.url);
    const allow = await allowAt(app, env, pathname);
    if (allow === undefined)
      return refusal(request, noSuchRoute(app, { method: "OPTIONS", path: pathname }), requestId);
    headers.set("allow", allow);
  }
  return withStandardHeaders({ request, requestId }, new Response(null, { status: 204, headers }));
}

async function allowAt(app: Hono<Gateway>, env: GatewayBindings, path: string): Promise<string | undefined> {
  const own = allowOf(app, path);
  const [service, url] = behind(env, path);
  if (!service) return own;
  const response = await service.fetch(url, { method: "OPTIONS" });
  return response.headers.get("allow") ?? own;
}

function behind(env: GatewayBindings, path: string): [Fetcher, string] | [undefined, ""] {
  if (path.startsWith("/api/v3/"))
    return isIdentityApi(path)
      ? [env.IDENTITY, `https://${hostOfApp("api")}${path}`]
      : [env.CONTENT, `https://content${path}`];
  const target = identityPath(path);
  if (!target) return [undefined, ""];
  return [env.IDENTITY, `https://${hostOfApp(isScimPath(target.path) ? "scim" : "pages")}${target.path}`];
}
