import { html, showPage } from "../identity/page.ts";
import { wantsHtml } from "../wants-html.ts";
import { INSTALLATION } from "./refusal.ts";

const PLACES = {
  rest: "/api/v3",
  graphql: "/api/v3/graphql",
  docs: "/docs",
  graphiql: "/graphiql",
  openapi: "/api/v3/openapi.json",
  health: "/healthz",
  ready: "/readyz",
};

/** The index: a page for browsers, JSON for others. */
export async function showIndex(request: Request): Promise<Response> {
  if (!wantsHtml(request))
    return Response.json({ name: "FlowCMS", ...PLACES }, { headers: { vary: "accept" } });
  const item = (path: string, what: string) =>
    html`<li>
      <a href="${path}">${what}</a>
      <code>${path}</code>
    </li>`;
  return showPage(INSTALLATION, {
    title: "A headless CMS",
    headers: { vary: "accept" },
    body: html`<p>This is the API of a FlowCMS, at <code>${PLACES.rest}</code>.</p>
      <ul class="plain">
        ${item(PLACES.docs, "Documentation")} ${item(PLACES.graphiql, "GraphiQL")}
        ${item(PLACES.openapi, "OpenAPI")} ${item(PLACES.health, "Health")}
      </ul>`,
  });
}
