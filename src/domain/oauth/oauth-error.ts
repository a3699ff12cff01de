import { AppError, type ErrorCode } from "../../core/errors.ts";

/** The words of RFC 6749, 7009, 8628 and 8707 for what is wrong. */
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
  | "consent_required";

/** A refusal in OAuth's words: its reason is `oauth/` and the word, which the door answers as `error`. */
export function oauthError(word: OAuthCode, message: string): AppError {
  const isClient = word === "invalid_client";
  const code: ErrorCode = isClient ? "UNAUTHENTICATED" : "INVALID";
  return new AppError(code, `oauth/${word}`, message, {
    status: isClient ? 401 : 400,
    headers: isClient ? { "www-authenticate": 'Basic realm="flowcms"' } : {},
  });
}
