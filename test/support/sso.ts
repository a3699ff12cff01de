import { randomUUID } from "node:crypto";
import { inflateRawSync } from "node:zlib";
import { sql } from "drizzle-orm";
import { Constants, IdentityProvider, SamlLib, ServiceProvider, setSchemaValidator } from "samlify";
import { BINDING } from "../../src/domain/identity/sso/saml/names.ts";
import { createServiceProviderKey } from "../../src/domain/identity/sso/saml/index.ts";
import { newVisitor, type Visitor } from "./person.ts";
import { asOwner, type Tenant } from "./tenant.ts";

// Schema validation is samlify's own affair on the way in; it needs a Java program or a WebAssembly one.
setSchemaValidator({ validate: async () => "" });

const SSO_URL = "https://idp.example/sso";
// Its types do not know these settings.
const ENCRYPTION = {
  dataEncryptionAlgorithm: "http://www.w3.org/2009/xmlenc11#aes256-gcm",
  keyEncryptionAlgorithm: "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
};

/** A domain that the tenant has proved to be its own. */
export async function verifiedDomain(
  tenant: Tenant,
  name: string = `${tenant.slug}.example.com`,
): Promise<string> {
  await asOwner(
    tenant,
    sql`insert into domains (tenant_id, domain, challenge, verified_at, created_by)
      values (${tenant.tenantId}::uuid, ${name}, 'x', now(), 'test')`,
  );
  return name;
}

export type SamlUser = { subject: string; email: string; groups?: string[]; name?: string };

/** An identity provider made of samlify, and a connection of the tenant to it. */
export async function newSamlIdp(options: { entityId?: string; encrypts?: boolean; ssoUrl?: string } = {}) {
  const key = await createServiceProviderKey({ commonName: "idp" });
  const entityId = options.entityId ?? `https://idp.example/${randomUUID()}`;
  const idp = IdentityProvider({
    entityID: entityId,
    privateKey: key.privateKey,
    signingCert: key.certificate,
    isAssertionEncrypted: options.encrypts ?? false,
    wantAuthnRequestsSigned: true,
    requestSignatureAlgorithm: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    ...ENCRYPTION,
    messageSigningOrder: "encrypt-then-sign",
    singleSignOnService: [{ Binding: BINDING.redirect, Location: options.ssoUrl ?? SSO_URL }],
    loginResponseTemplate: {
      context: SamlLib.defaultLoginResponseTemplate.context,
      attributes: ["email", "displayName", "groups"].map((name) => ({
        name,
        valueTag: name,
        nameFormat: "urn:oasis:names:tc:SAML:2.0:attrname-format:basic",
        valueXsiType: "xs:string",
      })),
    },
  });

  /** What the identity provider answers to the AuthnRequest that a browser was sent to it with. */
  async function answer(
    requestUrl: string,
    metadata: string,
    user: SamlUser,
    change: Record<string, string> = {},
  ) {
    const sp = ServiceProvider({ metadata });
    const [, octetString] = /\?(.*)&Signature=/.exec(requestUrl)!;
    const query = Object.fromEntries(new URL(requestUrl).searchParams);
    const request = await idp.parseLoginRequest(sp, "redirect", { query, octetString });
    const acs = /AssertionConsumerService[^>]*Location="([^"]+)"/.exec(metadata)![1]!;
    const replaced = (template: string) => {
      const now = Date.now();
      const at = (ms: number) => new Date(now + ms).toISOString();
      const values: Record<string, string> = {
        ID: `_${randomUUID()}`,
        AssertionID: `_${randomUUID()}`,
        Destination: acs,
        Audience: sp.entityMeta.getEntityID(),
        SubjectRecipient: acs,
        AssertionConsumerServiceURL: acs,
        NameIDFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        NameID: user.subject,
        Issuer: entityId,
        IssueInstant: at(0),
        ConditionsNotBefore: at(0),
        ConditionsNotOnOrAfter: at(300_000),
        SubjectConfirmationDataNotOnOrAfter: at(300_000),
        InResponseTo: (request.extract.request as { id: string }).id,
        StatusCode: Constants.StatusCode.Success,
        attrEmail: user.email,
        attrDisplayName: user.name ?? "Ada",
        attrGroups: "@groups@",
        ...change,
      };
      const statement = `<saml:AuthnStatement AuthnInstant="${at(0)}" SessionIndex="_s1"/>`;
      const [, value] = /(<saml:AttributeValue[^>]*>)\{attrGroups\}<\/saml:AttributeValue>/.exec(template)!;
      const groups = (user.groups ?? []).map((group) => `${value}${group}</saml:AttributeValue>`).join("");
      const context = template
        .replace("{AuthnStatement}", statement)
        .replace(`${value}{attrGroups}</saml:AttributeValue>`, groups);
      return { id: values["ID"]!, context: SamlLib.replaceTagsByValue(context, values) };
    };
    const { context } = await idp.createLoginResponse(
      sp,
      request as never,
      "post",
      { email: user.email },
      replaced,
      true,
    );
    return context;
  }
  return { key, entityId, idp, metadata: idp.getMetadata(), answer };
}

export type SamlIdp = Awaited<ReturnType<typeof newSamlIdp>>;

/** A SAML connection of the tenant. */
export async function connectSaml(
  tenant: Tenant,
  idp: SamlIdp,
  wanted: { saml?: object; [field: string]: unknown } = {},
) {
  const made = await tenant.post("/sso/connections", {
    type: "saml",
    name: "Acme",
    ...wanted,
    saml: { metadata: idp.metadata, ...wanted.saml },
  });
  if (made.status !== 201) throw new Error(made.text);
  return made.body.data as { id: string; saml: { service_provider: Record<string, string> } };
}

/** The id of the request that a browser was sent to its identity provider with. */
export function requestIdOf(url: string): string {
  const deflated = Buffer.from(new URL(url).searchParams.get("SAMLRequest")!, "base64");
  return / ID="([^"]+)"/.exec(inflateRawSync(deflated).toString("utf8"))![1]!;
}

/** Begins at the login page; answers where the browser is sent, and the metadata of the connection. */
export async function startSaml(visitor: Visitor, connection: { id: string }, goOn = "") {
  const path = `/sso/saml/${connection.id}`;
  const started = await visitor.get(
    `${path}/login${goOn === "" ? "" : `?continue=${encodeURIComponent(goOn)}`}`,
  );
  if (started.status !== 303) throw new Error(started.text);
  const metadata = (await newVisitor({ slug: visitor.prefix.slice(3) }).get(`${path}/metadata`)).text;
  return { url: started.location!, metadata };
}

/** Posts a response as the identity provider's page has the browser do. */
export const postResponse = (
  visitor: Visitor,
  connection: { id: string },
  response: string,
  relayState?: string,
) =>
  visitor.send(`${visitor.prefix}/sso/saml/${connection.id}/acs`, {
    method: "POST",
    body: new URLSearchParams({
      SAMLResponse: response,
      ...(relayState === undefined ? {} : { RelayState: relayState }),
    }),
    headers: { accept: "application/json", origin: "https://idp.example", "sec-fetch-site": "cross-site" },
  });

/** The whole of it: a visitor signed in, or refused. */
export async function signInBySaml(
  visitor: Visitor,
  connection: { id: string },
  idp: SamlIdp,
  user: SamlUser,
  goOn = "",
) {
  const { url, metadata } = await startSaml(visitor, connection, goOn);
  return postResponse(visitor, connection, await idp.answer(url, metadata, user));
}
