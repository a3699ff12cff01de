import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyWebhook } from "../../src/sdk/webhooks.ts";
import { asOwner, delivered, eventually } from "../support/tenant.ts";
import { newReceivingTenant, passTime, runCron } from "../support/webhooks.ts";

let { receiver, tenant, hook } = {} as Awaited<ReturnType<typeof newReceivingTenant>>;
beforeAll(async () => {
  ({ receiver, tenant, hook } = await newReceivingTenant());
});
afterAll(() => receiver.close());

type Answer = Parameters<Parameters<typeof receiver.answers>[0] & object>[1];
/** Answers as `how` says at one path, and with 200 elsewhere. */
const answering = (path: string, how: (response: Answer) => void) =>
  receiver.answers((call, response) => (call.path === path ? how(response) : void response.end("ok")));
const test = (id: string) => tenant.post(`/webhooks/${id}/test`, {});

describe("a receiver", () => {
  it.each<[string, (response: Answer) => void, object]>([
    [
      "redirects to where it may not lead",
      (to) => void to.writeHead(302, { location: "http://169.254.169.254/" }).end(),
      { status: 302, failure: expect.stringContaining("redirects") },
    ],
    ["breaks off", (to) => void to.destroy(), { status: null, failure: "The connection failed." }],
    [
      "speaks no HTTP",
      (to) => void to.socket!.end("garbage\r\n\r\n"),
      { status: null, failure: "The connection failed." },
    ],
    ["never answers", () => {}, { status: null, failure: expect.stringContaining("10 seconds") }],
  ])("that %s fails", async (_what, how, expected) => {
    const one = await hook({ retries: [] });
    answering(one.path, how);
    await test(one.id);
    await eventually(async () => (await one.mailbox("?state=dead")).length === 1, 30_000);
    const [{ id }] = await one.mailbox();
    expect((await one.delivery(id)).attempt_list).toMatchObject([{ number: 1, ...expected }]);
    expect(one.calls()).toHaveLength(1);
  });

  it.each<[string, (response: Answer) => void, RegExp]>([
    ["more than is kept", (to) => void to.end("é".repeat(50_000)), /^é{8192}$/],
    [
      "a body byte by byte, without end",
      (to) => {
        to.writeHead(200);
        const timer = setInterval(() => to.write("x"), 50);
        to.on("close", () => clearInterval(timer));
      },
      /^x+$/,
    ],
    ["bytes that are no text", (to) => void to.end(Buffer.from([0xff, 0x00, 0xfe])), /^\ufffd\ufffd\ufffd$/],
  ])("that answers 200 with %s has got it", async (_what, how, body) => {
    const one = await hook({ retries: [] });
    answering(one.path, how);
    await test(one.id);
    await eventually(async () => (await one.mailbox("?state=succeeded")).length === 1, 30_000);
    const [{ id }] = await one.mailbox();
    expect((await one.delivery(id)).attempt_list[0].response_body).toMatch(body);
  });

  it("that is gone is called no more, which its owner is told", async () => {
    const [gone, watcher] = [await hook(), await hook({ events: ["webhook.disabled"] })];
    answering(gone.path, (to) => void to.writeHead(410).end());
    await test(gone.id);
    await watcher.payloads(1);
    const shown = (await tenant.get(`/webhooks/${gone.id}`)).body.data;
    expect(shown).toMatchObject({ state: "disabled", disabled_reason: "gone" });
    expect((await tenant.get("/audit-logs")).text).toContain(`webhook:${gone.id}`);
    expect((await tenant.get("/notifications")).body.data[0]).toMatchObject({
      kind: "webhook.disabled",
      subject: `webhook:${gone.id}`,
    });
    const mailbox = await gone.mailbox();
    expect(mailbox).toMatchObject([{ state: "dead" }]);
    for (const refused of [
      await tenant.post(`/webhooks/${gone.id}/replay`, { state: "all" }),
      await test(gone.id),
    ])
      expect(refused).toMatchObject({ status: 409, body: { error: { reason: "webhooks/disabled" } } });
    expect(await gone.mailbox()).toEqual(mailbox);
    await tenant.post("/content/article", { title: "Nobody is told" });
    await delivered(tenant);
    expect(gone.calls()).toHaveLength(1);
  });

  it("that only failed for days is disabled, and starts afresh when it is made active", async () => {
    const one = await hook({ events: ["entry.created"], retries: [1, 1] });
    answering(one.path, (to) => void to.writeHead(500).end());
    await asOwner(
      tenant,
      sql`update webhooks set failing_since = now() - interval '6 days', failures = 3 where id = ${one.id}`,
    );
    await tenant.post("/content/article", { title: "The last straw" });
    const state = async () => (await tenant.get(`/webhooks/${one.id}`)).body.data;
    await eventually(async () => (await state()).state === "disabled");
    expect(await state()).toMatchObject({ disabled_reason: "failing" });
    receiver.answers(undefined);
    await tenant.patch(`/webhooks/${one.id}`, { state: "active" });
    await passTime(tenant, one.id);
    await runCron();
    await eventually(async () => (await one.mailbox("?state=succeeded")).length === 1);
    expect(await state()).toMatchObject({
      state: "active",
      disabled_reason: null,
      health: { failures: 0, failing_since: null },
    });
  });

  it("that fails for an hour gets everything once it is back, each event with one id", async () => {
    let isBack = false;
    const COUNT = 12;
    const one = await hook({ events: ["entry.created"] });
    receiver.answers((call, to) => void to.writeHead(call.path === one.path && !isBack ? 503 : 200).end());
    const operations = Array.from({ length: COUNT }, (_, i) => ({
      op: "create",
      type: "article",
      fields: { title: `N${i}` },
    }));
    const bulk = await tenant.post("/content/bulk", { operations });
    expect(bulk.status, bulk.text).toBe(200);
    await delivered(tenant);
    await eventually(async () => (await one.mailbox("?limit=100")).length === COUNT);
    const isAtRest = async () => {
      const [rows] = await asOwner(
        tenant,
        sql`select 1 from webhook_deliveries where webhook_id = ${one.id} and leased_until > now()`,
      );
      return rows!.length === 0;
    };
    for (let minute = 0; minute < 6; minute++) {
      await eventually(isAtRest);
      await passTime(tenant, one.id);
      await runCron();
    }
    await eventually(isAtRest);
    const health = (await tenant.get(`/webhooks/${one.id}`)).body.data.health;
    expect(health.failures).toBeGreaterThanOrEqual(5);
    expect(health.paused_until).not.toBeNull();
    // With its circuit open, it is left alone.
    const before = one.calls().length;
    await asOwner(
      tenant,
      sql`update webhook_deliveries set next_attempt_at = now() where webhook_id = ${one.id} and state = 'pending'`,
    );
    await runCron();
    await tenant.post(`/webhooks/${one.id}/test`, {});
    expect(one.calls().length).toBe(before);
    isBack = true;
    await passTime(tenant, one.id);
    await runCron();
    await eventually(async () => (await one.mailbox("?state=succeeded&limit=100")).length === COUNT + 1);
    const ids = one.calls().map(({ headers }) => headers["webhook-id"] as string);
    expect(new Set(ids).size).toBe(COUNT + 1);
    receiver.answers(undefined);
  }, 120_000);
});

describe("deliveries", () => {
  it("go on when types and fields get other ids", async () => {
    const own = await newReceivingTenant();
    const one = await own.hook({
      content_types: ["article"],
      fields: ["headline"],
      events: ["entry.created"],
    });
    const { fields } = (await own.tenant.get("/types/article")).body.data;
    const renamed = fields.map((field: any) =>
      field.id === "headline" ? { ...field, id: "heading" } : field,
    );
    const put = await own.tenant.put("/types/article", {
      id: "article",
      name: "Article",
      fields: renamed,
      renames: { headline: "heading" },
    });
    expect(put.status, put.text).toBe(200);
    const other = await own.tenant.put("/types/post?rename_from=article", {
      id: "post",
      name: "Post",
      fields: renamed.map((field: any) => (field.to ? { ...field, to: ["post"] } : field)),
    });
    expect(other.status, other.text).toBe(200);
    await own.tenant.post("/content/post", { title: "T", heading: "H" });
    const [payload] = await one.payloads(1);
    expect(payload.data).toMatchObject({ type: "post", fields: { heading: { en: "H" } } });
    expect((await own.tenant.get(`/webhooks/${one.id}`)).body.data.content_types).toEqual(["post"]);
    await own.receiver.close();
  });

  it("are sent again when the Worker that sent them was killed, and by one at a time", async () => {
    let release = () => {};
    const isHeld = new Promise<void>((resolve) => (release = resolve));
    const one = await hook({ events: ["entry.created"], concurrency: 2 });
    receiver.answers((call, to) => void (call.path === one.path ? isHeld.then(() => to.end()) : to.end()));
    for (let i = 0; i < 5; i++) await tenant.post("/content/article", { title: `Held ${i}` });
    await delivered(tenant);
    await eventually(async () => one.calls().length === 2 && (await one.mailbox()).length === 5);
    await Promise.all(Array.from({ length: 5 }, () => runCron()));
    expect(one.calls()).toHaveLength(2);
    release();
    await eventually(async () => (await one.mailbox("?state=succeeded")).length === 5);
    expect(one.calls()).toHaveLength(5);
    // As a killed Worker leaves it: claimed, and nobody knows how it went.
    receiver.answers(undefined);
    const [{ id }] = await one.mailbox();
    await asOwner(
      tenant,
      sql`update webhook_deliveries set state = 'pending', next_attempt_at = now(), attempts = 2, tries = 2,
      leased_until = now() - interval '1 second', finished_at = null where id = ${id}`,
    );
    await runCron();
    await eventually(async () => (await one.mailbox("?state=succeeded")).length === 5);
    expect((await one.delivery(id)).attempt_list.map(({ number }: any) => number)).toEqual([3, 1]);
  });

  it("are one per event and endpoint, however often its message comes", async () => {
    const one = await hook({ events: ["entry.created"] });
    await tenant.post("/content/article", { title: "Once" });
    await one.payloads(1);
    // As if the confirmation had been lost.
    await asOwner(
      tenant,
      sql`update outbox set waiting = '{webhooks}', done_at = now() - interval '1 hour'
      where tenant_id = ${tenant.tenantId}::uuid and event = 'entry.created'`,
    );
    await Promise.all([runCron(), runCron()]);
    await eventually(async () => {
      const [rows] = await asOwner(
        tenant,
        sql`select 1 from outbox where tenant_id = ${tenant.tenantId}::uuid and waiting <> '{}'`,
      );
      return rows!.length === 0;
    });
    await one.payloads(1);
  });

  it("are one call for a bulk where this is wanted, with every event in it", async () => {
    const COUNT = 60;
    const own = await newReceivingTenant();
    const one = await own.hook({ events: ["entry.created"], coalesce_seconds: 2 });
    const operations = Array.from({ length: COUNT }, (_, i) => ({
      op: "create",
      type: "article",
      fields: { title: `B${i}` },
    }));
    expect((await own.tenant.post("/content/bulk", { operations })).status).toBe(200);
    const [batch] = await one.payloads(1);
    expect(batch).toMatchObject({ type: "batch", schema: 1, id: expect.stringMatching(/^dlv_/) });
    expect(batch.events).toHaveLength(COUNT);
    expect(batch.events[0]).toMatchObject({
      type: "entry.created",
      data: { type: "article", fields: null, changes: null },
    });
    const [call] = one.calls();
    expect(await verifyWebhook({ headers: call!.headers, body: call!.body }, one.secret)).toEqual(batch);
    await own.tenant.post("/content/article", { title: "Later" });
    const later = await one.payloads(2);
    expect(later.find(({ events }) => events.length === 1)).toBeTruthy();
    await own.receiver.close();
  });

  it("are found by event, entry, state and time, page by page, and replayed by the same", async () => {
    const one = await hook({ events: ["entry.*"] });
    const { id } = (await tenant.post("/content/article", { title: "Found" })).body.data;
    for (const title of ["b", "c", "d"]) await tenant.patch(`/content/article/${id}`, { title });
    await tenant.post("/content/article", { title: "Other" });
    await one.payloads(5);
    const found: string[] = [];
    for (let cursor = ""; ;) {
      const page = (
        await tenant.get(
          `/webhooks/${one.id}/deliveries?entry=${id}&event=entry.updated&state=succeeded&limit=2${cursor}`,
        )
      ).body;
      found.push(...page.data.map((each: any) => each.id));
      if (page.pagination.next_cursor === null) break;
      cursor = `&cursor=${page.pagination.next_cursor}`;
    }
    expect(new Set(found).size).toBe(3);
    const future = encodeURIComponent(new Date(Date.now() + 60_000).toISOString());
    expect(await one.mailbox(`?from=${future}`)).toEqual([]);
    expect(await one.mailbox(`?to=${future}&entry=${id}`)).toHaveLength(4);
    const replayed = await tenant.post(`/webhooks/${one.id}/replay`, {
      state: "succeeded",
      event: "entry.updated",
      entry: id,
    });
    expect(replayed.body.data).toEqual({ replayed: 3, has_more: false });
    const all = await one.payloads(8);
    expect(new Set(all.map((payload) => JSON.stringify(payload))).size).toBe(5);
  });
});
