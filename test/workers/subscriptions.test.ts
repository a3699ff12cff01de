import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { liveClient } from "../support/live.ts";
import { ARTICLE, newTenant, type Tenant } from "../support/tenant.ts";

const CONTENT = `subscription ($where: JSON, $perspective: Perspective, $locale: String) {
  contentChanged(type: "article", where: $where, perspective: $perspective, locale: $locale) {
    event id type version at since
    entry { id status ... on ArticleEntry { title price } }
    content { title slug fields }
  }
}`;
const ENTRY = `subscription ($id: ID!, $perspective: Perspective) {
  entryChanged(type: "article", id: $id, perspective: $perspective) { event id entry { ... on ArticleEntry { title } } }
}`;

describe("subscriptions", () => {
  let tenant: Tenant;
  const clients: ReturnType<typeof liveClient>[] = [];
  const as = (token: string) => {
    const client = liveClient({ token });
    clients.push(client);
    return client;
  };
  const change = async (id: string, fields: object) => {
    const { body } = await tenant.get(`/content/article/${id}?perspective=draft`);
    const saved = await tenant.patch(`/content/article/${id}`, { version: body.data.version, ...fields });
    expect(saved.status, saved.text).toBe(200);
  };
  const publish = async (id: string) => {
    const done = await tenant.post("/content/publish", { id });
    expect(done.status, done.text).toBe(200);
  };

  beforeAll(async () => {
    tenant = await newTenant();
    expect((await tenant.put("/types/article", ARTICLE)).status).toBe(201);
  });
  afterAll(async () => {
    for (const { client } of clients) await client.dispose();
  });

  it("tells of what is published, changed, unpublished and deleted, with the entry as it is selected", async () => {
    const live = as(tenant.tokens.read);
    const changes = live.subscribe(CONTENT);
    await live.settled();
    const id = await tenant.published("article", { title: "One", slug: "one-live", price: 3 });
    const [first] = await changes.until(1);
    expect(first.data.contentChanged).toEqual({
      event: "entry.published",
      id,
      type: "article",
      version: 1,
      at: expect.stringMatching(/^20.*Z$/),
      since: expect.stringMatching(/^[0-9a-f]{8}\.\d+$/),
      entry: { id, status: "published", title: "One", price: 3 },
      content: { title: "One", slug: "one-live", fields: expect.objectContaining({ title: "One" }) },
    });
    expect(first.extensions.since).toBe(first.data.contentChanged.since);
    await change(id, { title: "Two" });
    await publish(id);
    expect((await changes.until(2))[1].data.contentChanged.entry.title).toBe("Two");
    expect((await tenant.post("/content/unpublish", { id })).status).toBe(200);
    const gone = (await changes.until(3))[2].data.contentChanged;
    expect(gone).toMatchObject({ event: "entry.unpublished", id, entry: null, content: null });
    await publish(id);
    await changes.until(4);
    expect((await tenant.delete(`/content/article/${id}`)).status).toBe(204);
    expect((await changes.until(5))[4].data.contentChanged).toMatchObject({
      event: "entry.deleted",
      entry: null,
    });
  });

  it("tells of drafts only those who ask for them and may", async () => {
    const [reader, editor] = [as(tenant.tokens.read), as(tenant.tokens.write)];
    const published = reader.subscribe(CONTENT);
    const drafts = editor.subscribe(CONTENT, { perspective: "draft" });
    const refused = reader.subscribe(CONTENT, { perspective: "draft" });
    await Promise.all([reader.settled(), editor.settled()]);
    const draft = (await tenant.post("/content/article", { title: "Draft" })).body.data.id;
    await change(draft, { title: "Draft 2" });
    await eventually(async () =>
      drafts.results.some(({ data }) => data.contentChanged.entry?.title === "Draft 2"),
    );
    expect((await tenant.delete(`/content/article/${draft}`)).status).toBe(204);
    await eventually(async () => drafts.results.at(-1).data.contentChanged.event === "entry.deleted");
    // Events keep their order: whatever was told of the draft would have come before this.
    const id = await tenant.published("article", { title: "Seen" });
    await published.until(1);
    expect(published.results.map(({ data }) => data.contentChanged.id)).toEqual([id]);
    expect(refused.errors[0][0].extensions).toMatchObject({ code: "FORBIDDEN" });
  });

  it("tells of what meets a filter, and of one entry", async () => {
    const live = as(tenant.tokens.read);
    const [dear, cheap] = [
      await tenant.published("article", { title: "Dear", price: 100 }),
      await tenant.published("article", { title: "Cheap", price: 1 }),
    ];
    const costly = live.subscribe(CONTENT, { where: { price: { gte: 50 } } });
    const one = live.subscribe(ENTRY, { id: cheap });
    await live.settled();
    await change(cheap, { price: 2 });
    await publish(cheap);
    await one.until(1);
    await change(dear, { price: 101 });
    await publish(dear);
    await eventually(async () => costly.results.at(-1)?.data.contentChanged.entry.price === 101);
    expect(new Set(costly.results.map(({ data }) => data.contentChanged.id))).toEqual(new Set([dear]));
    expect(new Set(one.results.map(({ data }) => data.entryChanged.id))).toEqual(new Set([cheap]));
  });

  it("refuses at once what cannot be subscribed to, and the connection stays", async () => {
    const live = as(tenant.tokens.read);
    const wrong = [
      live.subscribe(`subscription { contentChanged(type: "artcle") { id } }`),
      live.subscribe(CONTENT, { where: { prise: 1 } }),
      live.subscribe(CONTENT, { locale: "xx" }),
      live.subscribe(`subscription { nothing { id } }`),
      live.subscribe(`subscription { contentChanged(type: 1) { id } }`),
      live.subscribe(
        `subscription { a: contentChanged(type: "article") { id } b: contentChanged(type: "article") { id } }`,
      ),
      live.subscribe(`subscription { contentChanged(type: "article") { id`),
    ];
    await eventually(async () => wrong.every(({ errors }) => errors.length > 0));
    expect(wrong.map(({ errors }) => errors[0][0].extensions.reason)).toMatchInlineSnapshot(`
      [
        "content/unknown-type",
        "content/bad-query",
        "content/unknown-locale",
        "graphql/invalid-document",
        "graphql/invalid-document",
        "graphql/invalid-document",
        "graphql/syntax-error",
      ]
    `);
    await live.settled();
    expect(live.seen.closes).toEqual([]);
  });

  it("tells of assets and releases, and of the entries that a release publishes", async () => {
    const live = as(tenant.tokens.admin);
    const assets = live.subscribe("subscription { assetChanged { event id asset { alt } } }");
    const releases = live.subscribe("subscription { releaseChanged { event id name state items } }");
    const entries = live.subscribe(CONTENT);
    const reader = as(tenant.tokens.read);
    const refused = reader.subscribe("subscription { releaseChanged { id } }");
    await Promise.all([live.settled(), reader.settled()]);
    expect(refused.errors[0][0].extensions.code).toBe("FORBIDDEN");
    const asset = (await tenant.post("/assets", { source_url: "https://example.com/live.png", alt: "Live" }))
      .body.data.id;
    await assets.until(1);
    expect((await tenant.delete(`/assets/${asset}`)).status).toBe(204);
    await eventually(async () => assets.results.at(-1).data.assetChanged.event === "asset.deleted");
    const told = assets.results.map(({ data }) => data.assetChanged);
    expect(told.at(-1)).toEqual({ event: "asset.deleted", id: asset, asset: null });
    // The file is looked at meanwhile: of two changes within a moment the last is told.
    expect(told[0]).toEqual({
      event: expect.stringMatching(/created|updated/),
      id: asset,
      asset: { alt: "Live" },
    });
    const { id } = (await tenant.post("/content/article", { title: "Released" })).body.data;
    const release = (await tenant.post("/releases", { name: "Spring" })).body.data.id;
    const added = await tenant.post(`/releases/${release}/items`, {
      items: [{ entry: id, action: "publish" }],
    });
    expect(added.status, added.text).toBeLessThan(300);
    const done = await tenant.post(`/releases/${release}/publish`, {});
    expect(done.status, done.text).toBe(200);
    await eventually(async () => releases.results.at(-1)?.data.releaseChanged.event === "release.published");
    expect(releases.results.at(-1).data.releaseChanged).toEqual({
      event: "release.published",
      id: release,
      name: "Spring",
      state: "published",
      items: 1,
    });
    expect((await entries.until(1))[0].data.contentChanged).toMatchObject({
      event: "entry.published",
      id,
      entry: { title: "Released" },
    });
  });
});
