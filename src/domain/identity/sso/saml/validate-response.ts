import { AppError } from "../../../../core/errors.ts";
import { publicKeyOf, type VerificationKey } from "./certificate.ts";
import { decrypt, readEncryption } from "./decrypt-assertion.ts";
import { NS, STATUS_SUCCESS } from "./names.ts";
import {
  type AssertionExpectation,
  checkInResponseTo,
  checkIssuer,
  readAssertion,
  type SamlIdentity,
} from "./read-assertion.ts";
import { refusal } from "./refusal.ts";
import { onlyAssertion, orMalformed, readResponse } from "./response-document.ts";
import { refuseDuplicateIds, refuseStraySignatures, verifyElement } from "./signature.ts";
import {
  attributeOf,
  childNamed,
  isNamed,
  parseXml,
  requiredChild,
  type XmlElement,
  descendants,
} from "./xml.ts";

export type ResponseExpectation = Omit<AssertionExpectation, "now" | "clockSkewSeconds"> & {
  /** The identity provider's certificates, PEM: each of them may sign, so that keys can be replaced. */
  idpCertificates: readonly string[];
  /** Our private keys, PKCS #8 in PEM, that an assertion may be encrypted to. */
  decryptionKeys?: readonly string[];
  /** Milliseconds since 1970; the clock's own where it is not given. */
  now?: number;
  /** How far the two clocks may be apart; 60 where it is not given. */
  clockSkewSeconds?: number;
};

/**
 * Validates a response of the POST binding and returns the identity it proves, read from signed
 * octets only; throws UNAUTHENTICATED with a reason `sso/saml-…`. Refusing a second use of
 * `assertionId` is the caller's.
 */
export async function validateResponse(
  xmlBase64: string,
  expectation: ResponseExpectation,
): Promise<SamlIdentity> {
  const expected = { now: Date.now(), clockSkewSeconds: 60, ...expectation };
  const keys = expected.idpCertificates.map(publicKeyOf);
  const { xml, response } = readResponse(xmlBase64);
  const signed = orMalformed(() => {
    refuseUnsuccessful(response);
    refuseStraySignatures(response, [response, onlyAssertion(response)]);
    return verifyElement(xml, response, keys);
  });
  const trusted = signed ?? response;
  const envelope = orMalformed(() => {
    checkEnvelope(trusted, expected, signed !== undefined);
    return onlyAssertion(trusted);
  });
  const assertion = isNamed(envelope, NS.assertion, "EncryptedAssertion")
    ? await openAssertion(envelope, expected.decryptionKeys ?? [], keys, signed !== undefined)
    : orMalformed(() => {
        const original = onlyAssertion(response);
        return verifyElement(xml, original, keys) ?? (signed && envelope) ?? refuseUnsigned();
      });
  return orMalformed(() => readAssertion(assertion, expected));
}

function refuseUnsuccessful(response: XmlElement): void {
  const code = requiredChild(requiredChild(response, NS.protocol, "Status"), NS.protocol, "StatusCode");
  const value = attributeOf(code, "Value");
  if (value === STATUS_SUCCESS) return;
  const detail = childNamed(code, NS.protocol, "StatusCode");
  const said = (detail && attributeOf(detail, "Value")) || value || "nothing";
  throw refusal(
    "sso/saml-status",
    `The identity provider did not sign the person in: it says "${said.slice(0, 200)}".`,
  );
}

function checkEnvelope(response: XmlElement, expected: AssertionExpectation, isSigned: boolean): void {
  refuseUnsuccessful(response);
  const destination = attributeOf(response, "Destination");
  if (destination === undefined ? isSigned : destination !== expected.acsUrl)
    throw refusal("sso/saml-destination", `The response's destination must be "${expected.acsUrl}".`);
  const issuer = childNamed(response, NS.assertion, "Issuer");
  if (issuer !== undefined) checkIssuer(issuer, expected.idpEntityId);
  const inResponseTo = attributeOf(response, "InResponseTo");
  if (inResponseTo !== undefined) checkInResponseTo(inResponseTo, expected);
}

/**
 * Decrypts and verifies an assertion. When the ciphertext is unsigned, all failures give the same error:
 * details would be a decryption oracle.
 */
async function openAssertion(
  encrypted: XmlElement,
  decryptionKeys: readonly string[],
  keys: VerificationKey[],
  isSigned: boolean,
): Promise<XmlElement> {
  const encryption = orMalformed(() => readEncryption(encrypted));
  try {
    const xml = await decrypt(encryption, [...decryptionKeys]);
    const assertion = parseXml(xml);
    refuseDuplicateIds(assertion);
    refuseStraySignatures(assertion, [assertion]);
    const assertions = [...descendants(assertion)].filter((one) => isNamed(one, NS.assertion, "Assertion"));
    if (assertions.length !== 1 || assertions[0] !== assertion)
      throw new Error("This is not a single assertion.");
    return verifyElement(xml, assertion, keys) ?? (isSigned ? assertion : refuseUnsigned());
  } catch (error) {
    if (error instanceof AppError && isSigned) throw error;
    throw refusal(
      "sso/saml-decryption",
      "The encrypted assertion cannot be decrypted, or its content is not signed by this identity provider.",
      error,
    );
  }
}

function refuseUnsigned(): never {
  throw refusal("sso/saml-signature", "Neither the response nor the assertion is signed.");
}
