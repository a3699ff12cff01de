import { createHash, createVerify } from "node:crypto";
import { SignedXml } from "xml-crypto";
import type { VerificationKey } from "./certificate.ts";
import { refusal } from "./refusal.ts";
import { DIGEST_ALGORITHMS, ENVELOPED_SIGNATURE, EXCLUSIVE_C14N, NS, SIGNATURE_ALGORITHMS } from "./names.ts";
import {
  attributeOf,
  children,
  childNamed,
  descendants,
  isNamed,
  parseXml,
  requiredAttribute,
  textOf,
  type XmlElement,
} from "./xml.ts";

const ID_NAMES = new Set(["id"]);

/**
 * Throws where two elements share an ID, in any spelling of the attribute that some library takes for
 * one.
 */
export function refuseDuplicateIds(root: XmlElement): void {
  const seen = new Set<string>();
  for (const element of descendants(root)) {
    for (let i = 0; i < element.attributes.length; i++) {
      const { localName, value } = element.attributes[i]!;
      if (!ID_NAMES.has(localName.toLowerCase())) continue;
      if (seen.has(value)) throw refusal("sso/saml-malformed", "Two elements of the response share an ID.");
      seen.add(value);
    }
  }
}

/** Throws for a signature anywhere but directly inside one of those elements. */
export function refuseStraySignatures(root: XmlElement, signed: XmlElement[]): void {
  for (const element of descendants(root))
    if (isNamed(element, NS.dsig, "Signature") && !signed.some((one) => one === element.parentNode))
      throw refusal(
        "sso/saml-signature",
        "A signature is at a place where it signs neither the response nor the assertion.",
      );
}

/**
 * Verifies the signature of one element with the known keys, and returns the element parsed again from
 * the signed bytes; undefined without a signature. Nothing else of the document is trusted.
 */
export function verifyElement(
  xml: string,
  element: XmlElement,
  keys: VerificationKey[],
): XmlElement | undefined {
  const signature = childNamed(element, NS.dsig, "Signature");
  if (signature === undefined) return undefined;
  const id = requiredAttribute(element, "ID");
  checkSignatureShape(signature, id);
  const octets = checkSignature(xml, signature, id, keys);
  const verified = parseXml(octets);
  if (
    !isNamed(verified, element.namespaceURI!, element.localName) ||
    attributeOf(verified, "ID") !== id ||
    childNamed(verified, NS.dsig, "Signature") !== undefined
  )
    throw refusal("sso/saml-signature", "The signature covers another element than its parent.");
  return verified;
}

/**
 * Only the one shape that SAML allows ever reaches the library, so that nothing in it can mean two
 * things.
 */
function checkSignatureShape(signature: XmlElement, id: string): void {
  const parts = children(signature);
  const [signedInfo, value, keyInfo] = parts;
  if (
    parts.length > 3 ||
    !signedInfo ||
    !isNamed(signedInfo, NS.dsig, "SignedInfo") ||
    !value ||
    !isNamed(value, NS.dsig, "SignatureValue") ||
    (keyInfo && !isNamed(keyInfo, NS.dsig, "KeyInfo"))
  )
    throw refusal("sso/saml-signature", "The signature has parts that are not expected.");
  const [canonicalization, method, reference, ...others] = children(signedInfo);
  if (!canonicalization || !method || !reference || others.length > 0)
    throw refusal("sso/saml-signature", "The signature must have exactly one reference.");
  checkAlgorithm(canonicalization, "CanonicalizationMethod", (name) => name === EXCLUSIVE_C14N);
  checkAlgorithm(method, "SignatureMethod", (name) => SIGNATURE_ALGORITHMS.has(name));
  if (children(method).length > 0)
    throw refusal("sso/saml-algorithm", "The signature method must have no parameters.");
  if (!isNamed(reference, NS.dsig, "Reference") || attributeOf(reference, "URI") !== `#${id}`)
    throw refusal("sso/saml-signature", "The signature must reference its parent element by ID.");
  const [transforms, digestMethod, digestValue, ...more] = children(reference);
  if (
    !transforms ||
    !isNamed(transforms, NS.dsig, "Transforms") ||
    !digestMethod ||
    !digestValue ||
    !isNamed(digestValue, NS.dsig, "DigestValue") ||
    more.length > 0
  )
    throw refusal("sso/saml-signature", "The signature's reference has parts that are not expected.");
  checkAlgorithm(digestMethod, "DigestMethod", (name) => DIGEST_ALGORITHMS.has(name));
  const steps = children(transforms);
  if (steps.length !== 2)
    throw refusal(
      "sso/saml-algorithm",
      "The transforms must be: enveloped signature, exclusive canonicalization.",
    );
  checkAlgorithm(steps[0]!, "Transform", (name) => name === ENVELOPED_SIGNATURE);
  checkAlgorithm(steps[1]!, "Transform", (name) => name === EXCLUSIVE_C14N);
  textOf(value);
  textOf(digestValue);
}

function checkAlgorithm(element: XmlElement, name: string, isAccepted: (algorithm: string) => boolean): void {
  const algorithm = attributeOf(element, "Algorithm") ?? "";
  if (!isNamed(element, NS.dsig, name) || !isAccepted(algorithm))
    throw refusal("sso/saml-algorithm", `The ${name} "${algorithm.slice(0, 100)}" is not accepted.`);
  if (children(element).some((child) => !isNamed(child, EXCLUSIVE_C14N, "InclusiveNamespaces")))
    throw refusal("sso/saml-algorithm", `The ${name} has parameters that are not accepted.`);
}

function checkSignature(xml: string, signature: XmlElement, id: string, keys: VerificationKey[]): string {
  const verifier = new SignedXml({ publicCert: "the keys stand in the algorithms" });
  verifier.idAttributes = ["ID"];
  verifier.getCertFromKeyInfo = () => null;
  verifier.CanonicalizationAlgorithms = only(verifier.CanonicalizationAlgorithms, [
    EXCLUSIVE_C14N,
    ENVELOPED_SIGNATURE,
  ]);
  verifier.HashAlgorithms = Object.fromEntries(
    [...DIGEST_ALGORITHMS].map(([name, hash]) => [name, digestWith(name, hash)]),
  );
  verifier.SignatureAlgorithms = Object.fromEntries(
    [...SIGNATURE_ALGORITHMS].map(([name, { key, hash }]) => [
      name,
      verifyWith(
        name,
        hash,
        keys.filter((one) => one.kind === key),
      ),
    ]),
  );
  let isValid = false;
  try {
    verifier.loadSignature(signature as never);
    isValid = verifier.checkSignature(xml);
  } catch (cause) {
    throw refusal("sso/saml-signature", "The signature is not from this identity provider.", cause);
  }
  const references = verifier.getReferences();
  const octets = verifier.getSignedReferences();
  if (!isValid || references.length !== 1 || octets.length !== 1 || references[0]!.uri !== `#${id}`)
    throw refusal("sso/saml-signature", "The signature does not match the signed content.");
  return octets[0]!;
}

function only<T>(all: Record<string, T>, names: string[]): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, all[name]!]));
}

function digestWith(name: string, hash: string) {
  return class {
    getAlgorithmName = () => name;
    getHash = (text: string) => createHash(hash).update(text, "utf8").digest("base64");
  };
}

function verifyWith(name: string, hash: string, keys: VerificationKey[]) {
  const verify = (text: string, value: string) =>
    keys.some((key) =>
      createVerify(hash)
        .update(text, "utf8")
        .verify({ key: key.pem, dsaEncoding: "ieee-p1363" }, value, "base64"),
    );
  return class {
    getAlgorithmName = () => name;
    getSignature = (): never => {
      throw new Error("Nothing is signed here.");
    };
    verifySignature = (text: unknown, _key: unknown, value: unknown) => verify(String(text), String(value));
  } as never;
}
