/** XML namespaces of SAML 2.0 and of XML signatures and encryption. */
export const NS = {
  assertion: "urn:oasis:names:tc:SAML:2.0:assertion",
  protocol: "urn:oasis:names:tc:SAML:2.0:protocol",
  metadata: "urn:oasis:names:tc:SAML:2.0:metadata",
  dsig: "http://www.w3.org/2000/09/xmldsig#",
  xenc: "http://www.w3.org/2001/04/xmlenc#",
  xenc11: "http://www.w3.org/2009/xmlenc11#",
} as const;

export const BINDING = {
  redirect: "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect",
  post: "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
} as const;

export const STATUS_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success";
export const METHOD_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

export const NAME_ID_FORMAT = {
  unspecified: "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
  emailAddress: "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
  persistent: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
  transient: "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
} as const;

export const EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#";
export const ENVELOPED_SIGNATURE = `${NS.dsig}enveloped-signature`;

/** Signature algorithms that are accepted, with the kind of key and the hash that each one takes. */
export const SIGNATURE_ALGORITHMS: ReadonlyMap<string, { key: "rsa" | "ec"; hash: string }> = new Map([
  ["http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", { key: "rsa", hash: "sha256" }],
  ["http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", { key: "rsa", hash: "sha384" }],
  ["http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", { key: "rsa", hash: "sha512" }],
  ["http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", { key: "ec", hash: "sha256" }],
]);
export const RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

/** Digest algorithms that are accepted, and their hashes. */
export const DIGEST_ALGORITHMS: ReadonlyMap<string, string> = new Map([
  ["http://www.w3.org/2001/04/xmlenc#sha256", "sha256"],
  ["http://www.w3.org/2001/04/xmldsig-more#sha384", "sha384"],
  ["http://www.w3.org/2001/04/xmlenc#sha512", "sha512"],
]);
