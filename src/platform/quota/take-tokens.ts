import { keepNewest } from "../../core/keep-newest.ts";
import { DependencyDown } from "../resilience/dependency.ts";
import { askRedis, type RedisAddress } from "../resilience/redis.ts";
import { leftIn, takeInRedis, takeLocally, type Bucket } from "./token-bucket.ts";

/**
 * Where plenty is left an isolate takes more at once, at most this share of it, and spends that within a
 * second without asking again. What it did not need it gives back with its next question.
 */
export const AHEAD_SHARE = 1 / 64;
const MAX_AHEAD = 1000;
const AHEAD_MS = 1000;
const MAX_BUCKETS = 20_000;

type Held = {
  fullAt: number;
  ahead: number;
  aheadUntil: number;
  /** Taken while Redis was away, which it has to be told of. */
  untold: number;
  isAsking: boolean;
};
const held = new Map<string, Held>();

/** What is left and when the bucket is full again; undefined while Redis cannot say. */
export type Left = { tokens: number; fullInSeconds: number };
export type Outcome = { waitSeconds: number; left: Left | undefined };

/** Takes tokens out of a bucket; `waitSeconds` is 0 when they were there. */
export async function takeTokens(
  redis: RedisAddress | undefined,
  bucket: Bucket,
  tokens: number,
  now: number,
): Promise<Outcome> {
  const nowUs = now * 1000;
  const own = heldOf(bucket.key);
  if (own.ahead >= tokens && own.aheadUntil > now) {
    own.ahead -= tokens;
    return { waitSeconds: 0, left: shown(bucket, own, nowUs) };
  }
  if (redis) {
    try {
      return await ask(redis, bucket, own, { tokens, now });
    } catch (error) {
      if (!(error instanceof DependencyDown))
        console.warn(JSON.stringify({ event: "quota.redis_unreachable", message: (error as Error).message }));
    }
  }
  const { isGranted, fullAt, waitUs } = takeLocally(bucket, own.fullAt, { tokens, nowUs });
  own.fullAt = fullAt;
  if (isGranted && redis) own.untold += tokens;
  return { waitSeconds: isGranted ? 0 : secondsOf(waitUs), left: undefined };
}

async function ask(
  redis: RedisAddress,
  bucket: Bucket,
  own: Held,
  { tokens, now }: { tokens: number; now: number },
): Promise<Outcome> {
  const nowUs = now * 1000;
  const settled = own.untold - own.ahead;
  const more = own.isAsking ? 0 : aheadOf(bucket, own, nowUs);
  Object.assign(own, { untold: 0, ahead: 0 });
  if (more > 0) own.isAsking = true;
  try {
    const take = (count: number, settling: number) =>
      askRedis(redis, (client) => takeInRedis(client, bucket, { tokens: count, settled: settling, nowUs }));
    let taken = await take(tokens + more, settled);
    const isAhead = taken.isGranted && more > 0;
    if (!taken.isGranted && more > 0) taken = await take(tokens, 0);
    own.fullAt = taken.fullAt;
    if (isAhead) {
      own.ahead += more;
      own.aheadUntil = now + AHEAD_MS;
    }
    const waitSeconds = taken.isGranted ? 0 : secondsOf(taken.waitUs);
    return { waitSeconds, left: shown(bucket, own, nowUs) };
  } catch (error) {
    own.untold += settled;
    throw error;
  } finally {
    if (more > 0) own.isAsking = false;
  }
}

const aheadOf = (bucket: Bucket, { fullAt }: Held, nowUs: number): number =>
  fullAt === 0 ? 0 : Math.min(MAX_AHEAD, Math.floor(leftIn(bucket, fullAt, nowUs) * AHEAD_SHARE));

function heldOf(key: string): Held {
  let own = held.get(key);
  if (!own) {
    own = { fullAt: 0, ahead: 0, aheadUntil: 0, untold: 0, isAsking: false };
    keepNewest(held, key, own, MAX_BUCKETS);
  }
  return own;
}

const shown = (bucket: Bucket, { fullAt, ahead }: Held, nowUs: number): Left => ({
  tokens: Math.min(bucket.tokens, leftIn(bucket, fullAt, nowUs) + ahead),
  fullInSeconds: Math.max(0, Math.ceil((fullAt - nowUs) / 1_000_000)),
});

const secondsOf = (us: number): number => Math.max(1, Math.ceil(us / 1_000_000));
