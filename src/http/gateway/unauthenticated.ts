import { AppError, type ErrorDetail } from "../../core/errors.ts";

/** The challenge names an error only to who sent a token (RFC 6750, 3.1). */
export function unauthenticated(
  reason: string,
  message: string,
  hasToken = true,
  details: ErrorDetail[] = [],
): AppError {
  const description = message.replace(/[^ -~]|["\\]/g, "");
  const error = hasToken ? `, error="invalid_token", error_description="${description}"` : "";
  return new AppError("UNAUTHENTICATED", reason, message, {
    details,
    headers: { "www-authenticate": `Bearer realm="flowcms"${error}` },
  });
}
