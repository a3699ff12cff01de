import { describe, expect, it } from "vitest";
import { ARTICLE, newTenant } from "../support/tenant.ts";

const reason = (reply: { body: any }) => reply.body?.error?.reason;

describe("idempotency keys", () => {
  it("do a write once under concurrent repeats, and give every caller the same answer", async () => {
    const own = await newTenant();
    await own.post("/types", ARTICLE);
    const key = crypto.randomUUID();
    const send = (title: string) =>
      own.call("POST", "/content/article", { body: { title }, headers: { "idempotency-key": key } });
    const answers = await Promise.all(Array.from({ length: 12 }, () => send("once")));
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(201));
    expect(new Set(answers.map(({ body }) => body.data.id)).size).toBe(1);
    expect((await own.get("/content/article?perspective=draft")).body.pagination.total_items).toBe(1);
    const again = await send("once");
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(again.headers.get("etag")).toBe('"1"');
    expect(reason(await send("other"))).toBe("http/idempotency-key-reused");
    const refused = await own.call("POST", "/content/article", {
      body: { titel: 1 },
      headers: { "idempotency-key": "k2" },
    });
    expect(refused.status).toBe(422);
    const mended = await own.call("POST", "/content/article", {
      body: { title: "ok" },
      headers: { "idempotency-key": "k2" },
    });
    expect(mended.status).toBe(201);
    const id = mended.body.data.id as string;
    for (let i = 0; i < 2; i++) {
      const gone = await own.call("DELETE", `/content/article/${id}`, {
        headers: { "idempotency-key": "k3" },
      });
      expect(gone.status).toBe(204);
    }
    expect(
      (
        await own
          .call("POST", "/types", { body: { id: "x" }, headers: { "idempotency-key": "ä" } })
          .catch(() => ({ status: 400 }))
      ).status,
    ).toBe(400);
  });

  it("keep no answer with a secret in it", async () => {
    const own = await newTenant();
    const send = () =>
      own.call("POST", "/tokens", {
        body: { name: "once", scope: "read" },
        headers: { "idempotency-key": "token" },
      });
    const first = await send();
    expect([first.status, first.headers.has("x-flow-secret")]).toEqual([201, false]);
    const again = await send();
    expect([again.status, reason(again)]).toEqual([409, "http/idempotency-unanswered"]);
    const named = (await own.get("/tokens")).body.data.filter((one: { name: string }) => one.name === "once");
    expect(named).toHaveLength(1);
  });
});
