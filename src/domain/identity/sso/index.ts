export { expireSso } from "./expire-sso.ts";
export { startOidc, finishOidc } from "./oidc-sign-in.ts";
export { startSaml, finishSaml, samlMetadata } from "./saml-sign-in.ts";
export { ATTEMPT_SECONDS } from "./sign-in-attempts.ts";
export { connectionOfAddress, signInChoices, type SignInChoice } from "./sign-in-choices.ts";
