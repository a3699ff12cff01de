export { expirePeople } from "./expire-people.ts";
export { accountDeletedEmail, invitationEmail, named, requireHome, write } from "./emails.ts";
export { dropClaims, unprovedCte } from "./first-proof.ts";
export { aliveCte, lockPerson } from "./lock-person.ts";
export { requestMagicLink, requestVerification, useMagicLink, verifyEmail } from "./mail-links.ts";
export { sessionCte, type Amr, type OpenedSession } from "./open-session.ts";
export {
  beginPasskey,
  beginPasskeySignIn,
  finishPasskey,
  finishPasskeySignIn,
  listPasskeys,
  removePasskey,
  type PasskeyShown,
} from "./passkeys.ts";
export { confirmEmailChange, requestEmailChange } from "./change-email.ts";
export { requireGoodPassword } from "./password-rules.ts";
export { changePassword, linkExpired, requestReset, requireOwnPassword, resetPassword } from "./passwords.ts";
export { parsePersonName, PersonName, renamePerson } from "./rename-person.ts";
export { startTotp, confirmSecondFactor, confirmTotp, removeTotp } from "./second-factor.ts";
export { emailCounters, EMAILS_PER_HOUR, sendLater, sendNow } from "./send-email.ts";
export {
  endedCte,
  listSessions,
  readSession,
  requireRecentSignIn,
  revokeOtherSessions,
  revokeSession,
  signOut,
  type Person,
  type SessionShown,
} from "./sessions.ts";
export { auditSignIn, signIn, type SignedIn } from "./sign-in.ts";
export {
  connectionsFor,
  demandRefusal,
  isOfThisTenant,
  policyDemand,
  requireOwnSession,
  type SignInDemand,
} from "./sign-in-policy.ts";
export { isTotpSecret, totpUri } from "./totp.ts";
export {
  addressKey,
  countAttempt,
  countedRows,
  isOver,
  noneOver,
  requireUncounted,
  secondsLeft,
  type Counted,
} from "./throttle.ts";
