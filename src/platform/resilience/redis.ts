import { Redis } from "@upstash/redis";
import { newDependency } from "./dependency.ts";

/** Redis makes nobody wait longer than this. */
const TIMEOUT_MS = 500;

/** Where Redis is. */
export type RedisAddress = { url: string; token: string };

/** Redis as this Worker knows it. */
export const redis = newDependency("redis");

/**
 * Asks Redis; throws at once while it is away. Whoever calls says what holds without it: no request
 * fails for it.
 */
export const askRedis = <T>(address: RedisAddress, work: (client: Redis) => Promise<T>): Promise<T> =>
  redis.run(
    (signal) =>
      work(
        new Redis({
          ...address,
          ...(signal ? { signal: () => signal } : {}),
          enableTelemetry: false,
          automaticDeserialization: false,
          retry: false,
        }),
      ),
    TIMEOUT_MS,
  );
