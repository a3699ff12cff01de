import { beforeAll, describe, expect, it } from "vitest";
import { asRole, reasonOf } from "../support/access.ts";
import { S, SHOWN, tenantWithParts, values } from "../support/named-parts.ts";

type World = Awaited<ReturnType<typeof tenantWithParts>>;
let own: World["own"];
let author: World["author"];
let blind: World["blind"];
let frozen: World["frozen"];
let make: World["make"];
beforeAll(async () => {
  ({ own, author, blind, frozen, make } = await tenantWithParts());
});

type Role = World["blind"];

describe("what is hidden inside components", () => {
  let id: string;
  beforeAll(async () => {
    id = await make();
    await own.patch(`/content/page/${id}`, { seo: { title: `${S} now`, about: "open" }, next: id });
    await own.patch(`/content/page/${id}`, { seo: values(author).seo });
  });

  it.each([
    ["published", (page: string) => `/content/page/${page}?include=parts,next`],
    ["drafts", (page: string) => `/content/page/${page}?perspective=draft&include=parts,next`],
    ["every locale", (page: string) => `/content/page/${page}?locale=*&include=parts`],
    ["drafts in every locale", (page: string) => `/content/page/${page}?locale=*&perspective=draft`],
    ["lists", () => "/content/page"],
    ["lists of drafts", () => "/content/page?perspective=draft&include=next.next"],
    ["HTML", (page: string) => `/content/page/${page}?rich_text=html`],
    ["chosen fields", (page: string) => `/content/page/${page}?fields=seo,gallery,parts,body,local`],
    ["a version", (page: string) => `/content/page/${page}/versions/1`],
    ["an old working copy", (page: string) => `/content/page/${page}?perspective=draft&version=1`],
    ["a difference", (page: string) => `/content/page/${page}/diff?from=1&to=2`],
    ["another locale", (page: string) => `/content/page/${page}?locale=fr`],
  ])("is not in %s", async (_door, path) => {
    const [mine, theirs] = await Promise.all([own.get(path(id)), blind.get(path(id))]);
    expect([mine.status, mine.text.includes(S)]).toEqual([200, true]);
    expect([theirs.status, theirs.text.includes(S)], theirs.text).toEqual([200, false]);
    if (!path(id).includes("diff")) expect(theirs.text).toMatch(/open|ouvert/);
  });

  it("leaves the rest as it is", async () => {
    const { data } = (await blind.get(`/content/page/${id}`)).body;
    expect(data).toMatchObject(SHOWN);
    expect(data.local).toEqual({ open: "open" });
    const every = (await blind.get(`/content/page/${id}?locale=*`)).body.data;
    expect(every.local).toEqual({ en: { open: "open" }, fr: { open: "ouvert" } });
    const graph = await blind.graphql(
      `{ page(id: "${id}") { title seo { title about } gallery { caption alt }
        parts { ... on Page_Parts_Hero { image headline } } body { json } } }`,
    );
    expect(graph.body.data?.page, graph.text).toMatchObject({
      seo: { title: null, about: "open" },
      gallery: [{ caption: null, alt: "a" }, { caption: null }],
    });
    expect(graph.text).not.toContain(S);
    const { can } = (await blind.get(`/content/page/${id}?perspective=draft`)).body;
    expect(can.fields).toEqual([
      ...["title", "seo.about", "seo.share.card", "gallery.alt", "parts.hero.headline", "parts.quote.words"],
      ...["body.callout.tone", "body.term.word", "local.open", "next"],
    ]);
  });

  it.each([
    ...[
      "filter[seo.title]=x",
      "filter[seo][title][contains]=S",
      "filter[seo][exists]=true",
      "sort=seo.title",
    ],
    ...["filter[seo.share.alt]=x", "filter[gallery][caption]=x", "filter[parts][hero][image]=x", "q=open"],
    ...[
      "filter[or][0][local.closed]=x",
      "facets=seo.title",
      "filter[next][seo.title]=x",
      "sort=-next.seo.title",
    ],
    ...[
      "fields=seo.title",
      "fields=title,parts.hero.image",
      `filter[parts.hero.author]=cnt_01jd0000000000000000000000`,
    ],
  ])("cannot be asked for by ?%s", async (query) => {
    const asked = await blind.get(`/content/page?${query}`);
    expect([asked.status, reasonOf(asked)], asked.text).toEqual([403, "access/field-not-readable"]);
  });

  it("cannot be grouped by, nor found as a reference, and what is beside it can be", async () => {
    expect(reasonOf(await blind.get("/aggregate/page?group_by=seo.title"))).toBe("access/field-not-readable");
    for (const query of [
      "filter[seo.about]=open",
      "filter[gallery][alt]=a",
      "fields=seo.about&sort=seo.about",
    ])
      expect((await blind.get(`/content/page?${query}`)).body.data?.length, query).toBe(1);
    const used = (who: Pick<Role, "get">) => who.get(`/content/author/${author}/references`);
    expect((await used(own)).text).toContain(id);
    expect((await used(blind)).body.data).toEqual([]);
  });

  it("is not in the trash, and nobody restores what they may not read or write", async () => {
    for (const who of [blind, frozen]) {
      const restored = await who.post(`/content/page/${id}/restore`, { version: 1 });
      expect(restored.status, restored.text).toBe(403);
      expect((await who.post(`/content/page/${id}/duplicate`, {})).status).toBe(403);
    }
    const gone = await make();
    await own.delete(`/content/page/${gone}`);
    const trash = await blind.get("/trash");
    expect([trash.text.includes(gone), trash.text.includes(S)]).toEqual([true, false]);
    expect((await blind.post(`/trash/${gone}/restore`, {})).status).toBe(403);
  });

  it.each([
    ["an allowance names what is allowed anyway", "allow", {}],
    ["a refusal is for other entries", "deny", { conditions: { title: "Locked" } }],
  ])(
    "is restored and duplicated by whoever may read and write all, though %s",
    async (_why, effect, more) => {
      const fields = ["seo.title", "seo.share.alt", "gallery.caption", "parts.hero.image", "local.closed"];
      const actions = ["content:read", "content:read-draft", "content:write"];
      const whole = await asRole(own, [
        { actions: ["content:*"] },
        { effect, actions, types: ["page"], fields, ...more },
      ]);
      const page = await make();
      await own.patch(`/content/page/${page}`, { seo: { title: `${S} now`, about: null } });
      const restored = await whole.post(`/content/page/${page}/restore`, { version: 1 });
      expect(restored.status, restored.text).toBe(200);
      const copied = await whole.post(`/content/page/${page}/duplicate`, {});
      expect(copied.status, copied.text).toBe(201);
      expect(copied.body.data.seo).toEqual(values(author).seo);
      expect((await whole.delete(`/content/page/${page}`)).status).toBe(204);
      const back = await whole.post(`/trash/${page}/restore`, {});
      expect(back.status, back.text).toBeLessThan(300);
    },
  );
});
