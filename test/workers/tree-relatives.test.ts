import { beforeAll, describe, expect, it } from "vitest";
import { asRole } from "../support/access.ts";
import { ok, run } from "../support/graphql.ts";
import { databaseCalls, delivered, newTenant, type Tenant } from "../support/tenant.ts";

const FRESH = { headers: { "cache-control": "no-cache" } };
const PAGE = {
  id: "page",
  name: "Page",
  ordered: true,
  parent: "up",
  fields: [
    { id: "title", type: "short_text", localized: true },
    { id: "kind", type: "enum", options: ["open", "hidden"] },
    { id: "body", type: "rich_text" },
    { id: "up", type: "reference", to: ["page"] },
    { id: "by", type: "reference", to: ["author"] },
  ],
};
const reasonOf = ({ status, body }: { status: number; body: any }) => [status, body.error?.reason];
const titles = (list: any[] | undefined) => list?.map((one) => one.title).join(" ");

describe("the entries around one in a tree", () => {
  let own: Tenant;
  const ids: Record<string, string> = {};
  const one = async (title: string, query: string, options: object = FRESH) => {
    const reply = await own.get(`/content/page/${ids[title]}?${query}`, options);
    expect(reply.status, reply.text).toBe(200);
    return reply.body.data;
  };
  beforeAll(async () => {
    own = await newTenant();
    await own.patch("/environments/main", {
      locales: [{ code: "en" }, { code: "fr", fallback: "en" }, { code: "de" }],
    });
    await own.put("/types/author", {
      id: "author",
      name: "Author",
      fields: [{ id: "name", type: "short_text" }],
    });
    await own.put("/types/page", PAGE);
    await own.put("/types/article", {
      id: "article",
      name: "Article",
      fields: [{ id: "about", type: "reference", to: ["page"] }],
    });
    const by = await own.published("author", { name: "Ann" });
    for (const title of "a ab abc abcd abe ac b".split(" "))
      ids[title] = await own.published("page", {
        title,
        kind: "open",
        by,
        up: ids[title.slice(0, -1)] ?? null,
        body: { html: `<p>${title}</p>` },
      });
    await own.post(`/content/page/${ids["ac"]}/move`, { before: ids["ab"] });
  });

  it("are included, from the root to the parent, and below in the order of siblings", async () => {
    const abcd = await one("abcd", "include=ancestors&rich_text=text");
    expect(titles(abcd.ancestors)).toBe("a ab abc");
    expect(abcd.ancestors[2]).toMatchObject({ id: ids["abc"], type: "page", up: ids["ab"], body: "abc" });
    expect((await one("a", "include=ancestors")).ancestors).toEqual([]);
    const a = await one("a", "include=children.by,descendants&fields=title");
    expect(Object.keys(a).sort()).toEqual(["children", "descendants", "id", "title"]);
    expect([titles(a.children.data), titles(a.descendants)]).toEqual(["ac ab", "ac ab abc abcd abe"]);
    expect(a.children.data[0].by).toMatchObject({ name: "Ann" });
    expect(a.descendants[0].by).toMatch(/^cnt_/);
    const both = await one("abc", "include=up,ancestors,children");
    expect([both.up.title, titles(both.ancestors), titles(both.children.data)]).toEqual([
      "ab",
      "a ab",
      "abcd",
    ]);
    const nested = await own.get(
      "/content/page?filter[up][exists]=false&include=children.children.children&limit=2&related_limit=5",
      FRESH,
    );
    const [root, other] = nested.body.data;
    expect([
      titles(root.children.data),
      titles(root.children.data[1].children.data),
      titles(root.children.data[1].children.data[0].children.data),
      other.children.data,
    ]).toEqual(["ac ab", "abc abe", "abcd", []]);
    const of = await own.published("article", { about: ids["abcd"] });
    const article = await own.get(`/content/article/${of}?include=about.ancestors`, FRESH);
    expect(titles(article.body.data.about.ancestors)).toBe("a ab abc");
    const wrong = await own.get(`/content/article/${of}?include=ancestors`);
    expect(reasonOf(wrong)).toEqual([400, "content/bad-query"]);
  });

  it("take one round trip, in lists and GraphQL too", async () => {
    await delivered(own);
    // Work behind other writes asks the database too: of several times the least is what the request takes.
    const asked = async (work: () => Promise<unknown>) => {
      let least = Number.POSITIVE_INFINITY;
      for (let times = 0; times < 5; times++) {
        const before = await databaseCalls();
        await work();
        least = Math.min(least, (await databaseCalls()) - before);
      }
      return least;
    };
    const plain = await asked(() => own.get("/content/page", FRESH));
    expect(await asked(() => own.get("/content/page?include=ancestors,children,descendants", FRESH))).toBe(
      plain,
    );
    const query = (more: string) => `{ pageList { title ${more} } }`;
    const alone = await asked(() => run(own, query("")));
    expect(
      await asked(() =>
        run(
          own,
          query(
            "ancestors { title } children(first: 5) { nodes { title children(first: 5) { nodes { title } } } }",
          ),
        ),
      ),
    ).toBe(alone);
  });

  it("are those of the perspective, the version and the locale", async () => {
    await own.post(`/content/page/${ids["abc"]}/move`, { parent: ids["b"] });
    expect(titles((await one("abcd", "include=ancestors&perspective=draft")).ancestors)).toBe("b abc");
    expect(titles((await one("abcd", "include=ancestors")).ancestors)).toBe("a ab abc");
    expect(titles((await one("b", "include=descendants&perspective=draft")).descendants)).toBe("abc abcd");
    expect(titles((await one("b", "include=descendants")).descendants)).toBe("");
    expect(titles((await one("abc", "include=ancestors&version=1")).ancestors)).toBe("a ab");
    expect((await one("abc", "include=ancestors&perspective=draft&locale=*")).ancestors[0].title).toEqual({
      en: "b",
    });
    await own.patch(`/content/page/${ids["ab"]}?locale=fr`, { title: "AB" });
    await own.post("/content/publish", { id: ids["ab"] });
    expect(titles((await one("abe", "include=ancestors&locale=fr")).ancestors)).toBe("a AB");
    await own.post("/content/unpublish", { id: ids["ab"], locales: ["de"], on_reference: "keep" });
    expect(titles((await one("abe", "include=ancestors&locale=de")).ancestors)).toBe("");
    expect(titles((await one("abe", "include=ancestors&locale=en")).ancestors)).toBe("a ab");
    await own.post("/content/publish", { id: ids["ab"] });
    await own.post(`/content/page/${ids["abc"]}/move`, { parent: ids["ab"], before: ids["abe"] });
    await own.post("/content/publish", { id: ids["abc"] });
  });

  it("are fresh after an ancestor was moved, renamed, unpublished", async () => {
    const above = async () =>
      titles((await own.get(`/content/page/${ids["abcd"]}?include=ancestors`)).body.data.ancestors);
    const below = async () =>
      titles((await own.get(`/content/page/${ids["a"]}?include=children`)).body.data.children.data);
    expect([await above(), await below()]).toEqual(["a ab abc", "ac ab"]);
    await own.post(`/content/page/${ids["ab"]}/move`, { before: ids["ac"] });
    await expect.poll(below, { timeout: 10_000 }).toBe("ab ac");
    await own.post(`/content/page/${ids["ab"]}/move`, { parent: ids["b"] });
    await own.post("/content/publish", { id: ids["ab"] });
    await expect.poll(above, { timeout: 10_000 }).toBe("b ab abc");
    await expect.poll(below, { timeout: 10_000 }).toBe("ac");
    await own.post("/content/unpublish", { id: ids["ab"], on_reference: "keep" });
    await expect.poll(above, { timeout: 10_000 }).toBe("abc");
    await own.post(`/content/page/${ids["ab"]}/move`, { parent: ids["a"] });
    await own.post("/content/publish", { id: ids["ab"] });
    await expect.poll(above, { timeout: 10_000 }).toBe("a ab abc");
  });

  it("are shown as far as the caller may see them", async () => {
    await own.patch(`/content/page/${ids["ab"]}`, { kind: "hidden" });
    await own.post("/content/publish", { id: ids["ab"] });
    const reader = await asRole(own, [
      { actions: ["content:read"], types: ["page"] },
      { effect: "deny", actions: ["content:read"], types: ["page"], conditions: { kind: "hidden" } },
      { effect: "deny", actions: ["content:read"], types: ["page"], fields: ["body"] },
    ]);
    const seen = async (title: string, include: string) =>
      (await reader.get(`/content/page/${ids[title]}?include=${include}`)).body.data;
    const abcd = await seen("abcd", "ancestors");
    expect([titles(abcd.ancestors), abcd.ancestors[0].body]).toEqual(["abc", undefined]);
    const a = await seen("a", "children,descendants");
    expect([titles(a.children.data), titles(a.descendants)]).toEqual(["ac", "ac"]);
    const masked = await asRole(own, [{ actions: ["content:read"], types: ["page"], fields: ["title"] }]);
    expect((await masked.get(`/content/page/${ids["abcd"]}?include=ancestors`)).status).toBe(403);
    await own.patch(`/content/page/${ids["ab"]}`, { kind: "open" });
    await own.post("/content/publish", { id: ids["ab"] });
  });

  it("are fields of the type in GraphQL", async () => {
    const data = await ok(
      own,
      `{ page(id: "${ids["abcd"]}") { ancestors { title by { name } } }
      pageList(filter: { up: null }) { title children(first: 1) { nodes { title children { totalCount } } } descendants(limit: 3) { title } } }`,
    );
    expect(data.page.ancestors).toEqual(["a", "ab", "abc"].map((title) => ({ title, by: { name: "Ann" } })));
    expect(data.pageList[0]).toMatchObject({
      title: "a",
      children: { nodes: [{ title: "ac", children: { totalCount: 0 } }] },
    });
    expect(titles(data.pageList[0].descendants)).toBe("ac ab abc");
    const wrong = await run(own, `{ pageList { descendants(limit: 501) { title } } }`);
    expect(wrong.errors?.[0]?.extensions?.reason).toBe("graphql/bad-argument");
    const flat = await run(own, `{ articleList { ancestors { id } } }`);
    expect(flat.errors?.[0]?.message).toContain("Cannot query field");
  });
});
