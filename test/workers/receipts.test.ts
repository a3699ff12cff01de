import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { connect, runBatch } from "../../src/db/client.ts";
import { receiptOf } from "../../src/core/receipts.ts";
import { Client } from "../../src/sdk/index.ts";
import { ARTICLE, eventually, newTenant, type Reply, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant();
  await tenant.put("/types/article", ARTICLE);
});

/** Asks another isolate of the gateway, whose memory holds other answers. */
const elsewhere = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(`${inject("secondEdgeUrl")}/api/v3${path}`, {
    ...init,
    headers: { authorization: `Bearer ${tenant.tokens.read}`, "content-type": "application/json" },
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as any };
};

describe("a receipt", () => {
  it("is in the answer of every write that wrote something, and tells how far that is", async () => {
    const made = await tenant.post("/content/article", { title: "A", slug: "a" });
    const { id } = made.body.data;
    const other = (await tenant.post("/content/article", { title: "B" })).body.data.id;
    const query = `mutation { publish(id: "${other}") { id } }`;
    const writes: Record<string, Reply> = {
      create: made,
      update: await tenant.patch(`/content/article/${id}`, { title: "A2" }),
      publish: await tenant.post("/content/publish", { id }),
      bulk: await tenant.post("/content/bulk", {
        operations: ["x", "y", "z"].map((title) => ({ op: "create", type: "article", fields: { title } })),
      }),
      type: await tenant.put("/types/note", { ...ARTICLE, id: "note", name: "Note" }),
      role: await tenant.post("/roles", { name: "r" }),
      token: await tenant.post("/tokens", { name: "t", scope: "read" }),
      client: await tenant.post("/oauth/clients", { name: "App", grants: ["client_credentials"] }),
      asset: await tenant.post("/assets", { source_url: "https://example.com/a.png" }),
      graphql: await tenant.post("/graphql", { query }),
      delete: await tenant.delete(`/content/article/${other}`),
    };
    for (const [name, { status, headers, body, text }] of Object.entries(writes)) {
      expect(status, `${name}: ${text}`).toBeLessThan(300);
      const receipt = headers.get("x-flow-receipt") ?? "none";
      expect(receipt, `${name}: ${text}`).toMatch(/^rcp_[0-9a-z]{26}$/);
      if (name === "graphql") expect(body.extensions.receipt).toBe(receipt);
      else if (status !== 204) expect(body.receipt, name).toBe(receipt);
      await eventually(async () => {
        const shown = await tenant.get(`/receipts/${receipt}`);
        expect(shown.status, `${name}: ${shown.text}`).toBe(200);
        return shown.body.data.state === "notified";
      });
    }
    const bulk = (await tenant.get(`/receipts/${writes["bulk"]!.body.receipt}`)).body.data;
    expect(bulk).toEqual({
      id: writes["bulk"]!.body.receipt,
      state: "notified",
      events: 3,
      committed_at: expect.stringMatching(/Z$/),
      purged_at: expect.stringMatching(/Z$/),
      notified_at: expect.stringMatching(/Z$/),
    });
    expect(bulk.committed_at <= bulk.purged_at && bulk.purged_at <= bulk.notified_at).toBe(true);
  });

  it("is not given for what wrote nothing, and is the same for a repeated key", async () => {
    const id = await tenant.published("article", { title: "Once" });
    const again = await tenant.post("/content/publish", { id });
    expect([again.status, again.headers.get("x-flow-receipt"), again.body.receipt]).toEqual([
      200,
      null,
      undefined,
    ]);
    const refused = await tenant.post("/content/article", { nope: 1 });
    expect([refused.status, refused.headers.get("x-flow-receipt")]).toEqual([422, null]);
    const keyed = () =>
      tenant.post("/content/article", { title: "K" }, { headers: { "idempotency-key": "receipt" } });
    const [first, second] = [await keyed(), await keyed()];
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    expect(second.headers.get("x-flow-receipt")).toBe(first.headers.get("x-flow-receipt"));
    expect(second.body).toEqual(first.body);
  });

  it("tells nobody else anything, and refuses what is none", async () => {
    const { receipt } = (await tenant.post("/content/article", { title: "Mine" })).body;
    const stranger = await newTenant();
    expect((await stranger.get(`/receipts/${receipt}`)).body.error.reason).toBe("receipts/not-found");
    expect((await tenant.get(`/receipts/${receipt}`, { token: null })).status).toBe(401);
    expect((await tenant.get(`/receipts/${receipt}`, { token: tenant.tokens.read })).status).toBe(200);
    const all = receiptOf(["1", String(Number.MAX_SAFE_INTEGER)])!;
    for (const bad of [
      "x",
      "rcp_",
      `${receipt}0`,
      receipt.toUpperCase(),
      "rcp_00000000000000000000000000",
      all,
    ]) {
      const shown = await tenant.get(`/receipts/${bad}`);
      expect([shown.status, shown.body.error.reason], bad).toEqual([422, "receipts/bad-receipt"]);
      const read = await tenant.get(`/content/article?receipt=${bad}`);
      expect([read.status, read.body.error.reason], bad).toEqual([422, "receipts/bad-receipt"]);
    }
  });
});

describe("a read after a receipt", () => {
  it("shows nothing older in any door, in another isolate, while nobody was told yet", async () => {
    const id = await tenant.published("article", { title: "Start", slug: "after" });
    const query = `{ article(slug: "after") { title } }`;
    const byGet = `/graphql?query=${encodeURIComponent(query)}`;
    const doors: Record<string, (more: string) => Promise<{ status: number; body: any }>> = {
      list: (more) => elsewhere(`/content/article?filter[slug]=after${more}`),
      slug: (more) => elsewhere(`/content/article/after?${more.slice(1)}`),
      search: (more) => elsewhere(`/content/article?q=turn&filter[slug]=after${more}`),
      several: (more) => elsewhere(`/content?types=article&filter[slug]=after${more}`),
      aggregate: (more) => elsewhere(`/aggregate/article?group_by=title&filter[slug]=after${more}`),
      get: (more) => elsewhere(`${byGet}${more}`),
      post: (more) =>
        elsewhere(`/graphql?${more.slice(1)}`, { method: "POST", body: JSON.stringify({ query }) }),
    };
    for (let turn = 1; turn <= 8; turn++) {
      await tenant.patch(`/content/article/${id}`, { title: `Turn ${turn}` });
      for (const read of Object.values(doors)) await read("");
      const { receipt } = (await tenant.post("/content/publish", { id })).body;
      const answers = await Promise.all(
        Object.entries(doors).map(async ([name, read]) => [name, await read(`&receipt=${receipt}`)] as const),
      );
      for (const [name, { status, body }] of answers) {
        expect(status, name).toBe(200);
        expect(JSON.stringify(body), name).toContain(`Turn ${turn}`);
      }
    }
  }, 30_000);

  it("waits a second at most, and says then that it is not visible", async () => {
    const [rows] = await runBatch(connect(inject("ownerUrl")), [
      sql`insert into outbox (tenant_id, environment_id, event, payload)
        values (${tenant.tenantId}::uuid, ${tenant.environmentId}::uuid, 'role.updated', '{"id": "rol_x"}') returning id::text`,
    ]);
    const receipt = receiptOf([rows![0]![0] as string])!;
    for (const path of [`/content/article?receipt=${receipt}`, `/types?receipt=${receipt}`]) {
      const { status, body, headers } = await tenant.get(path);
      expect([status, body.error.code, body.error.reason]).toEqual([
        412,
        "PRECONDITION_FAILED",
        "receipts/not-visible-yet",
      ]);
      expect(headers.get("retry-after")).toBe("1");
    }
    expect((await tenant.get(`/receipts/${receipt}`)).body.data).toMatchObject({
      state: "committed",
      purged_at: null,
      notified_at: null,
    });
  });

  it("by `min_version` waits for that version, published or draft", async () => {
    const { id } = (await tenant.post("/content/article", { title: "V1", slug: "versions" })).body.data;
    await tenant.post("/content/publish", { id });
    await tenant.patch(`/content/article/${id}`, { title: "V2" });
    expect((await tenant.get("/content/article/versions")).body.data.title).toBe("V1");
    const old = await tenant.get("/content/article/versions?min_version=2");
    expect([old.status, old.body.error.reason]).toEqual([412, "content/not-visible-yet"]);
    expect(old.body.error.details).toMatchObject([{ path: "min_version", current_version: 1 }]);
    const draft = await tenant.get(`/content/article/${id}?perspective=draft&min_version=2`);
    expect(draft.body.data.title).toBe("V2");
    const [read] = await Promise.all([
      tenant.get("/content/article/versions?min_version=2"),
      tenant.post("/content/publish", { id }),
    ]);
    expect([read.status, read.body.data?.title]).toEqual([200, "V2"]);
    for (const bad of ["0", "x", "-1", "1&min_version=2"])
      expect((await tenant.get(`/content/article/versions?min_version=${bad}`)).status, bad).toBe(400);
    expect((await tenant.get("/content/article?min_version=1")).status).toBe(400);
    expect((await tenant.get("/content/article/nope?min_version=1")).status).toBe(404);
  });

  it("is what the client calls `after`", async () => {
    const client = new Client({ url: inject("url"), apiKey: tenant.tokens.admin });
    let receipt = "";
    const onReceipt = (id: string) => (receipt = id);
    const { id } = await client.content.create("article", { title: "By client" }, {}, { onReceipt });
    await client.content.publish(id, {}, { onReceipt });
    const shown = await client.content.get("article", id, { fields: ["title"] }, { after: receipt });
    expect(shown).toMatchObject({ title: "By client" });
    expect(["purged", "notified"]).toContain((await client.receipts.get(receipt)).state);
  });
});
