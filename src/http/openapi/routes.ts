import type { Context as HonoContext } from "hono";
import { edgeHeaders } from "../../core/answers.ts";
import { environmentTag } from "../../core/events.ts";
import { requirePermission } from "../../core/permissions.ts";
import { withSchema } from "../../domain/content/types/index.ts";
import type { PublicDocument } from "../../platform/edge/env.ts";
import type { ContentApp } from "../content-app-env.ts";
import { renderGraphiql } from "../graphql/graphiql-page.ts";
import { GENERIC_TEXT, genericDocument } from "./generic-document.ts";
import { renderPage } from "./page.ts";
import { createTenantDocument } from "./tenant-document.ts";

/** What the gateway shows to everybody: the generic document, the page made of it, and GraphiQL. */
export async function publicDocument(name: PublicDocument, origin: string): Promise<Response> {
  switch (name) {
    case "openapi.json":
      return new Response(GENERIC_TEXT, {
        headers: { "content-type": "application/json", ...edgeHeaders(true, [], GENERIC_TEXT) },
      });
    case "graphiql":
      return page(await renderGraphiql());
    default: {
      const shown = await renderPage(genericDocument(), origin, name.split("/")[1]);
      return shown ? page(shown) : new Response(null, { status: 404 });
    }
  }
}

function page({ html, policy }: { html: string; policy: string }): Response {
  return new Response(html, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy,
      ...edgeHeaders(true, [], html),
    },
  });
}

/** `GET /openapi.json` with a token: the document of the environment. */
export async function tenantDocumentRoute(c: HonoContext<ContentApp>): Promise<Response> {
  const { ctx } = c.var;
  requirePermission(ctx, "types:read");
  const schema = await withSchema(ctx, {
    plan: (current) => current,
    run: () => ctx.db.run([]),
    read: (_, current) => current,
  });
  const body = JSON.stringify(createTenantDocument(genericDocument(), schema));
  const headers = edgeHeaders(ctx.isForEdge === true, [environmentTag(ctx.environmentId)], body);
  return new Response(body, {
    headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
  });
}
