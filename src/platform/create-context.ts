import type { Context, EdgeContext, IdempotencyKey } from "../core/context.ts";
import { connect, tenantDatabase, type DatabaseClient } from "../db/client.ts";
import type { ContentEnv } from "./content-env.ts";
import { assetStorage } from "./asset-storage.ts";
import { ipMatcher } from "./ip-ranges.ts";
import { outboxPoker } from "./outbox-poker.ts";
import { quotaPort } from "./quota/quota-port.ts";
import { webhooksPort } from "./webhooks-port.ts";
import { guardedWay } from "./resilience/postgres.ts";

let opened: { url: string; client: DatabaseClient } | undefined;

/** The database client of this isolate: it holds no socket and no request's data. */
export function databaseClient({
  databaseUrl: url,
  databaseEndpoint: endpoint,
}: Pick<ContentEnv, "databaseUrl" | "databaseEndpoint">): DatabaseClient {
  if (opened?.url !== url) {
    const way = endpoint ? endpoint.fetch.bind(endpoint) : fetch.bind(globalThis);
    opened = { url, client: connect(url, { fetch: guardedWay(way as typeof fetch) }) };
  }
  return opened.client;
}

/** Everything a verb may use, for one request or message. */
export function createContext(
  env: ContentEnv,
  edge: EdgeContext,
  waitUntil: (work: Promise<unknown>) => void,
  key?: IdempotencyKey,
): Context {
  const once = key && { ...key, requestId: edge.requestId };
  return {
    ...edge,
    db: tenantDatabase(databaseClient(env), edge.tenantId, edge.environmentId, once),
    outbox: outboxPoker(env.events, edge, waitUntil),
    storage: assetStorage(env.assets),
    quota: quotaPort(env.redis, edge.tenantId, edge.quotas),
    webhooks: webhooksPort(env.webhooks, edge.tenantId, waitUntil),
    now: () => new Date(),
    isFrom: (ranges) => ipMatcher(ranges)(edge.ip ?? null),
    waitUntil,
  };
}
