import { beforeAll, describe, expect, it } from "vitest";
import { asRole } from "../support/access.ts";
import { ok } from "../support/graphql.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const FRESH = { headers: { "cache-control": "no-cache" } };
const PAGE = {
  id: "page",
  name: "Page",
  ordered: true,
  parent: "up",
  fields: [
    { id: "title", type: "short_text" },
    { id: "kind", type: "enum", options: ["open", "hidden"] },
    { id: "up", type: "reference", to: ["page"] },
  ],
};
const reasonOf = ({ status, body }: { status: number; body: any }) => [status, body.error?.reason];
const CYCLE = [409, "content/tree-cycle"];
const DEEP = [409, "content/tree-too-deep"];

/** Pages by their titles; each is below the one whose title is its own without the last letter. */
async function made(own: Tenant, titles: string, isPublished = true): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const title of titles.split(" ")) {
    const fields = { title, kind: "open", up: ids[title.slice(0, -1)] ?? null };
    if (isPublished) ids[title] = await own.published("page", fields);
    else ids[title] = (await own.post("/content/page", fields)).body.data.id;
  }
  return ids;
}

async function titlesOf(own: Tenant, query: string, type = "page"): Promise<string> {
  const limit = query.includes("limit=") ? "" : "&limit=100";
  const page = await own.get(`/content/${type}?${query}${limit}`, FRESH);
  expect(page.status, page.text).toBe(200);
  return page.body.data.map((one: any) => one.title).join(" ");
}

describe("a tree of entries", () => {
  it("has a field that leads to the parent, a single reference to the type itself", async () => {
    const own = await newTenant();
    const wrong = async (change: object) => reasonOf(await own.put("/types/page", { ...PAGE, ...change }));
    const INVALID = [422, "types/invalid-definition"];
    const up = PAGE.fields[2]!;
    expect(await wrong({ parent: "title" })).toEqual(INVALID);
    expect(await wrong({ parent: "none" })).toEqual(INVALID);
    for (const more of [{ multiple: true }, { localized: true }, { required: true }, { to: undefined }])
      expect(await wrong({ fields: [{ ...up, ...more }] }), JSON.stringify(more)).toEqual(INVALID);
    expect(await wrong({ fields: [up, { id: "children", type: "integer" }] })).toEqual(INVALID);
    expect((await own.put("/types/page", PAGE)).status).toBe(201);
    expect(await wrong({ fields: PAGE.fields.slice(0, 2) })).toEqual(INVALID);
  });

  it("has no circle, whichever way one would come", async () => {
    const own = await newTenant();
    await own.put("/types/page", PAGE);
    const ids = await made(own, "a ab abc x");
    const put = (up: string) => ({ title: "a", kind: "open", up: ids[up] });
    const a = `/content/page/${ids["a"]}`;
    expect(reasonOf(await own.patch(a, { up: ids["a"] }))).toEqual(CYCLE);
    expect(reasonOf(await own.patch(a, { up: ids["abc"] }))).toEqual(CYCLE);
    expect(reasonOf(await own.put(a, put("ab")))).toEqual(CYCLE);
    expect(reasonOf(await own.post(`${a}/move`, { parent: ids["abc"] }))).toEqual(CYCLE);
    expect(reasonOf(await own.post(`${a}/move`, { parent: ids["ab"], after: ids["abc"] }))).toEqual(CYCLE);
    for (const op of [
      { op: "update", fields: { up: ids["abc"] } },
      { op: "put", fields: put("ab") },
    ]) {
      const bulk = await own.post("/content/bulk", { operations: [{ ...op, type: "page", id: ids["a"] }] });
      expect(reasonOf(bulk), bulk.text).toEqual(CYCLE);
      const each = await own.post("/content/bulk", {
        atomic: false,
        operations: [
          { op: "update", type: "page", id: ids["x"], fields: { title: "x" } },
          { ...op, type: "page", id: ids["a"] },
        ],
      });
      expect(each.body.data.items.map((one: any) => one.error?.reason)).toEqual([undefined, CYCLE[1]]);
    }
    const both = await own.post("/content/bulk", {
      operations: [
        { op: "update", type: "page", id: ids["x"], fields: { up: ids["abc"] } },
        { op: "update", type: "page", id: ids["a"], fields: { up: ids["x"] } },
      ],
    });
    expect(reasonOf(both)).toEqual(CYCLE);
    // A version from before, and an entry from the trash, come back to other places.
    expect((await own.post(`/content/page/${ids["abc"]}/move`, { parent: null })).status).toBe(200);
    expect((await own.post(`${a}/move`, { parent: ids["abc"] })).status).toBe(200);
    expect(reasonOf(await own.post(`/content/page/${ids["abc"]}/restore`, { version: 1 }))).toEqual(CYCLE);
    await own.delete(`/content/page/${ids["abc"]}?on_reference=null`);
    await own.patch(`/content/page/${ids["ab"]}`, { up: null });
    await own.patch(a, { up: ids["ab"] });
    const back = await own.post(`/trash/${ids["abc"]}/restore`, {});
    expect(back.status, back.text).toBeLessThan(300);
  });

  it("comes back from the trash to a place that is none any more", async () => {
    const own = await newTenant();
    await own.put("/types/page", PAGE);
    const ids = await made(own, "a ab", false);
    await own.post("/content/bulk", {
      operations: [{ op: "delete", type: "page", id: ids["a"], on_reference: "keep" }],
    });
    const again = await own.post("/content/page", { id: ids["a"], title: "a", up: ids["ab"] });
    expect(reasonOf(again)).toEqual(CYCLE);
    expect((await own.post(`/trash/${ids["a"]}/restore`, {})).status).toBeLessThan(300);
  });

  it("has none among what is published either, and none by repointed references", async () => {
    const own = await newTenant();
    await own.put("/types/page", PAGE);
    const ids = await made(own, "a ab abc");
    await own.patch(`/content/page/${ids["ab"]}`, { up: null });
    await own.patch(`/content/page/${ids["a"]}`, { up: ids["ab"] });
    expect(reasonOf(await own.post("/content/publish", { id: ids["a"] }))).toEqual(CYCLE);
    expect((await own.post("/content/publish", { id: ids["ab"] })).status).toBe(200);
    expect((await own.post("/content/publish", { id: ids["a"] })).status).toBe(200);
    expect(await titlesOf(own, `filter[up]=${ids["ab"]}`)).toBe("a abc");
    // abc would come to stand below itself.
    const gone = await own.delete(`/content/page/${ids["ab"]}?on_reference=repoint:${ids["abc"]}`);
    expect(reasonOf(gone)).toEqual(CYCLE);
    expect(await titlesOf(own, "perspective=draft")).toBe("a ab abc");
    expect(reasonOf(await own.delete(`/content/page/${ids["ab"]}`))).toEqual([409, "content/referenced"]);
  });

  it("has 32 levels", async () => {
    const own = await newTenant();
    await own.put("/types/page", PAGE);
    const ids = await made(own, Array.from({ length: 32 }, (_, i) => "a".repeat(i + 1)).join(" "), false);
    const deep = await own.post("/content/page", { title: "b", up: ids["a".repeat(32)] });
    expect(reasonOf(deep)).toEqual(DEEP);
    const other = await made(own, "x xy", false);
    const move = (parent: string) => own.post(`/content/page/${other["x"]}/move`, { parent: ids[parent] });
    expect(reasonOf(await move("a".repeat(31)))).toEqual(DEEP);
    expect((await move("a".repeat(30))).status).toBe(200);
  });

  it("is moved within: below another parent, beside its new siblings", async () => {
    const own = await newTenant();
    await own.put("/types/page", PAGE);
    const ids = await made(own, "a ab ac ad b bx");
    const move = (title: string, to: object) => own.post(`/content/page/${ids[title]}/move`, to);
    const of = (title: string, more = "") => titlesOf(own, `filter[up]=${ids[title]}${more}`);
    expect(reasonOf(await move("bx", { before: ids["ac"] }))).toEqual([409, "content/not-sibling"]);
    const moved = await move("bx", { parent: ids["a"], before: ids["ac"], version: 1 });
    expect([moved.status, moved.body.data.version, moved.body.data.status], moved.text).toEqual([
      200,
      2,
      "changed",
    ]);
    expect([await of("a"), await of("a", "&perspective=draft")]).toEqual(["ab ac ad", "ab bx ac ad"]);
    await own.post("/content/publish", { id: ids["bx"] });
    expect([await of("a"), await of("b")]).toEqual(["ab bx ac ad", ""]);
    const same = await move("bx", { parent: ids["a"], after: ids["ad"] });
    expect([same.body.data.version, await of("a")]).toEqual([2, "ab ac ad bx"]);
    expect(reasonOf(await move("bx", { parent: ids["b"], after: ids["ad"] }))).toEqual([
      409,
      "content/not-sibling",
    ]);
    expect(reasonOf(await move("bx", { parent: ids["b"], version: 1 }))).toEqual([
      409,
      "content/version-conflict",
    ]);
    const missing = await move("bx", { parent: "cnt_01jd0000000000000000000099" });
    expect(reasonOf(missing)).toEqual([422, "content/broken-reference"]);
    expect((await own.get(`/content/page/${ids["bx"]}?perspective=draft`)).body.data.version).toBe(2);
    expect((await move("bx", { parent: null })).body.data.up).toBeNull();
    const graphql = await ok(
      own,
      `mutation { placeEntry(type: "page", id: "${ids["ad"]}", parent: null) { id } }`,
    );
    expect(graphql.placeEntry.id).toBe(ids["ad"]);
    expect(await titlesOf(own, "perspective=draft&filter[up][exists]=false")).toBe("a b bx ad");
    await own.put("/types/flat", {
      ...PAGE,
      id: "flat",
      ordered: undefined,
      fields: [{ id: "up", type: "reference", to: ["flat"] }],
    });
    const flat = await own.published("flat", {});
    expect(reasonOf(await own.post(`/content/flat/${flat}/move`, {}))).toEqual([422, "content/bad-move"]);
    expect(reasonOf(await own.post(`/content/flat/${flat}/move`, { after: flat }))).toEqual([
      422,
      "content/bad-move",
    ]);
    expect(reasonOf(await own.post(`/content/flat/${flat}/move`, { parent: flat }))).toEqual(CYCLE);
  });

  it("is made of entries that are there, unless they stand in a circle", async () => {
    const own = await newTenant();
    const plain = { ...PAGE, parent: undefined };
    await own.put("/types/page", plain);
    const ids = await made(own, "a ab abc x");
    await own.patch(`/content/page/${ids["a"]}`, { up: ids["abc"] });
    const refused = await own.put("/types/page", PAGE);
    expect(reasonOf(refused)).toEqual([409, "types/violated"]);
    expect(refused.text).toContain(`${ids["a"]} to ${ids["abc"]} to ${ids["ab"]} to ${ids["a"]}`);
    await own.patch(`/content/page/${ids["a"]}`, { up: null });
    expect((await own.put("/types/page", PAGE)).status).toBe(200);
    expect(reasonOf(await own.patch(`/content/page/${ids["a"]}`, { up: ids["ab"] }))).toEqual(CYCLE);
  });
});

describe("what stands below an entry", () => {
  let own: Tenant;
  let ids: Record<string, string>;
  const within = (title: string, more = "") => titlesOf(own, `filter[up][within]=${ids[title]}${more}`);
  beforeAll(async () => {
    own = await newTenant();
    await own.put("/types/page", PAGE);
    ids = await made(own, "a ab abc abcd abe ac b bx");
    await own.put("/types/article", {
      id: "article",
      name: "Article",
      fields: [
        { id: "title", type: "short_text" },
        { id: "about", type: "reference", to: ["page"], multiple: true },
        { id: "other", type: "reference", to: ["article"] },
        { id: "card", type: "component", fields: [{ id: "page", type: "reference", to: ["page"] }] },
      ],
    });
    for (const [title, about] of [
      ["1", ["abcd"]],
      ["2", ["ac", "ab"]],
      ["3", ["b"]],
      ["4", []],
    ] as const)
      await own.published("article", {
        title,
        about: about.map((one) => ids[one]),
        card: { page: about.length > 0 ? ids[about[0]!] : null },
      });
  });

  it("is found to any depth, with other filters, in both perspectives", async () => {
    expect(await within("a")).toBe("ab abc abcd abe ac");
    expect(await within("ab", "&sort=-order")).toBe("abe abcd abc");
    expect(await within("abcd")).toBe("");
    expect(await within("a", "&filter[title][contains]=c&sort=-title")).toBe("ac abcd abc");
    expect(await within("a", "&filter[kind]=open&filter[title][ne]=ab&limit=2")).toBe("abc abcd");
    expect(await titlesOf(own, `filter[up][within]=${ids["ab"]},${ids["b"]}&sort=title`)).toBe(
      "abc abcd abe bx",
    );
    expect(await titlesOf(own, `filter[not][up][within]=${ids["a"]}&sort=title`)).toBe("a b bx");
    expect(
      await titlesOf(own, `filter[or][0][up][within]=${ids["b"]}&filter[or][1][title]=a&sort=title`),
    ).toBe("a bx");
    const list = await own.get(`/content/page?filter[up][within]=${ids["a"]}&limit=2`, FRESH);
    expect(list.body.pagination.total_items).toBe(5);
    await own.patch(`/content/page/${ids["abc"]}`, { up: ids["b"] });
    expect([await within("b"), await within("b", "&perspective=draft&sort=title")]).toEqual([
      "bx",
      "abc abcd bx",
    ]);
    await own.patch(`/content/page/${ids["abc"]}`, { up: ids["ab"] });
  });

  it("is what other types refer to", async () => {
    const about = (title: string, more = "") =>
      titlesOf(own, `filter[about][within]=${ids[title]}&sort=title${more}`, "article");
    expect([await about("a"), await about("abc"), await about("b"), await about("bx")]).toEqual([
      "1 2",
      "1",
      "3",
      "",
    ]);
    expect(await about("a", "&filter[title][ne]=1")).toBe("2");
    expect(await titlesOf(own, `filter[not][about][within]=${ids["a"]}&sort=title`, "article")).toBe("3 4");
    expect(await titlesOf(own, `filter[about][up][within]=${ids["a"]}&sort=title`, "article")).toBe("1 2");
    const inside = (title: string, more = "") =>
      titlesOf(own, `filter[card][page][within]=${ids[title]}&sort=title${more}`, "article");
    expect([await inside("a"), await inside("ab"), await inside("a", "&filter[title][ne]=1")]).toEqual([
      "1 2",
      "1",
      "2",
    ]);
    expect(await titlesOf(own, `filter[not][card][page][within]=${ids["a"]}&sort=title`, "article")).toBe(
      "3 4",
    );
    const wrong = await own.get(`/content/article?filter[other][within]=${ids["a"]}`);
    expect(reasonOf(wrong)).toEqual([400, "content/bad-query"]);
    expect(reasonOf(await own.get("/content/page?filter[up][within]=x"))).toEqual([400, "content/bad-query"]);
    const data = await ok(
      own,
      `{ articleList(filter: { about: { within: "${ids["abc"]}" } }) { title }
      pageList(filter: { up: { within: "${ids["ab"]}" } }) { title } }`,
    );
    expect(data.articleList).toEqual([{ title: "1" }]);
    expect(data.pageList.map((one: any) => one.title)).toEqual(["abc", "abcd", "abe"]);
  });

  it("is what a field for several trees refers to", async () => {
    const up = { id: "up", type: "reference", to: ["shelf"] };
    const title = { id: "title", type: "short_text" };
    await own.put("/types/shelf", { id: "shelf", name: "Shelf", parent: "up", fields: [title, up] });
    for (const [id, to] of [
      ["mixed", ["page", "shelf"]],
      ["loose", undefined],
    ] as const)
      await own.put(`/types/${id}`, { id, name: id, fields: [title, { id: "on", type: "reference", to }] });
    const top = await own.published("shelf", { title: "top" });
    const low = await own.published("shelf", { title: "low", up: top });
    for (const type of ["mixed", "loose"]) {
      for (const [one, on] of Object.entries({ p: ids["abcd"], q: low, r: ids["b"] }))
        await own.published(type, { title: one, on });
      for (const more of ["", "&perspective=draft", "&filter[title][ne]=r"]) {
        expect(await titlesOf(own, `filter[on][within]=${ids["a"]},${top}&sort=title${more}`, type)).toBe(
          "p q",
        );
        const others = await titlesOf(own, `filter[not][on][within]=${top}&sort=title${more}`, type);
        expect(others).toBe(more.includes("ne") ? "p" : "p r");
      }
    }
  });

  it("is fresh after a move and a publish, for what refers to it too", async () => {
    const about = () =>
      own
        .get(`/content/article?filter[about][within]=${ids["b"]}&sort=title`)
        .then((one) => one.body.data.map((it: any) => it.title).join(" "));
    expect(await about()).toBe("3");
    await own.post(`/content/page/${ids["abc"]}/move`, { parent: ids["b"] });
    await own.post("/content/publish", { id: ids["abc"] });
    await expect.poll(about, { timeout: 10_000 }).toBe("1 3");
    await own.post(`/content/page/${ids["abc"]}/move`, { parent: ids["ab"], before: ids["abe"] });
    await own.post("/content/publish", { id: ids["abc"] });
    await expect.poll(about, { timeout: 10_000 }).toBe("3");
    expect(await within("a")).toBe("ab abcd abc abe ac");
  });

  it("does not lead through what the caller may not see, or what is not published", async () => {
    await own.patch(`/content/page/${ids["abc"]}`, { kind: "hidden" });
    await own.post("/content/publish", { id: ids["abc"] });
    const reader = await asRole(own, [
      { actions: ["content:read"], types: ["page", "article"] },
      { effect: "deny", actions: ["content:read"], types: ["page"], conditions: { kind: "hidden" } },
    ]);
    const seen = async (path: string) => {
      const page = await reader.get(path);
      expect(page.status, page.text).toBe(200);
      return page.body.data.map((one: any) => one.title).join(" ");
    };
    expect(await seen(`/content/page?filter[up][within]=${ids["a"]}`)).toBe("ab abe ac");
    expect(await seen(`/content/page?filter[up][within]=${ids["a"]}&filter[title][ne]=ac`)).toBe("ab abe");
    expect(await seen(`/content/page?filter[not][up][within]=${ids["a"]}&sort=title`)).toBe("a abcd b bx");
    expect(await seen(`/content/article?filter[about][within]=${ids["a"]}`)).toBe("2");
    const masked = await asRole(own, [{ actions: ["content:read"], types: ["page"], fields: ["title"] }]);
    expect((await masked.get(`/content/page?filter[up][within]=${ids["a"]}`)).status).toBe(403);
    await own.post("/content/unpublish", { id: ids["abc"], on_reference: "keep" });
    expect(await within("a")).toBe("ab abe ac");
    await own.patch(`/content/page/${ids["abc"]}`, { kind: "open" });
    await own.post("/content/publish", { id: ids["abc"] });
    expect(await within("a")).toBe("ab abcd abc abe ac");
  });
});
