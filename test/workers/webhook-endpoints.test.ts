import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { openReceiver } from "../support/receiver.ts";
import { ARTICLE, eventually, newTenant } from "../support/tenant.ts";
import { newReceivingTenant } from "../support/webhooks.ts";

let { receiver, tenant, hook } = {} as Awaited<ReturnType<typeof newReceivingTenant>>;
beforeAll(async () => {
  ({ receiver, tenant, hook } = await newReceivingTenant());
});
afterAll(() => receiver.close());

describe("an endpoint", () => {
  it("is told only of what it asked for", async () => {
    const cheap = await hook({
      events: ["entry.published", "entry.updated"],
      content_types: ["article"],
      condition: { before: { price: { lt: 10 } }, after: { price: { gte: 10 } }, changed: ["price"] },
    });
    const types = await hook({ events: ["type.*"] });
    const staging = await newTenant();
    await staging.put("/types/article", ARTICLE);
    const { id } = (await tenant.post("/content/article", { title: "A", price: 5 })).body.data;
    await tenant.patch(`/content/article/${id}`, { title: "B" });
    await tenant.patch(`/content/article/${id}`, { price: 20 });
    await tenant.patch(`/content/article/${id}`, { price: 30 });
    await staging.post("/content/article", { title: "Another tenant's" });
    await tenant.put("/types/other", {
      id: "other",
      name: "Other",
      fields: [{ id: "a", type: "short_text" }],
    });
    const [only] = await cheap.payloads(1);
    expect(only.data.changes).toEqual([{ path: "price", change: "changed", from: 5, to: 20 }]);
    expect(await types.payloads(1)).toMatchObject([{ type: "type.created", data: { id: "other" } }]);
  });

  it.each([
    ["an unknown event", { events: ["entry.publishd"] }, "events[0]"],
    ["an unknown type", { content_types: ["artcle"] }, "content_types[0]"],
    ["an unknown locale", { locales: ["xx"] }, "locales[0]"],
    ["an unknown field", { content_types: ["article"], fields: ["titel"] }, "fields[0]"],
    ["a condition without types", { condition: { after: { price: 1 } } }, "content_types"],
    [
      "a condition on no field",
      { content_types: ["article"], condition: { after: { prise: 1 } } },
      "condition.after.prise",
    ],
    [
      "a condition on what versions do not keep",
      { content_types: ["article"], condition: { before: { status: "draft" } } },
      "condition.before.status",
    ],
    [
      "a condition on who acts",
      { content_types: ["article"], condition: { after: { title: "$me" } } },
      "condition.after",
    ],
    ["a reserved header", { headers: [{ name: "Webhook-Id", value: "1" }] }, "headers[0].name"],
    [
      "a header twice",
      {
        headers: [
          { name: "a", value: "1" },
          { name: "A", value: "1" },
        ],
      },
      "headers[1].name",
    ],
    ["a header with a line end", { headers: [{ name: "a", value: "1\r\nx: y" }] }, "headers[0].value"],
    ["a header without a value", { headers: [{ name: "a", is_secret: true }] }, "headers[0].value"],
    ["too many retries", { retries: Array.from({ length: 20 }, () => 1) }, "retries"],
    ["a large template", { template: { a: "x".repeat(17_000) } }, "template"],
  ])("cannot have %s", async (_what, settings, path) => {
    const refused = await tenant.post("/webhooks", {
      name: "Bad",
      url: "http://127.0.0.1:1/",
      events: ["*"],
      ...settings,
    });
    expect(refused.status, refused.text).toBe(422);
    expect(refused.body.error.details.map((one: any) => one.path)).toContain(path);
  });

  it.each([
    "http://example.com/",
    "https://10.0.0.1/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://[::ffff:10.0.0.1]/",
    "https://[::127.0.0.1]/",
    "https://[::169.254.169.254]/",
    "https://[::10.0.0.1]/",
    "https://[::ffff:0:10.0.0.1]/",
    "https://[64:ff9b::a00:1]/",
    "https://[64:ff9b:1::a00:1]/",
    "https://[2002:a00:1::1]/",
    "https://[2001:0:a00:1::f5ff:fffe]/",
    "https://[fd00::1]/",
    "https://[fe80::1]/",
    "https://0x0a000001/",
    "https://167772161/",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://metadata.internal/",
    "https://user:pass@example.com/",
    "ftp://example.com/",
    "javascript:alert(1)",
    "https://intranet/",
    "https://rebind.example.net/",
    "https://nowhere.example.net/",
    "https://rebind6.example.net/",
  ])("cannot be at %s", async (url) => {
    await fetch(`${inject("dnsUrl")}/set?name=rebind.example.net&type=A&value=10.0.0.7`);
    await fetch(`${inject("dnsUrl")}/set?name=rebind6.example.net&type=AAAA&value=::a00:7`);
    const refused = await tenant.post("/webhooks", { name: "Inside", url, events: ["*"] });
    expect(refused.status, refused.text).toBe(422);
    expect(refused.body.error.details[0].path).toBe("url");
  });

  it("is not called where its name leads to a private address by then", async () => {
    const name = `moving-${crypto.randomUUID().slice(0, 8)}.example.net`;
    const set = (value: string) => fetch(`${inject("dnsUrl")}/set?name=${name}&type=A&value=${value}`);
    await set("93.184.216.34");
    const one = await hook({ url: `https://${name}/`, retries: [] });
    await set("169.254.169.254");
    await tenant.post(`/webhooks/${one.id}/test`, {});
    await eventually(async () => (await one.mailbox("?state=dead")).length === 1);
    const [dead] = await one.mailbox();
    const { attempt_list: tries } = (await tenant.get(`/webhooks/${one.id}/deliveries/${dead.id}`)).body.data;
    expect(tries).toMatchObject([{ status: null, failure: expect.stringContaining("private") }]);
  });

  it("is changed in part, at the version that was seen", async () => {
    const one = await hook({
      headers: [{ name: "X-Key", value: "top", is_secret: true }],
      template: { a: 1 },
    });
    const stale = await tenant.patch(`/webhooks/${one.id}`, { name: "New", version: 7 });
    expect(stale).toMatchObject({ status: 409, body: { error: { reason: "webhooks/version-conflict" } } });
    const changed = await tenant.patch(`/webhooks/${one.id}`, {
      version: 1,
      headers: [
        { name: "x-key", is_secret: true },
        { name: "X-New", value: "new", is_secret: true },
      ],
      template: null,
    });
    expect(changed.body.data).toMatchObject({ version: 2, name: "Test", template: null });
    await tenant.post(`/webhooks/${one.id}/test`, {});
    await one.payloads(1);
    expect(one.calls()[0]!.headers).toMatchObject({ "x-key": "top", "x-new": "new" });
    expect((await tenant.delete(`/webhooks/${one.id}`)).status).toBe(204);
    expect((await tenant.get(`/webhooks/${one.id}/deliveries`)).status).toBe(404);
  });

  it("takes no secret header along to another origin", async () => {
    const headers = [
      { name: "X-Open", value: "yes" },
      { name: "X-Key", value: "top", is_secret: true },
    ];
    const one = await hook({ headers });
    const elsewhere = await openReceiver();
    const url = `${elsewhere.url}/taken`;
    const kept = [{ name: "x-key", is_secret: true }];
    for (const change of [{ url }, { url, headers: kept }, { url, headers: [headers[0], ...kept] }]) {
      const refused = await tenant.patch(`/webhooks/${one.id}`, change);
      expect(refused.status, refused.text).toBe(422);
      const at = "headers" in change ? change.headers!.length - 1 : 1;
      expect(refused.body.error.details).toEqual([
        { path: `headers[${at}].value`, message: expect.stringContaining("another origin") },
      ]);
    }
    const query = `mutation { updateWebhook(id: "${one.id}", url: "${url}") { id } }`;
    expect((await tenant.post("/graphql/management", { query })).text).toContain("another origin");
    expect((await tenant.get(`/webhooks/${one.id}`)).body.data).toMatchObject({ url: one.url, version: 1 });
    // Another path of the same origin keeps it, and another origin has what is given for it.
    expect((await tenant.patch(`/webhooks/${one.id}`, { url: `${one.url}?again` })).status).toBe(200);
    const moved = await tenant.patch(`/webhooks/${one.id}`, {
      url,
      headers: [headers[0], { name: "X-Key", value: "new", is_secret: true }],
    });
    expect(moved.status, moved.text).toBe(200);
    await tenant.post(`/webhooks/${one.id}/test`, {});
    await eventually(async () => elsewhere.calls.length === 1);
    expect(elsewhere.calls[0]!.headers).toMatchObject({ "x-open": "yes", "x-key": "new" });
    await elsewhere.close();
  });

  it("belongs to its tenant and environment, and to those who may manage it", async () => {
    const one = await hook();
    const other = await newTenant();
    for (const [method, path] of [
      ["GET", ""],
      ["PATCH", ""],
      ["DELETE", ""],
      ["GET", "/deliveries"],
      ["POST", "/replay"],
      ["POST", "/test"],
      ["POST", "/secrets"],
    ] as const) {
      const of = (token?: string) =>
        other.call(method, `/webhooks/${one.id}${path}`, {
          ...(method === "GET" ? {} : { body: {} }),
          ...(token ? { token } : {}),
        });
      expect((await of()).status, path).toBe(404);
      expect((await of(other.tokens.write)).status, path).toBe(403);
    }
    expect((await other.get("/webhooks")).body.data).toEqual([]);
    await tenant.post("/environments", { name: "staging" });
    const elsewhere = { headers: { "x-flow-environment": "staging" } };
    expect((await tenant.get(`/webhooks/${one.id}`, elsewhere)).status).toBe(404);
    expect((await tenant.get("/webhooks", elsewhere)).body.data).toEqual([]);
  });
});
