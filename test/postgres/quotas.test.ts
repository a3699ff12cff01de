import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@redis/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../../src/db/client.ts";
import { realRedis } from "../../src/dev/redis-backend.ts";
import { listenRedis, type RedisEndpoint } from "../../src/dev/redis-endpoint.ts";
import { startStack, type Stack } from "../../src/dev/stack.ts";
import { setPlan } from "../../src/domain/tenant/tenants/index.ts";
import { findPostgres, newDatabase } from "../support/database.ts";
import { ARTICLE, eventually } from "../support/tenant.ts";
import { newWay } from "../support/way.ts";

const REDIS_URL = "redis://127.0.0.1:6379/11";
const hasRedis = async () => {
  const client = createClient({ url: REDIS_URL, socket: { reconnectStrategy: false, connectTimeout: 500 } });
  client.on("error", () => {});
  return client.connect().then(
    () => (client.destroy(), true),
    () => false,
  );
};
const isHere = (await findPostgres()) && (await hasRedis());

describe.skipIf(!isHere)("the quota of writes on a real Redis", () => {
  let database: Awaited<ReturnType<typeof newDatabase>>;
  let endpoint: RedisEndpoint;
  let way: Awaited<ReturnType<typeof newWay>>;
  let stack: Stack;
  const dataDir = mkdtempSync(join(tmpdir(), "flow-quotas-"));
  beforeAll(async () => {
    database = await newDatabase();
    endpoint = await listenRedis({ store: await realRedis(REDIS_URL), token: "t" });
    way = await newWay(new URL(`http://127.0.0.1:${endpoint.port}`));
    stack = await startStack({
      ...{ dataDir, port: 0, isQuiet: true, databaseUrl: database.url.href },
      vars: { REDIS_URL: `http://127.0.0.1:${way.port}`, REDIS_TOKEN: "t" },
    });
  });
  afterAll(async () => {
    await stack.close();
    await way.cut();
    await endpoint.close();
    await database.drop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  async function newWriter(slug: string, writes: number) {
    const { tokens, tenantId } = await stack.newTenant(slug, slug);
    await setPlan(connect(stack.databases.ownerUrl), tenantId, { quotas: { writes } });
    const call = async (method: string, path: string, body: unknown) => {
      const response = await fetch(`${stack.url}/api/v3${path}`, {
        method,
        headers: { authorization: `Bearer ${tokens.admin}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      await response.body?.cancel();
      return response;
    };
    expect((await call("PUT", "/types/article", ARTICLE)).status).toBe(201);
    return (count: number) =>
      Promise.all(Array.from({ length: count }, () => call("POST", "/content/article", { title: "T" })));
  }
  const statuses = (replies: Response[], status: number) => replies.filter((one) => one.status === status);

  it("lets exactly as many through as it has", async () => {
    const write = await newWriter("exact", 21);
    const replies = await write(50);
    expect([statuses(replies, 201).length, statuses(replies, 429).length]).toEqual([20, 30]);
  });

  it("goes on without Redis, claims nothing it does not know, and catches up", async () => {
    const write = await newWriter("cut", 31);
    expect(statuses(await write(10), 201)).toHaveLength(10);
    const during = write(10);
    await way.cut();
    const replies = [...(await during), ...(await write(40))];
    // Ten and then twenty more: no other status, and one or two tokens that came back meanwhile.
    const [written, refused] = [statuses(replies, 201).length, statuses(replies, 429)];
    expect(written + refused.length).toBe(50);
    expect(written).toBeGreaterThanOrEqual(20);
    expect(written).toBeLessThanOrEqual(24);
    const last = replies.at(-1)!;
    expect(last.headers.get("ratelimit")).toMatch(/^"default";r=\d+;t=\d+$/);
    expect(last.headers.get("ratelimit-policy")).toContain('"writes";q=31;w=60');
    for (const one of refused) expect(Number(one.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    await way.restore();
    await eventually(async () => {
      const [reply] = await write(1);
      return /"writes";r=[01];/.test(reply!.headers.get("ratelimit")!);
    });
  });
});
