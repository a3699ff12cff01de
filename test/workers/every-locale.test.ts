import { beforeAll, describe, expect, it } from "vitest";
import { asRole } from "../support/access.ts";
import { ok } from "../support/graphql.ts";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

const FRESH = { headers: { "cache-control": "no-cache" } };
const PAGE = {
  id: "page",
  name: "Page",
  fields: [
    { id: "title", type: "short_text", localized: true },
    { id: "slug", type: "slug", localized: true },
    { id: "body", type: "rich_text", localized: true },
    { id: "price", type: "number" },
    { id: "next", type: "reference", to: ["page", "other"], localized: true },
    { id: "part", type: "component", fields: [{ id: "to", type: "reference" }] },
  ],
  back_references: [{ id: "before", type: "page", field: "next" }],
};

describe("every locale of what is published", () => {
  let own: Tenant;
  let whole: string;
  let french: string;
  const publish = (id: string, locales?: string[]) => own.post("/content/publish", { id, locales });
  const read = async (path: string) => (await own.get(path, FRESH)).body.data;

  beforeAll(async () => {
    own = await newTenant();
    await own.patch("/environments/main", {
      locales: [{ code: "en" }, { code: "fr", fallback: "en" }, { code: "de" }],
    });
    await own.put("/types/other", { id: "other", name: "O", fields: [{ id: "title", type: "short_text" }] });
    expect((await own.put("/types/page", PAGE)).status).toBe(201);
    const other = await own.published("other", { title: "Other" });
    const make = async (fields: object) =>
      (await own.post("/content/page?locale=*", fields)).body.data.id as string;
    french = await make({
      title: { en: "E2", fr: "F2", de: "D2" },
      slug: { en: "e2", de: "d2" },
      body: { fr: { html: "<p>F</p>" }, de: { html: "<p>D</p>" } },
      price: 2,
    });
    await publish(french, ["de"]);
    whole = await make({
      title: { en: "E1", fr: "F1" },
      slug: { en: "e1", de: "d1" },
      price: 1,
      next: { en: other, de: french },
      part: { to: french },
    });
    await publish(whole);
    await own.patch(`/content/page/${whole}?locale=*`, { title: { en: "Draft" }, price: 9 });
    await make({ title: { en: "Never" }, price: 3 });
  });

  it("is one read, with localised values as objects, of what is published and in its locales", async () => {
    const [first, second, ...more] = await read("/content/page?locale=*");
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      id: whole,
      locale: "*",
      status: "published",
      version: 1,
      published_locales: null,
      title: { en: "E1", fr: "F1" },
      slug: { en: "e1", de: "d1" },
      price: 1,
    });
    expect(second).toMatchObject({ id: french, title: { de: "D2" }, slug: { de: "d2" }, price: 2 });
    expect(Object.keys(second.published_locales)).toEqual(["de"]);
    expect(Object.keys(second.body)).toEqual(["de"]);
    expect(first.created_by).toBeUndefined();
    const list = await own.get("/content/page?locale=*&limit=1", FRESH);
    expect(list.body.pagination).toMatchObject({ total_items: 2 });
    const next = await own.get(
      `/content/page?locale=*&limit=1&cursor=${list.body.pagination.next_cursor}`,
      FRESH,
    );
    expect(next.body.data.map((one: any) => one.id)).toEqual([french]);
  });

  it("finds one by its id and by its slug in any locale", async () => {
    for (const path of [whole, "e1", "d1"])
      expect((await read(`/content/page/${path}?locale=*`)).id).toBe(whole);
    for (const path of [french, "d2"])
      expect((await read(`/content/page/${path}?locale=*`)).title).toEqual({ de: "D2" });
    expect((await own.get("/content/page/e2?locale=*", FRESH)).status).toBe(404);
  });

  it("goes with fields, includes, back references, formats, filters, sorts and pages", async () => {
    const item = await read(
      `/content/page/${whole}?locale=*&include=next,part,before&fields=title,next,part`,
    );
    expect(Object.keys(item)).toEqual(["id", "title", "next", "part", "before"]);
    expect([item.next.en.title, item.next.de.title, item.part.to.title]).toEqual([
      "Other",
      { de: "D2" },
      { de: "D2" },
    ]);
    const back = await read(`/content/page/${french}?locale=*&include=before`);
    expect([back.before.total, back.before.data[0].title]).toEqual([1, { en: "E1", fr: "F1" }]);
    expect((await read(`/content/page/${french}?locale=*&rich_text=text`)).body).toEqual({ de: "D" });
    const ids = async (query: string) =>
      (await read(`/content/page?locale=*&${query}`)).map((one: any) => one.id);
    expect(await ids("sort=price")).toEqual([whole, french]);
    expect(await ids("sort=-price")).toEqual([french, whole]);
    expect(await ids("filter[price]=2")).toEqual([french]);
    expect(await ids("filter[price][gte]=1&filter[price][lt]=9&sort=-price")).toEqual([french, whole]);
    expect(await ids("filter[title]=E1")).toEqual([whole]);
    expect(await ids("filter[title][ne]=E1")).toEqual([french]);
    expect(await ids("page=2&limit=1")).toEqual([french]);
    expect(await ids("facets=price")).toEqual([whole, french]);
    expect(await ids("filter[next][title]=Other")).toEqual([whole]);
  });

  it("is of working copies with everything that other locales refer to", async () => {
    const item = (await own.get(`/content/page/${whole}?perspective=draft&locale=*&include=next`)).body.data;
    expect([item.title.en, item.next.de.title.fr]).toEqual(["Draft", "F2"]);
  });

  it("is cached, and changes when a locale is published", async () => {
    const path = `/content/page/${french}?locale=*`;
    await own.get(path);
    expect((await own.get(path)).headers.get("x-flow-cache")).toBe("HIT");
    await publish(french, ["en"]);
    await eventually(async () => (await own.get(path)).body.data.title.en === "E2");
    await own.post("/content/unpublish", { id: french, locales: ["en"] });
    await eventually(async () => (await own.get(path)).body.data.title.en === undefined);
    expect((await own.get("/content/page?locale=*", FRESH)).body.data).toHaveLength(2);
  });

  it("shows the locales that the caller may read", async () => {
    const english = await asRole(own, [{ actions: ["content:read"], locales: ["en"] }]);
    const list = (await english.get("/content/page?locale=*")).body.data;
    expect(list.map(({ title, price }: any) => [title, price])).toEqual([[{ en: "E1" }, 1]]);
    expect((await english.get(`/content/page/${french}?locale=*`)).status).toBe(404);
    const german = await asRole(own, [{ actions: ["content:read"], locales: ["de"], fields: ["title"] }]);
    const some = (await german.get("/content/page?locale=*")).body.data;
    expect(some.map(({ title, price }: any) => [title, price])).toEqual([
      [undefined, undefined],
      [{ de: "D2" }, undefined],
    ]);
  });

  it("is read by GraphQL as JSON, and not computed", async () => {
    const { content } = await ok(own, '{ content(type: "page", locale: "*") { id fields } }');
    expect(content[0].fields.title).toEqual({ en: "E1", fr: "F1" });
    const { pageList } = await ok(own, '{ pageList(locale: "*") { id price } }');
    expect(pageList[1]).toEqual({ id: french, price: 2 });
    const refused = await own.get("/aggregate/page?locale=*");
    expect([refused.status, refused.body.error.reason]).toEqual([422, "content/unknown-locale"]);
  });
});
