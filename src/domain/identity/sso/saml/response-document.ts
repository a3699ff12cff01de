import { NS } from "./names.ts";
import { refusal } from "./refusal.ts";
import { refuseDuplicateIds } from "./signature.ts";
import {
  attributeOf,
  childNamed,
  childrenNamed,
  descendants,
  fromBase64,
  isNamed,
  parseXml,
  requiredAttribute,
  textOf,
  type XmlElement,
} from "./xml.ts";

const MAX_RESPONSE_BYTES = 256 * 1024;
const MAX_BASE64_CHARS = Math.ceil(MAX_RESPONSE_BYTES / 3) * 4 * 1.1;

/**
 * What a response claims before anything is verified: enough to look up its connection and the request
 * it answers.
 */
export type ResponseHead = { issuer?: string; inResponseTo?: string };

/**
 * Reads what a response says of itself. Nothing of it is proven: use it to find the connection, then call
 * `validateResponse`.
 */
export function readResponseHead(xmlBase64: string): ResponseHead {
  const { response } = readResponse(xmlBase64);
  return orMalformed(() => {
    const issuer =
      childNamed(response, NS.assertion, "Issuer") ??
      childrenNamed(response, NS.assertion, "Assertion")
        .map((assertion) => childNamed(assertion, NS.assertion, "Issuer"))
        .find((one) => one !== undefined);
    return { issuer: issuer && textOf(issuer), inResponseTo: attributeOf(response, "InResponseTo") };
  });
}

/** Decodes and parses a response of the POST binding; rejects anything but a SAML 2.0 response. */
export function readResponse(xmlBase64: string): { xml: string; response: XmlElement } {
  if (xmlBase64.length > MAX_BASE64_CHARS)
    throw refusal("sso/saml-malformed", "A response must be at most 256 KB.");
  return orMalformed(() => {
    const bytes = fromBase64(xmlBase64);
    if (bytes.length > MAX_RESPONSE_BYTES)
      throw refusal("sso/saml-malformed", "A response must be at most 256 KB.");
    const xml = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const response = parseXml(xml);
    if (!isNamed(response, NS.protocol, "Response") || attributeOf(response, "Version") !== "2.0")
      throw refusal("sso/saml-malformed", "This is not a SAML 2.0 response.");
    requiredAttribute(response, "ID");
    refuseDuplicateIds(response);
    return { xml, response };
  });
}

/**
 * The one assertion of a response, plain or encrypted; any other number, or one in any other place, is
 * refused.
 */
export function onlyAssertion(response: XmlElement): XmlElement {
  const found = [...descendants(response)].filter(
    (one) =>
      isNamed(one, NS.assertion, "Assertion") ||
      isNamed(one, NS.assertion, "EncryptedAssertion") ||
      (one !== response && isNamed(one, NS.protocol, "Response")),
  );
  if (found.length !== 1 || found[0]!.parentNode !== response || isNamed(found[0]!, NS.protocol, "Response"))
    throw refusal("sso/saml-malformed", "A response must have exactly one assertion.");
  return found[0]!;
}

/** Runs a reading of XML and turns whatever it finds wrong into `sso/saml-malformed`. */
export function orMalformed<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && error.name === "AppError") throw error;
    const why = error instanceof Error ? error.message.slice(0, 200) : "";
    throw refusal("sso/saml-malformed", `The response is not well formed. ${why}`.trim(), error);
  }
}
