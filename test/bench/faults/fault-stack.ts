import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { listenRedis } from "../../../src/dev/redis-endpoint.ts";
import { embeddedRedis } from "../../../src/dev/redis-store.ts";
import type { ExtraWorker } from "../../../src/dev/start-workers.ts";
import { startStack } from "../../../src/dev/stack.ts";
import { newDatabase } from "../../support/database.ts";
import { newWay } from "../../support/way.ts";

const SCRIPT = fileURLToPath(new URL("../../support/fault-worker.mjs", import.meta.url));
const BETWEEN: ExtraWorker[] = [
  { name: "flowcms-faults", script: SCRIPT, reaches: { CONTENT: "flowcms-content" } },
  { name: "flowcms-faults-identity", script: SCRIPT, reaches: { IDENTITY: "flowcms-identity" } },
];
type Times = { before: number; after: number };

export type FaultStack = Awaited<ReturnType<typeof startFaultStack>>;

/** A FlowCMS with something on the way to each dependency that can break it: on a database of its own. */
export async function startFaultStack() {
  const database = await newDatabase();
  const postgres = await newWay(database.url);
  const url = new URL(database.url);
  [url.hostname, url.port] = ["127.0.0.1", String(postgres.port)];
  const endpoint = await listenRedis({ store: embeddedRedis(), token: "t" });
  const redis = await newWay(new URL(`http://127.0.0.1:${endpoint.port}`));
  const dataDir = mkdtempSync(join(tmpdir(), "flow-faults-"));
  const stack = await startStack({
    ...{ dataDir, port: 0, isQuiet: true, databaseUrl: url.href, between: BETWEEN },
    vars: {
      ...{ REDIS_URL: `http://127.0.0.1:${redis.port}`, REDIS_TOKEN: "t" },
      RATE_LIMIT_PER_MINUTE: "10000000",
    },
  });
  const workers = await Promise.all(BETWEEN.map(({ name }) => stack.workers.urlOf(name)));
  const timesOf = async (worker: string): Promise<Times> =>
    ((await (await fetch(`${worker}/told`)).json()) as { faults: Times }).faults;
  return {
    stack,
    database,
    postgres,
    /** From now on this share of what goes to each dependency fails. */
    async fault(share: number) {
      postgres.fault(share);
      redis.fault(share);
      const body = JSON.stringify({ share, isDown: false });
      for (const worker of workers) await fetch(`${worker}/told`, { method: "POST", body });
    },
    /** How many faults there were, by dependency and by whether it had heard of the request. */
    async faults(): Promise<Record<string, number>> {
      const [content, identity] = (await Promise.all(workers.map(timesOf))) as [Times, Times];
      const kinds = { postgres: postgres.faults(), redis: redis.faults(), content, identity };
      return Object.fromEntries(
        Object.entries(kinds).flatMap(([name, { before, after }]) => [
          [`${name} before`, before],
          [`${name} after`, after],
        ]),
      );
    },
    async close() {
      await stack.close();
      await endpoint.close();
      rmSync(dataDir, { recursive: true, force: true });
      await database.drop();
    },
  };
}
