import type { StoredFile } from "../../../core/context.ts";
import { AppError } from "../../../core/errors.ts";
import { isKnown } from "../../../core/preconditions.ts";
import { requestedRange, type ByteRange } from "./requested-range.ts";
import type { Asset } from "./schemas.ts";

/** What a browser may show in place; anything else it saves. */
const SHOWN = /^(?:image|video|audio|font)\/|^application\/pdf$|^text\/plain$/;

const fileTag = (asset: Asset): string => `"${asset.sha256}"`;
const lastModifiedOf = (asset: Asset): string => new Date(asset.updated_at).toUTCString();

/** The requested range; a matching ETag of the caller takes precedence. */
export function rangeOf(request: Request, asset: Asset): ByteRange | undefined {
  if (hasFile(request, asset)) return undefined;
  const size = asset.size_bytes ?? 0;
  const etag = fileTag(asset);
  const range = requestedRange(request, { size, etag, lastModified: lastModifiedOf(asset) });
  if (range !== "unsatisfiable") return range;
  const message = `The range is outside the file, which has ${size} bytes.`;
  const headers = { "content-range": `bytes */${size}`, "accept-ranges": "bytes", etag };
  throw new AppError("INVALID", "assets/range-not-satisfiable", message, { status: 416, headers });
}

const hasFile = (request: Request, asset: Asset): boolean =>
  isKnown(request.headers.get("if-none-match"), fileTag(asset));

/** The response with the file or the requested range. */
export function showFile(
  request: Request,
  asset: Asset,
  file: StoredFile,
  range: ByteRange | undefined,
): Response {
  const headers = new Headers({
    "content-type": asset.mime ?? "application/octet-stream",
    "content-disposition": `${SHOWN.test(asset.mime ?? "") ? "inline" : "attachment"}; filename*=UTF-8''${encodeURIComponent(asset.filename.toWellFormed())}`,
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "cache-control": "private, max-age=0, must-revalidate",
    "accept-ranges": "bytes",
    "last-modified": lastModifiedOf(asset),
    etag: fileTag(asset),
  });
  if (hasFile(request, asset)) return new Response(null, { status: 304, headers });
  headers.set("content-length", String(range ? range.length : file.size));
  if (range)
    headers.set("content-range", `bytes ${range.offset}-${range.offset + range.length - 1}/${file.size}`);
  return new Response(file.body, { status: range ? 206 : 200, headers });
}
