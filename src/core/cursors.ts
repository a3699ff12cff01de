import { fromBase64, toBase64Url } from "./base64.ts";
import { isCleanText } from "./cut-text.ts";
import { invalid } from "./errors.ts";

type CursorValue = string | number | boolean | null;

/** An opaque keyset cursor: the sort it belongs to and the last row's sort values, as base64url of JSON. */
export function encodeCursor(sort: string, values: CursorValue[]): string {
  return toBase64Url(new TextEncoder().encode(JSON.stringify([sort, ...values])));
}

/**
 * Reads a cursor back; throws INVALID `http/bad-cursor` unless it was made by the same sort with
 * `length` values.
 */
export function decodeCursor(cursor: string, sort: string, length: number): CursorValue[] {
  const bad = () =>
    invalid(
      "http/bad-cursor",
      "The cursor is not valid, or belongs to another sort order: start again without it.",
      [{ path: "cursor", message: "Use pagination.next_cursor of the previous page, with the same sort." }],
    );
  if (cursor.length > 2000 || !/^[\w-]+$/.test(cursor)) throw bad();
  const values = parse(cursor);
  if (!Array.isArray(values) || values[0] !== sort || values.length !== length + 1) throw bad();
  const rest = values.slice(1) as unknown[];
  const isPlain = (v: unknown) =>
    v === null || typeof v === "boolean" || (typeof v === "number" && Number.isFinite(v)) || isCleanText(v);
  if (!rest.every(isPlain)) throw bad();
  return rest as CursorValue[];
}

function parse(cursor: string): unknown {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(fromBase64(cursor));
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
