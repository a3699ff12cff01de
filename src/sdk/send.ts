import { attemptOnce } from "./attempt.ts";
import type { Answer, Ask, Call, CallOptions, ClientOptions } from "./call.ts";
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
 * Sends a call; what failed for a while is sent again after growing, jittered pauses, or after Retry-After, for a minute
 * of pauses at most. A write carries the same Idempotency-Key every time, so that it happens once.
 */
async function send(client: ClientOptions, call: Call, options: CallOptions): Promise<Answer> {
  const retries = options.retries ?? client.retries ?? RETRIES;
  const isWrite = call.method !== "GET" && !call.isRead;
  const headers = isWrite
    ? { ...call.headers, "idempotency-key": options.idempotencyKey ?? newKey() }
    : call.headers;
  for (let attempt = 1, leftMs = MAX_WAIT_MS; ; attempt++) {
    const outcome = await attemptOnce(client, { ...call, headers }, options, attempt);
    if (!("error" in outcome)) return outcome;
    const pauseMs = pauseBefore(attempt, outcome.retryAfter);
    if (!outcome.mayPass || attempt > retries || pauseMs > leftMs) throw outcome.error;
    leftMs -= pauseMs;
    await pause(pauseMs, options.signal);
  }
}
