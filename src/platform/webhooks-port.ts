import type { WebhooksPort } from "../core/context.ts";
import { AppError } from "../core/errors.ts";
import type { WebhookSender } from "./content-env.ts";

/** Webhooks as a tenant's request sees them, by the Worker that calls them. */
export function webhooksPort(
  sender: WebhookSender | undefined,
  tenantId: string,
  waitUntil: (work: Promise<unknown>) => void,
): WebhooksPort {
  return {
    async prepare(wanted) {
      const prepared = await reach(sender, (to) => to.prepare(tenantId, wanted));
      // An error's reason does not pass from one Worker to another by itself.
      if ("error" in prepared)
        throw new AppError("UNAVAILABLE", prepared.error.reason, prepared.error.message);
      return prepared;
    },
    send(webhookIds) {
      // What is not sent now is found by the sweep.
      if (sender) waitUntil(sender.send(tenantId, webhookIds).catch(() => undefined));
    },
  };
}

async function reach<T>(
  sender: WebhookSender | undefined,
  ask: (to: WebhookSender) => Promise<T>,
): Promise<T> {
  const unavailable = (cause?: unknown) =>
    new AppError("UNAVAILABLE", "webhooks/unavailable", "Webhooks cannot be set up right now: try again.", {
      cause,
    });
  if (!sender) throw unavailable();
  try {
    return await ask(sender);
  } catch (error) {
    throw unavailable(error);
  }
}
