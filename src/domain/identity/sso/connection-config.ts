import { invalid } from "../../../core/errors.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { parseIdpMetadata, readCertificate } from "./saml/index.ts";
import type { OidcConfig, NewConnection, SamlConfig } from "./schemas.ts";

type SamlInput = Extract<NewConnection, { type: "saml" }>["saml"];
type Given<T> = { [K in keyof T]?: T[K] | undefined };

/** A SAML connection's settings from metadata or single properties, merged over the existing ones. */
export async function samlConfig(
  ctx: IdentityContext,
  given: SamlInput,
  before: SamlConfig | undefined,
  spCertificate: string,
): Promise<SamlConfig> {
  const { metadata, metadata_url: url, entity_id, sso_url, certificates, ...rest } = given;
  const published = metadata ?? (url === undefined ? undefined : await readMetadata(ctx, url));
  const provider = published === undefined ? undefined : parseIdpMetadata(published);
  const config = {
    entity_id: entity_id ?? provider?.entityId ?? before?.entity_id,
    sso_url: sso_url ?? provider?.ssoUrls.redirect ?? (provider ? undefined : before?.sso_url),
    certificates:
      certificates?.map(pemOf) ?? provider?.signingCertificates.map(({ pem }) => pem) ?? before?.certificates,
  };
  const missing = Object.entries(config).filter(([, value]) => value === undefined);
  if (missing.length > 0)
    throw invalid(
      "sso/invalid-connection",
      "Give the identity provider's metadata, or its entity_id, sso_url (redirect binding) and certificates.",
      missing.map(([name]) => ({ path: `saml.${name}`, message: "is missing" })),
    );
  requireAddress(ctx, config.sso_url!, "saml.sso_url");
  return {
    allow_idp_initiated: false,
    ...before,
    ...withoutUndefined(rest),
    ...(config as Pick<SamlConfig, "entity_id" | "sso_url" | "certificates">),
    sp_certificate: spCertificate,
  };
}

/** An OIDC connection's settings without its secret. */
export function oidcConfig(
  ctx: IdentityContext,
  given: Given<OidcConfig & { client_secret: string | null }>,
  before: OidcConfig | undefined,
): OidcConfig {
  const { client_secret: _secret, ...rest } = given;
  const config = { ...before, ...withoutUndefined(rest) } as OidcConfig;
  if (!ctx.outside.isAllowed(config.issuer)) throw notAllowed("oidc.issuer", "a public https address");
  return config;
}

async function readMetadata(ctx: IdentityContext, url: string): Promise<string> {
  const response = await ctx.outside.fetch(url, {
    headers: { accept: "application/samlmetadata+xml, application/xml" },
  });
  if (!response.ok)
    throw invalid(
      "sso/saml-metadata",
      `The metadata cannot be read: ${new URL(url).host} responded with ${response.status}.`,
    );
  return response.text();
}

function pemOf(text: string, index: number): string {
  try {
    return readCertificate(text).pem;
  } catch (error) {
    throw invalid("sso/saml-metadata", "A certificate is not usable.", [
      { path: `saml.certificates[${index}]`, message: (error as Error).message.slice(0, 200) },
    ]);
  }
}

/** Browsers are sent there: https, or this machine while FlowCMS runs on it. */
function requireAddress(ctx: IdentityContext, address: string, path: string): void {
  const url = URL.parse(address);
  const isHere =
    url?.protocol === "http:" && ctx.outside.isLocal && /^(?:localhost|127\.0\.0\.1)$/.test(url.hostname);
  if (!url || url.username !== "" || (url.protocol !== "https:" && !isHere))
    throw notAllowed(path, "an https address");
}

const notAllowed = (path: string, what: string) =>
  invalid("sso/address-not-allowed", `${path} must be ${what}.`, [{ path, message: `must be ${what}` }]);

const withoutUndefined = <T extends object>(values: T): Partial<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
