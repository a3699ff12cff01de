import { AppError, errorResponse } from "../../core/errors.ts";
import { requireMatch } from "../../core/preconditions.ts";
import { newRequestId } from "../../core/ids.ts";
import { scimError } from "../../core/scim-error.ts";
import { isScimRequest } from "./identity-path.ts";

const READ = new Set([200, 206, 304]);
/** Headers that describe the body, which is not sent. */
const OF_BODY = /^(?:content-|cache-control$|age$|accept-ranges$|last-modified$)/;

/**
 * The answer to a read, from wherever it comes; 412 in its place where `If-Match` names another
 * version (RFC 9110, 13.1.1).
 */
export function matched(request: Request, answer: Response): Response {
  const ifMatch = request.headers.get("if-match");
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (ifMatch === null || !isRead || !READ.has(answer.status)) return answer;
  const isScim = isScimRequest(request);
  try {
    requireMatch(ifMatch, answer.headers.get("etag"), isScim);
    return answer;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    void answer.body?.cancel();
    const requestId = answer.headers.get("x-request-id") ?? newRequestId();
    const refused = isScim ? scimError(error) : errorResponse(error, requestId);
    const headers = new Headers([...answer.headers].filter(([name]) => !OF_BODY.test(name)));
    for (const [name, value] of refused.headers) headers.set(name, value);
    return new Response(request.method === "HEAD" ? null : refused.body, { status: refused.status, headers });
  }
}
