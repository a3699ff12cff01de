import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { listenRedis } from "../../src/dev/redis-endpoint.ts";
import { embeddedRedis } from "../../src/dev/redis-store.ts";
import { startStack } from "../../src/dev/stack.ts";
import { keptOnDisk } from "../support/kept.ts";
import { killStarted, npmStart } from "../support/npm-start.ts";
import { findPostgres, newDatabase, quiet } from "../support/postgres.ts";
import { ARTICLE, eventually } from "../support/tenant.ts";
import { newWay } from "../support/way.ts";

const isHere = await findPostgres();
const FAULTS = fileURLToPath(new URL("../support/fault-worker.mjs", import.meta.url));

/** A way to ask one installation, which is at another address after a restart. */
function newCaller(at: () => string) {
  const call = async (method: string, path: string, token: string, body?: unknown) => {
    const response = await fetch(at() + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      state: response.headers.get("x-flow-cache"),
      headers: response.headers,
      text,
      body: JSON.parse(text || "null") as any,
    };
  };
  const published = async (token: string, fields: object): Promise<string> => {
    const made = await call("POST", "/api/v3/content/article", token, fields);
    expect(made.status, made.text).toBe(201);
    const { id } = made.body.data;
    expect((await call("POST", "/api/v3/content/publish", token, { id })).status).toBe(200);
    return id as string;
  };
  return { call, published };
}
type Answer = Awaited<ReturnType<ReturnType<typeof newCaller>["call"]>>;

const FIELDS = ["title", "slug", "rank", "title,slug", "title,rank"];
/** Reads of four kinds, other ones for each number from 1 to 5. */
const readsOf = (n: number): [method: string, path: string, body?: unknown][] => [
  ["GET", `/api/v3/content/article?limit=${n}`],
  ["GET", `/api/v3/content/article/kept?fields=${FIELDS[n - 1]}`],
  ["GET", `/api/v3/aggregate/article?filter[rank][lt]=${n + 100}`],
  ["POST", "/api/v3/graphql", { query: `{ articleList(limit: ${n}) { id title } }` }],
];

async function way(database: URL) {
  const made = await newWay(database);
  const url = new URL(database);
  [url.hostname, url.port] = ["127.0.0.1", String(made.port)];
  return { ...made, url: url.href };
}

const sameAs = (answer: Answer, first: Answer) => {
  expect([answer.status, answer.text], answer.state ?? "").toEqual([200, first.text]);
  expect(answer.state).toBe("STALE");
  expect(Number(answer.headers.get("age"))).toBeGreaterThanOrEqual(0);
};

describe.skipIf(!isHere)("while something is down", { timeout: 240_000 }, () => {
  afterAll(killStarted);

  it("reads of the last day are shown after kill -9 too, but for what was purged; writes say when to try again", async () => {
    const database = await newDatabase();
    const postgres = await way(database.url);
    const cwd = mkdtempSync(join(tmpdir(), "flow-degraded-"));
    let flow = npmStart(cwd, 0, { DATABASE_URL: postgres.url, FLOW_SEED: "none" });
    let { url, tokens } = await flow.ready;
    const { call, published } = newCaller(() => url);
    expect((await call("PUT", "/api/v3/types/article", tokens.admin, ARTICLE)).status).toBe(201);
    const kept = await published(tokens.admin, { title: "Kept", slug: "kept", rank: 1 });
    const hidden = await published(tokens.admin, { title: "Hidden", slug: "hidden", rank: 2 });
    const made = await call("POST", "/api/v3/tokens", tokens.admin, { name: "Gone", scope: "read" });
    const gone = made.body.data as { id: string; token: string };
    const reads = readsOf(5);
    const readAll = () => Promise.all(reads.map(([m, p, b]) => call(m, p, tokens.read, b)));
    const one = `/api/v3/content/article/${kept}`;
    const other = `/api/v3/content/article/${hidden}`;
    const areKept = async (count: number, paths: string[]) => {
      await readAll();
      for (const path of paths) await call("GET", path, tokens.read);
      return keptOnDisk(join(cwd, "data")) === count;
    };
    await quiet(database.url);
    await eventually(() => areKept(6, [one, other]));

    // Taken back, and its lists with it; a token is revoked; the lists are read again, the entry is not.
    expect((await call("POST", "/api/v3/content/unpublish", tokens.admin, { id: hidden })).status).toBe(200);
    expect((await call("DELETE", `/api/v3/tokens/${gone.id}`, tokens.admin)).status).toBe(204);
    await eventually(async () => (await call("GET", other, tokens.read)).status === 404);
    await eventually(async () => (await readAll()).every(({ text }) => !text.includes("Hidden")));
    await quiet(database.url);
    await eventually(() => areKept(5, [one]));
    const before = await readAll();
    const single = await call("GET", one, tokens.read);

    await postgres.cut();
    flow.child.kill("SIGKILL");
    await flow.ended;
    flow = npmStart(cwd, 0, { DATABASE_URL: postgres.url, FLOW_SEED: "none" });
    ({ url } = await flow.ready);
    for (let round = 0; round < 3; round++) {
      (await readAll()).forEach((answer, i) => sameAs(answer, before[i]!));
      sameAs(await call("GET", one, tokens.read), single);
      const purged = await call("GET", other, tokens.read);
      expect([purged.status, purged.headers.get("retry-after")]).toEqual([503, "1"]);
      expect((await call("GET", one, gone.token)).status).not.toBe(200);
      const never = await call("GET", "/api/v3/content/article?limit=77", tokens.read);
      expect([never.status, never.headers.get("retry-after")]).toEqual([503, "1"]);
      for (const query of ["{ articleList(limit: 77) { id } }", '{ article(slug: "never") { id } }'])
        for (const token of [tokens.read, tokens.admin]) {
          const unread = await call("POST", "/api/v3/graphql", token, { query });
          expect([unread.status, unread.headers.get("retry-after")], unread.text).toEqual([503, "1"]);
          expect(unread.headers.get("cache-control")).toBe("no-store");
        }
      const write = await call("POST", "/api/v3/content/article", tokens.write, { title: "Lost?" });
      expect([write.status, write.headers.get("retry-after")]).toEqual([503, "1"]);
    }
    const ready = await call("GET", "/readyz", tokens.read);
    expect([ready.status, ready.body.status]).toEqual([503, "unavailable"]);
    expect(ready.body.dependencies.postgres).toMatchObject({ ok: false, state: "open", last_error: "503" });
    expect(ready.text).not.toMatch(/127\.0\.0\.1|postgres:\/\//);

    const cutAt = performance.now();
    await postgres.restore();
    await eventually(
      async () =>
        (await call("POST", "/api/v3/content/article", tokens.write, { title: "Back" })).status === 201,
    );
    await eventually(async () => (await readAll()).every(({ state }) => state === "HIT"));
    expect(performance.now() - cutAt).toBeLessThan(5000);
    expect((await call("GET", other, tokens.read)).status).toBe(404);
    await eventually(async () => (await call("GET", "/readyz", tokens.read)).body.status === "ok");
    flow.child.kill("SIGINT");
    expect((await flow.ended).code).toBe(0);
    await database.drop();
  });

  it("Postgres, Redis, both, or CONTENT: every read is shown, and nothing is marked that is not old", async () => {
    const database = await newDatabase();
    const postgres = await way(database.url);
    const endpoint = await listenRedis({ store: embeddedRedis(), token: "t" });
    const redis = await newWay(new URL(`http://127.0.0.1:${endpoint.port}`));
    const dataDir = mkdtempSync(join(tmpdir(), "flow-degraded-"));
    const start = () =>
      startStack({
        ...{ dataDir, port: 0, isQuiet: true, databaseUrl: postgres.url },
        vars: {
          ...{ REDIS_URL: `http://127.0.0.1:${redis.port}`, REDIS_TOKEN: "t" },
        },
        between: [{ name: "flowcms-faults", script: FAULTS, reaches: { CONTENT: "flowcms-content" } }],
      });
    let stack = await start();
    const { call, published } = newCaller(() => stack.url);
    const { tokens } = await stack.newTenant("degraded", "Degraded");
    expect((await call("PUT", "/api/v3/types/article", tokens.admin, ARTICLE)).status).toBe(201);
    await published(tokens.admin, { title: "Kept", slug: "kept", rank: 1 });
    const STATES = ["postgres", "redis", "both", "content"] as const;
    const sets = STATES.map((_, i) => readsOf(i + 1));
    const readSet = (i: number) => Promise.all(sets[i]!.map(([m, p, b]) => call(m, p, tokens.read, b)));
    const readAll = async () => (await Promise.all(sets.map((_, i) => readSet(i)))).flat();
    const different = new Set(sets.flat().map((one) => JSON.stringify(one))).size;
    await quiet(database.url);
    await eventually(async () => (await readAll(), keptOnDisk(dataDir) === different));
    const first = await Promise.all(sets.map((_, i) => readSet(i)));
    await stack.close();
    stack = await start();

    const tell = async (told: object) =>
      fetch(`${await stack.workers.urlOf("flowcms-faults")}/told`, {
        method: "POST",
        body: JSON.stringify(told),
      });
    const write = () => call("POST", "/api/v3/content/article", tokens.write, { title: "Written" });
    for (const [i, state] of STATES.entries()) {
      if (state === "postgres" || state === "both") await postgres.cut();
      if (state === "redis" || state === "both") await redis.cut();
      if (state === "content") await tell({ share: 0, isDown: true });
      const shown = await readSet(i);
      shown.forEach((answer, at) =>
        state === "redis"
          ? expect([answer.status, answer.text]).toEqual([200, first[i]![at]!.text])
          : sameAs(answer, first[i]![at]!),
      );
      for (let n = 0; n < 8; n++) {
        const written = await write();
        expect([written.status, written.headers.get("retry-after")], state).toEqual(
          state === "redis" ? [201, null] : [503, "1"],
        );
      }
      const { body } = await call("GET", "/readyz", tokens.read);
      expect(body.status, state).toBe(state === "redis" ? "degraded" : "unavailable");
      if (state === "postgres" || state === "both") await postgres.restore();
      if (state === "redis" || state === "both") await redis.restore();
      if (state === "content") await tell({ share: 0, isDown: false });
      const backAt = performance.now();
      await eventually(async () => (await write()).status === 201);
      await eventually(async () => (await readSet(i)).every((answer) => answer.state !== "STALE"));
      expect(performance.now() - backAt, state).toBeLessThan(3000);
    }
    await stack.close();
    await endpoint.close();
    rmSync(dataDir, { recursive: true, force: true });
    await database.drop();
  });
});
