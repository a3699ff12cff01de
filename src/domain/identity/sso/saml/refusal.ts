import { AppError } from "../../../../core/errors.ts";

/** What can be wrong with a SAML response. */
export type SamlRefusal =
  | "sso/saml-algorithm"
  | "sso/saml-audience"
  | "sso/saml-decryption"
  | "sso/saml-destination"
  | "sso/saml-expired"
  | "sso/saml-in-response-to"
  | "sso/saml-issuer"
  | "sso/saml-malformed"
  | "sso/saml-not-yet-valid"
  | "sso/saml-recipient"
  | "sso/saml-signature"
  | "sso/saml-status";

/** The error of a SAML response that proves nobody's identity. */
export function refusal(reason: SamlRefusal, message: string, cause?: unknown): AppError {
  return new AppError("UNAUTHENTICATED", reason, message, { cause });
}
