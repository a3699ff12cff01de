import { BINDING, NAME_ID_FORMAT, NS } from "./names.ts";
import { escapeXml } from "./xml.ts";

export type ServiceProviderMetadataInput = {
  entityId: string;
  acsUrl: string;
  /** PEM; several while a key is being replaced. */
  signingCertificates: string[];
  /** PEM; an identity provider encrypts to the first one. */
  encryptionCertificates: string[];
  nameIdFormats?: string[];
};

const ENCRYPTION_METHODS = [
  `${NS.xenc11}aes256-gcm`,
  `${NS.xenc11}aes128-gcm`,
  `${NS.xenc}aes256-cbc`,
  `${NS.xenc}aes128-cbc`,
  `${NS.xenc}rsa-oaep-mgf1p`,
];

/**
 * The metadata that an identity provider's administrator imports: who we are, where answers go, which
 * keys are ours.
 */
export function serviceProviderMetadata(input: ServiceProviderMetadataInput): string {
  const formats = input.nameIdFormats ?? [NAME_ID_FORMAT.persistent, NAME_ID_FORMAT.emailAddress];
  const methods = ENCRYPTION_METHODS.map((method) => `<md:EncryptionMethod Algorithm="${method}"/>`).join("");
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<md:EntityDescriptor xmlns:md="${NS.metadata}" xmlns:ds="${NS.dsig}" entityID="${escapeXml(input.entityId)}">` +
    `<md:SPSSODescriptor AuthnRequestsSigned="true" WantAssertionsSigned="true"` +
    ` protocolSupportEnumeration="${NS.protocol}">` +
    input.signingCertificates.map((pem) => keyDescriptor("signing", pem, "")).join("") +
    input.encryptionCertificates.map((pem) => keyDescriptor("encryption", pem, methods)).join("") +
    formats.map((format) => `<md:NameIDFormat>${escapeXml(format)}</md:NameIDFormat>`).join("") +
    `<md:AssertionConsumerService Binding="${BINDING.post}" Location="${escapeXml(input.acsUrl)}"` +
    ` index="0" isDefault="true"/></md:SPSSODescriptor></md:EntityDescriptor>\n`
  );
}

function keyDescriptor(use: "signing" | "encryption", pem: string, methods: string): string {
  const certificate = pem.replace(/-----[A-Z ]+-----|\s/g, "");
  return (
    `<md:KeyDescriptor use="${use}"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate}` +
    `</ds:X509Certificate></ds:X509Data></ds:KeyInfo>${methods}</md:KeyDescriptor>`
  );
}
