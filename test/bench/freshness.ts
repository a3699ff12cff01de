import type { Stack } from "../../src/dev/stack.ts";
import { SECOND_EDGE } from "../../src/dev/start-workers.ts";
import type { BenchTenant } from "./seed-bench.ts";

const GIVE_UP_MS = 10_000;
const LOOK_EVERY_MS = 2;

/** From the answer to a publish until a cached read shows it, of as many publishers at once. */
export async function timesToFresh(
  stack: Stack,
  tenant: BenchTenant,
  concurrency: number,
  publishes: number,
): Promise<number[]> {
  const headers = { authorization: `Bearer ${tenant.tokens.write}`, "content-type": "application/json" };
  const call = async (method: string, path: string, body?: object) => {
    const sent = body === undefined ? null : JSON.stringify(body);
    const response = await fetch(stack.url + path, { method, headers, body: sent });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status} ${text}.`);
    return text;
  };
  const publisher = async (n: number) => {
    const times: number[] = [];
    const id = tenant.idOf(n);
    const path = `/api/v3/content/bench/${id}`;
    for (let i = 0; i < Math.ceil(publishes / concurrency); i++) {
      const title = `Fresh ${n} ${i} ${Date.now()}`;
      await call("GET", path);
      await call("PATCH", path, { title });
      await call("POST", "/api/v3/content/publish", { id });
      const publishedAt = performance.now();
      while (!(await call("GET", path)).includes(title)) {
        if (performance.now() - publishedAt > GIVE_UP_MS)
          throw new Error(`A publish did not show within ${GIVE_UP_MS} ms.`);
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
      times.push(performance.now() - publishedAt);
    }
    return times;
  };
  return (await Promise.all(Array.from({ length: concurrency }, (_, i) => publisher(i + 1)))).flat();
}

/** From the answer to a revocation until another isolate refuses the token, of twenty at once. */
export async function timesToRevoke(stack: Stack): Promise<number[]> {
  const elsewhere = await stack.workers.urlOf(SECOND_EDGE);
  return Promise.all(Array.from({ length: 20 }, (_, n) => revoked(n)));

  async function revoked(n: number): Promise<number> {
    const { tokens } = await stack.newTenant(`revoked-${n}-${crypto.randomUUID().slice(0, 8)}`, "Revoked");
    const admin = { authorization: `Bearer ${tokens.admin}` };
    const made = await fetch(`${stack.url}/api/v3/tokens`, {
      method: "POST",
      headers: admin,
      body: JSON.stringify({ name: "Leaked", scope: "read" }),
    });
    const { data } = (await made.json()) as { data: { id: string; token: string } };
    const isLetIn = async () => {
      const headers = { authorization: `Bearer ${data.token}` };
      const response = await fetch(`${elsewhere}/api/v3/types`, { headers });
      await response.body?.cancel();
      return response.status === 200;
    };
    if (!(await isLetIn())) throw new Error("A new token is refused.");
    await fetch(`${stack.url}/api/v3/tokens/${data.id}`, { method: "DELETE", headers: admin });
    const revokedAt = performance.now();
    while (await isLetIn()) {
      if (performance.now() - revokedAt > 60_000) throw new Error("A revoked token is let in.");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return performance.now() - revokedAt;
  }
}
