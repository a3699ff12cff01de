import type { WebhookEvents } from "./generated/webhook-events.ts";

export type { WebhookEvents } from "./generated/webhook-events.ts";

/** What a call tells of one event. */
export type WebhookPayload<Name extends keyof WebhookEvents = keyof WebhookEvents> = {
  [name in Name]: {
    /** The id of the event: the same in every call that tells of it. */
    id: string;
    type: name;
    /** The version of this form. */
    schema: 1;
    timestamp: string;
    /** Rises with the events; calls may come in another order. */
    sequence: number;
    /** When reads began to show the change. */
    fresh_as_of: string;
    /** Null of what belongs to the whole tenant. */
    environment: string | null;
    data: WebhookEvents[name];
    links: { entry?: string; asset?: string };
  };
}[Name];

/** One call for several events, for webhooks with `coalesce_seconds`. Entries in it have no values. */
export type WebhookBatch = {
  id: string;
  type: "batch";
  schema: 1;
  timestamp: string;
  events: WebhookPayload[];
};

/** What a webhook without a template is called with: `type` says what `data` is. */
export type WebhookEvent = WebhookPayload | WebhookBatch;

/** A call that was not signed with the secret, was changed, or is too old. */
export class WebhookError extends Error {
  override readonly name = "WebhookError";
}

type Call = Request | { headers: Headers | Record<string, string | string[] | undefined>; body: string };

/**
 * Checks that FlowCMS made a call, and when; answers its payload. Throws WebhookError. `body` is the text
 * as it came. With several secrets one must fit, as while one is rotated.
 *
 * @example const event = await verifyWebhook(request, secret);
 */
export async function verifyWebhook<T = WebhookEvent>(
  call: Call,
  secret: string | readonly string[],
  { toleranceSeconds = 300, now = Date.now() }: { toleranceSeconds?: number; now?: number } = {},
): Promise<T> {
  const { headers } = call;
  const header = (name: string) => {
    const value = headers instanceof Headers ? headers.get(name) : headers[name];
    if (!value) throw new WebhookError(`There is no header ${name}.`);
    return String(value);
  };
  const id = header("webhook-id");
  const timestamp = header("webhook-timestamp");
  const signatures = header("webhook-signature").split(" ");
  if (!(Math.abs(now / 1000 - Number(timestamp)) <= toleranceSeconds))
    throw new WebhookError("The call is too old, or a clock is wrong.");
  const body = call instanceof Request ? await call.text() : call.body;
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  for (const one of typeof secret === "string" ? [secret] : secret) {
    const key = await crypto.subtle.importKey("raw", bytesOf(one.replace("whsec_", "")), algorithm, false, [
      "verify",
    ]);
    for (const signature of signatures)
      if (
        signature.startsWith("v1,") &&
        (await crypto.subtle.verify("HMAC", key, bytesOf(signature.slice(3)), signed))
      )
        return JSON.parse(body) as T;
  }
  throw new WebhookError("The signature does not fit.");
}

/** The bytes of base64; none of anything else. */
function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    return new Uint8Array(1);
  }
}
