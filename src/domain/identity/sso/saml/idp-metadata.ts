import { AppError, invalid } from "../../../../core/errors.ts";
import { readDatetime } from "../../../../core/datetimes.ts";
import { type Certificate, readCertificate } from "./certificate.ts";
import { BINDING, NS } from "./names.ts";
import {
  attributeOf,
  childNamed,
  childrenNamed,
  descendants,
  isNamed,
  parseXml,
  requiredAttribute,
  textOf,
  type XmlElement,
} from "./xml.ts";

export type IdpMetadata = {
  entityId: string;
  /** Where AuthnRequests go, per binding. */
  ssoUrls: { redirect?: string; post?: string };
  signingCertificates: Certificate[];
  wantsSignedRequests: boolean;
  nameIdFormats: string[];
  /** When the metadata itself runs out, ISO 8601. */
  validUntil?: string;
};

const MAX_METADATA_CHARS = 1_048_576;

/**
 * Reads an identity provider's metadata. Throws `sso/saml-metadata` with what would be right where it
 * is of no use.
 */
export function parseIdpMetadata(xml: string): IdpMetadata {
  try {
    return readMetadata(xml);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw unusable(`This is not SAML metadata: ${(error as Error).message.slice(0, 200)}`);
  }
}

function readMetadata(xml: string): IdpMetadata {
  if (xml.length > MAX_METADATA_CHARS) throw unusable("Metadata must be at most 1 MB.");
  const entity = identityProviderOf(parseXml(xml.replace(/^\uFEFF/, ""), { comments: true }));
  const role = childrenNamed(entity, NS.metadata, "IDPSSODescriptor").find((one) =>
    requiredAttribute(one, "protocolSupportEnumeration").split(/\s+/).includes(NS.protocol),
  );
  if (role === undefined) throw unusable("The identity provider does not support SAML 2.0.");
  const ssoUrls = { redirect: ssoUrl(role, BINDING.redirect), post: ssoUrl(role, BINDING.post) };
  if (ssoUrls.redirect === undefined && ssoUrls.post === undefined)
    throw unusable("There is no SingleSignOnService for the redirect or the POST binding.");
  const validUntil = attributeOf(role, "validUntil") ?? attributeOf(entity, "validUntil");
  return {
    entityId: requiredAttribute(entity, "entityID"),
    ssoUrls,
    signingCertificates: signingCertificates(role),
    wantsSignedRequests: ["true", "1"].includes(attributeOf(role, "WantAuthnRequestsSigned") ?? ""),
    nameIdFormats: childrenNamed(role, NS.metadata, "NameIDFormat").map((one) => textOf(one).trim()),
    ...(validUntil && { validUntil: isoTime(validUntil) }),
  };
}

function identityProviderOf(root: XmlElement): XmlElement {
  const entities = [...descendants(root)].filter(
    (one) =>
      isNamed(one, NS.metadata, "EntityDescriptor") &&
      childrenNamed(one, NS.metadata, "IDPSSODescriptor").length > 0,
  );
  if (entities.length === 0)
    throw unusable("The metadata describes no identity provider (IDPSSODescriptor).");
  if (entities.length > 1)
    throw unusable("The metadata describes several identity providers: send the EntityDescriptor of one.");
  return entities[0]!;
}

function ssoUrl(role: XmlElement, binding: string): string | undefined {
  const service = childrenNamed(role, NS.metadata, "SingleSignOnService").find(
    (one) => attributeOf(one, "Binding") === binding,
  );
  if (service === undefined) return undefined;
  const location = requiredAttribute(service, "Location");
  const url = URL.parse(location);
  const isLocal = url?.hostname === "localhost" || url?.hostname === "127.0.0.1";
  if (!url || !(url.protocol === "https:" || (url.protocol === "http:" && isLocal)) || url.hash)
    throw unusable(
      `The SingleSignOnService's Location must be an https address, not "${location.slice(0, 200)}".`,
    );
  return location;
}

function signingCertificates(role: XmlElement): Certificate[] {
  const found = childrenNamed(role, NS.metadata, "KeyDescriptor")
    .filter((one) => (attributeOf(one, "use") ?? "signing") === "signing")
    .flatMap((one) => {
      const keyInfo = childNamed(one, NS.dsig, "KeyInfo");
      return keyInfo ? childrenNamed(keyInfo, NS.dsig, "X509Data") : [];
    })
    .flatMap((data) => childrenNamed(data, NS.dsig, "X509Certificate").map(certificateOf));
  if (found.length === 0) throw unusable("There is no signing certificate (KeyDescriptor, X509Certificate).");
  return [...new Map(found.map((one) => [one.fingerprint, one])).values()];
}

function certificateOf(element: XmlElement): Certificate {
  try {
    return readCertificate(textOf(element));
  } catch (error) {
    throw unusable(`A signing certificate is not usable: ${(error as Error).message.slice(0, 200)}`);
  }
}

function isoTime(text: string): string {
  const at = Date.parse(readDatetime(text) ?? "");
  if (Number.isNaN(at)) throw unusable("validUntil is not a datetime.");
  return new Date(at).toISOString();
}

function unusable(message: string): AppError {
  return invalid("sso/saml-metadata", message);
}
