import { createHash } from "node:crypto";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * The id that a thing of a site always gets, so that importing again finds it: time first, then a
 * hash, in base 32.
 */
export function stableId(
  prefix: "cnt" | "ast",
  site: string,
  kind: string,
  sourceId: string,
  timeMs: number,
): string {
  const bytes = new Uint8Array(16);
  const time = Math.max(0, timeMs);
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(time / 2 ** (8 * (5 - i))) & 255;
  bytes.set(createHash("sha256").update(`${site}|${kind}|${sourceId}`).digest().subarray(0, 10), 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  let out = "";
  for (let i = 0; i < 26; i++) {
    out = ALPHABET[Number(value & 31n)] + out;
    value >>= 5n;
  }
  return `${prefix}_${out}`;
}
