import { keepNewest } from "../core/keep-newest.ts";
import { AppError } from "../core/errors.ts";
import { askRedis, type RedisAddress } from "./resilience/redis.ts";

const FLUSH_MS = 1000;
const DAY_SECONDS = 86_400;

type Counter = { day: string; known: number; unflushed: number; flushing: boolean };
const counters = new Map<string, Counter>();
const MAX_TENANTS = 10_000;

/** Where writes are counted; `limit` 0 means that a tenant may write as often as it likes. */
export type WriteQuota = { redis: RedisAddress | undefined; limit: number };

/**
 * Counts a write against the tenant's quota of the day and throws QUOTA_EXCEEDED over it. Counts are
 * summed over all isolates in Redis, sent at most once a second and behind the answer; without Redis
 * nobody is refused.
 */
export function countWrite(
  quota: WriteQuota,
  tenantId: string,
  now: Date,
  waitUntil: (work: Promise<unknown>) => void,
): void {
  if (quota.limit === 0 || !quota.redis) return;
  const day = now.toISOString().slice(0, 10);
  let counter = counters.get(tenantId);
  if (counter?.day !== day) {
    counter = { day, known: 0, unflushed: 0, flushing: false };
    keepNewest(counters, tenantId, counter, MAX_TENANTS);
  }
  if (counter.known + counter.unflushed >= quota.limit) {
    const seconds = DAY_SECONDS - Math.floor((now.getTime() / 1000) % DAY_SECONDS);
    throw new AppError(
      "QUOTA_EXCEEDED",
      "quota/writes-per-day",
      `The quota of ${quota.limit} writes per day is used up.`,
      {
        headers: { "retry-after": String(seconds) },
      },
    );
  }
  counter.unflushed++;
  if (counter.flushing) return;
  counter.flushing = true;
  waitUntil(flush(quota.redis, tenantId, counter));
}

async function flush(redis: RedisAddress, tenantId: string, counter: Counter): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, FLUSH_MS));
  const delta = counter.unflushed;
  // Counted locally as well until Redis has reported.
  counter.known += delta;
  counter.unflushed = 0;
  try {
    const key = `quota:${tenantId}:writes:${counter.day}`;
    const [total] = await askRedis(redis, (client) =>
      client
        .pipeline()
        .incrby(key, delta)
        .expire(key, 2 * DAY_SECONDS)
        .exec<[number, number]>(),
    );
    counter.known = total;
  } catch (error) {
    counter.known -= delta;
    counter.unflushed += delta;
    console.warn(JSON.stringify({ event: "quota.redis_unreachable", message: (error as Error).message }));
  } finally {
    counter.flushing = false;
  }
}
