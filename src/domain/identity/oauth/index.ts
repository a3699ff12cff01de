export type { TokenAnswer } from "./access-token.ts";
export {
  allow,
  deny,
  isSameRedirect,
  readAuthorization,
  type AuthorizationRequest,
  type Parameters,
  type RefusedRequest,
} from "./authorize.ts";
export { readClient, type Client } from "./client-auth.ts";
export { OFFLINE } from "./schemas.ts";
export { answerDevice, beginDevice, findDevice } from "./devices.ts";
export { publicKeys } from "./issuer-keys.ts";
export { serverMetadata } from "./metadata.ts";
export { describable, oauthError } from "./oauth-error.ts";
export { requireMember, tokenForPage } from "./page-token.ts";
export { introspectToken, revokeToken } from "./revoke.ts";
export { issueToken } from "./token.ts";
export { userInfo } from "./user-info.ts";
export { expireOAuth } from "./expire-oauth.ts";
export { listOwnGrants, revokeOwnGrant, type GrantShown } from "./own-grants.ts";
