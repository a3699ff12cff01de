export type ByteRange = { offset: number; length: number };

type Representation = { size: number; etag: string; lastModified: string };

/**
 * The requested byte range (RFC 9110, 14.2): undefined for the whole file, also when the header is
 * malformed, has another unit or several ranges, or `If-Range` does not match; `unsatisfiable` when it
 * is outside the file.
 */
export function requestedRange(
  request: Request,
  file: Representation,
): ByteRange | "unsatisfiable" | undefined {
  const header = request.headers.get("range");
  if (header === null || request.method !== "GET" || !isCurrent(request.headers.get("if-range"), file))
    return undefined;
  const set = /^bytes=(.*)$/i.exec(header.trim())?.[1];
  const specs = set?.split(",").flatMap((spec) => spec.trim() || []) ?? [];
  const [, first, last] = (specs.length === 1 && /^(\d*)-(\d*)$/.exec(specs[0]!)) || [];
  if (first === undefined || last === undefined || first + last === "") return undefined;
  if (first === "") {
    const length = Math.min(Number(last), file.size);
    if (Number(last) === 0) return "unsatisfiable";
    return length === 0 ? undefined : { offset: file.size - length, length };
  }
  const offset = Number(first);
  if (last !== "" && Number(last) < offset) return undefined;
  if (offset >= file.size) return "unsatisfiable";
  const end = last === "" ? file.size : Math.min(Number(last) + 1, file.size);
  return { offset, length: end - offset };
}

/** Whether `If-Range` matches the file: its strong ETag, or the datetime of its last change. */
function isCurrent(ifRange: string | null, { etag, lastModified }: Representation): boolean {
  if (ifRange === null) return true;
  const validator = ifRange.trim();
  if (/^(?:W\/)?"/.test(validator)) return validator === etag;
  return Date.parse(validator) === Date.parse(lastModified);
}
