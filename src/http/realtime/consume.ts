import { sql } from "drizzle-orm";
import type { Context } from "../../core/context.ts";
import { touchesSnapshot } from "../../core/events.ts";
import type { OutboxEvent } from "../../domain/tenant/events/index.ts";
import { parseContentEnv, type EventMessage } from "../../platform/content-env.ts";
import { createContext } from "../../platform/create-context.ts";
import { hubName, hubOf, type RealtimeBindings } from "../../platform/realtime/env.ts";
import { systemEdge } from "../../platform/system-edge.ts";
import { consumeMessages } from "../consume-events.ts";

/** Consumes the queue of REALTIME: hubs take the events before these are confirmed. */
export async function consumeRealtime(
  batch: MessageBatch<EventMessage>,
  env: RealtimeBindings,
  worker: ExecutionContext,
): Promise<void> {
  const settings = parseContentEnv(env);
  const contextOf = (tenantId: string): Context =>
    createContext(settings, systemEdge("realtime", tenantId), worker.waitUntil.bind(worker));
  await consumeMessages(batch, "realtime", contextOf, async (ctx, events) => {
    await tellHubs(env, ctx, events);
    return [];
  });
}

async function tellHubs(env: RealtimeBindings, ctx: Context, events: readonly OutboxEvent[]): Promise<void> {
  const hub = (environmentId: string) => hubOf(env, hubName(ctx.tenantId, environmentId));
  const byEnvironment = Map.groupBy(
    events.filter(({ event }) => !touchesSnapshot(event)),
    ({ environmentId }) => environmentId,
  );
  await Promise.all(
    [...byEnvironment].map(([environmentId, some]) =>
      hub(environmentId).append(some.map(({ id, event, payload, at }) => ({ id, event, payload, at }))),
    ),
  );
  if (!events.some(({ event }) => touchesSnapshot(event))) return;
  // Whoever sees what is of the whole tenant may be in any environment, also in one that is gone.
  const { results } = await ctx.db.run([
    sql`select id::text from environments where tenant_id = ${ctx.tenantId}::uuid`,
  ]);
  const ids = new Set([
    ...results[0]!.map(([id]) => id as string),
    ...events.flatMap(({ environmentId }) => environmentId ?? []),
  ]);
  await Promise.all([...ids].map((id) => hub(id).recheck({ isAwaited: true })));
}
