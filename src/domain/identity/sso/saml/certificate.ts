import { X509Certificate } from "node:crypto";
import { fromBase64 } from "./xml.ts";

/** A certificate in its stored form; `pem` is the whole certificate. */
export type Certificate = {
  pem: string;
  subject: string;
  validFrom: string;
  validTo: string;
  /** SHA-256 of the certificate, in hexadecimal. */
  fingerprint: string;
};

const MIN_RSA_BITS = 2048;

/**
 * Reads one X.509 certificate, as PEM or as bare base 64. Throws where it is none, or where its key
 * is neither RSA of at least 2048 bits nor EC P-256.
 */
export function readCertificate(text: string): Certificate {
  const pem = toPem("CERTIFICATE", fromBase64(text.replace(/-----(?:BEGIN|END) CERTIFICATE-----/g, "")));
  const x509 = new X509Certificate(pem);
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = x509.publicKey;
  const isStrong =
    type === "rsa" ? (details?.modulusLength ?? 0) >= MIN_RSA_BITS : type === "ec" && isP256(details);
  if (!isStrong) throw new Error("The certificate's key must be RSA of at least 2048 bits, or EC P-256.");
  return {
    pem,
    subject: x509.subject.replaceAll("\n", ", "),
    validFrom: new Date(x509.validFrom).toISOString(),
    validTo: new Date(x509.validTo).toISOString(),
    fingerprint: x509.fingerprint256.replaceAll(":", "").toLowerCase(),
  };
}

function isP256(details: { namedCurve?: string } | undefined): boolean {
  return details?.namedCurve === "prime256v1" || details?.namedCurve === "P-256";
}

/**
 * A public key to verify with: its kind, and itself as PEM, which workerd takes where it takes no key
 * object.
 */
export type VerificationKey = { kind: string | undefined; pem: string };

/** The public key of a certificate in PEM. */
export function publicKeyOf(pem: string): VerificationKey {
  const key = new X509Certificate(pem).publicKey;
  return { kind: key.asymmetricKeyType, pem: key.export({ type: "spki", format: "pem" }) as string };
}

/** DER in PEM. */
export function toPem(label: string, der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString("base64")
    .replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

/** DER of PEM, whatever its label. */
export function fromPem(pem: string): Uint8Array<ArrayBuffer> {
  return fromBase64(pem.replace(/-----[A-Z ]+-----/g, ""));
}
