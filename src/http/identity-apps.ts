/** The apps of the IDENTITY Worker: the REST API, SCIM, and the hosted pages with the OAuth and SSO protocols. */
export type IdentityAppName = "api" | "scim" | "pages";

/** The host name that selects an app: clients cannot influence it, as they could a path. */
export const hostOfApp = (app: IdentityAppName): string => `${app}.identity`;
