import { createVerify, X509Certificate } from "node:crypto";
import { inflateRawSync } from "node:zlib";
import { expect, it } from "vitest";
import { createAuthnRequest } from "./authn-request.ts";
import { readCertificate } from "./certificate.ts";
import { parseIdpMetadata } from "./idp-metadata.ts";
import { BINDING, NS } from "./names.ts";
import { createServiceProviderKey } from "./service-provider-key.ts";
import { serviceProviderMetadata } from "./service-provider-metadata.ts";
import { attributeOf, childrenNamed, isNamed, parseXml, requiredChild, textOf } from "./xml.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const [key, other] = await Promise.all([
  createServiceProviderKey({ commonName: "cms.example acme", now: NOW }),
  createServiceProviderKey({ commonName: "other", days: 20_000, now: NOW }),
]);
const bare = (pem: string) => pem.replace(/-----[A-Z ]+-----|\n/g, "");

const keyDescriptor = (pem: string, use = 'use="signing"') =>
  `<md:KeyDescriptor ${use}><ds:KeyInfo xmlns:ds="${NS.dsig}"><ds:X509Data><ds:X509Certificate>\n${pem}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`;
const sso = (binding: string, location: string) =>
  `<md:SingleSignOnService Binding="${binding}" Location="${location}"/>`;
const metadata = (
  content: string,
  entity = `entityID="https://idp.example"`,
  protocols: string = NS.protocol,
) =>
  `<md:EntityDescriptor xmlns:md="${NS.metadata}" ${entity}><md:IDPSSODescriptor protocolSupportEnumeration="${protocols}">${content}</md:IDPSSODescriptor></md:EntityDescriptor>`;
const redirect = sso(BINDING.redirect, "https://idp.example/sso");

it("makes a certificate that others can read and that its own key signed", () => {
  const x509 = new X509Certificate(key.certificate);
  expect(x509.verify(x509.publicKey)).toBe(true);
  expect(x509.subject).toBe("CN=cms.example acme");
  expect(x509.ca).toBe(false);
  expect(readCertificate(key.certificate)).toMatchObject({
    validFrom: "2026-11-21T12:00:00.000Z",
    validTo: "2036-11-18T12:00:00.000Z",
    fingerprint: x509.fingerprint256.replaceAll(":", "").toLowerCase(),
  });
  expect(readCertificate(bare(other.certificate)).validTo).toMatch(/^2081-/);
});

it("reads what an identity provider's metadata says", () => {
  const xml = metadata(
    `<!-- ours -->${keyDescriptor(bare(key.certificate))}${keyDescriptor(bare(other.certificate), "")}` +
      `${keyDescriptor(bare(other.certificate))}${keyDescriptor("broken", 'use="encryption"')}` +
      `<md:NameIDFormat>urn:x</md:NameIDFormat>${redirect}${sso(BINDING.post, "https://idp.example/post?a=1&amp;b=2")}`,
    `entityID="https://idp.example" validUntil="2027-01-01T00:00:00Z"`,
  ).replace("<md:IDPSSODescriptor", '<md:IDPSSODescriptor WantAuthnRequestsSigned="true"');
  const read = parseIdpMetadata(`\uFEFF<?xml version="1.0" encoding="utf-8"?>\n${xml}`);
  expect(read).toEqual({
    entityId: "https://idp.example",
    ssoUrls: { redirect: "https://idp.example/sso", post: "https://idp.example/post?a=1&b=2" },
    signingCertificates: [readCertificate(key.certificate), readCertificate(other.certificate)],
    wantsSignedRequests: true,
    nameIdFormats: ["urn:x"],
    validUntil: "2027-01-01T00:00:00.000Z",
  });
  expect(
    parseIdpMetadata(`<md:EntitiesDescriptor xmlns:md="${NS.metadata}">${xml}</md:EntitiesDescriptor>`),
  ).toEqual(read);
});

const good = keyDescriptor(bare(key.certificate));
it.each([
  ["nothing", "", "not SAML metadata"],
  ["a web page", "<!DOCTYPE html><html></html>", "not SAML metadata"],
  [
    "an entity",
    `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${metadata(good + redirect)}`,
    "not SAML metadata",
  ],
  [
    "a service provider",
    serviceProviderMetadata({
      entityId: "a",
      acsUrl: "b",
      signingCertificates: [],
      encryptionCertificates: [],
    }),
    "no identity provider",
  ],
  ["no name", metadata(good + redirect, ""), "no entityID"],
  ["SAML 1.1", metadata(good + redirect, undefined, "urn:oasis:names:tc:SAML:1.1:protocol"), "SAML 2.0"],
  ["no address", metadata(good), "SingleSignOnService"],
  ["an address that is script", metadata(good + sso(BINDING.redirect, "javascript:alert(1)")), "https"],
  ["an address in the clear", metadata(good + sso(BINDING.redirect, "http://idp.example/")), "https"],
  ["no certificate", metadata(redirect), "no signing certificate"],
  ["a broken certificate", metadata(keyDescriptor("AAAA") + redirect), "certificate"],
  ["several providers", `<x>${metadata(good + redirect)}${metadata(good + redirect)}</x>`, "several"],
  ["too much", " ".repeat(1_048_577), "1 MB"],
])("refuses metadata with %s", (_name, xml, message) => {
  expect(() => parseIdpMetadata(xml)).toThrow(
    expect.objectContaining({
      code: "INVALID",
      reason: "sso/saml-metadata",
      message: expect.stringContaining(message),
    }),
  );
});

it("announces itself with both keys, signed requests and signed assertions", () => {
  const root = parseXml(
    serviceProviderMetadata({
      entityId: 'https://cms.example/?a="1"&b=2',
      acsUrl: "https://cms.example/acs",
      signingCertificates: [key.certificate, other.certificate],
      encryptionCertificates: [key.certificate],
    }),
  );
  expect(isNamed(root, NS.metadata, "EntityDescriptor")).toBe(true);
  expect(attributeOf(root, "entityID")).toBe('https://cms.example/?a="1"&b=2');
  const role = requiredChild(root, NS.metadata, "SPSSODescriptor");
  expect(attributeOf(role, "AuthnRequestsSigned")).toBe("true");
  expect(attributeOf(role, "WantAssertionsSigned")).toBe("true");
  const keys = childrenNamed(role, NS.metadata, "KeyDescriptor");
  expect(keys.map((one) => attributeOf(one, "use"))).toEqual(["signing", "signing", "encryption"]);
  const data = requiredChild(requiredChild(keys[1]!, NS.dsig, "KeyInfo"), NS.dsig, "X509Data");
  expect(textOf(requiredChild(data, NS.dsig, "X509Certificate"))).toBe(bare(other.certificate));
  const acs = requiredChild(role, NS.metadata, "AssertionConsumerService");
  expect(attributeOf(acs, "Binding")).toBe(BINDING.post);
  expect(attributeOf(acs, "Location")).toBe("https://cms.example/acs");
});

it("signs the octets of the address that it sends the browser to", async () => {
  const { url, id } = await createAuthnRequest({
    entityId: "https://cms.example/sp",
    acsUrl: "https://cms.example/acs?a=1&b=2",
    ssoUrl: "https://idp.example/sso?tenant=1",
    signingKey: key.privateKey,
    relayState: "back to / & more",
    nameIdFormat: "urn:x",
    forceAuthn: true,
    now: NOW,
  });
  const [octets, signature] = url.slice("https://idp.example/sso?tenant=1&".length).split("&Signature=");
  expect(octets).toMatch(
    /^SAMLRequest=[^&]+&RelayState=back%20to%20%2F%20%26%20more&SigAlg=http%3A[^&]+rsa-sha256$/,
  );
  const verifier = createVerify("sha256").update(octets!);
  expect(verifier.verify(key.certificate, decodeURIComponent(signature!), "base64")).toBe(true);
  const request = new URL(url).searchParams.get("SAMLRequest")!;
  const root = parseXml(inflateRawSync(Buffer.from(request, "base64")).toString("utf8"));
  expect(isNamed(root, NS.protocol, "AuthnRequest")).toBe(true);
  expect(id).toMatch(/^_[0-9a-f]{40}$/);
  expect(attributeOf(root, "ID")).toBe(id);
  expect(attributeOf(root, "Destination")).toBe("https://idp.example/sso?tenant=1");
  expect(attributeOf(root, "AssertionConsumerServiceURL")).toBe("https://cms.example/acs?a=1&b=2");
  expect(attributeOf(root, "IssueInstant")).toBe("2026-11-21T12:00:00.000Z");
  expect(textOf(requiredChild(root, NS.assertion, "Issuer"))).toBe("https://cms.example/sp");
});

it("takes a relay state of 80 bytes and no more", async () => {
  const ask = (relayState: string) =>
    createAuthnRequest({
      entityId: "a",
      acsUrl: "b",
      ssoUrl: "https://c.example",
      signingKey: key.privateKey,
      relayState,
    });
  expect((await ask("é".repeat(40))).url).toContain("RelayState=");
  await expect(ask("é".repeat(41))).rejects.toMatchObject({ reason: "sso/saml-relay-state" });
});
