import { expect, it } from "vitest";
import { answerKey, deliver, freshAnswer } from "./deliver.ts";
import type { DeliveryProps, GatewayExecution } from "./execution.ts";
import { purge } from "./purge.ts";

const policy = { "cloudflare-cdn-cache-control": "max-age=60, stale-while-revalidate=60" };
const cached = { ...policy, etag: '"1"', "content-type": "application/json", "cache-tag": "a" };
const env = { CACHE: "memory" } as never;

/** A Delivery that counts how often it is asked, and one question to it that no other test asks. */
function newDelivery(headers: Record<string, string>) {
  const heard: string[] = [];
  const behind: Promise<unknown>[] = [];
  const fetch = async (request: Request) => {
    heard.push(request.headers.get("x-request-id")!);
    return new Response(`"${heard.length}"`, { headers });
  };
  const execution = {
    exports: { Delivery: () => ({ fetch }) },
    waitUntil: (work: Promise<unknown>) => void behind.push(work),
  } as unknown as GatewayExecution;
  const props: DeliveryProps = {
    ...{ tenant: crypto.randomUUID(), environment: "e" },
    ...{ scope: "published", generation: 1, accept: "application/json" },
  };
  const key = answerKey(props, "/x");
  const ask = (requestId: string, now = Date.now()) =>
    deliver({ key, props, path: "/x", headers: { "x-request-id": requestId } }, env, execution, now);
  return { heard, behind, key, ask };
}

it("asks once for all who ask meanwhile", async () => {
  const { heard, key, ask } = newDelivery(cached);
  const all = await Promise.all([ask("first"), ask("second"), ask("third")]);
  expect(all.map((one) => !(one instanceof Response) && one.state)).toEqual(["MISS", "HIT", "HIT"]);
  expect(heard).toEqual(["first"]);
  expect(freshAnswer(key, Date.now())?.etag).toBe('"1"');
  await purge(env, "t", ["a"]);
  expect(freshAnswer(key, Date.now())).toBeUndefined();
});

it("gives each their own where the answer may not be cached", async () => {
  const { heard, key, ask } = newDelivery({ etag: '"1"', "content-type": "application/json" });
  const all = (await Promise.all([ask("first"), ask("second"), ask("third")])) as Response[];
  expect(await Promise.all(all.map((one) => one.text()))).toEqual(['"1"', '"2"', '"3"']);
  expect(heard).toEqual(["first", "second", "third"]);
  expect(freshAnswer(key, Date.now())).toBeUndefined();
});

it("shows what is stale at once, and fetches the new one behind the answer", async () => {
  const { heard, behind, key, ask } = newDelivery(cached);
  await ask("first");
  const later = Date.now() + 61_000;
  expect(freshAnswer(key, later)).toBeUndefined();
  const shown = await ask("second", later);
  expect(shown).toMatchObject({ state: "STALE", answer: { etag: '"1"' } });
  await Promise.all(behind);
  expect(heard).toEqual(["first", "second"]);
});
