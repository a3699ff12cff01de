import { fromBase64, toBase64 } from "../../../core/base64.ts";

const PREFIX = "whsec_";
const SECRET_BYTES = 32;

/** A new secret of Standard Webhooks: `whsec_` and 32 random bytes in base64. */
export const newSigningSecret = (): string =>
  PREFIX + toBase64(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));

/**
 * The headers of Standard Webhooks for a body, signed with each of the secrets; `at` is in
 * milliseconds.
 */
export async function signedHeaders(
  secrets: readonly string[],
  { id, body, at }: { id: string; body: string; at: number },
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1000));
  const content = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  const signatures = await Promise.all(secrets.map(async (secret) => `v1,${await hmac(secret, content)}`));
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
}

async function hmac(secret: string, content: BufferSource): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const bytes = fromBase64(secret.slice(PREFIX.length));
  const key = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign"]);
  return toBase64(new Uint8Array(await crypto.subtle.sign(algorithm, key, content)));
}
