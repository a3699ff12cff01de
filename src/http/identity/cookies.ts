import { ATTEMPT_SECONDS } from "../../domain/identity/sso/index.ts";

const SESSION = "__Host-flow_session";
const STEP = "__Host-flow_step";
const ATTEMPT = "__Host-flow_sso";
const ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Lax";

/** The value of a cookie of the request. */
function read(request: Request, name: string): string | undefined {
  for (const part of (request.headers.get("cookie") ?? "").split(";")) {
    const [key, value] = part.trim().split("=");
    if (key === name && value) return value.slice(0, 200);
  }
  return undefined;
}

/** The token of the session cookie. */
export const readSessionCookie = (request: Request) => read(request, SESSION);
/** The token of a sign-in that waits for its next step. */
export const readStepCookie = (request: Request) => read(request, STEP);

export const sessionCookie = (token: string, maxAgeSeconds: number) =>
  `${SESSION}=${token}; ${ATTRIBUTES}; Max-Age=${maxAgeSeconds}`;
export const noSessionCookie = `${SESSION}=; ${ATTRIBUTES}; Max-Age=0`;
export const stepCookie = (token: string) => `${STEP}=${token}; ${ATTRIBUTES}; Max-Age=600`;
export const noStepCookie = `${STEP}=; ${ATTRIBUTES}; Max-Age=0`;

/** The token that binds a sign-in by an identity provider to the browser that began it. */
export const readAttemptCookie = (request: Request) => read(request, ATTEMPT);
/** SameSite=None, since the identity provider's site sends the form that must carry it. */
export const attemptCookie = (token: string) =>
  `${ATTEMPT}=${token}; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=${ATTEMPT_SECONDS}`;
