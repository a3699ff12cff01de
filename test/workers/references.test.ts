import { beforeAll, describe, expect, inject, it } from "vitest";
import { connect } from "../../src/db/client.ts";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

const reason = (reply: { body: any }) => reply.body?.error?.reason;
const FRESH = { headers: { "cache-control": "no-cache" } };
const TYPES = [
  { id: "leaf", name: "Leaf", fields: [{ id: "name", type: "short_text" }] },
  { id: "other", name: "Other", fields: [{ id: "name", type: "short_text" }] },
  {
    id: "node",
    name: "Node",
    fields: [
      { id: "name", type: "short_text", localized: true },
      { id: "slug", type: "slug" },
      { id: "link", type: "reference", to: ["leaf", "node"] },
      { id: "picture", type: "media" },
    ],
  },
  {
    id: "strict",
    name: "Strict",
    fields: [{ id: "link", type: "reference", to: ["leaf"], required: true }],
  },
];

let own: Tenant;
beforeAll(async () => {
  own = await newTenant();
  await own.patch("/environments/main", { default_locale: "en", locales: [{ code: "en" }, { code: "fr" }] });
  for (const type of TYPES) expect((await own.put(`/types/${type.id}`, type)).status).toBe(201);
});
const shown = (type: string, id: string) => own.get(`/content/${type}/${id}`, FRESH);

describe("what refers to something that goes", () => {
  it("goes along as far as it goes, when unpublishing cascades", async () => {
    const leaf = await own.published("leaf", { name: "L" });
    const near = await own.published("node", { name: "near", link: leaf });
    const far = await own.published("node", { name: "far", link: near });
    expect(reason(await own.post("/content/unpublish", { id: leaf }))).toBe("content/referenced");
    const done = await own.post("/content/unpublish", { id: leaf, on_reference: "cascade" });
    expect(done.body.data.status).toBe("draft");
    for (const id of [near, far]) expect((await shown("node", id)).status).toBe(404);
    expect((await own.get(`/content/node/${near}?perspective=draft`)).body.data.link).toBe(leaf);
  });

  it("loses its reference when every published locale is named", async () => {
    const leaf = await own.published("leaf", { name: "L" });
    const node = await own.published("node", { name: "n", link: leaf });
    const locales = ["en", "fr"];
    expect(reason(await own.post("/content/unpublish", { id: leaf, locales }))).toBe("content/referenced");
    const done = await own.post("/content/unpublish", { id: leaf, locales, on_reference: "null" });
    expect(done.body.data.status).toBe("draft");
    expect((await shown("node", node)).body.data.link).toBeNull();
  });

  it("is pointed only to what its field takes", async () => {
    const leaf = await own.published("leaf", { name: "L" });
    const other = await own.published("other", { name: "O" });
    const node = await own.published("node", { name: "n", link: leaf });
    const remove = (to: string) => own.delete(`/content/leaf/${leaf}?on_reference=repoint:${to}`);
    const wrong = await remove(other);
    expect([wrong.status, reason(wrong), wrong.body.error.details[0].path]).toEqual([
      422,
      "content/broken-reference",
      "link",
    ]);
    expect(reason(await remove("cnt_01jd0000000000000000000099"))).toBe("content/broken-reference");
    expect(reason(await remove(leaf))).toBe("content/broken-reference");
    const next = await own.published("leaf", { name: "next" });
    expect((await remove(next)).status).toBe(204);
    expect((await shown("node", node)).body.data.link).toBe(next);
  });

  it("keeps what is published complete", async () => {
    const leaf = await own.published("leaf", { name: "L" });
    await own.published("strict", { link: leaf });
    const refused = await own.delete(`/content/leaf/${leaf}?on_reference=null`);
    expect([refused.status, reason(refused)]).toEqual([409, "content/reference-required"]);
    expect((await shown("leaf", leaf)).status).toBe(200);
  });
});

describe("verbs without a version", () => {
  it("unpublish in an atomic bulk, also what is a draft already", async () => {
    const one = await own.published("leaf", { name: "1" });
    const draft = (await own.post("/content/leaf", { name: "2" })).body.data.id;
    const done = await own.post("/content/bulk", {
      operations: [one, draft].map((id) => ({ op: "unpublish", id })),
    });
    expect(done.body.data).toMatchObject({ succeeded: 2, failed: 0 });
    expect((await shown("leaf", one)).status).toBe(404);
  });

  it("publish in a bulk no earlier than now, as alone", async () => {
    const { id } = (await own.post("/content/leaf", { name: "later" })).body.data;
    const later = { id, published_at: "2099-01-31T09:30:00Z" };
    expect(reason(await own.post("/content/publish", later))).toBe("content/published-at-in-future");
    const bulk = await own.post("/content/bulk", { operations: [{ op: "publish", ...later }] });
    expect([bulk.status, reason(bulk)]).toEqual([422, "content/published-at-in-future"]);
    expect((await shown("leaf", id)).status).toBe(404);
  });

  it("copy an entry with a slug as often as one likes", async () => {
    const { id } = (await own.post("/content/node", { name: "n", slug: "original" })).body.data;
    const slugs = [];
    for (let i = 0; i < 3; i++)
      slugs.push((await own.post(`/content/node/${id}/duplicate`, {})).body.data.slug);
    expect(slugs[0]).toBe("original-copy");
    for (const slug of slugs.slice(1)) expect(slug).toMatch(/^original-copy-[0-9a-z]{6}$/);
    expect(new Set(slugs).size).toBe(3);
  });
});

describe("assets that go", () => {
  it("are kept while entries show them, and are unavailable afterwards", async () => {
    const asset = (await own.post("/assets", { source_url: "https://example.com/a.png" })).body.data.id;
    const node = await own.published("node", { name: "with picture", picture: asset });
    const read = () => own.get(`/content/node/${node}?include=picture`, { token: own.tokens.read });
    expect((await read()).body.data.picture.id).toBe(asset);
    const refused = await own.delete(`/assets/${asset}`);
    expect([refused.status, reason(refused), refused.body.error.details[0].entry]).toEqual([
      409,
      "assets/referenced",
      node,
    ]);
    expect((await own.delete(`/assets/${asset}?force=true`)).status).toBe(204);
    await eventually(async () => (await read()).body.data.picture.status === "unavailable");
    expect((await own.get(`/assets/${asset}`, FRESH)).status).toBe(404);
    expect((await own.delete(`/assets/${asset}`)).status).toBe(404);
  });
});

describe("tokens that are bound to one environment", () => {
  it("reach nothing of the rest of the tenant", async () => {
    await own.post("/environments", { name: "stage" });
    const { token } = (await own.post("/tokens", { name: "b", scope: "admin", environment: "stage" })).body
      .data;
    const at = { token };
    expect((await own.get("/types", at)).status).toBe(200);
    const type = TYPES[0]!;
    expect((await own.put(`/types/${type.id}`, type, at)).status).toBe(201);
    const listed = (await own.get("/environments", at)).body.data as { name: string }[];
    expect(listed.map(({ name }) => name)).toEqual(["stage"]);
    const beyond = await Promise.all([
      own.delete("/environments/main", at),
      own.patch("/environments/main", {}, at),
      own.post("/environments", { name: "stolen", from: "main" }, at),
      own.post("/tokens", { name: "escape", scope: "admin" }, at),
      own.get("/tokens", at),
      own.get("/audit-logs", at),
      own.get("/tenant", at),
      own.put("/environments/aliases/live", { environment: "main" }, at),
    ]);
    expect(beyond.map((reply) => [reply.status, reason(reply)])).toEqual(
      beyond.map(() => [403, "access/environment-bound"]),
    );
    expect((await own.get("/types", { ...at, headers: { "x-flow-environment": "main" } })).status).toBe(404);
  });
});

describe("something that is refused to go", () => {
  const stale = { headers: { "if-match": 'W/"9"' } };
  const HOWS = ["null", "cascade", "repoint"];
  const WAYS: [string, number, (id: string, how: string) => Promise<{ status: number }>][] = [
    ["deleted", 412, (id, how) => own.delete(`/content/leaf/${id}?on_reference=${how}`, stale)],
    [
      "deleted for good",
      412,
      (id, how) => own.delete(`/content/leaf/${id}?for_good=true&on_reference=${how}`, stale),
    ],
    ["deleted as another type", 404, (id, how) => own.delete(`/content/other/${id}?on_reference=${how}`)],
    ["unpublished", 409, (id, how) => own.post("/content/unpublish", { id, version: 9, on_reference: how })],
  ];
  it.each(WAYS)("takes nothing along: %s", async (_, status, refused) => {
    const [leaf, other] = [
      await own.published("leaf", { name: "L" }),
      await own.published("leaf", { name: "O" }),
    ];
    const node = await own.published("node", { name: "n", link: leaf });
    for (const how of HOWS) {
      const answer = await refused(leaf, how === "repoint" ? `repoint:${other}` : how);
      expect([how, answer.status]).toEqual([how, status]);
      for (const perspective of ["published", "draft"]) {
        const { body } = await own.get(`/content/node/${node}?perspective=${perspective}`, FRESH);
        expect([how, body.data?.link, body.data?.version]).toEqual([how, leaf, 1]);
      }
    }
  });
});

it.each(["null", "cascade", "repoint"])(
  "goes also when the types have just changed elsewhere: %s",
  async (kind) => {
    const change = () =>
      connect(inject("ownerUrl")).query(
        "update environments set schema_version = schema_version + 1 where tenant_id = $1",
        [own.tenantId],
      );
    const other = await own.published("leaf", { name: "O" });
    const how = kind === "repoint" ? `repoint:${other}` : kind;
    for (const end of [
      (id: string) => own.post("/content/unpublish", { id, on_reference: how }),
      (id: string) => own.delete(`/content/leaf/${id}?on_reference=${how}`),
    ]) {
      const leaf = await own.published("leaf", { name: "L" });
      const node = await own.published("node", { name: "n", link: leaf });
      await change();
      const done = await end(leaf);
      expect([200, 204], done.text).toContain(done.status);
      expect((await shown("leaf", leaf)).status).toBe(404);
      const { body } = await shown("node", node);
      expect(body.data?.link).toBe(kind === "cascade" ? undefined : kind === "null" ? null : other);
    }
  },
);
