import type { Actor, Context } from "../core/context.ts";
import { AppError } from "../core/errors.ts";
import { purgeTags, touchesSnapshot } from "../core/events.ts";
import { analyzeGrown } from "../db/analyze-grown.ts";
import { expireKeys } from "../db/idempotency.ts";
import { expireContent, startRebuilds, sweepRebuilds } from "../domain/content/entries/index.ts";
import { expireTokens } from "../domain/tenant/access/index.ts";
import { expireDeliveries } from "../domain/reach/webhooks/index.ts";
import { expireFiles } from "../domain/media/assets/index.ts";
import {
  beat,
  deliverOutbox,
  eachOrAll,
  expireAuditLog,
  expireEvents,
  reasonOf,
  type OutboxEvent,
  type Undelivered,
} from "../domain/tenant/events/index.ts";
import { expireNotifications } from "../domain/tenant/notifications/index.ts";
import { expireReleases, runDueReleases, sweepReleases } from "../domain/content/releases/index.ts";
import { indexEntries } from "../domain/content/search/index.ts";
import { expireSchedules, runDueSchedules, sweepSchedules } from "../domain/content/schedules/index.ts";
import { expireTickets } from "../domain/reach/subscriptions/index.ts";
import { sweepTenants } from "../domain/tenant/tenants/index.ts";
import {
  parseContentEnv,
  type ContentBindings,
  type ContentEnv,
  type EventMessage,
} from "../platform/content-env.ts";
import { createContext, databaseClient } from "../platform/create-context.ts";
import { NO_ENVIRONMENT, systemEdge } from "../platform/system-edge.ts";
import { fairShare } from "./fair-share.ts";
import { handOn, interest, sweepEvents, sweepWebhooks, type EventQueues } from "./fan-out.ts";
import { isGone } from "./is-gone.ts";
import { rebuildPiece } from "./rebuild-pieces.ts";

/** The gateway's control entrypoint. */
type Edge = {
  purge(tenantId: string, tags: string[]): Promise<void>;
  refreshTenant(tenantId: string): Promise<void>;
  forgetHosts(hosts: string[]): Promise<void>;
};
export type MaintenanceBindings = ContentBindings & EventQueues & { EDGE: Edge };

/** So many events at once are an import, or a bulk write: tables may have grown. */
const MANY = 50;
/** Events that are delivered together. */
const AT_ONCE = 500;

/**
 * Delivers the events of a batch, all of one tenant's together; where that fails each message by
 * itself, so that one that cannot be delivered holds up no other. What takes long comes last.
 */
export async function consumeEvents(
  batch: MessageBatch<EventMessage>,
  env: MaintenanceBindings,
  worker: ExecutionContext,
): Promise<void> {
  const settings = parseContentEnv(env);
  if (batch.messages.some(({ body }) => body.rebuilds || body.ids.length >= MANY))
    await takeStatistics(settings);
  const isOfEvents = ({ body }: Message<EventMessage>) => body.rebuilds !== true;
  const mine = await fairShare(batch.messages.filter(isOfEvents), env.EVENTS, AT_ONCE);
  for (const [tenant, messages] of Map.groupBy(mine, ({ body }) => body.tenant)) {
    const deliverAll = async (some: readonly Message<EventMessage>[]) => {
      const ids = [...new Set(some.flatMap(({ body }) => body.ids))];
      for (let i = 0; i < ids.length; i += AT_ONCE)
        await deliver(settings, env, worker, tenant, ids.slice(i, i + AT_ONCE));
    };
    const areDone = await deliverAll(messages).then(
      () => true,
      () => false,
    );
    for (const message of messages) {
      if (areDone) message.ack();
      else await deliverAll([message]).then(() => message.ack(), retryLater(message));
    }
  }
  for (const message of batch.messages.filter((one) => !isOfEvents(one)))
    await continueRebuilds(settings, env, worker, message.body.tenant).then(
      () => message.ack(),
      retryLater(message),
    );
}

/** Work goes on without them, slower. */
async function takeStatistics(settings: ContentEnv): Promise<void> {
  await analyzeGrown(databaseClient(settings)).catch((error: unknown) =>
    console.error(JSON.stringify({ event: "statistics.failed", message: reasonOf(error) })),
  );
}

async function continueRebuilds(
  settings: ContentEnv,
  env: MaintenanceBindings,
  worker: ExecutionContext,
  tenant: string,
): Promise<void> {
  const contextOf = (environmentId: string) => systemContext(settings, worker, tenant, environmentId);
  if (await rebuildPiece(tenant, contextOf, contextOf(NO_ENVIRONMENT)))
    await env.EVENTS.send({ tenant, ids: [], rebuilds: true });
}

const retryLater =
  (message: Message<EventMessage>) =>
  ({ message: what }: Error): void => {
    const { tenant } = message.body;
    console.error(JSON.stringify({ event: "events.delivery_failed", tenant, message: what }));
    message.retry({ delaySeconds: Math.min(2 ** message.attempts, 300) });
  };

/**
 * Every minute: queues outbox rows that did not reach the queue or a consumer, runs due schedules, and deletes expired
 * rows, of each tenant once an hour.
 */
export async function sweep(env: MaintenanceBindings, worker: ExecutionContext, at: Date): Promise<void> {
  const settings = parseContentEnv(env);
  const client = databaseClient(settings);
  await beat(client, "maintenance");
  await takeStatistics(settings);
  const contextOf = (tenantId: string) => systemContext(settings, worker, tenantId, NO_ENVIRONMENT);
  await sweepEvents(env, client, contextOf);
  await sweepWebhooks(env, client);
  for (const tenant of await sweepRebuilds(client))
    await env.EVENTS.send({ tenant, ids: [], rebuilds: true });
  const plannerIn = (ctx: Context) => (person: string, plannedBy: Actor | null) => ({
    ...ctx,
    actor: plannedBy ?? { kind: "token" as const, id: person, scopes: ["write" as const] },
  });
  for (const { tenantId, environmentId } of await sweepSchedules(client)) {
    const ctx = systemContext(settings, worker, tenantId, environmentId);
    await runDueSchedules(ctx, plannerIn(ctx));
  }
  for (const { tenantId, environmentId } of await sweepReleases(client)) {
    const ctx = systemContext(settings, worker, tenantId, environmentId);
    await runDueReleases(ctx, plannerIn(ctx));
  }
  for (const tenantId of await sweepTenants(client, at.getUTCMinutes()))
    await expire(settings, worker, tenantId).catch((error: unknown) =>
      console.error(JSON.stringify({ event: "expiry.failed", tenant: tenantId, message: reasonOf(error) })),
    );
}

/** What a tenant keeps no longer; a bounded part of each kind. */
async function expire(settings: ContentEnv, worker: ExecutionContext, tenantId: string): Promise<void> {
  const ctx = systemContext(settings, worker, tenantId, NO_ENVIRONMENT);
  await expireContent(ctx);
  await expireSchedules(ctx);
  await expireReleases(ctx);
  await expireNotifications(ctx);
  await expireTokens(ctx);
  await expireTickets(ctx);
  await expireDeliveries(ctx);
  await expireEvents(ctx.db, tenantId);
  await expireAuditLog(ctx);
  await ctx.db.run([expireKeys(tenantId)]);
  if (settings.assets) await expireFiles(ctx);
}

async function deliver(
  settings: ContentEnv,
  env: MaintenanceBindings,
  worker: ExecutionContext,
  tenantId: string,
  ids: string[],
): Promise<void> {
  const contextOf = (environmentId: string) => systemContext(settings, worker, tenantId, environmentId);
  const handle = (events: OutboxEvent[]) => handleEvents(env, tenantId, contextOf, events);
  const ctx = contextOf(NO_ENVIRONMENT);
  const waiting = await deliverOutbox(ctx, ids, (events) => eachOrAll(events, handle), interest());
  await handOn(env, tenantId, waiting);
}

async function handleEvents(
  env: MaintenanceBindings,
  tenantId: string,
  contextOf: (environmentId: string) => Context,
  events: OutboxEvent[],
): Promise<Undelivered[]> {
  const tagged = events.map((event) => ({ event, tags: tagsOf(event) }));
  const tags = [...new Set(tagged.flatMap((one) => one.tags ?? []))];
  const purge = async () => void (tags.length > 0 && (await atEdge(env.EDGE.purge(tenantId, tags))));
  if (events.some(({ event }) => touchesSnapshot(event))) await atEdge(env.EDGE.refreshTenant(tenantId));
  const domains = events.filter(({ event }) => event.startsWith("domain."));
  if (domains.length > 0)
    await atEdge(env.EDGE.forgetHosts(domains.map(({ payload }) => String(payload["domain"]))));
  await purge();
  const known = tagged.flatMap((one) => (one.tags ? [one.event] : []));
  const types = known.flatMap(typesToRebuild);
  for (const { environmentId, type } of types) await startRebuilds(contextOf(environmentId), { type });
  if (types.length > 0) await env.EVENTS.send({ tenant: tenantId, ids: [], rebuilds: true });
  const failed: Undelivered[] = tagged
    .filter((one) => one.tags === undefined)
    .map(({ event }) => ({ event, reason: "events/unknown: no consumer knows it", isPermanent: true }));
  const changed = Map.groupBy(known.filter(isOfEntry), ({ environmentId }) => environmentId);
  for (const [environmentId, some] of changed) failed.push(...(await index(contextOf(environmentId), some)));
  // What was found by the old index meanwhile goes too.
  if (changed.size > 0) await purge();
  return failed;
}

/** A failed edge notification is not an error of the events. */
const atEdge = (told: Promise<void>): Promise<void> =>
  told.catch((cause: unknown) => {
    throw new AppError("UNAVAILABLE", "events/edge-unreachable", "The edge cannot be notified.", { cause });
  });

/** The cache tags of an event; undefined for one that nobody knows, or that lacks what its kind has. */
function tagsOf({ environmentId, event, payload }: OutboxEvent): string[] | undefined {
  if (/^(?:entry|type|asset)\./.test(event) && typeof payload["id"] !== "string") return undefined;
  if (event.startsWith("entry.") && typeof payload["type"] !== "string") return undefined;
  if (/^release\.(?:published|rolled_back)$/.test(event) && !Array.isArray(payload["types"]))
    return undefined;
  return purgeTags(environmentId, event, payload);
}

const isOfEntry = ({ event }: Pick<OutboxEvent, "event">): boolean => event.startsWith("entry.");

/** Brings the words of entries up to date; answers the events of those that cannot be. */
async function index(ctx: Context, events: OutboxEvent[]): Promise<Undelivered[]> {
  const ids = events.map(({ payload }) => payload["id"] as string);
  const isOneByOne = events.some(({ attempts }) => attempts > 1);
  const unindexed = await indexEntries(ctx, { ids, isOneByOne }).catch((error: unknown) => {
    if (isGone(error)) return [];
    throw error;
  });
  return unindexed.flatMap(({ id, error }) =>
    events
      .filter(({ payload }) => payload["id"] === id)
      .map((event) => ({ event, reason: reasonOf(error), isPermanent: error.code === "INVALID" })),
  );
}

/** What an event makes old in the read model: a type, or all of them when no one is named. */
function typesToRebuild({
  event,
  environmentId,
  payload,
}: OutboxEvent): { environmentId: string; type: string | undefined }[] {
  if (event === "type.updated" || event === "type.renamed")
    return [{ environmentId, type: payload["id"] as string }];
  const isOfLocales = event === "environment.updated" && !payload["alias"] && payload["locales"] !== false;
  return isOfLocales ? [{ environmentId, type: undefined }] : [];
}

function systemContext(
  settings: ContentEnv,
  worker: ExecutionContext,
  tenantId: string,
  environmentId: string,
): Context {
  return createContext(
    settings,
    systemEdge("maintenance", tenantId, environmentId),
    worker.waitUntil.bind(worker),
  );
}
