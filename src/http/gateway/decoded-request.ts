import { AppError, invalid } from "../../core/errors.ts";
import { MAX_BODY_BYTES, readBytes } from "../../core/read-body.ts";

const CODINGS = new Map<string, CompressionFormat>([
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
]);
const ACCEPTED = { "accept-encoding": "gzip, deflate" };

/** Whether the body of a request comes compressed. */
export const isEncoded = (request: Request): boolean => request.headers.has("content-encoding");

/**
 * The request with its body as it was before it was compressed (RFC 9110, 8.4), which is as large as
 * a body may be at most: more is 413 as soon as it is read. INVALID 415 for any other coding than
 * gzip and deflate, and for several.
 */
export async function decodedRequest(request: Request): Promise<Request> {
  const coding = request.headers.get("content-encoding")!.trim().toLowerCase();
  const headers = new Headers(request.headers);
  headers.delete("content-encoding");
  if (!request.body || coding === "" || coding === "identity") return new Request(request, { headers });
  const format = CODINGS.get(coding);
  if (!format || /^\s*multipart\//i.test(headers.get("content-type") ?? ""))
    throw new AppError(
      "INVALID",
      "http/unsupported-encoding",
      "A body may be compressed once, with gzip or deflate; a file upload must not be compressed.",
      { status: 415, headers: ACCEPTED },
    );
  headers.delete("content-length");
  const body = request.body.pipeThrough(new DecompressionStream(format));
  const bytes = await readBytes({ headers, body }, MAX_BODY_BYTES).catch((error: unknown) => {
    if (error instanceof AppError) throw error;
    throw invalid("http/malformed-encoding", `The body is not valid ${coding}.`, [], 400);
  });
  headers.set("content-length", String(bytes.byteLength));
  return new Request(request, { method: request.method, headers, body: bytes });
}
