import { WorkerEntrypoint } from "cloudflare:workers";
import { readLag } from "../domain/tenant/events/index.ts";
import { findTenantByHost, noteUse, readSnapshot } from "../domain/tenant/tenants/index.ts";
import { connectivity } from "../db/client.ts";
import type { TenantSnapshot } from "../core/snapshot.ts";
import { LATE_SECONDS } from "./fan-out.ts";
import { parseContentEnv, type ContentBindings } from "../platform/content-env.ts";
import { databaseClient } from "../platform/create-context.ts";
import { publicDocument } from "./openapi/routes.ts";
import type { InternalService, PublicDocument, Readiness } from "../platform/edge/env.ts";
import type { Dependency } from "../platform/resilience/dependency.ts";
import { postgres } from "../platform/resilience/postgres.ts";
import { askRedis, redis } from "../platform/resilience/redis.ts";

/** A scheduler that was silent for so long has stopped: one runs each minute, one each hour. */
const MAX_SILENCE_SECONDS: Record<string, number> = { maintenance: 180, identity: 7800 };
const TENANT_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The gateway's own calls to CONTENT. An entrypoint, not a path, so that no client request reaches it. */
export class Internal extends WorkerEntrypoint<ContentBindings> implements InternalService {
  /** How Postgres and, where there is one, Redis do: each is asked. */
  async ready(): Promise<Record<string, Readiness>> {
    const { redis: address } = parseContentEnv(this.env);
    const asked = async (dependency: Dependency, ask: () => Promise<unknown>): Promise<Readiness> => {
      const ok = await ask().then(
        () => true,
        () => false,
      );
      return { ok, ...dependency.state() };
    };
    const [ofPostgres, ofRedis] = await Promise.all([
      asked(postgres, () => connectivity(this.#database())),
      address && asked(redis, () => askRedis(address, (client) => client.ping())),
    ]);
    return { postgres: ofPostgres, ...(ofRedis ? { redis: ofRedis } : {}) };
  }

  /** How far behind schedulers and queues are. */
  async lag(): ReturnType<InternalService["lag"]> {
    const { schedulers, queues } = await readLag(this.#database());
    const within = (lags: Record<string, number>, most: (name: string) => number) =>
      Object.fromEntries(
        Object.entries(lags).map(([name, lag_seconds]) => [
          name,
          { ok: lag_seconds <= most(name), lag_seconds },
        ]),
      );
    return {
      schedulers: within(schedulers, (name) => MAX_SILENCE_SECONDS[name] ?? 0),
      queues: within(queues, () => LATE_SECONDS),
    };
  }

  /** The tenant that a host or slug names. */
  async tenantByHost(host: string): Promise<string | null> {
    return (await findTenantByHost(this.#database(), host)) ?? null;
  }

  /** Null for no such tenant. */
  async snapshot(tenantId: string): Promise<TenantSnapshot | null> {
    if (!TENANT_ID.test(tenantId)) return null;
    return (await readSnapshot(this.#database(), tenantId)) ?? null;
  }

  /** When each token was last used, ISO 8601 by id. */
  async noteUse(tenantId: string, used: Record<string, string>): Promise<void> {
    if (TENANT_ID.test(tenantId)) await noteUse(this.#database(), tenantId, used);
  }

  /** What is shown to everybody at this origin. */
  document(name: PublicDocument, origin: string): Promise<Response> {
    return publicDocument(name, origin);
  }

  #database() {
    return databaseClient(parseContentEnv(this.env));
  }
}
