import type { Redis } from "@upstash/redis";
import { REFILL_SECONDS } from "../../core/plans.ts";

/**
 * A token bucket as one number: the time at which it will be full again, in microseconds. Taking a
 * token moves it by `tokenUs`; more than `windowUs` ahead of now there is nothing left to take.
 */
export type Bucket = { key: string; tokens: number; tokenUs: number; windowUs: number };

export function bucketOf(key: string, tokens: number): Bucket {
  const tokenUs = Math.ceil((REFILL_SECONDS * 1_000_000) / tokens);
  return { key, tokens, tokenUs, windowUs: tokens * tokenUs };
}

/** `fullAt` is the state afterwards; when refused, the tokens are there after `waitUs`. */
export type Taken = { isGranted: boolean; fullAt: number; waitUs: number };

/** The tokens that are left in a state. */
export const leftIn = ({ windowUs, tokenUs, tokens }: Bucket, fullAt: number, nowUs: number): number =>
  Math.min(tokens, Math.max(0, Math.floor((nowUs + windowUs - fullAt) / tokenUs)));

const STATE = "full_at";

/**
 * Takes all of `tokens` or none, in one transaction and one round trip; nobody sees a state in between,
 * and a refusal leaves no trace. Sorted sets have what it takes, with numbers that are exact up to 2^53:
 * `GT` and `LT` bound a score, a range removes the wanted state if it is too far ahead, and a union
 * adopts it if it is still there. So it needs no script, which not every store behind Upstash's protocol
 * runs. `settled` tokens are charged first, whatever is left; negative ones are given back.
 */
export async function takeInRedis(
  client: Redis,
  { key, tokenUs, windowUs }: Bucket,
  { tokens, settled, nowUs }: { tokens: number; settled: number; nowUs: number },
): Promise<Taken> {
  const wanted = `${key}:wanted`;
  const full = nowUs + windowUs;
  const cost = tokens * tokenUs;
  const batch = client.multi();
  // What is given back must not fill the bucket beyond its size.
  if (settled < 0) batch.zincrby(key, settled * tokenUs, STATE);
  batch.zadd(key, { gt: true }, { score: nowUs, member: STATE });
  if (settled > 0) batch.zincrby(key, settled * tokenUs, STATE);
  batch
    .zadd(key, { lt: true }, { score: full, member: STATE })
    .zunionstore(wanted, 1, [key])
    .zincrby(wanted, cost, STATE)
    .zremrangebyscore(wanted, `(${full}`, "+inf")
    .zunionstore(key, 2, [key, wanted], { aggregate: "max" })
    .pexpire(key, Math.ceil(windowUs / 1000))
    .del(wanted);
  const answers = (await batch.exec()) as unknown[];
  const [asked, isRemoved] = answers.slice(-5) as [string, number];
  const wantedAt = Number(asked);
  const isGranted = isRemoved === 0;
  return { isGranted, fullAt: isGranted ? wantedAt : wantedAt - cost, waitUs: wantedAt - full };
}

/** The same on a state of our own. */
export function takeLocally(
  { tokenUs, windowUs }: Bucket,
  fullAt: number,
  { tokens, nowUs }: { tokens: number; nowUs: number },
): Taken {
  const from = Math.min(Math.max(fullAt, nowUs), nowUs + windowUs);
  const wantedAt = from + tokens * tokenUs;
  const waitUs = wantedAt - (nowUs + windowUs);
  return { isGranted: waitUs <= 0, fullAt: waitUs <= 0 ? wantedAt : from, waitUs };
}
