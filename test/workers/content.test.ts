import { beforeAll, describe, expect, it } from "vitest";
import { ARTICLE, eventually, newTenant, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant();
  await tenant.put("/types/article", ARTICLE);
});

describe("content types", () => {
  it("take every field type and answer what is wrong by path", async () => {
    const types =
      "short_text long_text rich_text markdown integer number boolean date datetime slug email url color json location media reference".split(
        " ",
      );
    const fields: object[] = types.map((type) => ({ id: `f_${type}`, type }));
    fields.push({ id: "f_enum", type: "enum", options: ["a"] });
    fields.push({
      id: "f_component",
      type: "component",
      fields: [{ id: "label", type: "short_text", required: true }],
    });
    fields.push({
      id: "f_blocks",
      type: "blocks",
      components: [{ id: "hero", fields: [{ id: "text", type: "short_text", max: 5 }] }],
    });
    expect((await tenant.post("/types", { id: "everything", name: "Everything", fields })).status).toBe(201);
    const values = {
      f_short_text: "a",
      f_long_text: "b",
      f_rich_text: { html: "<p>x</p>" },
      f_markdown: "# x",
      f_integer: 1,
      f_number: 1.5,
      f_boolean: true,
      f_date: "2026-01-31",
      f_datetime: "2026-01-31T10:00:00+02:00",
      f_slug: "ä-b",
      f_email: "a@b.co",
      f_url: "https://a.b/c",
      f_color: "#AABBCC",
      f_json: { a: [1] },
      f_location: {
        lat: 1,
        lon: 2,
      },
      f_enum: "a",
      f_component: { label: "x" },
      f_blocks: [
        {
          type: "hero",
          text: "hi",
        },
      ],
    };
    const made = await tenant.post("/content/everything", values);
    expect(made.status).toBe(201);
    expect(made.body.data.f_datetime).toBe("2026-01-31T08:00:00.000Z");
    const wrong = {
      f_short_text: 1,
      f_rich_text: {
        type: "doc",
        content: [{ type: "nope" }],
      },
      f_integer: 1.5,
      f_number: "1",
      f_boolean: "true",
      f_date: "2026-02-30",
      f_datetime: "yesterday",
      f_slug: "A b",
      f_email: "a@",
      f_url: "javascript:alert(1)",
      f_color: "red",
      f_location: {
        lat: 91,
        lon: 0,
      },
      f_media: "cnt_x",
      f_reference: "x",
      f_enum: "b",
      f_component: {},
      f_blocks: [
        {
          type: "hero",
          text: "too long",
        },
        { type: "hreo" },
      ],
      f_shortt: 1,
    };
    const refused = await tenant.post("/content/everything", wrong);
    expect(refused.status).toBe(422);
    const paths = refused.body.error.details.map((one: { path: string }) => one.path);
    for (const path of [
      "f_short_text",
      "f_rich_text.content[0].type",
      "f_integer",
      "f_date",
      "f_url",
      "f_component.label",
      "f_blocks[0].text",
      "f_blocks[1].type",
      "f_shortt",
    ]) {
      expect(paths).toContain(path);
    }
  });

  it("are versioned, and refuse a change that entries violate with the violators listed", async () => {
    const type = {
      id: "thing",
      name: "Thing",
      fields: [
        { id: "name", type: "short_text" },
        { id: "code", type: "short_text" },
      ],
    };
    await tenant.put("/types/thing", type);
    const id = (await tenant.post("/content/thing", { name: "a long name", code: "x" })).body.data.id;
    await tenant.post("/content/thing", { name: "b" });
    const refused = await tenant.put("/types/thing", {
      ...type,
      fields: [
        { id: "name", type: "short_text", max: 5 },
        { id: "code", type: "short_text", required: true },
      ],
    });
    expect(refused.status).toBe(409);
    expect(refused.body.error.reason).toBe("types/violated");
    expect(refused.body.error.details).toHaveLength(2);
    expect(refused.body.error.details[0].entry).toBe(id);
    const lossy = { ...type, fields: [{ id: "name", type: "short_text" }] };
    expect((await tenant.put("/types/thing", lossy)).status).toBe(409);
    await tenant.post("/content/publish", { id });
    const done = await tenant.put("/types/thing?allow_data_loss=true", lossy);
    expect(done.body.data.version).toBe(2);
    expect((await tenant.put("/types/thing", lossy)).headers.get("x-flow-unchanged")).toBe("true");
    // What was lost does not come back under a field of the same name.
    const again = { ...type, fields: [...lossy.fields, { id: "code", type: "integer" }] };
    expect((await tenant.put("/types/thing", again)).status).toBe(200);
    const draft = (await tenant.get(`/content/thing/${id}?perspective=draft`)).body.data;
    expect(draft).toMatchObject({ name: "a long name", code: null, status: "published" });
    await eventually(
      async () =>
        (await tenant.get(`/content/thing/${id}`, { headers: { "cache-control": "no-cache" } })).body.data
          .code === null,
      3000,
    );
    expect((await tenant.delete("/types/thing")).status).toBe(409);
  });

  it("refuse definitions that make no sense", async () => {
    const bad = [
      { id: "id", type: "short_text" },
      { id: "x", type: "enum" },
      { id: "x", type: "short_text", pattern: "(" },
      { id: "x", type: "number", min: 3, max: 1 },
      { id: "x", type: "rich_text", unique: true },
      { id: "x", type: "short_text", requird: true },
      { id: "x", type: "shorttext" },
      { id: "x", type: "integer", default: "a" },
      { id: "__proto__", type: "integer" },
    ];
    for (const field of bad) {
      const reply = await tenant.put("/types/bad", { id: "bad", name: "Bad", fields: [field] });
      expect([reply.status, reply.body.error.code], JSON.stringify(field)).toEqual([422, "INVALID"]);
      expect(reply.body.error.details.length).toBeGreaterThan(0);
    }
  });
});

describe("entries", () => {
  it("go from draft to published to changed, and every save is a version with author and time", async () => {
    const made = (await tenant.post("/content/article", { title: "A", slug: "a" })).body.data;
    expect([made.status, made.version]).toEqual(["draft", 1]);
    expect((await tenant.get(`/content/article/${made.id}`)).status).toBe(404);
    expect((await tenant.post("/content/publish", { id: made.id, version: 1 })).body.data.status).toBe(
      "published",
    );
    expect((await tenant.patch(`/content/article/${made.id}`, { title: "B" })).body.data.status).toBe(
      "changed",
    );
    const versions = (await tenant.get(`/content/article/${made.id}/versions`)).body.data;
    expect(
      versions.map((one: { version: number; data: { title: string } }) => [one.version, one.data.title]),
    ).toEqual([
      [2, "B"],
      [1, "A"],
    ]);
    expect(versions[0].created_by).toMatch(/^tok_/);
    expect((await tenant.post("/content/unpublish", { id: made.id })).body.data.status).toBe("draft");
  });

  it("are guarded by their version, in the body or If-Match", async () => {
    const { id } = (await tenant.post("/content/article", { title: "V" })).body.data;
    expect((await tenant.patch(`/content/article/${id}`, { title: "W", version: 1 })).status).toBe(200);
    const stale = await tenant.patch(
      `/content/article/${id}`,
      { title: "X" },
      { headers: { "if-match": '"1"' } },
    );
    expect([stale.status, stale.body.error.details[0].current_version]).toEqual([412, 2]);
    expect((await tenant.post("/content/publish", { id, version: 1 })).status).toBe(409);
    const race = await Promise.all(
      Array.from({ length: 8 }, () => tenant.post("/content/publish", { id, version: 2 })),
    );
    expect(race.filter((reply) => reply.status === 200)).toHaveLength(1);
    expect(race.filter((reply) => reply.status === 409)).toHaveLength(7);
  });

  it("have slugs that are unique per type, for drafts and for what is published", async () => {
    const first = await tenant.published("article", { title: "One", slug: "taken" });
    const second = await tenant.post("/content/article", { title: "Two", slug: "taken" });
    expect([second.status, second.body.error.reason, second.body.error.details[0].entry]).toEqual([
      409,
      "content/slug-taken",
      first,
    ]);
    await tenant.patch(`/content/article/${first}`, { slug: "moved" });
    const third = await tenant.post("/content/article", { title: "Three", slug: "taken" });
    expect(third.status).toBe(201);
    expect((await tenant.post("/content/publish", { id: third.body.data.id })).status).toBe(409);
    await tenant.post("/content/publish", { id: first });
    expect((await tenant.post("/content/publish", { id: third.body.data.id })).status).toBe(200);
  });

  it("can be put under an id of one's own, again and again", async () => {
    const path = "/content/article/cnt_01jd0000000000000000000099";
    expect((await tenant.put(path, { title: "P", body: { html: "<p>x</p>" } })).status).toBe(201);
    const again = await tenant.put(path, { title: "P", body: { html: "<p>x</p>" } });
    expect([again.status, again.headers.get("x-flow-unchanged"), again.body.data.version]).toEqual([
      200,
      "true",
      1,
    ]);
    expect((await tenant.put(path, { title: "Q" })).body.data.version).toBe(2);
    expect((await tenant.delete(path)).status).toBe(204);
    expect((await tenant.delete(path)).status).toBe(404);
  });

  it("need what is required before publishing, but may be saved without it when asked", async () => {
    const draft = await tenant.post("/content/article?allow_incomplete=true", { slug: "incomplete" });
    expect(draft.status).toBe(201);
    const refused = await tenant.post("/content/publish", { id: draft.body.data.id });
    expect([refused.status, refused.body.error.reason, refused.body.error.details[0].path]).toEqual([
      422,
      "content/incomplete",
      "title",
    ]);
  });

  it("refuse references to what is not there or of another type", async () => {
    const reply = await tenant.post("/content/article", {
      title: "R",
      related: ["cnt_01jd0000000000000000000077"],
    });
    expect([reply.status, reply.body.error.reason]).toEqual([422, "content/broken-reference"]);
  });
});

describe("lists", () => {
  const wanted = (reply: { body: any }) =>
    (reply.body.data ?? expect.fail(JSON.stringify(reply.body))).map((one: { title: string }) => one.title);
  let own: Tenant;

  beforeAll(async () => {
    own = await newTenant();
    await own.put("/types/article", ARTICLE);
    for (let i = 0; i < 25; i++) {
      const fields = {
        title: `T${String(i).padStart(2, "0")}`,
        slug: `t-${i}`,
        rank: i % 5,
        price: i / 2,
        live: i % 2 === 0,
        day: `2026-01-${String(i + 1).padStart(2, "0")}`,
        ...(i < 20 ? { kind: i % 3 ? "news" : "essay" } : {}),
      };
      await own.published("article", fields);
    }
  });

  it("filter by every operator, alike for published and draft", async () => {
    const cases: [string, (i: number) => boolean][] = [
      ["filter[rank][eq]=3", (i) => i % 5 === 3],
      ["filter[rank]=3", (i) => i % 5 === 3],
      ["filter[rank][ne]=3", (i) => i % 5 !== 3],
      ["filter[rank][in]=1,2", (i) => [1, 2].includes(i % 5)],
      ["filter[price][gt]=10", (i) => i / 2 > 10],
      ["filter[price][gte]=10&filter[price][lt]=11", (i) => i / 2 >= 10 && i / 2 < 11],
      ["filter[price][lte]=1", (i) => i / 2 <= 1],
      ["filter[title][contains]=t1", (i) => i >= 10 && i < 20],
      ["filter[kind][exists]=false", (i) => i >= 20],
      ["filter[kind][eq]=essay", (i) => i < 20 && i % 3 === 0],
      ["filter[kind][ne]=news", (i) => i >= 20 || i % 3 === 0],
      ["filter[live][eq]=true", (i) => i % 2 === 0],
      ["filter[day][gte]=2026-01-20", (i) => i + 1 >= 20],
      ["filter[title]=T07", (i) => i === 7],
    ];
    for (const [query, keeps] of cases) {
      const expected = Array.from({ length: 25 }, (_, i) => i)
        .filter(keeps)
        .map((i) => `T${String(i).padStart(2, "0")}`);
      for (const perspective of ["published", "draft"]) {
        const reply = await own.get(
          `/content/article?${query}&sort=title&limit=100&perspective=${perspective}`,
        );
        expect(wanted(reply), `${query} ${perspective}`).toEqual(expected);
        expect(reply.body.pagination.total_items).toBe(expected.length);
      }
    }
  });

  it("walk every entry once by cursor, whatever the order", async () => {
    for (const sort of [
      "",
      "title",
      "-rank,title",
      "kind,-price",
      "-published_at",
      "live,day",
      "created_at",
    ]) {
      for (const perspective of ["published", "draft"]) {
        const seen: string[] = [];
        let cursor: string | null = null;
        do {
          const reply: { body: any } = await own.get(
            `/content/article?limit=7&perspective=${perspective}${sort ? `&sort=${sort}` : ""}${cursor ? `&cursor=${cursor}` : ""}`,
          );
          seen.push(...wanted(reply));
          cursor = reply.body.pagination.next_cursor;
        } while (cursor !== null);
        expect(seen).toHaveLength(25);
        expect(new Set(seen).size).toBe(25);
        const whole = wanted(
          await own.get(
            `/content/article?limit=100&perspective=${perspective}${sort ? `&sort=${sort}` : ""}`,
          ),
        );
        expect(seen, sort).toEqual(whole);
      }
    }
  });

  it("page, count and choose fields", async () => {
    const reply = await own.get("/content/article?page=3&limit=10&sort=title&fields=title,slug");
    expect(wanted(reply)).toEqual(["T20", "T21", "T22", "T23", "T24"]);
    expect(reply.body.pagination).toEqual({
      current_page: 3,
      per_page: 10,
      total_items: 25,
      next_cursor: null,
    });
    expect(Object.keys(reply.body.data[0])).toEqual(["id", "title", "slug"]);
  });

  it("include references one level deep and render rich text", async () => {
    const target = await own.published("article", {
      title: "Target",
      body: { html: "<p>Deep <b>text</b></p>" },
    });
    const draft = (await own.post("/content/article", { title: "Unpublished" })).body.data.id;
    await own.published("article", { title: "Source", slug: "source", related: [target, draft] });
    const { data } = (await own.get("/content/article/source?include=related&rich_text=html")).body;
    expect(data.related[0]).toMatchObject({
      id: target,
      title: "Target",
      body: "<p>Deep <strong>text</strong></p>",
    });
    expect(data.related[1]).toEqual({ id: draft, status: "unavailable" });
    const graph = await own.post("/graphql", {
      query: `{ article(slug: "source") { title related { title body { text html json } } } }`,
    });
    expect(graph.body.data.article.related[0]).toMatchObject({
      title: "Target",
      body: { text: "Deep text" },
    });
  });
});
