import { fromPem } from "./certificate.ts";
import { refusal } from "./refusal.ts";
import { NS } from "./names.ts";
import {
  attributeOf,
  childNamed,
  childrenNamed,
  fromBase64,
  requiredChild,
  textOf,
  type XmlElement,
} from "./xml.ts";

type KeyTransport = { hash: "SHA-1" | "SHA-256" | "SHA-384" | "SHA-512" };
type Cipher = { name: "AES-GCM" | "AES-CBC"; bytes: number };

const CIPHERS: ReadonlyMap<string, Cipher> = new Map([
  [`${NS.xenc11}aes128-gcm`, { name: "AES-GCM", bytes: 16 }],
  [`${NS.xenc11}aes256-gcm`, { name: "AES-GCM", bytes: 32 }],
  [`${NS.xenc}aes128-cbc`, { name: "AES-CBC", bytes: 16 }],
  [`${NS.xenc}aes256-cbc`, { name: "AES-CBC", bytes: 32 }],
]);
const HASHES: ReadonlyMap<string, KeyTransport["hash"]> = new Map([
  [`${NS.dsig}sha1`, "SHA-1"],
  [`${NS.xenc}sha256`, "SHA-256"],
  ["http://www.w3.org/2001/04/xmldsig-more#sha384", "SHA-384"],
  [`${NS.xenc}sha512`, "SHA-512"],
]);
const MASKS: ReadonlyMap<string, KeyTransport["hash"]> = new Map([
  [`${NS.xenc11}mgf1sha1`, "SHA-1"],
  [`${NS.xenc11}mgf1sha256`, "SHA-256"],
  [`${NS.xenc11}mgf1sha384`, "SHA-384"],
  [`${NS.xenc11}mgf1sha512`, "SHA-512"],
]);
const BLOCK = 16;
const GCM_IV = 12;
const MAX_ENCRYPTED_KEYS = 4;

/**
 * An EncryptedAssertion as it was sent: how its content is encrypted, and its key once for each
 * recipient.
 */
type Encryption = {
  cipher: Cipher;
  content: Uint8Array<ArrayBuffer>;
  keys: { transport: KeyTransport; wrapped: Uint8Array<ArrayBuffer> }[];
};

/**
 * Reads the encryption method of an assertion; rejects anything but RSA-OAEP with AES. No key is used
 * yet.
 */
export function readEncryption(encrypted: XmlElement): Encryption {
  const data = requiredChild(encrypted, NS.xenc, "EncryptedData");
  const cipher = CIPHERS.get(algorithmOf(data));
  if (cipher === undefined)
    throw refusal(
      "sso/saml-algorithm",
      `The encryption "${algorithmOf(data).slice(0, 100)}" is not accepted.`,
    );
  const keyInfo = childNamed(data, NS.dsig, "KeyInfo");
  const wrapped = [
    ...(keyInfo ? childrenNamed(keyInfo, NS.xenc, "EncryptedKey") : []),
    ...childrenNamed(encrypted, NS.xenc, "EncryptedKey"),
  ];
  if (wrapped.length === 0 || wrapped.length > MAX_ENCRYPTED_KEYS)
    throw refusal(
      "sso/saml-malformed",
      `An encrypted assertion must have one to ${MAX_ENCRYPTED_KEYS} encrypted keys.`,
    );
  return {
    cipher,
    content: cipherValue(data),
    keys: wrapped.map((one) => ({ transport: keyTransportOf(one), wrapped: cipherValue(one) })),
  };
}

/**
 * Decrypts with the first of our private keys (PKCS #8, PEM) that opens the encrypted key, and
 * returns the XML of the assertion. It says nothing about who wrote that XML.
 */
export async function decrypt({ cipher, content, keys }: Encryption, privateKeys: string[]): Promise<string> {
  for (const { transport, wrapped } of keys) {
    for (const privateKey of privateKeys) {
      const key = await unwrapKey(wrapped, transport, privateKey);
      if (key?.length !== cipher.bytes) continue;
      const plain = await (cipher.name === "AES-GCM" ? openGcm : openCbc)(key, content);
      return new TextDecoder("utf-8", { fatal: true }).decode(plain);
    }
  }
  throw new Error("The encrypted key cannot be decrypted with our key.");
}

function algorithmOf(element: XmlElement): string {
  return attributeOf(requiredChild(element, NS.xenc, "EncryptionMethod"), "Algorithm") ?? "";
}

function cipherValue(element: XmlElement): Uint8Array<ArrayBuffer> {
  const data = requiredChild(element, NS.xenc, "CipherData");
  return fromBase64(textOf(requiredChild(data, NS.xenc, "CipherValue")));
}

/**
 * WebCrypto masks with the hash it digests with, so a method that names two different ones cannot be
 * honoured.
 */
function keyTransportOf(encryptedKey: XmlElement): KeyTransport {
  const method = requiredChild(encryptedKey, NS.xenc, "EncryptionMethod");
  const algorithm = attributeOf(method, "Algorithm") ?? "";
  const digest = childNamed(method, NS.dsig, "DigestMethod");
  const mask = childNamed(method, NS.xenc11, "MGF");
  const hash = digest ? HASHES.get(attributeOf(digest, "Algorithm") ?? "") : "SHA-1";
  const maskHash = mask ? MASKS.get(attributeOf(mask, "Algorithm") ?? "") : "SHA-1";
  const isOaep = algorithm === `${NS.xenc}rsa-oaep-mgf1p` || algorithm === `${NS.xenc11}rsa-oaep`;
  if (!isOaep || hash === undefined || hash !== maskHash || childNamed(method, NS.xenc, "OAEPparams"))
    throw refusal(
      "sso/saml-algorithm",
      "The key of an encrypted assertion must be encrypted with RSA-OAEP, digest and mask of the same hash.",
    );
  return { hash };
}

async function unwrapKey(
  wrapped: Uint8Array<ArrayBuffer>,
  { hash }: KeyTransport,
  privateKey: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const key = await crypto.subtle.importKey("pkcs8", fromPem(privateKey), { name: "RSA-OAEP", hash }, false, [
    "decrypt",
  ]);
  try {
    return new Uint8Array(await crypto.subtle.decrypt("RSA-OAEP", key, wrapped));
  } catch {
    return undefined;
  }
}

async function openGcm(key: Uint8Array<ArrayBuffer>, content: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  const iv = content.subarray(0, GCM_IV);
  return crypto.subtle.decrypt({ name: "AES-GCM", iv, tagLength: 128 }, aes, content.subarray(GCM_IV));
}

/**
 * XML encryption fills its last block with anything and counts it in the last byte; WebCrypto insists
 * on PKCS #7. A block of nothing but padding behind the last one keeps WebCrypto content and leaves
 * XML's padding to us.
 */
async function openCbc(key: Uint8Array<ArrayBuffer>, content: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  if (content.length < 2 * BLOCK || content.length % BLOCK !== 0)
    throw new Error("The length is not a multiple of the block size.");
  const aes = await crypto.subtle.importKey("raw", key, "AES-CBC", false, ["encrypt", "decrypt"]);
  const last = content.subarray(-BLOCK);
  const padding = await crypto.subtle.encrypt({ name: "AES-CBC", iv: last }, aes, new Uint8Array(0));
  const extended = new Uint8Array([...content.subarray(BLOCK), ...new Uint8Array(padding)]);
  const iv = content.subarray(0, BLOCK);
  const plain = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CBC", iv }, aes, extended));
  const filled = plain.at(-1)!;
  if (filled < 1 || filled > BLOCK) throw new Error("The padding is wrong.");
  return plain.subarray(0, plain.length - filled);
}
