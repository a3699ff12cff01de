import { createPublicKey, X509Certificate } from "node:crypto";
import { expect, it } from "vitest";
import {
  ACS,
  assertionXml,
  at,
  certificateFor,
  ecKeyPair,
  encrypt,
  IDP,
  NOW,
  REQUEST,
  responseXml,
  sign,
  signingWith,
  SP,
  toPost,
} from "../../../../../test/support/saml.ts";
import { createServiceProviderKey } from "./service-provider-key.ts";
import { readResponseHead } from "./response-document.ts";
import { type ResponseExpectation, validateResponse } from "./validate-response.ts";

const [idp, nextIdp, sp] = await Promise.all(
  ["idp", "next", "sp"].map((commonName) => createServiceProviderKey({ commonName })),
);
const spPublicKey = createPublicKey(sp!.certificate).export({ type: "spki", format: "der" });
const DSIG_MORE = "http://www.w3.org/2001/04/xmldsig-more#";

const validate = (xml: string, changes: Partial<ResponseExpectation> = {}) =>
  validateResponse(toPost(xml), {
    idpCertificates: [idp!.certificate],
    idpEntityId: IDP,
    audience: SP,
    acsUrl: ACS,
    requestIds: [REQUEST],
    allowUnsolicited: false,
    decryptionKeys: [sp!.privateKey],
    now: NOW,
    ...changes,
  });
const signed = (options = {}) => sign(responseXml(assertionXml()), "_assertion1", idp!.privateKey, options);
const ada = { nameId: "ada@acme.example", assertionId: "_assertion1", inResponseTo: REQUEST };

it("reads everything an assertion says once it is verified", async () => {
  expect(await validate(signed())).toEqual({
    ...ada,
    nameIdFormat: "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    sessionIndex: "_session1",
    attributes: { email: ["ada@acme.example"], groups: ["Editors", "R&D"] },
    notOnOrAfter: at(360),
    authnInstant: at(-5),
    authnContextClass: "urn:oasis:names:tc:SAML:2.0:ac:classes:Password",
  });
});

it("takes a signature on the response, on the assertion, or on both", async () => {
  const bare = responseXml(assertionXml());
  expect(await validate(sign(bare, "_response1", idp!.privateKey))).toMatchObject(ada);
  expect(await validate(sign(signed(), "_response1", idp!.privateKey))).toMatchObject(ada);
  expect(await validate(`<?xml version="1.0" encoding="UTF-8"?>\n${signed()}\n`)).toMatchObject(ada);
});

it("takes the certificates of a rotation, old and new", async () => {
  const idpCertificates = [idp!.certificate, nextIdp!.certificate];
  const next = sign(responseXml(assertionXml()), "_assertion1", nextIdp!.privateKey);
  expect(await validate(signed(), { idpCertificates })).toMatchObject(ada);
  expect(await validate(next, { idpCertificates })).toMatchObject(ada);
  await expect(validate(next)).rejects.toMatchObject({ reason: "sso/saml-signature" });
});

it.each([
  ["rsa-sha384", "sha384"],
  ["rsa-sha512", "sha512"],
])("takes a signature with %s", async (name, hash) => {
  const prepare = signingWith(`${DSIG_MORE}${name}`, hash);
  expect(await validate(signed({ algorithm: `${DSIG_MORE}${name}`, prepare }))).toMatchObject(ada);
});

it("takes an ECDSA signature of an EC certificate, and of no RSA one", async () => {
  const pair = ecKeyPair();
  const certificate = certificateFor(pair.publicKey, idp!.certificate);
  expect(new X509Certificate(certificate).publicKey.asymmetricKeyType).toBe("ec");
  const algorithm = `${DSIG_MORE}ecdsa-sha256`;
  const options = { algorithm, prepare: signingWith(algorithm, "sha256") };
  const xml = sign(responseXml(assertionXml()), "_assertion1", pair.privateKey, options);
  expect(await validate(xml, { idpCertificates: [certificate] })).toMatchObject(ada);
  await expect(validate(xml)).rejects.toMatchObject({ reason: "sso/saml-signature" });
});

it.each(["aes128-gcm", "aes256-gcm", "aes128-cbc", "aes256-cbc"] as const)(
  "opens an assertion encrypted with %s, signed inside or outside",
  async (cipher) => {
    const inside = sign(assertionXml(), "_assertion1", idp!.privateKey);
    for (const options of [{ cipher }, { cipher, hash: "SHA-256" as const }, { cipher, isKeyBeside: true }]) {
      const xml = responseXml(await encrypt(inside, spPublicKey, options));
      expect(await validate(xml)).toMatchObject(ada);
    }
    const outside = sign(
      responseXml(await encrypt(assertionXml(), spPublicKey, { cipher })),
      "_response1",
      idp!.privateKey,
    );
    expect(await validate(outside)).toMatchObject(ada);
  },
);

it("opens with the older of two decryption keys", async () => {
  const xml = responseXml(await encrypt(sign(assertionXml(), "_assertion1", idp!.privateKey), spPublicKey));
  expect(await validate(xml, { decryptionKeys: [nextIdp!.privateKey, sp!.privateKey] })).toMatchObject(ada);
  await expect(validate(xml, { decryptionKeys: [nextIdp!.privateKey] })).rejects.toMatchObject({
    reason: "sso/saml-decryption",
  });
});

it("takes a response that nobody asked for only where that is allowed", async () => {
  const parts = { inResponseTo: null };
  const unsolicited = sign(responseXml(assertionXml(parts), parts), "_assertion1", idp!.privateKey);
  const identity = await validate(unsolicited, { allowUnsolicited: true, requestIds: [] });
  expect(identity.inResponseTo).toBeUndefined();
  await expect(validate(unsolicited)).rejects.toMatchObject({ reason: "sso/saml-in-response-to" });
  await expect(validate(signed(), { allowUnsolicited: true, requestIds: [] })).rejects.toMatchObject({
    reason: "sso/saml-in-response-to",
  });
});

it("tells before validation whom a response claims to come from", () => {
  expect(readResponseHead(toPost(signed()))).toEqual({ issuer: IDP, inResponseTo: REQUEST });
  expect(readResponseHead(toPost(responseXml(assertionXml(), { issuer: null, inResponseTo: null })))).toEqual(
    {
      issuer: IDP,
      inResponseTo: undefined,
    },
  );
});

const status = (code: string) => `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${code}"/>`;

it.each([
  ["audience", "another audience", { audience: "https://other.example" }],
  ["audience", "an audience that begins with ours", { audience: `${SP}.evil.example` }],
  ["audience", "an audience that ends with ours", { audience: `https://evil.example/${SP}` }],
  ["audience", "an audience in other case", { audience: SP.toUpperCase() }],
  [
    "audience",
    "a second restriction without us",
    {
      conditions:
        "<saml:AudienceRestriction><saml:Audience>https://other.example</saml:Audience></saml:AudienceRestriction>",
    },
  ],
  ["recipient", "another recipient", { recipient: "https://other.example/acs" }],
  ["recipient", "a recipient that begins with ours", { recipient: `${ACS}/more` }],
  ["issuer", "an assertion of another issuer", { issuer: "https://evil.example" }],
  ["in-response-to", "an answer to another request", { inResponseTo: "_request2" }],
  ["in-response-to", "an assertion that answers nothing", { inResponseTo: null }],
  ["expired", "conditions that are over", { notOnOrAfter: at(-61) }],
  ["expired", "a confirmation that is over", { confirmedUntil: at(-61) }],
  ["expired", "a session that is over", { sessionUntil: at(-61) }],
  ["not-yet-valid", "conditions that have not begun", { notBefore: at(61) }],
  ["not-yet-valid", "an assertion of the future", { issuedAt: at(61) }],
  ["not-yet-valid", "an authentication of the future", { authnAt: at(61) }],
  ["malformed", "a holder-of-key confirmation", { method: "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key" }],
  ["malformed", "a time that is none", { notOnOrAfter: "tomorrow" }],
  ["malformed", "an empty NameID", { nameId: " " }],
  ["malformed", "a condition that is not known", { conditions: '<x:Moon xmlns:x="urn:x"/>' }],
] as const)("refuses with sso/saml-%s: %s", async (reason, _name, parts) => {
  const xml = sign(responseXml(assertionXml(parts)), "_assertion1", idp!.privateKey);
  await expect(validate(xml)).rejects.toMatchObject({
    code: "UNAUTHENTICATED",
    reason: `sso/saml-${reason}`,
  });
});

it.each([
  ["destination", "another destination", { destination: "https://other.example/acs" }],
  ["destination", "no destination on a signed response", { destination: null }],
  ["issuer", "a response of another issuer", { issuer: "https://evil.example" }],
  ["in-response-to", "a response to another request", { inResponseTo: "_request2" }],
  ["status", "a failure", { status: status("Responder") }],
  ["status", "a success with a failure's look", { status: status("Success/Not") }],
  ["malformed", "no status", { status: " " }],
] as const)("refuses with sso/saml-%s: %s", async (reason, _name, parts) => {
  const xml = sign(responseXml(assertionXml(), parts), "_response1", idp!.privateKey);
  await expect(validate(xml)).rejects.toMatchObject({ reason: `sso/saml-${reason}` });
});

it("tells what the identity provider said where there is no assertion", async () => {
  const denied = `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder">${status("AuthnFailed")}</samlp:StatusCode>`;
  await expect(validate(responseXml("", { status: denied }))).rejects.toMatchObject({
    reason: "sso/saml-status",
    message: expect.stringContaining("AuthnFailed"),
  });
});

it("refuses an assertion that names no audience", async () => {
  const nobody = assertionXml().replace(/<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/, "");
  expect(nobody).not.toBe(assertionXml());
  const xml = sign(responseXml(nobody), "_assertion1", idp!.privateKey);
  await expect(validate(xml)).rejects.toMatchObject({ reason: "sso/saml-audience" });
});

it("allows for clocks that differ, and no further", async () => {
  const xml = sign(
    responseXml(assertionXml({ notBefore: at(60), notOnOrAfter: at(300) })),
    "_assertion1",
    idp!.privateKey,
  );
  expect(await validate(xml)).toMatchObject(ada);
  await expect(validate(xml, { clockSkewSeconds: 59 })).rejects.toMatchObject({
    reason: "sso/saml-not-yet-valid",
  });
  await expect(validate(xml, { now: NOW + 360_000 })).rejects.toMatchObject({ reason: "sso/saml-expired" });
});
