import type { QuotaPort } from "../../core/context.ts";
import { AppError, overQuota } from "../../core/errors.ts";
import { REFILL_SECONDS, type BucketName, type Quotas } from "../../core/plans.ts";
import type { RedisAddress } from "../resilience/redis.ts";
import { takeTokens, type Left } from "./take-tokens.ts";
import { bucketOf } from "./token-bucket.ts";

/** For work that nobody asked for: it takes nothing. */
export const NO_QUOTA: QuotaPort = { take: async () => {}, figures: () => undefined };

/** The quotas of a request's tenant, counted in Redis; by this isolate alone while that is away. */
export function quotaPort(
  redis: RedisAddress | undefined,
  tenantId: string,
  quotas: Quotas | undefined,
): QuotaPort {
  if (!quotas) return NO_QUOTA;
  const left = new Map<BucketName, Left>();
  return {
    async take(name, tokens) {
      if (tokens === 0) return;
      const most = quotas[name];
      if (tokens > most)
        throw overQuota(
          name === "writes" ? "quota/writes-at-once" : "quota/costly-reads-at-once",
          `This takes ${tokens} of the quota for ${WORDS[name]}, which holds ${most}: send less at once.`,
        );
      // Another size is another bucket: what one holds says nothing of the other.
      const bucket = bucketOf(`quota:{${tenantId}}:${name}:${most}`, most);
      const outcome = await takeTokens(redis, bucket, tokens, Date.now());
      if (outcome.left) left.set(name, outcome.left);
      if (outcome.waitSeconds > 0) throw usedUp(name, most, outcome.waitSeconds);
    },
    figures: () =>
      left.size === 0
        ? undefined
        : [...left].map(([name, one]) => `"${name}";r=${one.tokens};t=${one.fullInSeconds}`).join(", "),
  };
}

const WORDS: Record<BucketName, string> = { writes: "writes", "costly-reads": "costly reads" };

const usedUp = (name: BucketName, most: number, seconds: number) =>
  new AppError(
    "RATE_LIMITED",
    name === "writes" ? "quota/writes" : "quota/costly-reads",
    `The quota of ${most} ${WORDS[name]} within ${REFILL_SECONDS} seconds is used up: try again in ${seconds} s.`,
    { headers: { "retry-after": String(seconds) } },
  );
