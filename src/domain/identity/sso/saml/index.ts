/** Makes the address that sends a browser to an identity provider, and the request's id. */
export { createAuthnRequest } from "./authn-request.ts";
/** Reads one X.509 certificate; throws where it is none or too weak. */
export { type Certificate, readCertificate } from "./certificate.ts";
/** Reads an identity provider's metadata. */
export { type IdpMetadata, parseIdpMetadata } from "./idp-metadata.ts";
export type { SamlIdentity } from "./read-assertion.ts";
/** Reads the unproven issuer and request of a response, to look them up. */
export { readResponseHead } from "./response-document.ts";
/** Makes a key of ours with its certificate. */
export { createServiceProviderKey, type ServiceProviderKey } from "./service-provider-key.ts";
/** Writes the metadata that an identity provider imports. */
export { serviceProviderMetadata } from "./service-provider-metadata.ts";
/** Validates a response and returns the identity that it proves. */
export { type ResponseExpectation, validateResponse } from "./validate-response.ts";
