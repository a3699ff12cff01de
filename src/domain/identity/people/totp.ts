import { equalInConstantTime } from "../../../core/tokens.ts";

const STEP_SECONDS = 30;
const DIGITS = 6;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** 160 random bits in RFC 4648 base 32: what an authenticator app is given. */
export function newTotpSecret(): string {
  let bits = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(20))) bits += byte.toString(2).padStart(8, "0");
  return bits.replaceAll(/.{5}/g, (five) => ALPHABET[Number.parseInt(five, 2)]!);
}

/** Whether a text has the form of a secret of ours. */
export const isTotpSecret = (text: string): boolean => /^[A-Z2-7]{32}$/.test(text);

/** The address that authenticator apps read, alone or as a QR code. */
export function totpUri(secret: string, email: string): string {
  const label = `FlowCMS:${encodeURIComponent(email)}`;
  return `otpauth://totp/${label}?secret=${encodeURIComponent(secret)}&issuer=FlowCMS&algorithm=SHA1&digits=${DIGITS}&period=${STEP_SECONDS}`;
}

/**
 * The time step (RFC 6238, SHA-1, 30 s, 6 digits) that a code is right for: now, the one before or
 * the one after, and later than `lastStep`. Undefined when it is right for none.
 */
export async function totpStep(
  secret: string,
  code: string,
  atMs: number,
  lastStep: number,
): Promise<number | undefined> {
  const given = code.replaceAll(/\s/g, "");
  if (!/^\d{6}$/.test(given)) return undefined;
  const current = Math.floor(atMs / 1000 / STEP_SECONDS);
  let found: number | undefined;
  for (const step of [current - 1, current, current + 1])
    if (step > lastStep && equalInConstantTime(await totpCode(secret, step), given)) found ??= step;
  return found;
}

/** The code of one time step. */
export async function totpCode(secret: string, step: number): Promise<string> {
  const key = await crypto.subtle.importKey(
    "raw",
    readBase32(secret) as BufferSource,
    { name: "HMAC", hash: "SHA-1" },
    false,
    ["sign"],
  );
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(step));
  const mac = new DataView(await crypto.subtle.sign("HMAC", key, counter.buffer));
  const offset = mac.getUint8(mac.byteLength - 1) & 15;
  return String((mac.getUint32(offset) & 0x7fffffff) % 10 ** DIGITS).padStart(DIGITS, "0");
}

function readBase32(text: string): Uint8Array {
  let bits = "";
  for (const char of text) bits += ALPHABET.indexOf(char).toString(2).padStart(5, "0");
  return Uint8Array.from(bits.match(/.{8}/g)!, (byte) => Number.parseInt(byte, 2));
}
