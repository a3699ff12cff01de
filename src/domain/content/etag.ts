import { invalid } from "../../core/errors.ts";

/** The ETag of a working copy: its version. */
export const etagOf = (version: number): string => `"${version}"`;

/** The version in If-Match; `*` and no header ask for nothing. Throws INVALID for anything else. */
export function readIfMatch(header: string | undefined): number | undefined {
  if (header === undefined || header === "*") return undefined;
  const match = /^(?:W\/)?"(\d{1,9})"$/.exec(header);
  if (match) return Number(match[1]);
  throw invalid(
    "http/bad-if-match",
    'If-Match must be the ETag of the entry, such as "3".',
    [{ path: "If-Match", message: 'must be like "3"' }],
    400,
  );
}
