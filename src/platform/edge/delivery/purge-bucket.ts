/** Workers Cache takes 25 purges at once and five a minute after that, for the whole account. */
export const BUCKET_SIZE = 25;
const REFILL_MS = 12_000;
export const TAGS_PER_PURGE = 100;

export type Bucket = { tokens: number; filledAt: number };

/** The bucket with what has flowed in since. */
export function refill(bucket: Bucket, now: number): Bucket {
  const gained = Math.floor((now - bucket.filledAt) / REFILL_MS);
  if (gained <= 0) return bucket;
  const tokens = Math.min(BUCKET_SIZE, bucket.tokens + gained);
  return { tokens, filledAt: tokens === BUCKET_SIZE ? now : bucket.filledAt + gained * REFILL_MS };
}

/** Takes purges for `tags` from the bucket: what can go now, in calls of 100 tags, and what cannot. */
export function spend(
  bucket: Bucket,
  tags: string[],
  now: number,
): { bucket: Bucket; calls: string[][]; starved: string[] } {
  let { tokens, filledAt } = refill(bucket, now);
  const calls: string[][] = [];
  let at = 0;
  for (; at < tags.length && tokens > 0; at += TAGS_PER_PURGE, tokens--)
    calls.push(tags.slice(at, at + TAGS_PER_PURGE));
  return { bucket: { tokens, filledAt }, calls, starved: tags.slice(at) };
}
