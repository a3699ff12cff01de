import type { SQL } from "drizzle-orm";
import type { Context } from "../core/context.ts";
import { consumeWaiting, reasonOf, type Consumer, type OutboxEvent } from "../domain/tenant/events/index.ts";
import type { EventMessage } from "../platform/content-env.ts";

/** Events that are consumed together. */
const AT_ONCE = 200;
const MAX_DELAY_SECONDS = 300;

/**
 * Consumes the messages of a consumer's queue, all of one tenant's together; where that fails each
 * message by itself, so that no tenant and no message holds up another. `effect` gives the statements in
 * which some events take effect; see `consumeWaiting`.
 */
export async function consumeMessages(
  batch: Pick<MessageBatch<EventMessage>, "messages">,
  consumer: Consumer,
  contextOf: (tenantId: string) => Context,
  effect: (ctx: Context, events: OutboxEvent[]) => Promise<SQL[]>,
): Promise<void> {
  const consume = async (tenant: string, messages: readonly Message<EventMessage>[]) => {
    const ctx = contextOf(tenant);
    const ids = [...new Set(messages.flatMap(({ body }) => body.ids))];
    for (let i = 0; i < ids.length; i += AT_ONCE)
      await consumeWaiting(ctx, consumer, ids.slice(i, i + AT_ONCE), (events) => effect(ctx, events));
  };
  for (const [tenant, messages] of Map.groupBy(batch.messages, ({ body }) => body.tenant)) {
    const areDone = await consume(tenant, messages).then(
      () => true,
      () => false,
    );
    for (const message of messages) {
      if (areDone) message.ack();
      else
        await consume(tenant, [message]).then(
          () => message.ack(),
          (error: unknown) => {
            console.error(JSON.stringify({ event: `${consumer}.failed`, tenant, message: reasonOf(error) }));
            message.retry({ delaySeconds: Math.min(2 ** message.attempts, MAX_DELAY_SECONDS) });
          },
        );
    }
  }
}
