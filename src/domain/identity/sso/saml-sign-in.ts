import { AppError } from "../../../core/errors.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import type { OpenedSession } from "../people/index.ts";
import { baseOf, keepBase, loginElsewhere, samlAddresses } from "./addresses.ts";
import { SECRET } from "./connections.ts";
import { enterBySso, refuse, replayed, type Asserted } from "./enter-by-sso.ts";
import {
  createAuthnRequest,
  serviceProviderMetadata,
  validateResponse,
  type SamlIdentity,
} from "./saml/index.ts";
import type { SamlConfig } from "./schemas.ts";
import {
  beginAttempt,
  findConnection,
  requireOpen,
  type SignInRequest,
  type SignInStart,
  type Connection,
} from "./sign-in-attempts.ts";

const MAX_RESPONSE_CHARS = 400_000;
const HEAD_CHARS = 8192;
const TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
const EMAIL_FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
const CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";
const EMAIL_NAMES = [
  "email",
  "mail",
  "emailAddress",
  "urn:oid:0.9.2342.19200300.100.1.3",
  `${CLAIMS}/emailaddress`,
];
const NAME_NAMES = ["displayName", "name", "urn:oid:2.16.840.1.113730.3.1.241", `${CLAIMS}/name`];
const GROUP_NAMES = ["groups", "memberOf", "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups"];

/** The metadata of a connection that an identity provider imports. */
export async function samlMetadata(ctx: IdentityContext, input: { id: string }): Promise<string> {
  const { connection } = await findConnection<SamlConfig>(ctx, "saml", input.id);
  const base = baseOf(ctx, connection.config);
  const { entity_id: entityId, acs_url: acsUrl } = samlAddresses(base, input.id);
  const certificates = [connection.config.sp_certificate];
  return serviceProviderMetadata({
    entityId,
    acsUrl,
    signingCertificates: certificates,
    encryptionCertificates: certificates,
  });
}

/**
 * Begins a sign-in: where the browser goes, and what its cookie must hold until it is back; no cookie
 * when it begins elsewhere.
 */
export async function startSaml(ctx: IdentityContext, input: SignInRequest): Promise<SignInStart> {
  const { connection } = await findConnection<SamlConfig>(ctx, "saml", input.id);
  const elsewhere = loginElsewhere(ctx, { type: "saml", config: connection.config, ...input });
  if (elsewhere !== undefined) return { url: elsewhere };
  const { entity_id: entityId, acs_url: acsUrl } = samlAddresses(ctx.site.issuer, input.id);
  const signingKey = await privateKeyOf(ctx, connection);
  const { url, id } = await createAuthnRequest({
    entityId,
    acsUrl,
    ssoUrl: connection.config.sso_url,
    signingKey,
    now: ctx.now().getTime(),
  });
  const cookie = await beginAttempt(ctx, {
    id,
    connectionId: connection.id,
    cookie: input.cookie,
    relay: input.relay,
  });
  return { url, cookie };
}

/**
 * Finishes a sign-in with the posted SAML response. A response without a pending request is rejected
 * before any XML is parsed. Throws UNAUTHENTICATED `sso/saml-…` and `sso/unknown-attempt`, FORBIDDEN for
 * people who may not sign in.
 */
export async function finishSaml(
  ctx: IdentityContext,
  input: { id: string; response: string; relayState: string | undefined; cookie: string | undefined },
): Promise<{ session: OpenedSession; relay: string | null }> {
  const { id, cookie, relayState } = input;
  const response = input.response.replace(/\s+/g, "");
  const requestId = requestIdOf(response);
  const { connection, attempt } = await findConnection<SamlConfig>(ctx, "saml", id, {
    id: requestId ?? "",
    cookie,
  });
  const { config } = connection;
  const isUnsolicited = requestId === undefined && config.allow_idp_initiated;
  if (attempt?.isUsed && attempt.isSameBrowser) throw replayed();
  if (!isUnsolicited) requireOpen(attempt);
  // A response must be addressed to the site that received it, even if the connection's base has changed.
  const { entity_id: audience, acs_url: acsUrl } = samlAddresses(ctx.site.issuer, id);
  const identity = await validateResponse(response, {
    idpCertificates: config.certificates,
    idpEntityId: config.entity_id,
    audience,
    acsUrl,
    requestIds: requestId === undefined ? [] : [requestId],
    allowUnsolicited: isUnsolicited,
    decryptionKeys: [await privateKeyOf(ctx, connection)],
    now: ctx.now().getTime(),
  }).catch(async (error: unknown) => {
    throw error instanceof AppError ? await refuse(ctx, id, { subject: "" }, error) : error;
  });
  const asserted = assertedBy(identity, config);
  if (identity.nameIdFormat === TRANSIENT)
    throw await refuse(
      ctx,
      id,
      asserted,
      new AppError(
        "FORBIDDEN",
        "sso/transient-name-id",
        "The identity provider sent a transient NameID: it must be persistent.",
      ),
    );
  const { session, relay } = await enterBySso(ctx, id, asserted, {
    ...(isUnsolicited ? {} : { attempt: { id: requestId!, cookie: cookie ?? "" } }),
    assertion: { id: identity.assertionId, expiresAt: identity.notOnOrAfter },
  });
  if (config.base === undefined) await ctx.db.run([keepBase(ctx, id)]);
  return { session, relay: isUnsolicited ? (relayState ?? null) : relay };
}

/**
 * The request that a response says it answers, found without parsing it; it is checked again when it
 * is parsed.
 */
function requestIdOf(response: string): string | undefined {
  const isWhole = response !== "" && response.length % 4 === 0 && response.length <= MAX_RESPONSE_CHARS;
  if (!isWhole || !/^[A-Za-z0-9+/]+={0,2}$/.test(response))
    throw new AppError(
      "UNAUTHENTICATED",
      "sso/saml-malformed",
      "SAMLResponse must be a response of at most 256 KB in base 64.",
    );
  const head = atob(response.slice(0, HEAD_CHARS - (HEAD_CHARS % 4)).replace(/(?<!=)=+$/, ""));
  return /InResponseTo\s*=\s*["'](_[0-9a-f]{40})["']/.exec(head)?.[1];
}

function assertedBy(identity: SamlIdentity, config: SamlConfig): Asserted {
  const first = (names: string[]) => names.flatMap((name) => identity.attributes[name] ?? [])[0];
  const named = config.email_attribute ? [config.email_attribute] : EMAIL_NAMES;
  const email = first(named) ?? (identity.nameIdFormat === EMAIL_FORMAT ? identity.nameId : undefined);
  const groupNames = config.groups_attribute ? [config.groups_attribute] : GROUP_NAMES;
  return {
    issuer: config.entity_id,
    subject: identity.nameId,
    email,
    // SAML has no word for it: what a signed assertion says of a domain that the tenant has verified
    // is taken.
    isEmailVerified: email !== undefined,
    name: first(config.name_attribute ? [config.name_attribute] : NAME_NAMES) ?? "",
    sessionEndsAt: identity.sessionNotOnOrAfter,
    groups: groupNames.flatMap((name) => identity.attributes[name] ?? []),
  };
}

const privateKeyOf = (ctx: IdentityContext, { id, sealedSecret }: Connection) =>
  ctx.vault.open(ctx.tenantId, `${SECRET}:${id}`, sealedSecret!);
