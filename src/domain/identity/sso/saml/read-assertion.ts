import { readDatetime } from "../../../../core/datetimes.ts";
import { METHOD_BEARER, NS } from "./names.ts";
import { refusal } from "./refusal.ts";
import {
  attributeOf,
  childNamed,
  children,
  childrenNamed,
  isNamed,
  requiredAttribute,
  requiredChild,
  textOf,
  type XmlElement,
} from "./xml.ts";

/** Who somebody is, as an assertion that was verified says. */
export type SamlIdentity = {
  nameId: string;
  nameIdFormat?: string;
  sessionIndex?: string;
  /** Values per attribute name, in their order. */
  attributes: Record<string, string[]>;
  assertionId: string;
  /** From then on the assertion proves nothing: keep `assertionId` until then against a replay. ISO 8601. */
  notOnOrAfter: string;
  /** When the identity provider wants the session to end, ISO 8601. */
  sessionNotOnOrAfter?: string;
  /** The request that was answered; undefined where the identity provider began. */
  inResponseTo?: string;
  /** When the person signed in there, ISO 8601. */
  authnInstant: string;
  authnContextClass?: string;
};

export type AssertionExpectation = {
  idpEntityId: string;
  audience: string;
  /** The address of the assertion consumer service that the response was posted to. */
  acsUrl: string;
  /** The requests of ours that may be answered. */
  requestIds: readonly string[];
  /** Whether the identity provider may begin on its own. */
  allowUnsolicited: boolean;
  /** Milliseconds since 1970. */
  now: number;
  clockSkewSeconds: number;
};

const MAX_NAME_ID_CHARS = 1024;
const KNOWN_CONDITIONS = new Set(["AudienceRestriction", "OneTimeUse", "ProxyRestriction"]);

/** Checks every condition of an assertion whose octets are verified, and reads the identity out of it. */
export function readAssertion(assertion: XmlElement, expected: AssertionExpectation): SamlIdentity {
  if (attributeOf(assertion, "Version") !== "2.0")
    throw refusal("sso/saml-malformed", "The assertion is not SAML 2.0.");
  checkIssuer(requiredChild(assertion, NS.assertion, "Issuer"), expected.idpEntityId);
  checkNotBefore(requiredAttribute(assertion, "IssueInstant"), expected);
  const conditionsEnd = checkConditions(requiredChild(assertion, NS.assertion, "Conditions"), expected);
  const subject = requiredChild(assertion, NS.assertion, "Subject");
  const confirmed = confirmSubject(subject, expected);
  const nameId = requiredChild(subject, NS.assertion, "NameID");
  const name = textOf(nameId);
  if (name.trim() === "" || name.length > MAX_NAME_ID_CHARS)
    throw refusal("sso/saml-malformed", "The NameID is empty or too long.");
  return {
    nameId: name,
    nameIdFormat: attributeOf(nameId, "Format"),
    attributes: readAttributes(assertion),
    assertionId: requiredAttribute(assertion, "ID"),
    notOnOrAfter: new Date(
      Math.min(confirmed.end, conditionsEnd) + expected.clockSkewSeconds * 1000,
    ).toISOString(),
    inResponseTo: confirmed.inResponseTo,
    ...readAuthentication(assertion, expected),
  };
}

/** Rejects any Issuer but the requested identity provider. */
export function checkIssuer(issuer: XmlElement, entityId: string): void {
  if (textOf(issuer) !== entityId)
    throw refusal(
      "sso/saml-issuer",
      `The issuer must be "${entityId}", not "${textOf(issuer).slice(0, 200)}".`,
    );
}

/** Refuses an answer to a request that was not made, or to none where that is not allowed. */
export function checkInResponseTo(id: string | undefined, expected: AssertionExpectation): void {
  if (id === undefined ? !expected.allowUnsolicited : !expected.requestIds.includes(id))
    throw refusal("sso/saml-in-response-to", "There is no pending request for this response.");
}

function checkConditions(conditions: XmlElement, expected: AssertionExpectation): number {
  const unknown = children(conditions).find(
    (one) => one.namespaceURI !== NS.assertion || !KNOWN_CONDITIONS.has(one.localName),
  );
  if (unknown) throw refusal("sso/saml-malformed", `The condition ${unknown.localName} is unknown.`);
  const end = checkWindow(conditions, expected);
  const restrictions = childrenNamed(conditions, NS.assertion, "AudienceRestriction");
  const isMeant = restrictions.every((one) =>
    childrenNamed(one, NS.assertion, "Audience").some((audience) => textOf(audience) === expected.audience),
  );
  if (restrictions.length === 0 || !isMeant)
    throw refusal("sso/saml-audience", `The assertion is not meant for "${expected.audience}".`);
  return end;
}

/** One valid bearer confirmation is enough; otherwise the error of the first is reported. */
function confirmSubject(
  subject: XmlElement,
  expected: AssertionExpectation,
): { end: number; inResponseTo?: string } {
  const bearers = childrenNamed(subject, NS.assertion, "SubjectConfirmation").filter(
    (one) => attributeOf(one, "Method") === METHOD_BEARER,
  );
  let fault: unknown = refusal("sso/saml-malformed", "The assertion has no bearer subject confirmation.");
  for (const [index, bearer] of bearers.entries()) {
    try {
      return confirmBearer(requiredChild(bearer, NS.assertion, "SubjectConfirmationData"), expected);
    } catch (error) {
      if (index === 0) fault = error;
    }
  }
  throw fault;
}

function confirmBearer(data: XmlElement, expected: AssertionExpectation) {
  if (attributeOf(data, "Recipient") !== expected.acsUrl)
    throw refusal("sso/saml-recipient", `The assertion's recipient must be "${expected.acsUrl}".`);
  const inResponseTo = attributeOf(data, "InResponseTo");
  checkInResponseTo(inResponseTo, expected);
  requiredAttribute(data, "NotOnOrAfter");
  return { end: checkWindow(data, expected), inResponseTo };
}

function readAuthentication(assertion: XmlElement, expected: AssertionExpectation) {
  const statement = childrenNamed(assertion, NS.assertion, "AuthnStatement")[0];
  if (statement === undefined) throw refusal("sso/saml-malformed", "The assertion has no AuthnStatement.");
  const authnInstant = checkNotBefore(requiredAttribute(statement, "AuthnInstant"), expected);
  const sessionEnd = attributeOf(statement, "SessionNotOnOrAfter");
  const sessionNotOnOrAfter = sessionEnd && checkNotOnOrAfter(sessionEnd, expected);
  const context = childNamed(statement, NS.assertion, "AuthnContext");
  const contextClass = context && childNamed(context, NS.assertion, "AuthnContextClassRef");
  return {
    authnInstant: new Date(authnInstant).toISOString(),
    sessionIndex: attributeOf(statement, "SessionIndex"),
    ...(sessionNotOnOrAfter && { sessionNotOnOrAfter: new Date(sessionNotOnOrAfter).toISOString() }),
    ...(contextClass && { authnContextClass: textOf(contextClass) }),
  };
}

function readAttributes(assertion: XmlElement): Record<string, string[]> {
  const values = new Map<string, string[]>();
  for (const statement of childrenNamed(assertion, NS.assertion, "AttributeStatement"))
    for (const attribute of childrenNamed(statement, NS.assertion, "Attribute")) {
      const name = requiredAttribute(attribute, "Name");
      const read = childrenNamed(attribute, NS.assertion, "AttributeValue").flatMap(attributeValue);
      values.set(name, [...(values.get(name) ?? []), ...read]);
    }
  return Object.fromEntries(values);
}

/** A value is text, or the one NameID that `eduPersonTargetedID` wraps; other structures are left out. */
function attributeValue(value: XmlElement): string[] {
  const [inner, ...others] = children(value);
  if (inner === undefined) return [textOf(value)];
  return others.length === 0 && isNamed(inner, NS.assertion, "NameID") ? [textOf(inner)] : [];
}

function checkWindow(element: XmlElement, expected: AssertionExpectation): number {
  const start = attributeOf(element, "NotBefore");
  const end = attributeOf(element, "NotOnOrAfter");
  if (start !== undefined) checkNotBefore(start, expected);
  return end === undefined ? Number.MAX_SAFE_INTEGER : checkNotOnOrAfter(end, expected);
}

function checkNotBefore(time: string, { now, clockSkewSeconds }: AssertionExpectation): number {
  const at = instant(time);
  if (now + clockSkewSeconds * 1000 < at)
    throw refusal("sso/saml-not-yet-valid", `The assertion is valid from ${time} on: are the clocks right?`);
  return at;
}

function checkNotOnOrAfter(time: string, { now, clockSkewSeconds }: AssertionExpectation): number {
  const at = instant(time);
  if (now - clockSkewSeconds * 1000 >= at)
    throw refusal("sso/saml-expired", `The assertion was valid until ${time}.`);
  return at;
}

function instant(time: string): number {
  const at = Date.parse(readDatetime(time) ?? "");
  if (Number.isNaN(at)) throw refusal("sso/saml-malformed", `"${time.slice(0, 60)}" is not a datetime.`);
  return at;
}
