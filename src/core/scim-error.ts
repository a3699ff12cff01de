import type { AppError } from "./errors.ts";

export const SCIM_MEDIA_TYPE = "application/scim+json";

/** An error as in RFC 7644 (3.12), with our own `reason` added. */
export function scimError(error: AppError): Response {
  const { message, reason, headers } = error;
  // SCIM knows no 422.
  const status = error.status === 422 ? 400 : error.status;
  const scimType = SCIM_TYPES.get(reason) ?? (status === 409 ? "uniqueness" : undefined);
  return new Response(
    JSON.stringify({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
      status: String(status),
      ...(scimType === undefined ? {} : { scimType }),
      detail: message,
      reason,
    }),
    { status, headers: { "content-type": SCIM_MEDIA_TYPE, "cache-control": "no-store", ...headers } },
  );
}

const SCIM_TYPES: ReadonlyMap<string, string> = new Map([
  ["scim/invalid-filter", "invalidFilter"],
  ["scim/invalid-path", "invalidPath"],
  ["scim/invalid-syntax", "invalidSyntax"],
  ["scim/invalid-value", "invalidValue"],
  ["scim/mutability", "mutability"],
  ["scim/no-target", "noTarget"],
  ["db/bad-value", "invalidValue"],
  ["http/empty-body", "invalidSyntax"],
  ["http/malformed-json", "invalidSyntax"],
  ["http/not-utf8", "invalidSyntax"],
  ["http/too-deep", "invalidSyntax"],
]);
