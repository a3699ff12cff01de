import { reasonOf } from "../../domain/tenant/events/index.ts";
import { deliveriesOf } from "../../domain/reach/webhooks/index.ts";
import type { EventMessage, WebhookSender } from "../../platform/content-env.ts";
import type { WebhookPlatform } from "../../platform/webhook-env.ts";
import { consumeMessages } from "../consume-events.ts";
import { wakeLater } from "./drain.ts";

/**
 * Makes deliveries of events and has them sent. Every endpoint is called by an invocation of its own, so
 * that none that is slow holds up another.
 */
export async function consumeWebhookMessages(
  batch: Pick<MessageBatch<EventMessage>, "messages">,
  platform: WebhookPlatform,
  sender: Pick<WebhookSender, "send">,
): Promise<void> {
  const woken = new Map<string, Map<string, number>>();
  const wake = (tenant: string, webhook: string, seconds: number) =>
    woken.set(tenant, (woken.get(tenant) ?? new Map<string, number>()).set(webhook, seconds));
  const ofEvents = batch.messages.filter(({ body }) => body.webhooks === undefined);
  for (const { body } of batch.messages) for (const id of body.webhooks ?? []) wake(body.tenant, id, 0);
  await consumeMessages({ messages: ofEvents }, "webhooks", platform.contextOf, async (ctx, events) => {
    const contextOf = (environmentId: string) => platform.contextOf(ctx.tenantId, environmentId);
    const { statements, webhooks } = await deliveriesOf(ctx, contextOf, events, platform.publicUrl);
    for (const [id, seconds] of webhooks) wake(ctx.tenantId, id, seconds);
    return statements;
  });
  for (const [tenant, webhooks] of woken)
    for (const [id, seconds] of webhooks) {
      if (seconds > 0) await wakeLater(platform, tenant, id, seconds);
      else await sender.send(tenant, [id]).catch((error: unknown) => notSent(tenant, error));
    }
  for (const message of batch.messages) if (message.body.webhooks) message.ack();
}

/** The sweep finds it. */
function notSent(tenant: string, error: unknown): void {
  console.error(JSON.stringify({ event: "webhooks.not_sent", tenant, message: reasonOf(error) }));
}
