import { describe, expect, it, vi } from "vitest";
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
  let other: (() => Promise<Response>) | undefined;
  const fetch = async (request: Request) => {
    if (other) return other();
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
  const ask = (requestId: string, now = Date.now(), bindings = env) =>
    deliver({ key, props, path: "/x", headers: { "x-request-id": requestId } }, bindings, execution, now);
  const answerWith = (answer: typeof other) => void (other = answer);
  return { heard, behind, key, ask, answerWith };
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

it("has whoever waits for another's answer wait for a timer of their own, and ask when it is over", async () => {
  vi.useFakeTimers();
  try {
    const { heard, ask, answerWith } = newDelivery(cached);
    answerWith(() => new Promise(() => {}));
    void ask("first");
    answerWith(undefined);
    const second = ask("second");
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
    await vi.runAllTimersAsync();
    expect(await second).toBeInstanceOf(Response);
    expect(heard).toEqual(["second"]);
  } finally {
    vi.useRealTimers();
  }
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

describe("where there is no new answer", () => {
  const down = () => Promise.resolve(new Response("down", { status: 503 }));
  const onDisk = (etag: string) => ({
    ...{ body: new ArrayBuffer(0), headers: [], etag, tags: ["disk"], bytes: 0 },
    ...{ storedAt: 5, freshUntil: 0, staleUntil: 0, keptUntil: Date.now() + 60_000 },
  });
  const withDisk = (find: () => Promise<unknown>) =>
    ({
      CACHE: "memory",
      KEPT: { getByName: () => ({ find, purge: async () => {}, keep: async () => {} }) },
    }) as never;

  it("shows the last good one, for a day, unless it was purged", async () => {
    const { key, ask, answerWith } = newDelivery({ ...cached, "cache-tag": "last" });
    await ask("first");
    answerWith(down);
    const later = Date.now() + 121_000;
    for (const failure of [down, () => Promise.reject(new Error("gone"))]) {
      answerWith(failure);
      expect(await ask("second", later)).toMatchObject({ state: "STALE", answer: { etag: '"1"' } });
    }
    expect(freshAnswer(key, later)).toBeUndefined();
    await purge(env, "t", ["last"]);
    await expect(ask("third", later)).rejects.toThrow("gone");
    answerWith(down);
    expect(((await ask("fourth", later)) as Response).status).toBe(503);
  });

  it("takes it from the disk, but not what was purged while it was looked for", async () => {
    const { ask, answerWith } = newDelivery(cached);
    answerWith(down);
    expect(
      await ask(
        "first",
        Date.now(),
        withDisk(async () => onDisk("kept")),
      ),
    ).toMatchObject({
      ...{ state: "STALE", answer: { etag: "kept" } },
    });
    const other = newDelivery(cached);
    other.answerWith(down);
    const purging = async () => {
      await purge(env, "t", ["disk"]);
      return onDisk("purged");
    };
    expect(((await other.ask("first", Date.now(), withDisk(purging))) as Response).status).toBe(503);
  });

  it("gives a GraphQL answer that lacks a part to those only for whom there is no whole one", async () => {
    const { ask, answerWith } = newDelivery(cached);
    const partly = async () =>
      new Response('{"errors":[]}', { status: 503, headers: { "x-flow-failed": "200" } });
    answerWith(partly);
    const first = (await ask("first")) as Response;
    expect([first.status, first.headers.has("x-flow-failed")]).toEqual([200, false]);
    answerWith(undefined);
    await ask("second");
    answerWith(partly);
    expect(await ask("third", Date.now() + 121_000)).toMatchObject({ state: "STALE" });
  });
});
