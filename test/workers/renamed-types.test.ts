import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { asRole, reasonOf } from "../support/access.ts";
import { ok } from "../support/graphql.ts";
import { asOwner, delivered, eventually, newTenant, type Tenant } from "../support/tenant.ts";

const FRESH = { headers: { "cache-control": "no-cache" } };
const text = (id: string, more: object = {}) => ({ id, type: "short_text", ...more });
const toArticle = (id: string, more: object = {}) => ({ id, type: "reference", to: ["article"], ...more });
const ARTICLE = {
  id: "article",
  name: "Article",
  parent: "up",
  ordered: true,
  fields: [
    text("title", { required: true, localized: true }),
    text("code", { unique: true }),
    { id: "slug", type: "slug" },
    toArticle("up"),
    { id: "author", type: "reference", to: ["author"] },
  ],
  back_references: [{ id: "homes", type: "home", field: "top" }],
};
const STORY = {
  ...ARTICLE,
  id: "story",
  fields: ARTICLE.fields.map((field) => (field.id === "up" ? { ...field, to: ["story"] } : field)),
};
const AUTHOR = {
  id: "author",
  name: "Author",
  fields: [text("name")],
  back_references: [{ id: "articles", type: "article", field: "author" }],
};
const TEASER = { id: "teaser", name: "Teaser", fields: [text("line"), toArticle("of")] };
const HOME = {
  id: "home",
  name: "Home",
  fields: [
    toArticle("top"),
    { id: "lead", type: "component", fields: [toArticle("of")] },
    { id: "list", type: "component", multiple: true, component: "teaser" },
    {
      id: "parts",
      type: "blocks",
      localized: true,
      components: ["teaser", { id: "own", fields: [toArticle("of")] }],
    },
    {
      id: "body",
      type: "rich_text",
      links: { to: ["article"] },
      embeds: ["article"],
      components: ["teaser"],
    },
  ],
};
const doc = (...content: object[]) => ({ type: "doc", content });

let own: Tenant;
const found = async (query: string) =>
  (await own.get(`/content/${query}`, FRESH)).body.data.map((one: { id: string }) => one.id);
const rowsOf = async (type: string) => {
  const tables =
    "entries entry_versions entry_fields entry_refs published_entries published_counts slug_history trash schedules search_texts search_words type_reshapes content_type_versions".split(
      " ",
    );
  const counts = await asOwner(
    own,
    ...tables.map(
      (table) => sql`select count(*)::int from ${sql.raw(table)} where tenant_id = ${own.tenantId}::uuid
      and environment_id = ${own.environmentId}::uuid and type = ${type}`,
    ),
  );
  return Object.fromEntries(tables.map((table, i) => [table, counts[i]![0]![0] as number]));
};

describe("a type gets another id", () => {
  const ids: Record<string, string> = {};
  let before: Record<string, number>;
  let dryRun: any;

  beforeAll(async () => {
    own = await newTenant();
    await own.patch("/environments/main", { locales: [{ code: "en" }, { code: "fr" }] });
    const made = await own.post("/types/bulk", { components: [TEASER], types: [ARTICLE, AUTHOR, HOME] });
    expect(made.status, made.text).toBe(201);
    const create = async (type: string, fields: object) => {
      const one = await own.post(`/content/${type}?locale=*`, fields);
      expect(one.status, one.text).toBe(201);
      return one.body.data.id as string;
    };
    const publish = async (id: string) => {
      const done = await own.post("/content/publish", { id });
      expect(done.status, done.text).toBe(200);
    };
    ids.ada = await create("author", { name: "Ada" });
    ids.one = await create("article", {
      title: { en: "Elephant", fr: "Un" },
      code: "c1",
      slug: "one",
      author: ids.ada,
    });
    ids.two = await create("article", { title: { en: "Two" }, code: "c2", slug: "two", up: ids.one });
    ids.gone = await create("article", { title: { en: "Gone" }, code: "c3" });
    for (const id of [ids.ada, ids.one, ids.two]) await publish(id!);
    await own.patch(`/content/article/${ids.one}`, { slug: "uno", code: "c1b" });
    await publish(ids.one!);
    await own.patch(`/content/article/${ids.two}`, { title: "Two, changed" });
    await own.delete(`/content/article/${ids.gone}`);
    const link = { type: "link", attrs: { href: `entry:${ids.one}` } };
    const home = {
      top: ids.one,
      lead: { of: ids.one },
      list: [{ line: "l", of: ids.one }],
      parts: {
        en: [
          { type: "teaser", line: "t", of: ids.one },
          { type: "own", of: ids.two },
        ],
      },
      body: doc(
        { type: "paragraph", content: [{ type: "text", text: "x", marks: [link] }] },
        { type: "teaser", attrs: { line: "in text", of: ids.one } },
      ),
    };
    ids.home = await create("home", home);
    await publish(ids.home);
    const due = new Date(Date.now() + 3_600_000).toISOString();
    const scheduled = await own.post("/content/schedule", { id: ids.two, action: "publish", at: due });
    expect(scheduled.status, scheduled.text).toBe(201);
    await own.put("/operations/front", { document: "{ articleList(limit: 1) { title } }" });
    await own.put("/operations/other", { document: "{ authorList(limit: 1) { name } }" });
    await delivered(own);
    before = await rowsOf("article");
    dryRun = await own.put("/types/story?rename_from=article&dry_run=true", STORY);
    const done = await own.put("/types/story?rename_from=article", STORY);
    expect(done.status, done.text).toBe(200);
    expect(done.body.data).toMatchObject({ id: "story", version: 2 });
  });

  it("and a dry run says first what that touches", () => {
    const steps = dryRun.body.steps.map((one: any) => [one.type, one.action, one.field]);
    expect(dryRun.body.steps[0]).toEqual({
      ...{ type: "story", action: "rename_type", field: "article", to: "story" },
      ...{ drafts: 2, published: 2, versions: 5 },
    });
    expect(steps.slice(1)).toEqual([
      ["story", "refer", "up"],
      ["author", "refer", "articles"],
      ["home", "refer", "top"],
      ["home", "refer", "lead.of"],
      ["home", "refer", "list.of"],
      ["home", "refer", "parts.teaser.of"],
      ["home", "refer", "parts.own.of"],
      ["home", "refer", "body"],
      ["home", "refer", "body.teaser.of"],
      ["story", "document", "front"],
    ]);
  });

  it("and all that is stored of it has that id, nothing the old one", async () => {
    await delivered(own);
    const old = await rowsOf("article");
    expect(
      Object.values(old).every((count) => count === 0),
      JSON.stringify(old),
    ).toBe(true);
    const now = await rowsOf("story");
    expect(now).toEqual({ ...before, content_type_versions: before["content_type_versions"]! + 1 });
    const versions = await own.get(`/content/story/${ids.one}/versions`);
    expect(versions.body.data.length).toBe(2);
  });

  it("and definitions name it: fields at every depth, back references, the tree", async () => {
    const types = (await own.get("/types")).body.data;
    expect(JSON.stringify(types)).not.toContain('"article"');
    expect(types.map((one: any) => [one.id, one.version])).toEqual([
      ["author", 2],
      ["home", 2],
      ["story", 2],
    ]);
    expect((await own.get("/components/teaser")).body.data.fields[1].to).toEqual(["story"]);
    expect((await own.put("/types/story?rename_from=article", STORY)).headers.get("x-flow-unchanged")).toBe(
      "true",
    );
  });

  it("and entries are read, found, searched and counted by it at once", async () => {
    const list = await own.get("/content/story?sort=code", FRESH);
    expect(list.body.data.map((one: any) => [one.id, one.type])).toEqual([
      [ids.one, "story"],
      [ids.two, "story"],
    ]);
    expect(list.body.pagination.total_items).toBe(2);
    expect((await own.get("/content/story/uno", FRESH)).body.data.id).toBe(ids.one);
    expect((await own.get("/content/story/one", FRESH)).body.moved).toEqual({ from: "one", to: "uno" });
    expect(await found("story?q=elephant")).toEqual([ids.one]);
    expect(await found("story?perspective=draft&q=changed")).toEqual([ids.two]);
    expect(await found(`story?filter[up][within]=${ids.one}`)).toEqual([ids.two]);
    expect(await found("story?perspective=draft&sort=order")).toEqual([ids.one, ids.two]);
    const author = await own.get(`/content/author/${ids.ada}?include=articles`, FRESH);
    expect(author.body.data.articles.data.map((one: any) => [one.id, one.type])).toEqual([
      [ids.one, "story"],
    ]);
    const home = await own.get(`/content/home/${ids.home}?include=top`, FRESH);
    expect(home.body.data.top).toMatchObject({ id: ids.one, type: "story" });
    const asked = `{ story(id: "${ids.one}") { __typename title homes(first: 5) { edges { node { id } } } } }`;
    expect(await ok(own, asked)).toMatchObject({
      story: { __typename: "StoryEntry", title: "Elephant", homes: { edges: [{ node: { id: ids.home } }] } },
    });
  });

  it("and it is written, published, kept unique and restored as before", async () => {
    const twice = await own.post("/content/story", { title: "Again", code: "c1b" });
    expect([twice.status, reasonOf(twice)]).toEqual([409, "content/not-unique"]);
    const saved = await own.patch(`/content/story/${ids.two}`, { code: "c2b" });
    expect(saved.status, saved.text).toBe(200);
    const wrong = await own.patch(`/content/home/${ids.home}`, { top: ids.ada });
    expect([wrong.status, wrong.text.includes("story")]).toEqual([422, true]);
    expect((await own.patch(`/content/home/${ids.home}`, { top: ids.two })).status).toBe(200);
    const back = await own.post(`/trash/${ids.gone}/restore`, {});
    expect([back.status, back.body.data?.type], back.text).toEqual([200, "story"]);
    expect((await own.get("/schedules")).body.data.map((one: any) => [one.entry, one.type])).toEqual([
      [ids.two, "story"],
    ]);
  });

  it("and whoever asks for the old id is told the new one; it is free", async () => {
    for (const path of ["/content/article", `/content/article/${ids.one}`, "/types/article"]) {
      const reply = await own.get(path, FRESH);
      expect([reply.status, reply.body.error.message]).toEqual([
        404,
        'There is no content type "article". It is called "story" now.',
      ]);
    }
    const events = (await own.get("/audit-logs")).body.data;
    expect(events.find((one: any) => one.action === "type.renamed")).toMatchObject({ subject: "type:story" });
    const free = await own.put("/types/article", { id: "article", name: "New", fields: [text("title")] });
    expect([free.status, free.body.data?.version], free.text).toEqual([201, 1]);
    expect((await own.get("/content/article", FRESH)).body.data).toEqual([]);
    // Back again, with a type in between that left the trash, versions and slugs behind.
    expect((await own.delete("/types/article")).status).toBe(204);
    const again = await own.put("/types/article?rename_from=story", ARTICLE);
    expect(again.status, again.text).toBe(200);
    expect(await found("article?sort=code")).toEqual([ids.one, ids.two]);
    expect((await own.put("/types/story?rename_from=article", STORY)).status).toBe(200);
  });
});

describe("what cannot be renamed is refused", () => {
  let other: Tenant;
  beforeAll(async () => {
    other = await newTenant();
    for (const id of ["a", "b"]) await other.put(`/types/${id}`, { id, name: id, fields: [text("t")] });
    await other.put("/components/part", { id: "part", name: "P", fields: [text("t")] });
  });
  const one = (id: string) => ({ id, name: id, fields: [text("t")] });

  it.each([
    ["types/b?rename_from=a", one("b"), 409, "types/id-taken"],
    ["types/c?rename_from=d", one("c"), 404, "types/not-found"],
    ["types/a?rename_from=a", one("a"), 422, "types/invalid-renames"],
    ["types/publish?rename_from=a", one("publish"), 422, "types/invalid-definition"],
    ["types/Bad?rename_from=a", one("Bad"), 422, "types/invalid-definition"],
    ["types/c?rename_from=a", one("a"), 422, "types/id-differs"],
    ["types/part?rename_from=a", one("part"), 409, "types/name-taken"],
    ["types/c?rename_from=a&version=7", one("c"), 409, "types/version-conflict"],
    ["types/c?rename_from=a", { ...one("c"), renames: { x: "y" } }, 422, "types/invalid-renames"],
    ["components/a?rename_from=part", one("a"), 409, "components/name-taken"],
    ["components/x?rename_from=y", one("x"), 404, "components/not-found"],
    ["components/part?rename_from=part", one("part"), 422, "types/invalid-renames"],
  ])("%s", async (path, body, status, reason) => {
    const reply = await other.put(`/${path}`, body);
    expect([reply.status, reasonOf(reply)], reply.text).toEqual([status, reason]);
    expect((await other.get("/types")).body.data.map(({ id }: any) => id)).toEqual(["a", "b"]);
  });
});

it("what was planned or asked for of a type follows to its new id", async () => {
  const tenant = await newTenant();
  await tenant.put("/types/article", { id: "article", name: "A", fields: [text("title")] });
  const { id } = (await tenant.post("/content/article", { title: "One" })).body.data;
  const release = await tenant.post("/releases", { name: "R" });
  const at = `/releases/${release.body.data.id}`;
  const items = await tenant.post(`${at}/items`, { items: [{ entry: id, action: "publish" }] });
  expect(items.status, items.text).toBeLessThan(300);
  expect((await tenant.post(`${at}/dry-run`, {})).status).toBe(200);
  const hook = {
    name: "H",
    url: "https://example.com/hook",
    events: ["entry.deleted"],
    content_types: ["article"],
  };
  const webhook = await tenant.post("/webhooks", hook);
  expect(webhook.status, webhook.text).toBe(201);
  const story = { id: "story", name: "S", fields: [text("title")] };
  const planned = await tenant.put("/types/story?rename_from=article&dry_run=true", story);
  expect(planned.body.steps.map((one: any) => [one.action, one.field])).toEqual([
    ["rename_type", "article"],
    ["webhook", "H"],
  ]);
  expect((await tenant.put("/types/story?rename_from=article", story)).status).toBe(200);
  const told = (await tenant.get(`/webhooks/${webhook.body.data.id}`)).body.data;
  expect([told.content_types, told.version]).toEqual([["story"], 2]);
  expect((await tenant.get(`${at}/items`)).body.data[0].type).toBe("story");
  const done = await tenant.post(`${at}/publish`, {});
  expect(done.status, done.text).toBe(200);
  await eventually(async () => (await tenant.get(`/content/story/${id}`, FRESH)).body.data?.title === "One");
});

describe("what is granted for a type", () => {
  it("stays granted under its new id, in other environments under the old one too", async () => {
    const tenant = await newTenant();
    await tenant.put("/types/article", { id: "article", name: "A", fields: [text("title")] });
    await tenant.put("/types/note", { id: "note", name: "N", fields: [text("title")] });
    await tenant.published("article", { title: "One" });
    const reader = await asRole(tenant, [{ effect: "allow", actions: ["content:read"], types: ["article"] }]);
    const narrow = await tenant.post("/tokens", { name: "n", scope: "read", content_types: ["article"] });
    const token = narrow.body.data.token as string;
    expect((await tenant.post("/environments", { name: "copy", from: "main" })).status).toBe(201);
    const story = { id: "story", name: "S", fields: [text("title")] };
    const steps = (await tenant.put("/types/story?rename_from=article&dry_run=true", story)).body.steps;
    expect(steps.map((one: any) => one.action)).toEqual(["rename_type", "policy", "token"]);
    expect((await tenant.put("/types/story?rename_from=article", story)).status).toBe(200);
    for (const by of [reader.secret, token]) {
      await eventually(
        async () => (await tenant.get("/content/story", { token: by })).body.data?.length === 1,
      );
      const copy = { token: by, headers: { "x-flow-environment": "copy" } };
      expect((await tenant.get("/content/article", copy)).status).toBe(200);
      expect((await tenant.get("/content/note", { token: by })).status).toBe(403);
    }
    const policies = async () =>
      (await tenant.get("/policies")).body.data.flatMap((one: any) => one.grants[0].types);
    expect(await policies()).toEqual(["article", "story"]);
    const there = { headers: { "x-flow-environment": "copy" } };
    expect((await tenant.put("/types/story?rename_from=article", story, there)).status).toBe(200);
    expect(await policies()).toEqual(["story"]);
    // Elsewhere the new id is another type: what is granted for one would be for both.
    expect((await tenant.put("/types/note2?rename_from=note", { ...story, id: "note2" }, there)).status).toBe(
      200,
    );
    const unclear = await tenant.put("/types/note?rename_from=story", { ...story, id: "note" }, there);
    expect([unclear.status, reasonOf(unclear)]).toEqual([409, "types/named-by-policy"]);
  });
});
