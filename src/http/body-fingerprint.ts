import { toBase64 } from "../core/base64.ts";
import { tooLarge } from "../core/read-body.ts";

/**
 * SHA-256 of a body's bytes, streamed; empty without a body. A form's boundary is left out, since a
 * repeated form has another one. Throws QUOTA_EXCEEDED 413 for more than `maxBytes`.
 */
export async function fingerprintOf(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
  boundary: string | undefined,
): Promise<string> {
  if (!body) return "";
  const { DigestStream } = crypto as unknown as { DigestStream: new (algorithm: string) => Digesting };
  const digest = new DigestStream("SHA-256");
  const [reader, writer] = [body.getReader(), digest.getWriter()];
  const without = boundary === undefined ? undefined : leavingOut(new TextEncoder().encode(boundary));
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > maxBytes + FORM_BYTES) {
      await reader.cancel();
      throw tooLarge(maxBytes);
    }
    for (const part of without ? without.next(value) : [value]) await writer.write(part);
  }
  if (without) await writer.write(without.rest());
  await writer.close();
  return toBase64(new Uint8Array(await digest.digest));
}

/** A stream of the Workers runtime that hashes its input. */
type Digesting = WritableStream<Uint8Array> & { digest: Promise<ArrayBuffer> };
/** What a form may have round its file. */
const FORM_BYTES = 64 * 1024;

/**
 * Passes bytes on without a pattern (Knuth, Morris and Pratt: each byte once, whatever the pattern and
 * the bytes are).
 */
function leavingOut(pattern: Uint8Array) {
  const fallback = fallbackOf(pattern);
  let matched = 0;
  return {
    next(chunk: Uint8Array): Uint8Array[] {
      const bytes = new Uint8Array(matched + chunk.length);
      bytes.set(pattern.subarray(0, matched));
      bytes.set(chunk, matched);
      const parts: Uint8Array[] = [];
      let from = 0;
      for (let at = matched; at < bytes.length; at++) {
        while (matched > 0 && bytes[at] !== pattern[matched]) matched = fallback[matched - 1]!;
        if (bytes[at] === pattern[matched]) matched++;
        if (matched < pattern.length) continue;
        parts.push(bytes.subarray(from, at + 1 - matched));
        from = at + 1;
        matched = 0;
      }
      parts.push(bytes.subarray(from, bytes.length - matched));
      return parts.filter(({ length }) => length > 0);
    },
    /** What looked like a beginning of the pattern until the end. */
    rest: () => pattern.slice(0, matched),
  };
}

function fallbackOf(pattern: Uint8Array): number[] {
  const fallback = [0];
  for (let at = 1, length = 0; at < pattern.length; at++) {
    while (length > 0 && pattern[at] !== pattern[length]) length = fallback[length - 1]!;
    if (pattern[at] === pattern[length]) length++;
    fallback.push(length);
  }
  return fallback;
}
