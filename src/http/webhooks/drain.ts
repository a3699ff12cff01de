import {
  claimDue,
  disableWebhook,
  MAX_CONCURRENCY,
  settleAttempt,
  type Claimed,
} from "../../domain/reach/webhooks/index.ts";
import type { WebhookPlatform } from "../../platform/webhook-env.ts";
import { callEndpoint } from "./call-endpoint.ts";

/** After so long no further delivery is claimed: an invocation does not live for ever. */
const CLAIMING_MS = 12_000;
/** What is due sooner is sent by a message that waits, what is due later by the sweep. */
const NEAR_SECONDS = 120;

/**
 * Sends what is due at one endpoint, as many at once as it takes, each on the heels of another. What is
 * left is sent by another invocation.
 */
export async function drainWebhook(
  platform: WebhookPlatform,
  tenantId: string,
  webhookId: string,
): Promise<void> {
  const ctx = platform.contextOf(tenantId);
  const startedAt = Date.now();
  let isLeft = false;
  const sendOn = async (first: Claimed) => {
    for (let claimed: Claimed | undefined = first; claimed;) {
      const result = await callEndpoint(platform, tenantId, claimed);
      const hasTime = Date.now() - startedAt < CLAIMING_MS;
      const { next, againIn, disable } = await settleAttempt(ctx, claimed, result, hasTime);
      if (disable) await disableWebhook(ctx, webhookId, disable);
      else if (againIn !== undefined && againIn <= NEAR_SECONDS)
        await wakeLater(platform, tenantId, webhookId, againIn);
      isLeft ||= !hasTime;
      claimed = next;
    }
  };
  await Promise.all((await claimDue(ctx, webhookId, MAX_CONCURRENCY)).map(sendOn));
  if (isLeft) await wakeLater(platform, tenantId, webhookId, 0);
}

/** Has the endpoint looked at again. */
export async function wakeLater(
  { queue }: Pick<WebhookPlatform, "queue">,
  tenant: string,
  webhookId: string,
  seconds: number,
): Promise<void> {
  await queue
    .send({ tenant, ids: [], webhooks: [webhookId] }, { delaySeconds: Math.ceil(seconds) })
    .catch((error: Error) =>
      console.warn(JSON.stringify({ event: "webhooks.not_queued", tenant, message: error.message })),
    );
}
