import { askRedis, type RedisAddress } from "./resilience/redis.ts";

/** GraphQL documents that clients sent once and name by their hash since; a tenant sees its own only. */
export type DocumentStore = {
  get(tenantId: string, hash: string): Promise<string | undefined>;
  put(tenantId: string, hash: string, text: string): Promise<void>;
};

const KEPT_SECONDS = 30 * 86_400;

/**
 * The store in Redis. Without one, or while it is away, nothing is found: clients then send the
 * document again.
 */
export function documentStore(redis: RedisAddress | undefined): DocumentStore {
  if (!redis) return { get: () => Promise.resolve(undefined), put: () => Promise.resolve() };
  const keyOf = (tenantId: string, hash: string) => `apq:${tenantId}:${hash}`;
  return {
    async get(tenantId, hash) {
      try {
        return (await askRedis(redis, (client) => client.get<string>(keyOf(tenantId, hash)))) ?? undefined;
      } catch (error) {
        warn(error);
        return undefined;
      }
    },
    async put(tenantId, hash, text) {
      await askRedis(redis, (client) => client.set(keyOf(tenantId, hash), text, { ex: KEPT_SECONDS })).catch(
        warn,
      );
    },
  };
}

function warn(error: unknown): void {
  console.warn(JSON.stringify({ event: "documents.redis_unreachable", message: (error as Error).message }));
}
