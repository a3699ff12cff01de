import { randomUUID } from "node:crypto";
import { Constants, IdentityProvider, SamlLib, ServiceProvider, setSchemaValidator } from "samlify";
import { expect, it } from "vitest";
import { createAuthnRequest } from "./authn-request.ts";
import { parseIdpMetadata } from "./idp-metadata.ts";
import { BINDING } from "./names.ts";
import { createServiceProviderKey } from "./service-provider-key.ts";
import { serviceProviderMetadata } from "./service-provider-metadata.ts";
import { validateResponse } from "./validate-response.ts";

// Schema validation is samlify's own affair on the way in; it needs a Java program or a WebAssembly one.
setSchemaValidator({ validate: async () => "" });

const [idpKey, spKey] = await Promise.all(
  ["idp", "sp"].map((commonName) => createServiceProviderKey({ commonName })),
);
// Its types do not know these settings.
const ENCRYPTION = {
  dataEncryptionAlgorithm: "http://www.w3.org/2009/xmlenc11#aes256-gcm",
  keyEncryptionAlgorithm: "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
};
const SP = "https://cms.example/sp";
const ACS = "https://cms.example/acs";
const IDP = "https://idp.example/metadata";
const SSO = "https://idp.example/sso";

function partners(options: { encrypts: boolean; signsMessage: boolean }) {
  const idp = IdentityProvider({
    entityID: IDP,
    privateKey: idpKey!.privateKey,
    signingCert: idpKey!.certificate,
    isAssertionEncrypted: options.encrypts,
    wantAuthnRequestsSigned: true,
    requestSignatureAlgorithm: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    ...ENCRYPTION,
    messageSigningOrder: "encrypt-then-sign",
    singleSignOnService: [{ Binding: BINDING.redirect, Location: SSO }],
    loginResponseTemplate: {
      context: SamlLib.defaultLoginResponseTemplate.context,
      attributes: [{ name: "email", valueTag: "user.email", nameFormat: "urn:x", valueXsiType: "xs:string" }],
    },
  });
  const metadata = serviceProviderMetadata({
    entityId: SP,
    acsUrl: ACS,
    signingCertificates: [spKey!.certificate],
    encryptionCertificates: [spKey!.certificate],
  });
  const sp = ServiceProvider({ metadata, wantMessageSigned: options.signsMessage });
  return { idp, sp };
}

async function signIn(options: { encrypts: boolean; signsMessage: boolean }) {
  const { idp, sp } = partners(options);
  const published = parseIdpMetadata(idp.getMetadata());
  const { url, id } = await createAuthnRequest({
    entityId: SP,
    acsUrl: ACS,
    ssoUrl: published.ssoUrls.redirect!,
    signingKey: spKey!.privateKey,
    relayState: "r1",
  });
  const [, octetString] = /\?(.*)&Signature=/.exec(url)!;
  const query = Object.fromEntries(new URL(url).searchParams);
  const request = await idp.parseLoginRequest(sp, "redirect", { query, octetString });
  expect((request.extract.request as { id: string }).id).toBe(id);
  const replaced = (template: string) => {
    const now = Date.now();
    const values: Record<string, string> = {
      ID: `_${randomUUID()}`,
      AssertionID: `_${randomUUID()}`,
      Destination: ACS,
      Audience: SP,
      SubjectRecipient: ACS,
      AssertionConsumerServiceURL: ACS,
      NameIDFormat: Constants.namespace.format.emailAddress,
      NameID: "ada@acme.example",
      Issuer: IDP,
      IssueInstant: new Date(now).toISOString(),
      ConditionsNotBefore: new Date(now).toISOString(),
      ConditionsNotOnOrAfter: new Date(now + 300_000).toISOString(),
      SubjectConfirmationDataNotOnOrAfter: new Date(now + 300_000).toISOString(),
      InResponseTo: id,
      StatusCode: Constants.StatusCode.Success,
      AuthnStatement: `<saml:AuthnStatement AuthnInstant="${new Date(now).toISOString()}" SessionIndex="_s1"/>`,
      attrUserEmail: "ada@acme.example",
    };
    const context = template.replace("{AuthnStatement}", values["AuthnStatement"]!);
    return { id: values["ID"]!, context: SamlLib.replaceTagsByValue(context, values) };
  };
  const { context } = await idp.createLoginResponse(
    sp,
    request as never,
    "post",
    { email: "ada@acme.example" },
    replaced,
    true,
  );
  const expectation = {
    idpCertificates: published.signingCertificates.map(({ pem }) => pem),
    idpEntityId: published.entityId,
    audience: SP,
    acsUrl: ACS,
    requestIds: [id],
    allowUnsolicited: false,
    decryptionKeys: [spKey!.privateKey],
  };
  return { context, expectation, id };
}

it.each([
  { encrypts: false, signsMessage: false },
  { encrypts: false, signsMessage: true },
  { encrypts: true, signsMessage: false },
  { encrypts: true, signsMessage: true },
])("signs a person in through samlify: %o", async (options) => {
  const { context, expectation, id } = await signIn(options);
  const xml = Buffer.from(context, "base64").toString("utf8");
  expect(xml.includes("EncryptedAssertion")).toBe(options.encrypts);
  expect(await validateResponse(context, expectation)).toMatchObject({
    nameId: "ada@acme.example",
    inResponseTo: id,
    sessionIndex: "_s1",
    attributes: { email: ["ada@acme.example"] },
  });
  await expect(validateResponse(context, { ...expectation, audience: "other" })).rejects.toMatchObject({
    reason: "sso/saml-audience",
  });
});
