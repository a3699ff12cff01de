export type ByteRange = { offset: number; length: number };

type Representation = { size: number; etag: string; lastModified: string };

/**
 * The part of a file that a request asks for (RFC 9110, 14.2): undefined for the whole, also where
 * the header is malformed, in another unit, for several parts, or meant for another state of the
 * file; `unsatisfiable` where there is no such part.
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

/**
 * Whether `If-Range` names the file as it is: its ETag, which must be a strong one, or the moment of
 * its last change.
 */
function isCurrent(ifRange: string | null, { etag, lastModified }: Representation): boolean {
  if (ifRange === null) return true;
  const validator = ifRange.trim();
  if (/^(?:W\/)?"/.test(validator)) return validator === etag;
  return Date.parse(validator) === Date.parse(lastModified);
}
