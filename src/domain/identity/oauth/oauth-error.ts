import { AppError, type ErrorCode } from "../../../core/errors.ts";

/** The error codes of RFC 6749, 7009, 8628 and 8707. */
export type OAuthCode =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "unsupported_response_type"
  | "invalid_scope"
  | "access_denied"
  | "authorization_pending"
  | "slow_down"
  | "expired_token"
  | "login_required"
  | "consent_required"
  | "request_not_supported"
  | "request_uri_not_supported"
  | "invalid_token"
  | "insufficient_scope";

const REFUSALS: Partial<Record<OAuthCode, [code: ErrorCode, status: number, challenge: string]>> = {
  invalid_client: ["UNAUTHENTICATED", 401, "Basic"],
  invalid_token: ["UNAUTHENTICATED", 401, "Bearer"],
  insufficient_scope: ["FORBIDDEN", 403, "Bearer"],
};
const errorOf = (word: OAuthCode) => (word === "invalid_client" ? "" : `, error="${word}"`);

/** An OAuth error: the reason is `oauth/` and the error code, which the response has as `error`. */
export function oauthError(word: OAuthCode, message: string): AppError {
  const [code, status, challenge] = REFUSALS[word] ?? ["INVALID", 400];
  return new AppError(code, `oauth/${word}`, message, {
    status,
    headers:
      challenge === undefined ? {} : { "www-authenticate": `${challenge} realm="flowcms"${errorOf(word)}` },
  });
}

/** A message in the characters that `error_description` may have (RFC 6749, 4.1.2.1 and 5.2). */
export const describable = (message: string): string =>
  message.replaceAll(/["“”]/g, "'").replaceAll(/[^\x20\x21\x23-\x5b\x5d-\x7e]+/g, "?");
