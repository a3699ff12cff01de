const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

export const ID_PREFIXES = [
  "cnt",
  "ast",
  "ten",
  "env",
  "usr",
  "tok",
  "evt",
  "req",
  "sch",
  "rel",
  "cmt",
  "ses",
  "inv",
  "tea",
  "cli",
  "grt",
  "rol",
  "pol",
  "sso",
  "whk",
  "dlv",
] as const;
export type IdPrefix = (typeof ID_PREFIXES)[number];

/**
 * Bytes as Crockford base 32, lower case: 16 bytes give 26 characters, 20 give 32; the text sorts as
 * the bytes do.
 */
export function encodeBase32(bytes: Uint8Array): string {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  let out = "";
  for (let i = Math.ceil((bytes.length * 8) / 5); i > 0; i--) {
    out = ALPHABET[Number(value & 31n)] + out;
    value >>= 5n;
  }
  return out;
}

/** The 16 bytes of 26 base 32 characters. */
export function decodeBase32(text: string): Uint8Array {
  let value = 0n;
  for (const char of text) value = (value << 5n) | BigInt(ALPHABET.indexOf(char));
  const bytes = new Uint8Array(16);
  for (let i = 15; i >= 0; i--) {
    bytes[i] = Number(value & 255n);
    value >>= 8n;
  }
  return bytes;
}

/**
 * A new id such as `cnt_01jd…`: a UUIDv7 (48 bits of milliseconds, 74 random) in base 32, so ids sort
 * by time.
 */
export function newId(prefix: IdPrefix, now: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(now / 2 ** (8 * (5 - i))) & 255;
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return `${prefix}_${encodeBase32(bytes)}`;
}

/** Whether a string is an id of that kind; it says nothing about whether the thing exists. */
export function isId(prefix: IdPrefix, value: unknown): value is string {
  return (
    typeof value === "string" &&
    value.startsWith(`${prefix}_`) &&
    /^[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(value.slice(4))
  );
}

let requestPrefix = "";
let requestCount = 0;

/** A request id: `req_` and 20 hexadecimal characters, 12 of them random per isolate and 8 counted. */
export function newRequestId(): string {
  if (requestPrefix === "" || requestCount === 0xffffffff) {
    requestPrefix = "req_";
    for (const byte of crypto.getRandomValues(new Uint8Array(6)))
      requestPrefix += (byte + 256).toString(16).slice(1);
    requestCount = crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1;
  }
  return requestPrefix + (++requestCount).toString(16).padStart(8, "0");
}
