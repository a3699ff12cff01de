import { beforeAll, describe, expect, inject, it } from "vitest";
import { Client, FlowError } from "../../src/sdk/index.ts";
import type { Schema } from "../outside/schema.ts";
import { DEFINITIONS, LOCALES } from "../outside/definitions.ts";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;
let flow: Client<Schema>;
let reader: Client<Schema>;
const as = (token: string, options: object = {}) =>
  new Client<Schema>({ url: inject("url"), apiKey: token, ...options });

beforeAll(async () => {
  tenant = await newTenant();
  flow = as(tenant.tokens.admin);
  reader = as(tenant.tokens.read);
  const plain = new Client({ url: inject("url"), apiKey: tenant.tokens.admin });
  await plain.environments.update("main", LOCALES);
  await plain.types.createAll({ types: DEFINITIONS });
});

let made = 0;
async function newPost(fields: object = {}): Promise<{ id: string; version: number; slug: string }> {
  return flow.content.create("blog_post", { title: `Post ${++made}`, slug: `post-${made}`, ...fields });
}

async function refusal(of: Promise<unknown>): Promise<FlowError> {
  const error = await of.then(
    () => expect.fail("it was not refused"),
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(FlowError);
  return error as FlowError;
}

describe("entries", () => {
  it("are made, read, changed, put, published, taken back and deleted", async () => {
    const ada = await flow.content.create("author", { name: "Ada" });
    const post = await newPost({ author: ada.id, body: { html: "<p>Hi <b>there</b></p>" } });
    expect(post).toMatchObject({ type: "blog_post", version: 1, status: "draft" });
    const changed = await flow.content.update("blog_post", post.id, { version: 1, rating: 4.5 });
    expect([changed.version, changed.rating]).toEqual([2, 4.5]);
    await flow.content.publish(ada.id);
    const published = await flow.content.publish(post.id, { version: 2 });
    expect(published.status).toBe("published");
    const shown = await reader.content.get("blog_post", post.slug, {
      fields: ["title", "author", "body"],
      include: ["author"],
      rich_text: "text",
    });
    expect(shown).toMatchObject({ id: post.id, body: "Hi there", author: { type: "author", name: "Ada" } });
    expect(Object.keys(shown).sort()).toEqual(["author", "body", "id", "title"]);
    expect((await flow.content.unpublish(post.id)).status).toBe("draft");
    expect((await refusal(reader.content.get("blog_post", post.id))).code).toBe("NOT_FOUND");

    const id = "cnt_01jd0000000000000000000042";
    const put = await flow.content.put("author", id, { name: "Bo" });
    expect([put.outcome, put.entry.name]).toEqual(["created", "Bo"]);
    expect((await flow.content.put("author", id, { name: "Bo" })).outcome).toBe("unchanged");
    expect((await flow.content.put("author", id, { name: "Bob" })).outcome).toBe("updated");
    const stale = await refusal(flow.content.delete("author", id, { version: 1 }));
    expect([stale.status, stale.reason]).toEqual([412, "http/precondition-failed"]);
    await flow.content.delete("author", id, { version: 2, for_good: true });
    expect((await flow.trash.list({ type: "author" })).data.filter((one) => one.id === id)).toEqual([]);
  });

  it("say where they are used, and what becomes of that when they go", async () => {
    const [first, second] = [
      await flow.content.create("author", { name: "One" }),
      await flow.content.create("author", { name: "Two" }),
    ];
    const post = await newPost({ author: first.id });
    expect(await flow.content.references("author", first.id, { limit: 5 })).toEqual([
      { id: post.id, type: "blog_post", field: "author", locale: null, perspective: "draft" },
    ]);
    expect((await refusal(flow.content.delete("author", first.id))).reason).toBe("content/referenced");
    await flow.content.delete("author", first.id, { on_reference: `repoint:${second.id}` });
    const draft = await flow.content.get("blog_post", post.id, { perspective: "draft" });
    expect(draft.author).toBe(second.id);
    await flow.content.publish(second.id);
    await flow.content.publish(post.id);
    await flow.content.unpublish(second.id, { on_reference: "null" });
    expect((await reader.content.get("blog_post", post.id)).author).toBeNull();
  });

  it("have slugs with slashes, and no name that leads elsewhere", async () => {
    const post = await newPost({ slug: "2026/01/hello" });
    await flow.content.publish(post.id);
    expect((await reader.content.get("blog_post", "2026/01/hello")).id).toBe(post.id);
    for (const odd of ["..", ".", ""]) {
      expect((await refusal(flow.content.get("blog_post", odd))).reason).toBe("client/bad-id");
      expect((await refusal(flow.content.delete("blog_post", odd))).reason).toBe("client/bad-id");
    }
    expect((await refusal(flow.content.get("blog_post", "../../tokens"))).reason).toBe("http/bad-path");
  });

  it("are written in one locale or all, and published in some", async () => {
    const post = await flow.content.create(
      "blog_post",
      { title: { en: "Cat", fr: "Chat" }, slug: "cat" },
      { locale: "*" },
    );
    await flow.content.update("blog_post", post.id, { title: "Le chat" }, { locale: "fr" });
    const every = await flow.content.get("blog_post", post.id, { perspective: "draft", locale: "*" });
    expect(every.title).toEqual({ en: "Cat", fr: "Le chat" });
    await flow.content.publish(post.id);
    expect((await reader.content.get("blog_post", "cat", { locale: "fr" })).title).toBe("Le chat");
    const partly = await flow.content.unpublish(post.id, { locales: ["fr"] });
    expect(partly.published_locales).toEqual({ en: 2 });
    const draft = await flow.content.create("author", {}, { allow_incomplete: true });
    expect((await refusal(flow.content.publish(draft.id))).details[0]!.path).toBe("name");
  });

  it("have versions to list, read, compare, name and restore, and can be copied", async () => {
    const post = await newPost({ slug: "versions", rating: 1 });
    await flow.content.update("blog_post", post.id, { rating: 2 });
    const { versions } = flow.content;
    expect((await versions.list("blog_post", post.id)).map((one) => one.version)).toEqual([2, 1]);
    expect((await versions.list("blog_post", post.id, { before: 2, limit: 1 }))[0]!.version).toBe(1);
    expect((await versions.get("blog_post", post.id, 1)).data).toMatchObject({ rating: 1 });
    expect(await flow.content.get("blog_post", post.id, { version: 1, fields: ["rating"] })).toEqual({
      id: post.id,
      rating: 1,
    });
    expect(await versions.diff("blog_post", post.id, { from: 1, to: 2 })).toEqual([
      { path: "rating", change: "changed", from: 1, to: 2 },
    ]);
    expect((await versions.name("blog_post", post.id, 1, "First")).name).toBe("First");
    const stale = await refusal(versions.restore("blog_post", post.id, 1, { current: 1 }));
    expect(stale.code).toBe("PRECONDITION_FAILED");
    expect((await versions.restore("blog_post", post.id, 1, { current: 2 })).rating).toBe(1);
    const copy = await flow.content.duplicate("blog_post", post.id, { fields: { rating: 5 } });
    expect([copy.rating, copy.slug, copy.id === post.id]).toEqual([5, "versions-copy", false]);
    expect((await flow.content.duplicate("blog_post", post.id, { fields: { slug: "third" } })).slug).toBe(
      "third",
    );
  });

  it("are written in bulk, all or none or each for itself", async () => {
    const before = (await flow.content.list("author", { perspective: "draft" })).pagination.total_items;
    const refused = await refusal(
      flow.content.bulk([
        { op: "create", type: "author", fields: { name: "A" } },
        { op: "create", type: "author", fields: {} },
      ]),
    );
    expect(refused.details[0]!.path).toBe("operations[1].name");
    const some = await flow.content.bulk(
      [
        { op: "create", type: "author", fields: { name: "A" } },
        { op: "create", type: "author", fields: {} },
      ],
      { atomic: false },
    );
    expect(some.items.map((one) => one.outcome)).toEqual(["created", "failed"]);
    const after = (await flow.content.list("author", { perspective: "draft" })).pagination.total_items;
    expect(after).toBe(before + 1);
  });

  it("are planned, and the plan is listed and taken back", async () => {
    const post = await newPost();
    const plan = await flow.content.schedule(post.id, { at: "2099-01-01T09:00", time_zone: "Europe/Paris" });
    expect([plan.action, plan.due_at]).toEqual(["publish", "2099-01-01T08:00:00.000Z"]);
    const { data } = await flow.schedules.list({ entry: post.id, state: "pending" });
    expect(data.map((one) => one.id)).toEqual([plan.id]);
    expect((await flow.schedules.cancel(plan.id)).state).toBe("cancelled");
  });

  it("go to the trash and come back", async () => {
    const post = await newPost();
    await flow.content.delete("blog_post", post.id);
    expect((await flow.trash.list({ limit: 1 })).data[0]!.id).toBe(post.id);
    expect((await flow.trash.restore(post.id)).status).toBe("draft");
    await flow.content.delete("blog_post", post.id);
    await flow.trash.delete(post.id);
    expect((await refusal(flow.trash.restore(post.id))).reason).toBe("content/not-in-trash");
  });
});

describe("lists", () => {
  const SPREAD = [3, 5, 8, 13, 21];
  beforeAll(async () => {
    const author = await flow.content.create("author", { name: "Moreau, Ada" });
    await flow.content.publish(author.id);
    for (const minutes of SPREAD) {
      const post = await newPost({
        title: `Listed ${minutes}`,
        slug: `listed-${minutes}`,
        reading_minutes: minutes,
        topics: minutes > 5 ? ["edge"] : ["content"],
        author: author.id,
        place: { lat: 52, lon: minutes },
        link: "https://listed.example/",
      });
      await flow.content.publish(post.id);
    }
  });
  const ours = { link: "https://listed.example/" };

  it("take flat filters, whole trees, sorts, fields, facets and pages", async () => {
    const minutes = async (filter: object) =>
      (
        await reader.content.list("blog_post", {
          filter: { ...ours, ...filter },
          sort: ["reading_minutes"],
          fields: ["reading_minutes"],
        })
      ).data.map((one) => one.reading_minutes);
    expect(await minutes({ reading_minutes: { gte: 5, lt: 21 } })).toEqual([5, 8, 13]);
    expect(await minutes({ reading_minutes: [3, 21] })).toEqual([3, 21]);
    expect(await minutes({ reading_minutes: { in: [3, 5] }, topics: undefined })).toEqual([3, 5]);
    expect(await minutes({ author: { name: "Moreau, Ada" } })).toEqual(SPREAD);
    expect(await minutes({ author: { name: { in: ["Moreau, Ada"] } } })).toEqual(SPREAD);
    expect(await minutes({ title: { in: ["Listed 3", "a,b"] } })).toEqual([3]);
    expect(await minutes({ or: [{ reading_minutes: 3 }, { not: { topics: "content" } }] })).toEqual([
      3, 8, 13, 21,
    ]);
    expect(await minutes({ place: { near: { lat: 52, lon: 3, km: 1 } } })).toEqual([3]);
    expect(await minutes({ summary: { exists: true } })).toEqual([]);
    expect(await minutes({ summary: null })).toEqual(SPREAD);
    expect((await refusal(minutes({ title: { in: [] } }))).reason).toBe("content/bad-query");
    const page = await reader.content.list("blog_post", {
      filter: ours,
      facets: ["topics"],
      page: 2,
      limit: 2,
    });
    expect(page.pagination).toMatchObject({ current_page: 2, per_page: 2, total_items: 5 });
    expect(page.facets).toEqual({
      topics: [
        { value: "edge", count: 3 },
        { value: "content", count: 2 },
      ],
    });
    expect(
      await reader.content.aggregate("blog_post", {
        filter: ours,
        sum: ["reading_minutes"],
        max: ["reading_minutes"],
      }),
    ).toEqual([{ count: 5, sum: { reading_minutes: 50 }, max: { reading_minutes: 21 } }]);
  });

  it("find words and mark them", async () => {
    await eventually(async () => {
      const { data, highlights } = await reader.content.list("blog_post", { q: "listed", highlight: true });
      return data.length === 5 && Object.values(highlights ?? {})[0]?.["title"]?.includes("<mark>") === true;
    }, 10_000);
  });

  it("are walked over every page, once", async () => {
    const urls: string[] = [];
    const counting = as(tenant.tokens.read, { onRequest: (request: Request) => void urls.push(request.url) });
    const seen: (number | null)[] = [];
    for await (const post of counting.content.iterate("blog_post", {
      filter: ours,
      sort: ["reading_minutes"],
      limit: 2,
    }))
      seen.push(post.reading_minutes);
    expect([seen, urls.length]).toEqual([SPREAD, 3]);
    for await (const post of counting.content.iterate("blog_post", { filter: ours, limit: 2 })) {
      expect(post.type).toBe("blog_post");
      break;
    }
    expect(urls.length).toBe(4);
  });
});

describe("everything beside entries", () => {
  it("content types", async () => {
    expect((await flow.types.list()).map((one) => one.id)).toEqual(["author", "blog_post", "media", "offer"]);
    const note = { id: "note", name: "Note", fields: [{ id: "text", type: "short_text" as const }] };
    expect((await flow.types.create(note)).version).toBe(1);
    const put = await flow.types.put("note", { ...note, name: "A note" }, { version: 1 });
    expect([put.outcome, (await flow.types.get("note")).name]).toEqual(["updated", "A note"]);
    await flow.types.delete("note");
    expect((await refusal(flow.types.get("note"))).reason).toBe("types/not-found");
  });

  it("assets, from every kind of bytes", async () => {
    const file = new File(["<svg xmlns='http://www.w3.org/2000/svg'/>"], "dot.svg", {
      type: "image/svg+xml",
    });
    const asset = await flow.assets.upload(file, { alt: "A dot" });
    expect(asset).toMatchObject({ filename: "dot.svg", mime: "image/svg+xml", alt: "A dot", size_bytes: 41 });
    expect(await (await reader.assets.file(asset.id)).text()).toContain("<svg");
    const bytes = new TextEncoder().encode("hello");
    const { asset: text, outcome } = await flow.assets.replace(asset.id, bytes, {
      filename: "hello.txt",
      mime: "text/plain",
    });
    expect([outcome, text.filename, text.size_bytes]).toEqual(["updated", "hello.txt", 5]);
    const answer = await fetch(reader.assets.fileUrl(asset.id), {
      headers: { authorization: `Bearer ${tenant.tokens.read}` },
    });
    expect(await answer.text()).toBe("hello");
    const blob = await flow.assets.upload(new Blob(["x"], { type: "text/plain" }), { filename: "x.txt" });
    const remote = await flow.assets.create({ source_url: "https://images.example.org/harbour.jpg" });
    const id = "ast_01jd3f0b6vfs8t4z9c7q2m5n8x";
    const put = await flow.assets.put(id, { source_url: "https://images.example.org/pier.jpg" });
    expect([put.outcome, (await flow.assets.get(id)).filename]).toEqual(["created", "pier.jpg"]);
    const all: string[] = [];
    for await (const one of flow.assets.iterate({ limit: 2 })) all.push(one.id);
    expect(all.sort()).toEqual([asset.id, blob.id, remote.id, id].sort());
    expect((await flow.assets.list({ limit: 1 })).data).toHaveLength(1);
    expect((await refusal(reader.assets.file("ast_01jd3f0b6vfs8t4z9c7q2m5n8y"))).code).toBe("NOT_FOUND");
  });

  it("environments, their aliases, and a client in one of them", async () => {
    const staging = await flow.environments.create({ name: "staging", from: "main" });
    expect([staging.name, staging.default_locale]).toEqual(["staging", "en"]);
    expect(await flow.environments.aliases.put("next", "staging")).toEqual({
      name: "next",
      environment: "staging",
    });
    expect(await flow.environments.aliases.list()).toEqual([{ name: "next", environment: "staging" }]);
    const there = as(tenant.tokens.admin, { environment: "staging" });
    await eventually(async () => (await there.types.list().catch(() => [])).length === 4, 15_000);
    await there.content.create("author", { name: "Only there" });
    const named = { filter: { name: "Only there" }, perspective: "draft" } as const;
    expect((await there.content.list("author", named)).data).toHaveLength(1);
    expect((await flow.content.list("author", named)).data).toHaveLength(0);
    await flow.environments.aliases.delete("next");
    await flow.environments.delete("staging");
    expect((await flow.environments.list()).map((one) => one.name)).toEqual(["main"]);
  });

  it("tokens", async () => {
    const token = await flow.tokens.create({ name: "Site", scope: "read" });
    expect(token.token).toMatch(/^flow_read_/);
    await eventually(async () => {
      const page = await as(token.token)
        .content.list("author")
        .catch(() => undefined);
      return page !== undefined;
    }, 15_000);
    expect((await flow.tokens.list()).some((one) => one.id === token.id && one.name === "Site")).toBe(true);
    await flow.tokens.revoke(token.id);
    expect((await flow.tokens.list()).some((one) => one.id === token.id)).toBe(false);
  });

  it("reviews, comments and notifications", async () => {
    const plain = new Client({ url: inject("url"), apiKey: tenant.tokens.admin });
    await plain.types.put("page", {
      id: "page",
      name: "Page",
      fields: [{ id: "title", type: "short_text" }],
      review: { stages: [{ id: "writing" }, { id: "ready" }] },
    });
    const page = await plain.content.create("page", { title: "Reviewed" });
    const moved = await plain.review.move("page", page.id, { stage: "ready", version: 1 });
    expect([moved.stage, moved.assignee]).toEqual(["ready", null]);
    const me = page.created_by!;
    expect((await plain.review.assign("page", page.id, me)).assignee).toBe(me);
    const { comments } = plain.review;
    const comment = await comments.create("page", page.id, {
      body: "Longer?",
      field: "title",
      mentions: [me],
    });
    expect((await comments.list("page", page.id, { limit: 5 })).map((one) => one.body)).toEqual(["Longer?"]);
    expect((await comments.resolve("page", page.id, comment.id)).resolved_by).toBe(me);
    expect((await comments.resolve("page", page.id, comment.id, false)).resolved_at).toBeNull();
    await comments.delete("page", page.id, comment.id);
    expect((await plain.notifications.list()).data[0]!.kind).toBe("comment.mention");
    expect((await plain.notifications.read()).read).toBeGreaterThan(0);
    expect((await plain.notifications.read()).read).toBe(0);
  });

  it("GraphQL, whose errors are those of REST", async () => {
    const author = await flow.content.create("author", { name: "Graph" });
    await flow.content.publish(author.id);
    const query = "query ($id: ID!) { author(id: $id) { name } }";
    const { author: found } = await reader.graphql<{ author: { name: string } }>(query, { id: author.id });
    expect(found.name).toBe("Graph");
    const refused = await refusal(reader.graphql("{ author { name } }"));
    expect([refused.code, refused.reason]).toEqual(["INVALID", "graphql/id-or-slug"]);
    expect(refused.requestId).toMatch(/^req_/);
    const wrong = await refusal(reader.graphql("{ nothing }"));
    expect([wrong.code, wrong.reason]).toEqual(["INVALID", "graphql/invalid-document"]);
    expect(wrong.message).toContain("nothing");
    expect((await refusal(as("flow_read_x").graphql("{ nothing }"))).code).toBe("UNAUTHENTICATED");
  });
});
