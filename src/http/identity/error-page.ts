import type { AppError } from "../../core/errors.ts";
import type { IdentityContext } from "../../core/identity-context.ts";
import { html, showPage } from "./page.ts";

/** An error as a page, for who came with a browser. */
export function showError(ctx: IdentityContext, error: AppError): Promise<Response> {
  return showPage(ctx.site, {
    title: error.status === 404 ? "Not found" : "That did not work",
    status: error.status,
    headers: { "x-request-id": ctx.requestId, ...error.headers },
    body: html`<p class="wrong" role="alert">${error.message}</p>
      <p><a href="${ctx.site.prefix}/account">To your account</a></p>
      <p class="hint">Request <code>${ctx.requestId}</code></p>`,
  });
}
