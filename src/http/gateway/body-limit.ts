import { MAX_BODY_BYTES, MAX_FILE_BYTES, tooLarge } from "../../core/read-body.ts";

const MAX_PAGE_BYTES = 1024 * 1024;
const MAX_DISCARDED_BYTES = 2 * MAX_FILE_BYTES;

/** Throws QUOTA_EXCEEDED 413 when Content-Length exceeds the limit of the route. */
export function requireBodyWithinLimit(request: Request, url: URL): void {
  const most = isUpload(request, url) ? MAX_FILE_BYTES : MAX_BODY_BYTES;
  if (Number(request.headers.get("content-length") ?? 0) > most) throw tooLarge(most);
}

/** The same for what is sent to a page or by a protocol of identity. */
export function requirePageWithinLimit({ headers }: Request): void {
  if (Number(headers.get("content-length") ?? 0) > MAX_PAGE_BYTES) throw tooLarge(MAX_PAGE_BYTES);
}

/**
 * Reads and discards the body of a rejected request, unless it is too large: a client that is cut off
 * while it sends never sees the response.
 */
export async function discardBody({ body, headers }: Request): Promise<void> {
  if (
    !body ||
    body.locked ||
    Number(headers.get("content-length") ?? Number.POSITIVE_INFINITY) > MAX_DISCARDED_BYTES
  )
    return;
  const reader = body.getReader();
  while (!(await reader.read()).done);
}

function isUpload(request: Request, url: URL): boolean {
  const type = request.headers.get("content-type") ?? "";
  return url.pathname.startsWith("/api/v3/assets") && /^multipart\/form-data/i.test(type);
}
