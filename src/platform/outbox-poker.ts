import type { EdgeContext, OutboxPort } from "../core/context.ts";
import { receiptOf } from "../core/receipts.ts";
import type { EventMessage } from "./content-env.ts";

const COALESCE_MS = 25;
const MAX_IDS = 500;

type Sender = Pick<Queue<EventMessage>, "sendBatch">;
const waiting = new Map<string, Set<string>>();
/**
 * When the running flush began. A flush whose request was cut off never ends, and must not be waited
 * for.
 */
let flushingSince = 0;
const FLUSH_MAX_MS = 5000;

/**
 * Sends outbox ids to the queue behind the answer: all that come within 25 ms travel together. A
 * message that is lost is found by the sweep of MAINTENANCE, so a failure here is only logged.
 */
export function outboxPoker(
  queue: Sender,
  ofRequest: Pick<EdgeContext, "tenantId">,
  waitUntil: (work: Promise<unknown>) => void,
): OutboxPort {
  const written: string[] = [];
  return {
    receipt: () => receiptOf(written),
    poke(tenantId, outboxIds) {
      if (tenantId === ofRequest.tenantId) written.push(...outboxIds);
      const ids = waiting.get(tenantId) ?? new Set();
      for (const id of outboxIds) ids.add(id);
      waiting.set(tenantId, ids);
      const now = Date.now();
      if (now - flushingSince < FLUSH_MAX_MS) return;
      flushingSince = now;
      waitUntil(flushSoon(queue));
    },
  };
}

async function flushSoon(queue: Sender): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, COALESCE_MS));
  const messages = [...waiting].flatMap(([tenant, all]) => {
    const ids = [...all];
    const parts: { body: EventMessage }[] = [];
    for (let i = 0; i < ids.length; i += MAX_IDS)
      parts.push({ body: { tenant, ids: ids.slice(i, i + MAX_IDS) } });
    return parts;
  });
  waiting.clear();
  flushingSince = 0;
  try {
    for (let i = 0; i < messages.length; i += 100) await queue.sendBatch(messages.slice(i, i + 100));
  } catch (error) {
    console.warn(JSON.stringify({ event: "outbox.poke_failed", message: String(error) }));
  }
}
