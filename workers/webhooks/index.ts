import { WorkerEntrypoint } from "cloudflare:workers";
import { consumeWebhookMessages } from "../../src/http/webhooks/consume.ts";
import { drainWebhook } from "../../src/http/webhooks/drain.ts";
import { prepareWebhook } from "../../src/http/webhooks/prepare.ts";
import type { EventMessage, WebhookSender } from "../../src/platform/content-env.ts";
import { createWebhookPlatform, type WebhookBindings } from "../../src/platform/webhook-env.ts";

/** Each call of it is an invocation of its own, with connections of its own. */
class Sender extends WorkerEntrypoint<WebhookBindings> implements WebhookSender {
  readonly #platform = createWebhookPlatform(this.env, (work) => this.ctx.waitUntil(work));

  async prepare(tenantId: string, wanted: Parameters<WebhookSender["prepare"]>[1]) {
    return prepareWebhook(this.#platform, tenantId, wanted);
  }

  async send(tenantId: string, webhookIds: readonly string[]): Promise<void> {
    for (const id of webhookIds) this.ctx.waitUntil(drainWebhook(this.#platform, tenantId, id));
  }
}

export { Sender };

const senderOf = (ctx: ExecutionContext): Sender =>
  (ctx as unknown as { exports: { Sender: Sender } }).exports.Sender;

export default {
  async queue(batch, env, ctx) {
    const platform = createWebhookPlatform(env, (work) => ctx.waitUntil(work));
    await consumeWebhookMessages(batch, platform, senderOf(ctx));
  },
} satisfies ExportedHandler<WebhookBindings, EventMessage>;
