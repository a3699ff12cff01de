/**
 * Where a request for IDENTITY leads: the tenant it names by path, if it does, and the path without
 * that.
 */
export type IdentityPath = { slug: string | undefined; prefix: string; path: string };

/** The first words of paths that IDENTITY answers. */
const WORDS = new Set([
  "sign-in",
  "sign-out",
  "account",
  "reset",
  "verify",
  "invitation",
  "setup",
  "device",
  "passkeys",
  "session",
  "oauth",
  "sso",
  "scim",
  "unsubscribe",
]);
const DOCUMENTS = new Set(["oauth-authorization-server", "openid-configuration", "jwks.json"]);

/**
 * Reads `/sign-in`, `/t/acme/sign-in`, `/.well-known/oauth-authorization-server` and, as RFC 8414 has it,
 * `/.well-known/oauth-authorization-server/t/acme`. Undefined for paths that are not IDENTITY's.
 */
export function identityPath(pathname: string): IdentityPath | undefined {
  const named = /^\/t\/([a-z0-9-]{1,63})(\/.*)$/.exec(pathname);
  const inserted = /^(\/\.well-known\/[\w-]+)\/t\/([a-z0-9-]{1,63})$/.exec(pathname);
  const [slug, path] = named
    ? [named[1], named[2]!]
    : inserted
      ? [inserted[2], inserted[1]!]
      : [undefined, pathname];
  const [, word, document] = path.split("/");
  const isOurs = WORDS.has(word!) || (word === ".well-known" && DOCUMENTS.has(document!));
  return isOurs ? { slug, prefix: slug === undefined ? "" : `/t/${slug}`, path } : undefined;
}

/** Whether a path that IDENTITY answers is of SCIM, which is called with tokens of the API. */
export const isScimPath = (path: string): boolean => /^\/scim(?:\/|$)/.test(path);

/** Whether a request is for SCIM, even with an invalid URL: errors then have SCIM's format. */
export function isScimRequest({ url }: Request): boolean {
  const [address] = url.split("?", 1) as [string];
  const steps = address
    .split("/")
    .slice(3)
    .filter((step) => step !== "");
  return steps[steps[0] === "t" ? 2 : 0] === "scim";
}

/** GraphQL of management: CONTENT answers it, and asks IDENTITY on the way. */
export const MANAGEMENT = "/api/v3/graphql/management";

/** Whether a path of the API is answered by IDENTITY. */
export function isIdentityApi(pathname: string): boolean {
  return /^\/api\/v3\/(?:members|invitations|teams|domains|oauth|sso)(?:\/|$)/.test(pathname);
}
