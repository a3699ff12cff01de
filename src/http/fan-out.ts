import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../core/context.ts";
import type { DatabaseClient } from "../db/client.ts";
import {
  noteLate,
  reasonOf,
  sweepConsumers,
  sweepOutbox,
  type Consumer,
} from "../domain/tenant/events/index.ts";
import { sweepDeliveries, wantsWebhooks } from "../domain/reach/webhooks/index.ts";
import type { EventMessage } from "../platform/content-env.ts";

type ConsumerQueue = "WEBHOOKS" | "REALTIME" | "EMAILS";
/** The queue of MAINTENANCE itself, and those of the consumers. */
export type EventQueues = Record<"EVENTS", Queue<EventMessage>> &
  Partial<Record<ConsumerQueue, Queue<EventMessage>>>;

/** The queue of each consumer, and the rows of `outbox` that are for it. */
const CONSUMERS: Partial<Record<Consumer, { queue: ConsumerQueue; wants: SQL }>> = {
  emails: {
    queue: "EMAILS",
    wants: sql`exists (select 1 from notifications notification
      where notification.tenant_id = outbox.tenant_id and notification.email = 'due')`,
  },
  realtime: {
    queue: "REALTIME",
    wants: sql`event ~ '^(entry|asset|release|tenant|token|key|environment|role|policy|access)\\.'`,
  },
  webhooks: { queue: "WEBHOOKS", wants: wantsWebhooks },
};

/** The names of the consumers that a row of `outbox` is for. */
export const interest = (): SQL => {
  const names = Object.entries(CONSUMERS).map(
    ([name, { wants }]) => sql`case when ${wants} then ${name}::text end`,
  );
  return sql`array_remove(array[${sql.join(names, sql`, `)}]::text[], null)`;
};

/** A row this old was not picked up by its own message. */
const SWEEP_AFTER_SECONDS = 10;
const MESSAGES_AT_ONCE = 100;
const IDS_AT_ONCE = 500;
/** Events that wait longer are an alarm. */
export const LATE_SECONDS = 300;

/** Hands events on to consumers; what does not get there, or gets lost, is found by the sweep. */
export async function handOn(
  env: EventQueues,
  tenant: string,
  waiting: ReadonlyMap<Consumer, string[]>,
): Promise<void> {
  for (const [consumer, ids] of waiting) {
    const queue = env[CONSUMERS[consumer]?.queue ?? "EVENTS"];
    if (!queue) continue;
    await sendIds(queue, tenant, ids).catch((error: unknown) =>
      console.warn(JSON.stringify({ event: "events.not_handed_on", consumer, message: reasonOf(error) })),
    );
  }
}

/** Messages of as many ids as are handled together; the oldest events first. */
async function sendIds(queue: Queue<EventMessage>, tenant: string, ids: readonly string[]): Promise<void> {
  for (let i = 0; i < ids.length; i += IDS_AT_ONCE)
    await queue.send({ tenant, ids: ids.slice(i, i + IDS_AT_ONCE) });
}

/** Sends again what no message brought; tenants whose events are late find that in their audit log. */
export async function sweepEvents(
  env: EventQueues,
  client: DatabaseClient,
  contextOf: (tenantId: string) => Context,
): Promise<void> {
  const late: [tenantId: string, queue: string, seconds: number][] = [];
  for (const { tenantId, ids, oldestSeconds } of await sweepOutbox(client, SWEEP_AFTER_SECONDS)) {
    late.push([tenantId, "events", oldestSeconds]);
    await sendIds(env.EVENTS, tenantId, ids);
  }
  for (const [consumer, tenants] of await sweepConsumers(client, SWEEP_AFTER_SECONDS))
    for (const { tenantId, ids, oldestSeconds } of tenants) {
      late.push([tenantId, consumer, oldestSeconds]);
      await handOn(env, tenantId, new Map([[consumer, ids]]));
    }
  for (const [tenantId, queue, seconds] of late)
    if (seconds > LATE_SECONDS) await noteLate(contextOf(tenantId), queue, seconds);
}

/** Has everything sent to webhooks that is due and that nobody sends. */
export async function sweepWebhooks({ WEBHOOKS: queue }: EventQueues, client: DatabaseClient): Promise<void> {
  const due = await sweepDeliveries(client);
  for (let i = 0; i < due.length; i += MESSAGES_AT_ONCE)
    await queue?.sendBatch(
      due.slice(i, i + MESSAGES_AT_ONCE).map(({ tenantId, webhookId }) => ({
        body: { tenant: tenantId, ids: [], webhooks: [webhookId] },
      })),
    );
}
