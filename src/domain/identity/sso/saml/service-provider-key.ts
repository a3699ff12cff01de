import { toPem } from "./certificate.ts";

/** A key pair of ours: the private key to keep encrypted, the certificate to publish; both PEM. */
export type ServiceProviderKey = { privateKey: string; certificate: string };

const OID_SHA256_RSA = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
const OID_COMMON_NAME = [0x55, 0x04, 0x03];
const OID_BASIC_CONSTRAINTS = [0x55, 0x1d, 0x13];
const DAY_MS = 86_400_000;

/** Makes an RSA-2048 key and a certificate for it that it signs itself, from now on for `days`. */
export async function createServiceProviderKey(input: {
  commonName: string;
  days?: number;
  now?: number;
}): Promise<ServiceProviderKey> {
  const { commonName, days = 3650, now = Date.now() } = input;
  const pair = (await crypto.subtle.generateKey(
    {
      name: "RSASSA-PKCS1-v1_5",
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: "SHA-256",
    },
    true,
    ["sign", "verify"],
  )) as CryptoKeyPair;
  const [spki, pkcs8] = await Promise.all([
    crypto.subtle.exportKey("spki", pair.publicKey) as Promise<ArrayBuffer>,
    crypto.subtle.exportKey("pkcs8", pair.privateKey) as Promise<ArrayBuffer>,
  ]);
  const algorithm = sequence(der(0x06, OID_SHA256_RSA), der(0x05, []));
  const name = sequence(
    der(0x31, sequence(der(0x06, OID_COMMON_NAME), der(0x0c, new TextEncoder().encode(commonName)))),
  );
  const serial = crypto.getRandomValues(new Uint8Array(16));
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  const body = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, serial),
    algorithm,
    name,
    sequence(time(now), time(now + days * DAY_MS)),
    name,
    new Uint8Array(spki),
    der(0xa3, sequence(sequence(der(0x06, OID_BASIC_CONSTRAINTS), der(0x04, sequence())))),
  );
  const signature = new Uint8Array(await crypto.subtle.sign("RSASSA-PKCS1-v1_5", pair.privateKey, body));
  return {
    privateKey: toPem("PRIVATE KEY", new Uint8Array(pkcs8)),
    certificate: toPem("CERTIFICATE", sequence(body, algorithm, der(0x03, [0, ...signature]))),
  };
}

function der(tag: number, content: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const { length } = content;
  const size: number[] =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Uint8Array.from([tag, ...size, ...Array.from(content)]);
}

function sequence(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return der(
    0x30,
    parts.flatMap((part) => Array.from(part)),
  );
}

/** X.509 writes years before 2050 with two digits and later ones with four. */
function time(at: number): Uint8Array {
  const digits = `${new Date(at).toISOString().replace(/\D/g, "").slice(0, 14)}Z`;
  const isShort = new Date(at).getUTCFullYear() < 2050;
  return der(isShort ? 0x17 : 0x18, new TextEncoder().encode(isShort ? digits.slice(2) : digits));
}
