import { createSign, generateKeyPairSync, randomBytes } from "node:crypto";
import { SignedXml } from "xml-crypto";
import { fromPem, toPem } from "../../src/domain/identity/sso/saml/certificate.ts";
import {
  ENVELOPED_SIGNATURE,
  EXCLUSIVE_C14N,
  NS,
  RSA_SHA256,
  STATUS_SUCCESS,
} from "../../src/domain/identity/sso/saml/names.ts";

export const SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256";
export const IDP = "https://idp.example/metadata";
export const SP = "https://cms.example/sso/saml/acme";
export const ACS = "https://cms.example/sso/saml/acme/acs";
export const REQUEST = "_request1";
export const NOW = Date.parse("2026-11-21T12:00:00Z");
export const at = (seconds: number) => new Date(NOW + seconds * 1000).toISOString();

export type AssertionParts = {
  id?: string;
  issuer?: string;
  nameId?: string;
  audience?: string;
  recipient?: string;
  /** null leaves it out. */
  inResponseTo?: string | null;
  notBefore?: string;
  notOnOrAfter?: string;
  confirmedUntil?: string;
  sessionUntil?: string;
  issuedAt?: string;
  authnAt?: string;
  method?: string;
  extra?: string;
  conditions?: string;
};

/** An assertion as an identity provider writes it, unsigned. */
export function assertionXml(parts: AssertionParts = {}): string {
  const inResponseTo = parts.inResponseTo === undefined ? REQUEST : parts.inResponseTo;
  return (
    `<saml:Assertion xmlns:saml="${NS.assertion}" ID="${parts.id ?? "_assertion1"}" Version="2.0" IssueInstant="${parts.issuedAt ?? at(0)}">` +
    `<saml:Issuer>${parts.issuer ?? IDP}</saml:Issuer><saml:Subject>` +
    `<saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">${parts.nameId ?? "ada@acme.example"}</saml:NameID>` +
    `<saml:SubjectConfirmation Method="${parts.method ?? "urn:oasis:names:tc:SAML:2.0:cm:bearer"}"><saml:SubjectConfirmationData` +
    `${inResponseTo === null ? "" : ` InResponseTo="${inResponseTo}"`} Recipient="${parts.recipient ?? ACS}" NotOnOrAfter="${parts.confirmedUntil ?? at(300)}"/>` +
    `</saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${parts.notBefore ?? at(-60)}" NotOnOrAfter="${parts.notOnOrAfter ?? at(300)}">` +
    `<saml:AudienceRestriction><saml:Audience>${parts.audience ?? SP}</saml:Audience></saml:AudienceRestriction>${parts.conditions ?? ""}</saml:Conditions>` +
    `<saml:AuthnStatement AuthnInstant="${parts.authnAt ?? at(-5)}" SessionIndex="_session1"${parts.sessionUntil ? ` SessionNotOnOrAfter="${parts.sessionUntil}"` : ""}>` +
    `<saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>` +
    `<saml:AttributeStatement><saml:Attribute Name="email"><saml:AttributeValue>ada@acme.example</saml:AttributeValue></saml:Attribute>` +
    `<saml:Attribute Name="groups"><saml:AttributeValue>Editors</saml:AttributeValue><saml:AttributeValue>R&amp;D</saml:AttributeValue></saml:Attribute>` +
    `</saml:AttributeStatement>${parts.extra ?? ""}</saml:Assertion>`
  );
}

export type ResponseParts = {
  id?: string;
  destination?: string | null;
  issuer?: string | null;
  inResponseTo?: string | null;
  status?: string;
  before?: string;
};

/** A response around whatever it is given. */
export function responseXml(content: string, parts: ResponseParts = {}): string {
  const { destination = ACS, issuer = IDP, inResponseTo = REQUEST } = parts;
  return (
    `<samlp:Response xmlns:samlp="${NS.protocol}" ID="${parts.id ?? "_response1"}" Version="2.0" IssueInstant="${at(0)}"` +
    `${destination === null ? "" : ` Destination="${destination}"`}${inResponseTo === null ? "" : ` InResponseTo="${inResponseTo}"`}>` +
    (issuer === null ? "" : `<saml:Issuer xmlns:saml="${NS.assertion}">${issuer}</saml:Issuer>`) +
    `${parts.before ?? ""}<samlp:Status>${parts.status ?? `<samlp:StatusCode Value="${STATUS_SUCCESS}"/>`}</samlp:Status>${content}</samlp:Response>`
  );
}

export type SigningOptions = {
  algorithm?: string;
  digest?: string;
  transforms?: string[];
  canonicalization?: string;
  isEmptyUri?: boolean;
  /** What stands in KeyInfo, whoever signed. */
  publicCert?: string;
  /** Registers an algorithm that xml-crypto does not bring. */
  prepare?: (signer: SignedXml) => void;
};

/** Signs the element with that ID, the signature standing behind its Issuer (or first). */
export function sign(xml: string, id: string, privateKey: string, options: SigningOptions = {}): string {
  const signer = new SignedXml({
    privateKey,
    publicCert: options.publicCert,
    signatureAlgorithm: options.algorithm ?? RSA_SHA256,
    canonicalizationAlgorithm: options.canonicalization ?? EXCLUSIVE_C14N,
    idAttribute: "ID",
  });
  options.prepare?.(signer);
  const element = `//*[@ID='${id}']`;
  signer.addReference({
    xpath: element,
    transforms: options.transforms ?? [ENVELOPED_SIGNATURE, EXCLUSIVE_C14N],
    digestAlgorithm: options.digest ?? SHA256,
    isEmptyUri: options.isEmptyUri,
  });
  signer.computeSignature(xml, {
    prefix: "ds",
    location: { reference: `${element}/*[local-name(.)='Issuer']`, action: "after" },
  });
  return signer.getSignedXml();
}

/** Lets xml-crypto sign with ECDSA or with RSA and SHA-384. */
export function signingWith(name: string, hash: string) {
  return (signer: SignedXml) => {
    signer.SignatureAlgorithms[name] = class {
      getAlgorithmName = () => name;
      getSignature = (text: unknown, key: unknown) =>
        createSign(hash)
          .update(String(text))
          .sign({ key: key as string, dsaEncoding: "ieee-p1363" }, "base64");
      verifySignature = () => false;
    } as never;
  };
}

export type EncryptionOptions = {
  cipher?: "aes128-gcm" | "aes256-gcm" | "aes128-cbc" | "aes256-cbc";
  /** The digest and mask of RSA-OAEP. */
  hash?: "SHA-1" | "SHA-256";
  transport?: string;
  /** Puts the encrypted key behind the data instead of inside. */
  isKeyBeside?: boolean;
};

/** Encrypts an assertion to the public key of a certificate (its SPKI, DER). */
export async function encrypt(
  xml: string,
  publicKey: BufferSource,
  options: EncryptionOptions = {},
): Promise<string> {
  const { cipher = "aes256-gcm", hash = "SHA-1" } = options;
  const key = randomBytes(cipher.startsWith("aes128") ? 16 : 32);
  const isGcm = cipher.endsWith("gcm");
  const iv = randomBytes(isGcm ? 12 : 16);
  const name = isGcm ? "AES-GCM" : "AES-CBC";
  const aes = await crypto.subtle.importKey("raw", key, name, false, ["encrypt"]);
  let plain = Buffer.from(xml, "utf8");
  if (!isGcm) {
    const filled = 16 - (plain.length % 16);
    plain = Buffer.concat([plain, randomBytes(filled - 1), Buffer.from([filled])]);
  }
  let sealed = Buffer.from(await crypto.subtle.encrypt({ name, iv }, aes, plain));
  if (!isGcm) sealed = sealed.subarray(0, plain.length);
  const oaep = await crypto.subtle.importKey("spki", publicKey, { name: "RSA-OAEP", hash }, false, [
    "encrypt",
  ]);
  const wrapped = Buffer.from(await crypto.subtle.encrypt("RSA-OAEP", oaep, key)).toString("base64");
  const method =
    hash === "SHA-1"
      ? `<xenc:EncryptionMethod Algorithm="${options.transport ?? `${NS.xenc}rsa-oaep-mgf1p`}"/>`
      : `<xenc:EncryptionMethod Algorithm="${NS.xenc11}rsa-oaep"><ds:DigestMethod Algorithm="${SHA256}"/><x:MGF xmlns:x="${NS.xenc11}" Algorithm="${NS.xenc11}mgf1sha256"/></xenc:EncryptionMethod>`;
  const encryptedKey = `<xenc:EncryptedKey xmlns:xenc="${NS.xenc}" xmlns:ds="${NS.dsig}">${method}<xenc:CipherData><xenc:CipherValue>${wrapped}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>`;
  const uri = `${isGcm ? NS.xenc11 : NS.xenc}${cipher}`;
  return (
    `<saml:EncryptedAssertion xmlns:saml="${NS.assertion}"><xenc:EncryptedData xmlns:xenc="${NS.xenc}" Type="${NS.xenc}Element"><xenc:EncryptionMethod Algorithm="${uri}"/>` +
    (options.isKeyBeside ? "" : `<ds:KeyInfo xmlns:ds="${NS.dsig}">${encryptedKey}</ds:KeyInfo>`) +
    `<xenc:CipherData><xenc:CipherValue>${Buffer.concat([iv, sealed]).toString("base64")}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>` +
    `${options.isKeyBeside ? encryptedKey : ""}</saml:EncryptedAssertion>`
  );
}

/** A P-256 key whose certificate was made with OpenSSL's structure by hand: the SPKI goes into `certify`. */
export function ecKeyPair() {
  return generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "der" },
  });
}

/**
 * Puts another public key into a certificate; its own signature no longer fits, which nobody who pins
 * it asks for.
 */
export function certificateFor(publicKey: Uint8Array, template: string): string {
  const [version, serial, algorithm, issuer, validity, subject, , ...rest] = parts(
    inner(parts(inner(fromPem(template)))[0]!),
  );
  const body = wrap(
    0x30,
    Buffer.concat([version!, serial!, algorithm!, issuer!, validity!, subject!, publicKey, ...rest]),
  );
  const [, outer, signature] = parts(inner(fromPem(template)));
  return toPem("CERTIFICATE", wrap(0x30, Buffer.concat([body, outer!, signature!])));
}

function header(der: Uint8Array): { size: number; length: number } {
  const first = der[1]!;
  if (first < 0x80) return { size: 2, length: first };
  const count = first & 0x7f;
  return { size: 2 + count, length: der.subarray(2, 2 + count).reduce((sum, byte) => sum * 256 + byte, 0) };
}
function inner(der: Uint8Array): Uint8Array {
  const { size, length } = header(der);
  return der.subarray(size, size + length);
}
function parts(content: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at < content.length;) {
    const { size, length } = header(content.subarray(at));
    found.push(content.subarray(at, at + size + length));
    at += size + length;
  }
  return found;
}
function wrap(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

export const toPost = (xml: string) => Buffer.from(xml, "utf8").toString("base64");
