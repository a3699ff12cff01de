import { sql } from "drizzle-orm";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as Svix } from "svix";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asOwner, eventually } from "../support/tenant.ts";
import { newReceivingTenant, passTime, runCron } from "../support/webhooks.ts";

let { receiver, tenant, hook } = {} as Awaited<ReturnType<typeof newReceivingTenant>>;
beforeAll(async () => {
  ({ receiver, tenant, hook } = await newReceivingTenant());
});
afterAll(() => receiver.close());

describe("a payload", () => {
  it("is signed as Standard Webhooks are, with both secrets while one is rotated", async () => {
    const one = await hook({
      headers: [
        { name: "X-Key", value: "top", is_secret: true },
        { name: "X-Open", value: "yes" },
      ],
    });
    await tenant.post("/content/article", { title: "Signed ünïcode 😀" });
    await one.payloads(1);
    const [first] = one.calls();
    const verify = (secret: string, call = first!) => {
      const headers = call.headers as Record<string, string>;
      expect(new StandardWebhook(secret).verify(call.body, headers)).toEqual(JSON.parse(call.body));
      expect(new Svix(secret).verify(call.body, headers)).toEqual(JSON.parse(call.body));
    };
    verify(one.secret);
    expect(first!.headers).toMatchObject({
      "x-key": "top",
      "x-open": "yes",
      "x-flow-event": "entry.created",
    });
    const rotated = await tenant.post(`/webhooks/${one.id}/secrets`, { keep_hours: 1 });
    expect(rotated.body.data.secrets).toHaveLength(2);
    await tenant.post(`/webhooks/${one.id}/test`, {});
    await one.payloads(2);
    for (const secret of [one.secret, rotated.body.data.secret]) verify(secret, one.calls()[1]);
    await tenant.post(`/webhooks/${one.id}/secrets`, { keep_hours: 0 });
    await tenant.post(`/webhooks/${one.id}/test`, {});
    await one.payloads(3);
    expect(() => verify(one.secret, one.calls()[2])).toThrow();
    const shown = await tenant.get(`/webhooks/${one.id}`);
    expect(shown.text).not.toMatch(/whsec_|top|sealed/);
    const [stored] = await asOwner(
      tenant,
      sql`select config::text || secrets::text from webhooks where id = ${one.id}`,
    );
    expect(stored![0]![0]).not.toMatch(/whsec_|"top"/);
  });

  it("says what an event changed, before and after, by field", async () => {
    const one = await hook({ content_types: ["article"] });
    const made = await tenant.post("/content/article", { title: "One", headline: "Hi" });
    const { id } = made.body.data;
    await tenant.patch(`/content/article/${id}`, { title: "Two" });
    await tenant.post("/content/publish", { id });
    await tenant.patch(`/content/article/${id}?locale=fr`, { headline: "Salut" });
    await tenant.post("/content/publish", { id, locales: ["fr"] });
    await tenant.post("/content/unpublish", { id });
    await tenant.delete(`/content/article/${id}`);
    const told = await one.payloads(7);
    const by = (type: string) => told.filter((payload) => payload.type === type);
    expect(by("entry.created")[0]).toMatchObject({
      schema: 1,
      environment: "main",
      data: {
        id,
        type: "article",
        version: 1,
        fields: { title: "One", headline: { en: "Hi" } },
        is_truncated: false,
      },
      links: { entry: expect.stringMatching(`/api/v3/content/article/${id}\\?environment=main$`) },
    });
    expect(by("entry.updated")[0].data.changes).toEqual([
      { path: "title", change: "changed", from: "One", to: "Two" },
    ]);
    const [first, second] = by("entry.published");
    expect(first.data).toMatchObject({
      version: 2,
      locales: null,
      changes: expect.arrayContaining([{ path: "title", change: "added", to: "Two" }]),
    });
    expect(second.data).toMatchObject({
      locales: ["fr"],
      changes: [{ path: "headline.fr", change: "added", to: "Salut" }],
    });
    expect(by("entry.unpublished")[0].data.fields).toBeNull();
    expect(by("entry.deleted")[0].data).toMatchObject({
      fields: null,
      changes: expect.arrayContaining([{ path: "title", change: "removed", from: "Two" }]),
    });
    const sequences = told.map(({ sequence }) => sequence as number);
    expect(new Set(sequences).size).toBe(7);
    for (const payload of told) {
      expect(payload.id).toBe(`evt_${payload.sequence}`);
      expect(Date.parse(payload.fresh_as_of)).toBeGreaterThanOrEqual(Date.parse(payload.timestamp));
    }
  });

  it("has the chosen fields and locales, at every depth", async () => {
    const one = await hook({ fields: ["headline", "seo.title"], locales: ["fr"] });
    const made = await tenant.post("/content/article", {
      title: "No",
      headline: "Hi",
      seo: { title: "T", text: "secret" },
    });
    const { id } = made.body.data;
    await tenant.patch(`/content/article/${id}?locale=fr`, { headline: "Salut" });
    // Changes only what the endpoint does not want to know of.
    await tenant.patch(`/content/article/${id}?locale=en`, { headline: "Hello" });
    const [created, updated] = await one.payloads(2);
    expect(created.data.fields).toEqual({ headline: {}, seo: { title: "T" } });
    expect(updated.data.fields).toEqual({ headline: { fr: "Salut" }, seo: { title: "T" } });
    expect(updated.data.changes).toEqual([{ path: "headline.fr", change: "added", to: "Salut" }]);
    expect(JSON.stringify([created, updated])).not.toMatch(/secret|Hello|"No"/);
  });

  it("leaves out values that are too large, and is made of a template", async () => {
    const wide = Array.from({ length: 3 }, () => ({
      type: "paragraph",
      content: [{ type: "text", text: "x".repeat(95_000) }],
    }));
    const [whole, shaped] = [
      await hook({ events: ["entry.created"] }),
      await hook({
        events: ["entry.created"],
        template: {
          text: "{{data.fields.title}} by {{type}}",
          version: "{{data.version}}",
          list: ["{{nothing}}"],
        },
      }),
    ];
    await tenant.post("/content/article", { title: "Wide", body: { type: "doc", content: wide } });
    const [large] = await whole.payloads(1);
    expect(large.data).toMatchObject({ fields: null, changes: null, is_truncated: true });
    await tenant.post("/content/article", { title: "Small" });
    expect(await shaped.payloads(2)).toContainEqual({
      text: "Small by entry.created",
      version: 1,
      list: [null],
    });
  });
});

describe("a template", () => {
  const paragraph = { type: "paragraph", content: [{ type: "text", text: "x".repeat(70_000) }] };
  const wide = { type: "doc", content: [paragraph, paragraph] };
  const events = ["entry.created"];

  it("has the values of a payload that is too large itself", async () => {
    const one = await hook({ events, template: { id: "{{data.id}}", title: "{{data.fields.title}}" } });
    const { id } = (await tenant.post("/content/article", { title: "Wide", body: wide })).body.data;
    expect(await one.payloads(1)).toEqual([{ id, title: "Wide" }]);
  });

  it.each<[string, unknown, number]>([
    ["values", { before: "{{data.fields}}", after: "{{data.changes}}" }, 0],
    ["text", { text: "all: {{data.fields}}{{data.changes}}" }, 0],
    ["one value many times", Array.from({ length: 500 }, () => "{{data.fields.body}}"), 0],
    ["several events", "{{events}}".repeat(1600), 1],
  ])("that makes too much of %s fails at once, and without a call", async (_what, template, wait) => {
    const one = await hook({ events, template, coalesce_seconds: wait });
    const operations = Array.from({ length: wait ? 8 : 1 }, () => ({
      op: "create",
      type: "article",
      fields: { title: "Wide", ...(wait ? {} : { body: wide }) },
    }));
    expect((await tenant.post("/content/bulk", { operations })).status).toBe(200);
    await eventually(async () => (await one.mailbox("?state=dead")).length === 1);
    const [{ id }] = (await tenant.get(`/webhooks/dead-letters?webhook=${one.id}`)).body.data;
    const failure = expect.stringContaining("more than fits into a call");
    expect(await one.delivery(id)).toMatchObject({
      body: null,
      attempt_list: [{ number: 1, status: null, failure }],
    });
    expect((await tenant.post(`/webhooks/${one.id}/replay`, {})).body.data.replayed).toBe(1);
    await eventually(async () => (await one.delivery(id)).attempt_list.length === 2);
    expect(await one.delivery(id)).toMatchObject({ state: "dead", attempt_list: [{ failure }, { failure }] });
    expect((await tenant.get(`/webhooks/${one.id}`)).body.data.health.failures).toBe(0);
    expect(one.calls()).toEqual([]);
  });
});

describe("a delivery", () => {
  it("is tried again until it succeeds, as the receiver asks, and is given up after the last try", async () => {
    let status = 503;
    const one = await hook({ events: ["entry.created"], retries: [1000, 2000] });
    receiver.answers(
      ({ path }, response) =>
        void response.writeHead(path === one.path ? status : 200, { "retry-after": "1800" }).end("no <b>\0"),
    );
    await tenant.post("/content/article", { title: "Patience" });
    await eventually(async () => (await one.mailbox())[0]?.attempts === 1);
    const [waiting] = await one.mailbox();
    expect(waiting.state).toBe("pending");
    const wait = Date.parse(waiting.next_attempt_at) - Date.parse(waiting.created_at);
    expect(wait / 1000).toBeGreaterThanOrEqual(1800);
    status = 200;
    await passTime(tenant, one.id);
    await runCron();
    await eventually(async () => (await one.mailbox())[0]?.state === "succeeded");
    expect(
      new Set(one.calls().map(({ headers, body }) => `${headers["webhook-id"] as string}${body}`)).size,
    ).toBe(1);
    status = 500;
    await tenant.post("/content/article", { title: "In vain" });
    for (let tries = 1; tries <= 3; tries++) {
      await eventually(async () => (await one.mailbox())[0]?.attempts === tries);
      await passTime(tenant, one.id);
      if (tries < 3) await runCron();
    }
    const [dead] = await one.mailbox();
    expect(dead.state).toBe("dead");
    const letters = (await tenant.get(`/webhooks/dead-letters?webhook=${one.id}`)).body.data;
    expect(letters.map(({ id }: any) => id)).toEqual([dead.id]);
    const { attempt_list: tries } = (await tenant.get(`/webhooks/${one.id}/deliveries/${dead.id}`)).body.data;
    expect(tries).toMatchObject([
      { number: 3, status: 500, response_body: "no <b>\ufffd" },
      { number: 2 },
      { number: 1 },
    ]);
    status = 200;
    const replayed = await tenant.post(`/webhooks/${one.id}/replay`, {});
    expect(replayed.body.data).toEqual({ replayed: 1, has_more: false });
    await eventually(async () => (await one.mailbox("?state=succeeded")).length === 2);
    receiver.answers(undefined);
  });
});
