import { attemptOnce } from "./attempt.ts";
import type { Answer, Ask, Call, CallOptions, ClientOptions } from "./call.ts";
import type { WriteNote } from "./generated/shapes.ts";
import { newKey } from "./new-key.ts";
import { pause, pauseBefore } from "./pause.ts";

const RETRIES = 3;
const MAX_WAIT_MS = 60_000;

/** A way to call FlowCMS. */
export const sender =
  (client: ClientOptions): Ask =>
  (method, path, parts = {}, options = {}) =>
    send(client, { method, path, ...parts }, options);

/**
 * Sends a call; what failed for a while is sent again after growing, jittered pauses, or after
 * Retry-After, for a minute of pauses at most. What may not happen twice carries the same
 * Idempotency-Key every time.
 */
async function send(client: ClientOptions, call: Call, options: CallOptions): Promise<Answer> {
  const retries = options.retries ?? client.retries ?? RETRIES;
  const isOnce = call.isOnce ?? (call.method !== "GET" && call.method !== "PUT");
  const key = options.idempotencyKey ?? (isOnce ? newKey() : undefined);
  const headers = key === undefined ? call.headers : { ...call.headers, "idempotency-key": key };
  const query = options.after === undefined ? call.query : withReceipt(call.query, options.after);
  for (let attempt = 1, leftMs = MAX_WAIT_MS; ; attempt++) {
    const outcome = await attemptOnce(client, { ...call, query, headers }, options, attempt);
    if (!("error" in outcome)) {
      const { notes } = (outcome.body ?? {}) as { notes?: WriteNote[] };
      if (notes) options.onNotes?.(notes);
      const receipt = outcome.headers.get("x-flow-receipt");
      if (receipt !== null) options.onReceipt?.(receipt);
      return outcome;
    }
    const pauseMs = pauseBefore(attempt, outcome.retryAfter);
    if (!outcome.mayPass || attempt > retries || pauseMs > leftMs) throw outcome.error;
    leftMs -= pauseMs;
    await pause(pauseMs, options.signal);
  }
}

const withReceipt = (query: string | undefined, receipt: string): string =>
  `${query ? `${query}&` : ""}receipt=${encodeURIComponent(receipt)}`;
