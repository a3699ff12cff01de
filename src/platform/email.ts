import { AppError } from "../core/errors.ts";
import type { Email, EmailPort } from "../core/identity-context.ts";
import { plainLine } from "../core/plain-name.ts";

/** The binding of Cloudflare's Email Service. */
type EmailBinding = {
  send(message: Email & { from: string }): Promise<unknown>;
};
export type EmailSettings = {
  EMAIL?: EmailBinding;
  /** An HTTP API that takes `{ from, to, subject, text, html, headers }` as JSON, such as Resend's. */
  EMAIL_URL?: string;
  EMAIL_TOKEN?: string;
  EMAIL_FROM?: string;
  /** A shorter way to EMAIL_URL, where there is one (self-hosting). */
  EMAIL_ENDPOINT?: Fetcher;
};

const TRIES = 3;

/**
 * Mail through the binding, or through the HTTP API; UNAVAILABLE that names the settings when there is
 * neither.
 */
export function emailPort(env: EmailSettings): EmailPort {
  const port = portOf(env);
  return { send: async (email) => port.send(withPlainHeaders(email)) };
}

/**
 * What becomes a header is one line: whatever a name holds, it makes no header of its own and no
 * second recipient.
 */
function withPlainHeaders({ to, subject, ...body }: Email): Email {
  if (!/^[^\s\p{Cc},;<>]{1,320}$/u.test(to))
    throw new AppError("INVALID", "platform/bad-recipient", "An email must have one recipient.");
  return { to, subject: plainLine(subject), ...body };
}

function portOf(env: EmailSettings): EmailPort {
  const from = env.EMAIL_FROM ?? "FlowCMS <noreply@localhost>";
  const { EMAIL: binding, EMAIL_URL: url } = env;
  if (binding) return { send: async (email) => void (await binding.send({ ...email, from })) };
  if (!url) {
    return {
      send() {
        throw new AppError(
          "UNAVAILABLE",
          "platform/no-email",
          "Emails cannot be sent: set the binding EMAIL, or EMAIL_URL and EMAIL_TOKEN, and EMAIL_FROM.",
        );
      },
    };
  }
  const endpoint = env.EMAIL_ENDPOINT ?? globalThis;
  return {
    async send(email) {
      for (let attempt = 1; ; attempt++) {
        const response = await endpoint
          .fetch(url, {
            method: "POST",
            headers: {
              "content-type": "application/json",
              ...(env.EMAIL_TOKEN ? { authorization: `Bearer ${env.EMAIL_TOKEN}` } : {}),
            },
            body: JSON.stringify({ from, ...email }),
          })
          .catch((error: Error) => error);
        if (response instanceof Response && response.ok) return;
        if (
          attempt >= TRIES ||
          (response instanceof Response && response.status < 500 && response.status !== 429)
        )
          throw new AppError(
            "UNAVAILABLE",
            "platform/email-refused",
            "The email provider did not accept the message.",
            {
              cause: response instanceof Error ? response : new Error(`status ${response.status}`),
            },
          );
        await new Promise((resolve) => setTimeout(resolve, 200 * attempt));
      }
    },
  };
}
