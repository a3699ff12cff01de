import { beforeAll, describe, expect, it } from "vitest";
import { asRole } from "../support/access.ts";
import { ok } from "../support/graphql.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const FRESH = { headers: { "cache-control": "no-cache" } };
const PAGE = {
  id: "page",
  name: "Page",
  fields: [
    { id: "title", type: "short_text", localized: true },
    { id: "slug", type: "slug", localized: true },
    { id: "next", type: "reference", to: ["page", "own"] },
  ],
};
const OWN = { id: "own", name: "O", fields: [{ id: "localizations", type: "short_text" }] };

describe("the localizations of an entry", () => {
  let own: Tenant;
  let id: string;
  let some: string;
  const ALL = [
    { locale: "en", slug: "one" },
    { locale: "fr", slug: "un" },
    { locale: "de", slug: null },
  ];
  const read = async (path: string) => (await own.get(path, FRESH)).body.data;

  beforeAll(async () => {
    own = await newTenant();
    await own.patch("/environments/main", {
      locales: [{ code: "en" }, { code: "fr", fallback: "en" }, { code: "de" }],
    });
    expect((await own.post("/types/bulk", { types: [PAGE, OWN] })).status).toBe(201);
    const make = async (fields: object) =>
      (await own.post("/content/page?locale=*", fields)).body.data.id as string;
    some = await make({ title: { en: "S" }, slug: { en: "some", fr: "quelque", de: "etwas" } });
    await own.post("/content/publish", { id: some, locales: ["en", "de"] });
    const last = await own.published("own", { localizations: "mine" });
    id = await make({ title: { en: "One" }, slug: { en: "one", fr: "un" }, next: some });
    await own.post("/content/publish", { id });
    const other = await make({ slug: { en: "other" }, next: last });
    await own.post("/content/publish", { id: other });
  });

  it("are the locales that it is published in, with their slugs, also of what it refers to", async () => {
    expect((await read(`/content/page/${id}?include=localizations`)).localizations).toEqual(ALL);
    const { next, ...more } = await read(
      `/content/page/un?locale=fr&include=localizations,next.localizations&fields=next`,
    );
    expect([more.localizations, next.localizations]).toEqual([
      ALL,
      [
        { locale: "en", slug: "some" },
        { locale: "de", slug: "etwas" },
      ],
    ]);
    const list = await read("/content/page?include=next.localizations&sort=slug");
    expect(list.map((one: any) => one.next?.localizations?.length ?? null)).toEqual([2, 4, null]);
  });

  it("are all locales of a working copy", async () => {
    const draft = await read(`/content/page/${some}?perspective=draft&include=localizations`);
    expect(draft.localizations.map((one: any) => one.slug)).toEqual(["some", "quelque", "etwas"]);
  });

  it("are a field in GraphQL, where a type has no field of that name", async () => {
    const { page, ownList } = await ok(
      own,
      `{ page(slug: "one") { localizations { locale slug } next { ... on PageEntry { localizations { locale } } } }
        ownList { localizations } }`,
    );
    expect(page.localizations).toEqual(ALL);
    expect(page.next.localizations).toEqual([{ locale: "en" }, { locale: "de" }]);
    expect(ownList).toEqual([{ localizations: "mine" }]);
  });

  it("are those that the caller may read, without slugs that they may not", async () => {
    const english = await asRole(own, [{ actions: ["content:read"], locales: ["en"], fields: ["title"] }]);
    const seen = (await english.get(`/content/page/${id}?include=localizations`)).body.data;
    expect(seen.localizations).toEqual([{ locale: "en", slug: null }]);
    const refused = await own.get("/content/own?include=localizations");
    expect(refused.status).toBe(400);
    expect((await own.get("/content/page?include=localizations.next")).status).toBe(400);
  });
});

describe("the options of an enum in GraphQL", () => {
  it("are an enum type beside the text, with names where options are none", async () => {
    const own = await newTenant();
    const options = ["calm", "not so calm", "not-so-calm", "4k", "true", { value: "ok", label: "Fine" }, "—"];
    const fields = [
      { id: "mood", type: "enum", options },
      { id: "moods", type: "enum", options, multiple: true },
      { id: "stars", type: "enum", options: [1, 2] },
    ];
    expect((await own.put("/types/thing", { id: "thing", name: "T", fields })).status).toBe(201);
    const values = ["not so calm", "not-so-calm", "4k", "true", "—", "ok"];
    await own.published("thing", { mood: "not-so-calm", moods: values, stars: 1 });
    await own.published("thing", {});
    const { thingList } = await ok(own, "{ thingList { mood mood_option moods moods_option stars } }");
    expect(thingList).toEqual([
      { mood: null, mood_option: null, moods: null, moods_option: null, stars: null },
      {
        mood: "not-so-calm",
        mood_option: "not_so_calm_2",
        moods: values,
        moods_option: ["not_so_calm", "not_so_calm_2", "_4k", "_true", "_", "ok"],
        stars: 1,
      },
    ]);
    const { __type: type } = await ok(
      own,
      '{ __type(name: "Thing_Mood") { enumValues { name description } } }',
    );
    expect(type.enumValues).toContainEqual({ name: "ok", description: "Fine" });
    expect(type.enumValues).toContainEqual({ name: "_4k", description: "4k" });
    const stars = await own.post("/graphql", { query: "{ thingList { stars_option } }" });
    expect(stars.body.errors).toHaveLength(1);
  });
});
