import { createClient } from "@redis/client";
import { Redis } from "@upstash/redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { realRedis } from "./redis-backend.ts";
import { listenRedis, type RedisEndpoint } from "./redis-endpoint.ts";
import { embeddedRedis, type RedisStore } from "./redis-store.ts";
import { takeTokens } from "../platform/quota/take-tokens.ts";
import { bucketOf, leftIn, takeInRedis, takeLocally, type Bucket } from "../platform/quota/token-bucket.ts";

const TOKEN = "secret";
const REAL_URL = "redis://127.0.0.1:6379/10";

async function isThere(): Promise<boolean> {
  const client = createClient({ url: REAL_URL, socket: { reconnectStrategy: false, connectTimeout: 500 } });
  client.on("error", () => {});
  return client.connect().then(
    () => (client.destroy(), true),
    () => false,
  );
}

const stores: [string, () => Promise<RedisStore>][] = [["the embedded store", async () => embeddedRedis()]];
if (await isThere()) stores.push(["a real Redis", () => realRedis(REAL_URL)]);

const newBucket = (tokens: number): Bucket => bucketOf(`test:{${crypto.randomUUID()}}`, tokens);
const NOW = Date.now();

describe.each(stores)("a token bucket in %s", (_, open) => {
  let endpoint: RedisEndpoint;
  let client: Redis;
  beforeAll(async () => {
    endpoint = await listenRedis({ store: await open(), token: TOKEN });
    const url = `http://127.0.0.1:${endpoint.port}`;
    client = new Redis({ url, token: TOKEN, automaticDeserialization: false, enableTelemetry: false });
  });
  afterAll(() => endpoint.close());

  const take = (bucket: Bucket, tokens: number, atMs = NOW, settled = 0) =>
    takeInRedis(client, bucket, { tokens, settled, nowUs: atMs * 1000 });

  it("lets exactly as many through as it holds, however many ask at once", async () => {
    const bucket = newBucket(20);
    const taken = await Promise.all(Array.from({ length: 50 }, () => take(bucket, 1)));
    expect(taken.filter(({ isGranted }) => isGranted)).toHaveLength(20);
    const other = newBucket(20);
    expect((await take(other, 20)).isGranted).toBe(true);
  });

  it("never spends the last token twice", async () => {
    for (let round = 0; round < 20; round++) {
      const bucket = newBucket(7);
      await take(bucket, 6);
      const two = await Promise.all([take(bucket, 1), take(bucket, 1)]);
      expect(two.map(({ isGranted }) => isGranted).sort()).toEqual([false, true]);
    }
  });

  it("takes all of a bulk or nothing: what is refused leaves no trace", async () => {
    const bucket = newBucket(600);
    expect((await take(bucket, 500)).isGranted).toBe(true);
    for (let i = 0; i < 10; i++) expect((await take(bucket, 500)).isGranted).toBe(false);
    expect((await take(bucket, 100)).isGranted).toBe(true);
    expect((await take(bucket, 1)).isGranted).toBe(false);
  });

  it.each([20, 7, 600, 12_000])("says truly when the next of %i tokens is there", async (tokens) => {
    const bucket = newBucket(tokens);
    await take(bucket, tokens);
    const { isGranted, waitUs } = await take(bucket, 1);
    expect(isGranted).toBe(false);
    const waitMs = Math.ceil(waitUs / 1000);
    expect((await take(bucket, 1, NOW + waitMs - 1)).isGranted).toBe(false);
    expect((await take(bucket, 1, NOW + waitMs)).isGranted).toBe(true);
    // A minute later it is full again, and never more than full.
    const later = NOW + 200_000;
    expect((await take(bucket, tokens, later)).isGranted).toBe(true);
    expect((await take(bucket, 1, later)).isGranted).toBe(false);
  });

  it("charges what was taken meanwhile, and takes back what was not needed", async () => {
    const bucket = newBucket(100);
    const { fullAt } = await take(bucket, 10, NOW, 50);
    expect(leftIn(bucket, fullAt, NOW * 1000)).toBe(40);
    const back = await take(bucket, 1, NOW, -21);
    expect(leftIn(bucket, back.fullAt, NOW * 1000)).toBe(60);
    // Neither makes it hold more than it holds, nor owe more than that.
    expect(leftIn(bucket, (await take(bucket, 1, NOW, -1000)).fullAt, NOW * 1000)).toBe(99);
    const owing = await take(bucket, 1, NOW, 1000);
    expect([owing.isGranted, Math.ceil(owing.waitUs / bucket.tokenUs)]).toEqual([false, 1]);
  });

  it("is the same arithmetic as in an isolate of its own", async () => {
    const bucket = newBucket(37);
    let fullAt = 0;
    let at = NOW;
    for (let i = 0; i < 60; i++) {
      const tokens = 1 + ((i * 7) % 11);
      const here = takeLocally(bucket, fullAt, { tokens, nowUs: at * 1000 });
      const there = await take(bucket, tokens, at);
      expect(there).toEqual(here);
      fullAt = here.fullAt;
      at += 997 * (i % 5);
    }
  });
});

describe("an isolate", () => {
  const openEndpoint = async (store = embeddedRedis()) => {
    const endpoint = await listenRedis({ store, token: TOKEN });
    return { endpoint, redis: { url: `http://127.0.0.1:${endpoint.port}`, token: TOKEN } };
  };

  it("asks rarely while plenty is left, and grants no more for it", async () => {
    const { endpoint, redis } = await openEndpoint();
    const bucket = newBucket(2000);
    let granted = 0;
    let last = 0;
    for (let i = 0; i < 2100; i++) {
      const { waitSeconds, left } = await takeTokens(redis, bucket, 1, NOW);
      if (waitSeconds === 0) granted++;
      else last ||= i;
      if (i === 99) expect(endpoint.stats().commands).toBeLessThan(60);
      if (waitSeconds === 0) expect(left!.tokens).toBe(2000 - granted);
    }
    expect([granted, last]).toEqual([2000, 2000]);
    await endpoint.close();
  });

  it("gives back what it took ahead and did not need", async () => {
    const { endpoint, redis } = await openEndpoint();
    const bucket = newBucket(6000);
    for (let i = 0; i < 5; i++) await takeTokens(redis, bucket, 1, NOW);
    const { left } = await takeTokens(redis, bucket, 1, NOW + 3_000);
    // Three seconds bring 300, which is more than the six that were taken.
    expect(left!.tokens).toBe(5999);
    await endpoint.close();
  });

  it("counts by itself while Redis is away, and tells it afterwards", async () => {
    const store = embeddedRedis();
    const first = await openEndpoint(store);
    const bucket = newBucket(30);
    expect((await takeTokens(first.redis, bucket, 10, NOW)).left!.tokens).toBe(20);
    await first.endpoint.close();
    const away = await Promise.all(Array.from({ length: 25 }, () => takeTokens(first.redis, bucket, 1, NOW)));
    expect(away.filter(({ waitSeconds }) => waitSeconds === 0)).toHaveLength(20);
    // Nobody is told a number that is not known.
    expect(away.every(({ left }) => left === undefined)).toBe(true);
    const back = await openEndpoint(store);
    const again = async () => {
      const outcome = await takeTokens(back.redis, bucket, 1, NOW);
      return outcome.left ? outcome : undefined;
    };
    let told: Awaited<ReturnType<typeof again>>;
    while (!(told = await again())) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(told.waitSeconds).toBeGreaterThan(0);
    expect(told.left!.tokens).toBe(0);
    await back.endpoint.close();
  });
});
