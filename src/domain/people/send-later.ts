import type { Email, IdentityContext } from "../../core/identity-context.ts";

/**
 * Sends a letter behind the answer, so that the time an answer takes tells nobody whether a letter went out. What fails is
 * logged without the address; the person asks again.
 */
export function sendLater(ctx: IdentityContext, email: Email): void {
  const send = async () => ctx.email.send(email);
  ctx.waitUntil(
    send().catch((error: Error) =>
      console.error(
        JSON.stringify({ event: "email.failed", request_id: ctx.requestId, message: error.message }),
      ),
    ),
  );
}
