/** Every permission a verb may ask for. */
export type Permission =
  | "content:read"
  | "content:read-draft"
  | "content:write"
  | "content:publish"
  | "content:delete"
  | "releases:read"
  | "releases:write"
  | "releases:publish"
  | "types:read"
  | "types:write"
  | "assets:read"
  | "assets:write"
  | "environments:read"
  | "environments:write"
  | "tokens:read"
  | "tokens:write"
  | "tenant:read"
  | "tenant:write"
  | "keys:read"
  | "keys:write"
  | "members:read"
  | "members:write"
  | "oauth:read"
  | "oauth:write"
  | "sso:read"
  | "sso:write"
  | "audit:read"
  | "access:read"
  | "access:write"
  | "webhooks:read"
  | "webhooks:write";

/** The scopes of tokens: `write` contains `read`, `admin` contains all others, `sso_admin` none. */
export const SCOPES = ["read", "write", "admin", "sso_admin"] as const;
export type Scope = (typeof SCOPES)[number];

/**
 * What is about the whole tenant: not for tokens that are bound to one environment, nor for grants of
 * some.
 */
export const OF_TENANT: readonly Permission[] = [
  "environments:write",
  "tenant:read",
  "tenant:write",
  "tokens:read",
  "tokens:write",
  "keys:read",
  "keys:write",
  "members:read",
  "members:write",
  "oauth:read",
  "oauth:write",
  "sso:read",
  "sso:write",
  "audit:read",
  "access:read",
  "access:write",
  "webhooks:read",
  "webhooks:write",
];
