import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { listenRedis } from "../../src/dev/redis-endpoint.ts";
import { embeddedRedis } from "../../src/dev/redis-store.ts";
import { startStack } from "../../src/dev/stack.ts";
import { findPostgres, newDatabase, quiet } from "../support/postgres.ts";
import { ARTICLE, eventually } from "../support/tenant.ts";
import { newWay } from "../support/way.ts";

const isHere = await findPostgres();
const FAULTS = fileURLToPath(new URL("../support/fault-worker.mjs", import.meta.url));
/** FLOW_FAULT_REQUESTS=100000 for a long run. */
const REQUESTS = Number(process.env["FLOW_FAULT_REQUESTS"] ?? 2000);
const SHARE = 0.01;
const CLIENTS = 8;
const ENTRIES = 20;

describe.skipIf(!isHere)("faults in what it depends on", { timeout: 240_000 + REQUESTS * 20 }, () => {
  it("make no wrong answer and no 500, and lose no write that was acknowledged", async () => {
    const database = await newDatabase();
    const postgres = await newWay(database.url);
    const url = new URL(database.url);
    [url.hostname, url.port] = ["127.0.0.1", String(postgres.port)];
    const endpoint = await listenRedis({ store: embeddedRedis(), token: "t" });
    const redis = await newWay(new URL(`http://127.0.0.1:${endpoint.port}`));
    const dataDir = mkdtempSync(join(tmpdir(), "flow-faults-"));
    const stack = await startStack({
      ...{ dataDir, port: 0, isQuiet: true, databaseUrl: url.href },
      vars: {
        ...{ REDIS_URL: `http://127.0.0.1:${redis.port}`, REDIS_TOKEN: "t", WRITES_PER_DAY: "10000000" },
        RATE_LIMIT_PER_MINUTE: "10000000",
      },
      between: { name: "flowcms-faults", script: FAULTS },
    });
    const { tokens } = await stack.newTenant("faults", "Faults");
    const call = async (method: string, path: string, body?: unknown, headers: object = {}) => {
      const response = await fetch(`${stack.url}/api/v3${path}`, {
        method,
        headers: {
          authorization: `Bearer ${tokens.admin}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await response.text();
      const { status, headers: said } = response;
      return { status, text, body: JSON.parse(text || "null") as any, said };
    };
    expect((await call("PUT", "/types/article", ARTICLE)).status).toBe(201);
    expect((await call("PUT", "/types/log", { ...ARTICLE, id: "log", name: "Log" })).status).toBe(201);
    for (let i = 0; i < ENTRIES; i++) {
      const made = await call("POST", "/content/article", { title: `T${i}`, slug: `t${i}`, rank: i });
      expect((await call("POST", "/content/publish", { id: made.body.data.id })).status).toBe(200);
    }
    await quiet(database.url);
    const graphql = (n: number) => ({ query: `{ articleList(limit: ${n}) { id title rank } }` });
    const fresh = { "cache-control": "no-cache" };
    const reads = Array.from({ length: ENTRIES }, (_, i): [string, string, unknown?][] => [
      ["GET", `/content/article?limit=${i + 1}`],
      ["GET", `/content/article/t${i}`],
      ["GET", `/aggregate/article?filter[rank][lte]=${i}`],
      ["POST", "/graphql", graphql(i + 1)],
    ]).flat();
    const right = new Map<string, string>();
    for (const one of reads) right.set(JSON.stringify(one), (await call(one[0], one[1], one[2], fresh)).text);

    postgres.fault(SHARE);
    redis.fault(SHARE);
    const faultsUrl = await stack.workers.urlOf("flowcms-faults");
    await fetch(`${faultsUrl}/told`, {
      method: "POST",
      body: JSON.stringify({ share: SHARE, isDown: false }),
    });
    const statuses = new Map<string, number>();
    const wrong: string[] = [];
    const acknowledged = new Set<string>();
    let n = 0;
    const work = async () => {
      while (n < REQUESTS) {
        const i = n++;
        const one = reads[i % reads.length]!;
        const isWrite = i % 4 === 0;
        const title = `Written ${i}`;
        const key = { "idempotency-key": `write-${i}` };
        const answer = isWrite
          ? await call("POST", "/content/log", { title }, key)
          : await call(one[0], one[1], one[2], i % 3 === 0 ? fresh : {});
        const what = `${isWrite ? "write" : "read"} ${answer.status}`;
        statuses.set(what, (statuses.get(what) ?? 0) + 1);
        if (isWrite && answer.status === 201) acknowledged.add(answer.body.data.id);
        const hasFailed =
          answer.status === 503 || answer.body?.errors?.[0]?.extensions?.code === "UNAVAILABLE";
        if (answer.status === 503 && answer.said.get("retry-after") === null)
          wrong.push(`${what}: no Retry-After`);
        if (!hasFailed && !isWrite && answer.text !== right.get(JSON.stringify(one)))
          wrong.push(`${what} ${JSON.stringify(one)}: ${answer.text.slice(0, 300)}`);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, work));
    const { faults } = (await (await fetch(`${faultsUrl}/told`)).json()) as { faults: number };
    postgres.fault(0);
    redis.fault(0);
    await fetch(`${faultsUrl}/told`, { method: "POST", body: JSON.stringify({ share: 0, isDown: false }) });
    console.log(
      `${REQUESTS} requests, faults: CONTENT ${faults}, Postgres ${postgres.faults()}, Redis ${redis.faults()}`,
    );
    console.log(JSON.stringify(Object.fromEntries(statuses)));
    expect(wrong).toEqual([]);
    expect([...statuses.keys()].sort()).toEqual(
      [...statuses.keys()].filter((one) => /^(?:read (?:200|503)|write (?:201|503))$/.test(one)).sort(),
    );
    expect(faults + postgres.faults()).toBeGreaterThan(0);
    await eventually(
      async () => (await call("GET", "/content/log?perspective=draft&limit=1")).status === 200,
    );
    for (const id of acknowledged)
      expect((await call("GET", `/content/log/${id}?perspective=draft`)).status, id).toBe(200);
    await stack.close();
    await endpoint.close();
    rmSync(dataDir, { recursive: true, force: true });
    await database.drop();
  });
});
