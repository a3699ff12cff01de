import { AppError } from "../../core/errors.ts";
import { targetRefusal } from "../../platform/outside.ts";
import type { WebhookSender } from "../../platform/content-env.ts";
import type { WebhookPlatform } from "../../platform/webhook-env.ts";
import { SEALED_FOR } from "./call-endpoint.ts";

type Prepare = WebhookSender["prepare"];

/** Looks at the URL of an endpoint and seals its secrets. Errors are answered: of a thrown one only the message arrives. */
export async function prepareWebhook(
  { vault, dns, isLocal }: WebhookPlatform,
  tenantId: string,
  { url, secrets }: Parameters<Prepare>[1],
): ReturnType<Prepare> {
  try {
    const refusal = url === undefined ? null : await targetRefusal(url, { isLocal, dns });
    if (refusal !== null || secrets.length === 0) return { refusal, sealed: [] };
    const open = vault();
    return {
      refusal,
      sealed: await Promise.all(secrets.map((secret) => open.seal(tenantId, SEALED_FOR, secret))),
    };
  } catch (error) {
    if (error instanceof AppError) return { error: { reason: error.reason, message: error.message } };
    throw error;
  }
}
