/** The apps of the IDENTITY Worker: the REST API, SCIM, and the hosted pages with the OAuth and SSO protocols. */
export type IdentityAppName = "api" | "scim" | "pages";

/** The header that tells IDENTITY the site of a request, as JSON that is encoded for a URL. */
export const SITE_HEADER = "x-flow-door";

/** The host name that selects an app: clients cannot influence it, as they could a path. */
export const hostOfApp = (app: IdentityAppName): string => `${app}.identity`;
