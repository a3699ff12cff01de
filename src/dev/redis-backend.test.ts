import { createClient } from "@redis/client";
import { describe, expect, it } from "vitest";
import { realRedis } from "./redis-backend.ts";
import { listenRedis } from "./redis-endpoint.ts";

const TOKEN = "secret";
const REAL_URL = "redis://127.0.0.1:6379/9";

async function isThere(): Promise<boolean> {
  const client = createClient({ url: REAL_URL, socket: { reconnectStrategy: false, connectTimeout: 500 } });
  client.on("error", () => {});
  return client.connect().then(
    () => (client.destroy(), true),
    () => false,
  );
}

describe.runIf(await isThere())("a real Redis that ends connections", () => {
  it("is 503 for who asked on them, and there again for the next", async () => {
    const endpoint = await listenRedis({ store: await realRedis(REAL_URL), token: TOKEN });
    const ask = async (path: string, body: unknown) => {
      const response = await fetch(`http://127.0.0.1:${endpoint.port}${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify(body),
      });
      return { status: response.status, body: (await response.json()) as { result?: unknown } };
    };
    const other = createClient({ url: REAL_URL });
    await other.connect();
    const statuses = new Map<number, number>();
    for (let round = 0; round < 10; round++) {
      let id: unknown;
      while (id === undefined) id = (await ask("/", ["CLIENT", "ID"])).body.result;
      // They wait in Redis when the connection is ended.
      const waiting = [
        ask("/", ["BLPOP", "nothing", "0"]),
        ask("/multi-exec", [["GET", "nothing"]]),
        ask("/", ["GET", "nothing"]),
      ];
      while (!String(await other.sendCommand(["CLIENT", "LIST", "ID", String(id)])).includes("cmd=blpop"))
        await new Promise((resolve) => setTimeout(resolve, 5));
      await other.sendCommand(["CLIENT", "KILL", "ID", String(id)]);
      for (const { status } of await Promise.all(waiting))
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect([...statuses.keys()].filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect(statuses.get(503)).toBeGreaterThanOrEqual(10);
    while ((await ask("/", ["PING"])).body.result !== "PONG");
    expect((await ask("/", ["NOSUCHCOMMAND"])).status).toBe(400);
    await endpoint.close();
    other.destroy();
  });
});
