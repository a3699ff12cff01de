import { createClient } from "@redis/client";
import { Redis } from "@upstash/redis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { realRedis } from "./redis-backend.ts";
import { listenRedis, type RedisEndpoint } from "./redis-endpoint.ts";
import { embeddedRedis, type RedisReply, type RedisStore } from "./redis-store.ts";

const TOKEN = "secret";
const REAL_URL = "redis://127.0.0.1:6379/9";

/** Database 9 of a local Redis, when it answers and is empty: the suite flushes it. */
async function isRealAvailable(): Promise<boolean> {
  const client = createClient({ url: REAL_URL, socket: { reconnectStrategy: false, connectTimeout: 500 } });
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.dbSize()) === 0;
  } catch {
    return false;
  } finally {
    if (client.isOpen) client.destroy();
  }
}

const stores: [string, () => Promise<RedisStore>][] = [["the embedded store", async () => embeddedRedis()]];
if (await isRealAvailable()) stores.push(["a real Redis", () => realRedis(REAL_URL)]);

describe.each(stores)("Upstash's client on %s", (_, open) => {
  let endpoint: RedisEndpoint;
  let redis: Redis;
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${endpoint.port}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
      body: JSON.stringify(body),
    });
  const say = async (line: string): Promise<RedisReply | Error> => {
    const body = (await (await post("/", line.split(" "))).json()) as { result: RedisReply; error?: string };
    return body.error === undefined ? body.result : new Error(body.error);
  };
  const sayAll = async (lines: string[]) => {
    const answers: RedisReply[] = [];
    for (const line of lines) {
      const answer = await say(line);
      answers.push(answer instanceof Error ? `!${answer.message}` : answer);
    }
    return answers;
  };

  const addTwice = () => redis.multi().get("n").incr("n").incr("n").exec<[number | null, number, number]>();

  beforeAll(async () => {
    endpoint = await listenRedis({ store: await open(), token: TOKEN });
    redis = new Redis({
      url: `http://127.0.0.1:${endpoint.port}`,
      token: TOKEN,
      enableTelemetry: false,
      enableAutoPipelining: false,
    });
  });
  beforeEach(() => redis.flushdb());
  afterAll(async () => {
    await redis.flushdb();
    await endpoint.close();
  });

  it("keeps strings, JSON and text beyond ASCII", async () => {
    expect(await redis.set("a", "grüße 🙂")).toBe("OK");
    expect(await redis.get("a")).toBe("grüße 🙂");
    await redis.set("b", { n: 1, list: ["x"] });
    expect(await redis.get("b")).toEqual({ n: 1, list: ["x"] });
    expect(await redis.mget("a", "none", "b")).toEqual(["grüße 🙂", null, { n: 1, list: ["x"] }]);
    expect(await redis.strlen("a")).toBe(12);
  });

  it("sets under conditions, and keeps or replaces the TTL", async () => {
    expect(await redis.set("k", "1", { nx: true, px: 5_000 })).toBe("OK");
    expect(await redis.set("k", "2", { nx: true })).toBeNull();
    expect(await redis.set("none", "2", { xx: true })).toBeNull();
    expect(await redis.set("k", "3", { keepTtl: true, get: true })).toBe(1);
    expect(await redis.pttl("k")).toBeGreaterThan(4_000);
    await redis.set("k", "4");
    expect(await redis.ttl("k")).toBe(-1);
    expect(
      await sayAll([
        "set k v EX 0",
        "set k v EX 5 PX 5",
        "set k v NX XX",
        "set k v EX x",
        "set k v nonsense",
      ]),
    ).toEqual([
      "!ERR invalid expire time in 'set' command",
      "!ERR syntax error",
      "!ERR syntax error",
      "!ERR value is not an integer or out of range",
      "!ERR syntax error",
    ]);
    expect(await say(`set k v EXAT ${Math.floor(Date.now() / 1000) + 100}`)).toBe("OK");
    expect(await redis.ttl("k")).toBeGreaterThan(95);
    expect(await redis.getex("k", { persist: true })).toBe("v");
    expect(await redis.ttl("k")).toBe(-1);
    expect(await redis.getdel("k")).toBe("v");
    expect(await redis.exists("k")).toBe(0);
  });

  it("forgets what expired", async () => {
    await redis.set("k", "1", { px: 30 });
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await sayAll(["get k", "ttl k", "exists k", "dbsize"])).toEqual([null, -2, 0, 0]);
    await redis.set("k", "1");
    expect(
      await sayAll([
        "expire k 100 XX",
        "expire k 100 GT",
        "expire k 100 LT",
        "expire k 200 NX",
        "expire k 50 GT",
      ]),
    ).toEqual([0, 0, 1, 0, 0]);
    expect(await sayAll(["expire k 10 NX GT", "expire k 10 what", "pexpire k -1", "exists k"])).toEqual([
      "!ERR NX and XX, GT or LT options at the same time are not compatible",
      "!ERR Unsupported option what",
      1,
      0,
    ]);
  });

  it("counts as a 64-bit integer and refuses what is none", async () => {
    expect(await sayAll(["incr n", "incrby n 10", "decr n", "decrby n 20", "set f 1.5", "incr f"])).toEqual([
      1,
      11,
      10,
      -10,
      "OK",
      "!ERR value is not an integer or out of range",
    ]);
    await say("set big 9223372036854775807");
    expect(await sayAll(["incr big", "incrby n +1", "incrby n 01"])).toEqual([
      "!ERR increment or decrement would overflow",
      "!ERR value is not an integer or out of range",
      "!ERR value is not an integer or out of range",
    ]);
    await say("set t 1 EX 100");
    expect(await sayAll(["incr t", "append t 5", "get t"])).toEqual([2, 2, "25"]);
    expect(await redis.ttl("t")).toBeGreaterThan(90);
  });

  it("keeps hashes", async () => {
    expect(await redis.hset("h", { a: "1", b: "two" })).toBe(2);
    expect(await redis.hgetall("h")).toEqual({ a: 1, b: "two" });
    expect(
      await sayAll([
        "hset h a 5 c 3",
        "hincrby h a 2",
        "hmget h a none",
        "hlen h",
        "hexists h b",
        "hdel h a b c x",
        "exists h",
      ]),
    ).toEqual([1, 7, ["7", null], 3, 1, 3, 0]);
    expect(await sayAll(["hset h a b", "hincrby h a 1", "hset h a"])).toEqual([
      1,
      "!ERR hash value is not an integer",
      "!ERR wrong number of arguments for 'hset' command",
    ]);
    expect(await sayAll(["hkeys h", "hvals h", "hgetall none"])).toEqual([["a"], ["b"], []]);
  });

  it("keeps sets", async () => {
    expect(await redis.sadd("s", "a", "b", "a")).toBe(2);
    expect((await redis.smembers("s")).sort()).toEqual(["a", "b"]);
    expect(await sayAll(["sismember s a", "scard s", "srem s a z", "srem s b", "exists s"])).toEqual([
      1, 2, 1, 1, 0,
    ]);
  });

  it("keeps sorted sets", async () => {
    expect(
      await redis.zadd("z", { score: 3, member: "c" }, { score: 1, member: "a" }, { score: 2, member: "b" }),
    ).toBe(3);
    expect(await redis.zrange("z", 0, -1, { withScores: true })).toEqual(["a", 1, "b", 2, "c", 3]);
    expect(await redis.zrange("z", 3, 2, { byScore: true, rev: true })).toEqual(["c", "b"]);
    expect(await redis.zrange("z", "-inf", "+inf", { byScore: true, offset: 1, count: 1 })).toEqual(["b"]);
    expect(
      await sayAll([
        "zcount z (1 3",
        "zincrby z 1.5 a",
        "zscore z a",
        "zscore z none",
        "zadd z GT CH 1 a 9 b",
        "zadd z XX 1 new",
      ]),
    ).toEqual([2, "2.5", "2.5", null, 1, 0]);
    expect(
      await sayAll([
        "zadd z NX XX 1 a",
        "zadd z x a",
        "zrange z 0 1 LIMIT 0 1",
        "zcount z a b",
        "zrange z -2 -1",
        "zrange z 2 1",
      ]),
    ).toEqual([
      "!ERR XX and NX options at the same time are not compatible",
      "!ERR value is not a valid float",
      "!ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
      "!ERR min or max is not a float",
      ["c", "b"],
      [],
    ]);
    expect(await sayAll(["zadd z -inf low inf high", "zrange z 0 -1 WITHSCORES"])).toEqual([
      2,
      ["low", "-inf", "a", "2.5", "c", "3", "b", "9", "high", "inf"],
    ]);
    await sayAll(["zadd y 7 a 1 d", "zunionstore u 2 z y AGGREGATE MAX"]);
    expect(await redis.zrange("u", 1, 3, { withScores: true })).toEqual(["d", 1, "c", 3, "a", 7]);
    const unions = ["y 1 y", "y 2 y y", "u 1 none", "u 2 z", "u 1 z AGGREGATE MOST"];
    const union = await sayAll([...unions.map((one) => `zunionstore ${one}`), "zscore y a", "exists u"]);
    expect(union).toEqual([2, 2, 0, "!ERR syntax error", "!ERR syntax error", "14", 0]);
    expect(await sayAll(["zremrangebyscore z -inf 3", "zrem z b high none", "zcard z", "type z"])).toEqual([
      3,
      2,
      0,
      "none",
    ]);
  });

  it("keeps lists", async () => {
    expect(
      await sayAll([
        "rpush l b c",
        "lpush l a z",
        "lrange l 0 -1",
        "lrange l -2 -1",
        "lrange l 5 9",
        "llen l",
      ]),
    ).toEqual([2, 4, ["z", "a", "b", "c"], ["b", "c"], [], 4]);
    expect(await sayAll(["ltrim l 1 -1", "lpop l", "rpop l 5", "lpop l", "lpop l 2", "exists l"])).toEqual([
      "OK",
      "a",
      ["c", "b"],
      null,
      null,
      0,
    ]);
  });

  it("finds keys by pattern and type", async () => {
    await redis.mset({ "user:1": "a", "user:2": "b", "user:10": "c", "x[1]": "d" });
    await redis.sadd("user:set", "m");
    const found = async (line: string) => ((await say(line)) as string[]).sort();
    expect(await found("keys user:?")).toEqual(["user:1", "user:2"]);
    expect(await found("keys user:[^1]*")).toEqual(["user:2", "user:set"]);
    expect(await found("keys user:[1-2]")).toEqual(["user:1", "user:2"]);
    expect(await found("keys x\\[1\\]")).toEqual(["x[1]"]);
    const [cursor, keys] = await redis.scan(0, { match: "user:*", count: 1000 });
    expect([cursor, keys.sort()]).toEqual(["0", ["user:1", "user:10", "user:2", "user:set"]]);
    expect(await say("scan 0 TYPE set COUNT 1000")).toEqual(["0", ["user:set"]]);
  });

  it("answers wrong types, unknown commands and missing arguments in the server's words", async () => {
    await redis.sadd("s", "a");
    const wrong = "!WRONGTYPE Operation against a key holding the wrong kind of value";
    expect(await sayAll(["get s", "incr s", "hget s a", "lpush s a", "zadd s 1 a", "append s a"])).toEqual(
      Array(6).fill(wrong),
    );
    expect(await sayAll(["nosuch a b", "get", "set a", "del"])).toEqual([
      "!ERR unknown command 'nosuch', with args beginning with: 'a' 'b' ",
      "!ERR wrong number of arguments for 'get' command",
      "!ERR wrong number of arguments for 'set' command",
      "!ERR wrong number of arguments for 'del' command",
    ]);
    expect((await post("/", ["get"])).status).toBe(400);
    await expect(redis.incr("s")).rejects.toThrow(/WRONGTYPE/);
  });

  it("runs a pipeline in order, each item with its own error", async () => {
    const replies = await redis
      .pipeline()
      .set("n", 1)
      .incr("n")
      .lpush("n", "x")
      .get("n")
      .exec({ keepErrors: true });
    expect(replies.map(({ result }) => result)).toEqual(["OK", 2, undefined, 2]);
    expect(replies[2]!.error).toMatch(/WRONGTYPE/);
  });

  it("runs a transaction whole, or not at all when a command cannot be queued", async () => {
    expect(await redis.multi().set("n", 1).incr("n").exec()).toEqual(["OK", 2]);
    const kept = await post("/multi-exec", [
      ["set", "n", "a"],
      ["incr", "n"],
      ["get", "n"],
    ]);
    expect(await kept.json()).toEqual([
      { result: "OK" },
      { error: "ERR value is not an integer or out of range" },
      { result: "a" },
    ]);
    const refused = await post("/multi-exec", [["set", "n", "b"], ["nosuch"]]);
    expect([refused.status, ((await refused.json()) as { error: string }).error]).toEqual([
      400,
      expect.stringMatching(/^ERR unknown command 'nosuch'/),
    ]);
    expect(await say("get n")).toBe("a");
  });

  it("does not mix the transactions of two clients", async () => {
    for (const [before, first, second] of await Promise.all(Array.from({ length: 20 }, addTwice)))
      expect([first, second]).toEqual([(before ?? 0) + 1, (before ?? 0) + 2]);
  });

  it("answers base64 when asked, and paths as commands", async () => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const at = (path: string) =>
      fetch(`http://127.0.0.1:${endpoint.port}${path}`, { headers }).then((r) => r.json());
    expect(await at("/set/a%20b/grün?EX=100")).toEqual({ result: "OK" });
    expect(await at("/get/a%20b")).toEqual({ result: "grün" });
    const encoded = await post("/", ["mget", "a b", "none"], { "upstash-encoding": "base64" });
    expect(await encoded.json()).toEqual({ result: [Buffer.from("grün").toString("base64"), null] });
  });

  it("asks for the token, and counts commands for those without it", async () => {
    const refused = await fetch(`http://127.0.0.1:${endpoint.port}/get/a`, {
      headers: { authorization: "Bearer no" },
    });
    expect([refused.status, Object.keys((await refused.json()) as object)]).toEqual([401, ["error"]]);
    const before = endpoint.stats().commands;
    await redis.pipeline().get("a").get("b").exec();
    await redis.get("c");
    const counted = (await (await fetch(`http://127.0.0.1:${endpoint.port}/stats`)).json()) as {
      commands: number;
    };
    expect(counted.commands - before).toBe(3);
    const broken = await fetch(`http://127.0.0.1:${endpoint.port}/`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}` },
      body: "{",
    });
    expect([broken.status, await broken.json()]).toEqual([400, { error: "ERR failed to parse command" }]);
  });
});

describe("the embedded store's memory", () => {
  const value = "x".repeat(1_000);

  it("drops the oldest keys that would expire, and never one without a TTL", async () => {
    const store = embeddedRedis(Date.now, 50_000);
    await store.call(["SET", "kept", value]);
    for (let i = 0; i < 200; i++) await store.call(["SET", `k${i}`, value, "EX", "100"]);
    expect(await store.call(["EXISTS", "kept", "k199", "k198"])).toBe(3);
    expect(await store.call(["EXISTS", "k0"])).toBe(0);
    expect(await store.call(["DBSIZE"])).toBeLessThan(50);
  });

  it("refuses writes when nothing may go, and takes them again once something went", async () => {
    const store = embeddedRedis(Date.now, 50_000);
    const fill = async () => {
      for (let i = 0; i < 100; i++) await store.call(["HSET", "h", `f${i}`, value]);
    };
    await expect(fill()).rejects.toThrow("OOM command not allowed when used memory > 'maxmemory'.");
    expect(await store.call(["HGET", "h", "f0"])).toBe(value);
    await store.call(["DEL", "h"]);
    expect(await store.call(["SET", "k", value])).toBe("OK");
  });

  it("returns all it counted when collections empty out", async () => {
    const store = embeddedRedis(Date.now, 3_000);
    for (let i = 0; i < 500; i++) {
      for (const line of [
        "hset h f 1234",
        "hset h f 1",
        "hdel h f",
        "sadd s a b",
        "srem s a b",
        "zadd z 1 a",
        "zrem z a",
      ])
        await store.call(line.split(" "));
      for (const line of ["rpush l a b c", "ltrim l 1 1", "lpop l", "append t abc", "del t"])
        await store.call(line.split(" "));
    }
    expect(await store.call(["DBSIZE"])).toBe(0);
  });
});
