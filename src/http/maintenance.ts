import type { Context, EdgeContext } from "../core/context.ts";
import { purgeTags, touchesSnapshot } from "../core/events.ts";
import { newRequestId } from "../core/ids.ts";
import { AppError } from "../core/errors.ts";
import { expireKeys } from "../db/idempotency.ts";
import { expireContent, rebuildReadModel } from "../domain/content/index.ts";
import { deliverOutbox, expireEvents, sweepOutbox, type OutboxEvent } from "../domain/events/index.ts";
import { expireNotifications } from "../domain/review/index.ts";
import { indexEntries } from "../domain/search/index.ts";
import { expireSchedules, runDueSchedules, sweepSchedules } from "../domain/schedules/index.ts";
import { sweepTenants } from "../domain/tenants/index.ts";
import { listTypes } from "../domain/types/index.ts";
import {
  parseContentEnv,
  type ContentBindings,
  type ContentEnv,
  type EventMessage,
} from "../platform/content-env.ts";
import { createContext, databaseClient } from "../platform/create-context.ts";

/** The gateway's control entrypoint. */
type Edge = {
  purge(tenantId: string, tags: string[]): Promise<void>;
  refreshTenant(tenantId: string): Promise<void>;
  forgetHosts(hosts: string[]): Promise<void>;
};
export type MaintenanceBindings = ContentBindings & { EDGE: Edge };

const NO_ENVIRONMENT = "00000000-0000-0000-0000-000000000000";
/** A row this old was not picked up by its own poke. */
const SWEEP_AFTER_SECONDS = 10;

/**
 * Delivers the events of a batch, all of one tenant's together; where that fails each message by itself, so that one that
 * cannot be delivered holds up no other.
 */
export async function consumeEvents(
  batch: MessageBatch<EventMessage>,
  env: MaintenanceBindings,
  worker: ExecutionContext,
): Promise<void> {
  const settings = parseContentEnv(env);
  for (const [tenant, messages] of Map.groupBy(batch.messages, ({ body }) => body.tenant)) {
    const deliverAll = (some: readonly Message<EventMessage>[]) =>
      deliver(
        settings,
        env.EDGE,
        worker,
        tenant,
        some.flatMap(({ body }) => body.ids),
      );
    const areDone = await deliverAll(messages).then(
      () => true,
      () => false,
    );
    for (const message of messages) {
      if (areDone) message.ack();
      else await deliverAll([message]).then(() => message.ack(), retryLater(message));
    }
  }
}

const retryLater =
  (message: Message<EventMessage>) =>
  ({ message: what }: Error): void => {
    const { tenant } = message.body;
    console.error(JSON.stringify({ event: "events.delivery_failed", tenant, message: what }));
    message.retry({ delaySeconds: Math.min(2 ** message.attempts, 300) });
  };

/** The minute of each hour in which what is kept long enough is taken away. */
const EXPIRY_MINUTE = 17;

/**
 * Once a minute: queues what a lost poke or a restart left in the outbox, and carries out the schedules that are due; once
 * an hour takes away what is kept long enough.
 */
export async function sweep(env: MaintenanceBindings, worker: ExecutionContext, at: Date): Promise<void> {
  const settings = parseContentEnv(env);
  for (const { tenantId, ids } of await sweepOutbox(databaseClient(settings), SWEEP_AFTER_SECONDS)) {
    await env.EVENTS.send({ tenant: tenantId, ids });
  }
  for (const { tenantId, environmentId } of await sweepSchedules(databaseClient(settings))) {
    const ctx = systemContext(settings, worker, tenantId, environmentId);
    await runDueSchedules(ctx, (person, plannedBy) => ({
      ...ctx,
      actor: plannedBy ?? { kind: "token", id: person, scopes: ["write"] },
    }));
  }
  if (at.getUTCMinutes() === EXPIRY_MINUTE) await expire(settings, worker);
}

/** Versions, trash, schedules, notifications, events and idempotency keys whose time is up, of every tenant. */
async function expire(settings: ContentEnv, worker: ExecutionContext): Promise<void> {
  for (const tenantId of await sweepTenants(databaseClient(settings))) {
    const ctx = systemContext(settings, worker, tenantId, NO_ENVIRONMENT);
    await expireContent(ctx);
    await expireSchedules(ctx);
    await expireNotifications(ctx);
    await expireEvents(ctx.db, tenantId);
    await ctx.db.run([expireKeys(tenantId)]);
  }
}

async function deliver(
  settings: ContentEnv,
  edge: Edge,
  worker: ExecutionContext,
  tenantId: string,
  ids: string[],
): Promise<void> {
  const contextOf = (environmentId: string) => systemContext(settings, worker, tenantId, environmentId);
  await deliverOutbox(contextOf(NO_ENVIRONMENT).db, ids, async (events) => {
    if (events.some(({ event }) => touchesSnapshot(event))) await edge.refreshTenant(tenantId);
    const domains = events.filter(({ event }) => event.startsWith("domain."));
    if (domains.length > 0) await edge.forgetHosts(domains.map(({ payload }) => String(payload["domain"])));
    for (const event of events) await unlessGone(() => rebuildAfter(contextOf(event.environmentId), event));
    const tags = [
      ...new Set(
        events.flatMap(({ environmentId, event, payload }) => purgeTags(environmentId, event, payload)),
      ),
    ];
    const purge = async () => void (tags.length > 0 && (await edge.purge(tenantId, tags)));
    await purge();
    const changed = changedEntries(events);
    for (const [environmentId, ids] of changed)
      await unlessGone(() => indexEntries(contextOf(environmentId), { ids: [...ids] }));
    // What was found by the old index meanwhile goes too.
    if (changed.size > 0) await purge();
  });
}

/** Events may be older than the end of their environment: there is nothing to bring up to date then. */
async function unlessGone(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof AppError) || error.reason !== "environments/not-found") throw error;
  }
}

/** Ids of entries whose words may have changed, by environment. */
function changedEntries(events: OutboxEvent[]): Map<string, Set<string>> {
  const changed = new Map<string, Set<string>>();
  for (const { environmentId, event, payload } of events) {
    if (!event.startsWith("entry.")) continue;
    const ids = changed.get(environmentId) ?? new Set();
    changed.set(environmentId, ids.add(payload["id"] as string));
  }
  return changed;
}

/** Brings the read model up to date with a changed type or with changed locales, page by page. */
async function rebuildAfter(ctx: Context, { event, payload }: OutboxEvent): Promise<void> {
  if (event !== "type.updated" && event !== "environment.updated") return;
  if (payload["alias"]) return;
  const types =
    event === "type.updated" ? [payload["id"] as string] : (await listTypes(ctx)).map((type) => type.id);
  for (const type of types) {
    let after: string | undefined;
    do {
      const { ids, next } = await rebuildReadModel(ctx, { type, after });
      await indexEntries(ctx, { ids });
      after = next;
    } while (after !== undefined);
  }
}

function systemContext(
  settings: ContentEnv,
  worker: ExecutionContext,
  tenantId: string,
  environmentId: string,
): Context {
  const edge: EdgeContext = {
    tenantId,
    environmentId,
    actor: { kind: "system", id: "maintenance", scopes: ["admin"] },
    requestId: newRequestId(),
  };
  return createContext(settings, edge, worker.waitUntil.bind(worker));
}
