import type { EventMessage } from "../platform/content-env.ts";

/**
 * The messages of a batch that are handled now: of each tenant as many as hold `most` ids, and one at
 * least. The others go behind what waits, so that nobody's many events keep another tenant's few waiting.
 */
export async function fairShare(
  messages: readonly Message<EventMessage>[],
  queue: Pick<Queue<EventMessage>, "sendBatch">,
  most: number,
): Promise<Message<EventMessage>[]> {
  const taken = new Map<string, number>();
  const now: Message<EventMessage>[] = [];
  const later: Message<EventMessage>[] = [];
  for (const message of messages) {
    const { tenant, ids } = message.body;
    const before = taken.get(tenant) ?? 0;
    const isInShare = before === 0 || before + ids.length <= most;
    if (isInShare) taken.set(tenant, before + ids.length);
    (isInShare ? now : later).push(message);
  }
  if (later.length > 0) {
    await queue.sendBatch(later.map(({ body }) => ({ body })));
    for (const message of later) message.ack();
  }
  return now;
}
