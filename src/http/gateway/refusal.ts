import { errorResponse, type AppError } from "../../core/errors.ts";
import { scimError } from "../../core/scim-error.ts";
import { html, showPage } from "../identity/page.ts";
import { wantsHtml } from "../wants-html.ts";
import { isScimRequest } from "./identity-path.ts";
import { requestIdOf, standardHeaders, type Reply } from "./response-headers.ts";

type Limits = Pick<Reply, "window" | "quotaPolicy">;

/**
 * An error of the gateway's own, outside the API: a page for a browser that opened the address, JSON
 * for everybody else, and for SCIM what its protocol has.
 */
export async function refusal(
  request: Request,
  error: AppError,
  requestId = requestIdOf(request),
  limits: Limits = {},
): Promise<Response> {
  const reply = { request, requestId, ...limits };
  if (isScimRequest(request)) return withStandardHeaders(reply, scimError(error));
  const response = wantsHtml(request) ? await errorPage(error, requestId) : errorResponse(error, requestId);
  response.headers.append("vary", "accept");
  return withStandardHeaders(reply, response);
}

/**
 * An answer with the headers that every answer carries; one that is about a limit has its figures
 * already.
 */
export function withStandardHeaders(
  reply: Reply,
  response: Response,
  quotaFigures: string | null = null,
): Response {
  for (const [name, value] of standardHeaders(reply, "BYPASS", Date.now(), quotaFigures))
    if (!name.startsWith("ratelimit") || !response.headers.has(name)) response.headers.set(name, value);
  return response;
}

const errorPage = (error: AppError, requestId: string): Promise<Response> =>
  showPage(INSTALLATION, {
    title: error.status === 404 ? "Not found" : "That did not work",
    status: error.status,
    headers: { "x-request-id": requestId, ...error.headers },
    body: html`<p class="wrong" role="alert">${error.message}</p>
      <p><a href="/docs">What there is: the API's documentation</a></p>
      <p class="hint">Request <code>${requestId}</code></p>`,
  });

/** Whose page it is where no tenant is known. */
export const INSTALLATION = { issuer: "", prefix: "", tenantName: "FlowCMS" };
