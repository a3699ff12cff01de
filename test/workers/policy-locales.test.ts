import { beforeAll, describe, expect, it } from "vitest";
import { asRole, reasonOf } from "../support/access.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const DOC = {
  id: "doc",
  name: "Doc",
  fields: [
    { id: "name", type: "short_text" },
    { id: "title", type: "short_text", localized: true },
    { id: "size", type: "integer", localized: true },
    { id: "link", type: "reference", to: ["doc"], localized: true },
    { id: "peer", type: "reference", to: ["doc"] },
  ],
};
const READING = ["content:read", "content:read-draft"];
const TYPES = { actions: ["types:read"] };
const SECRET = "merger-with-acme";

async function library() {
  const tenant = await newTenant();
  await tenant.patch("/environments/main", {
    default_locale: "en",
    locales: [{ code: "en" }, { code: "de", fallback: "en" }],
  });
  await tenant.put("/types/doc", DOC);
  const made = async (values: object) => {
    const { body, text } = await tenant.post("/content/doc?locale=*", values);
    if (!body.data?.id) throw new Error(text);
    await tenant.post("/content/publish", { id: body.data.id });
    return body.data.id as string;
  };
  const both = await made({ name: "both", title: { en: SECRET, de: "fusion" }, size: { en: 7351, de: 1 } });
  const english = await made({ name: "english", title: { en: `${SECRET}-too` }, link: { en: both } });
  const german = await made({ name: "german", title: { de: "allein" }, link: { de: both }, peer: both });
  return { tenant, ids: { both, english, german } };
}

let tenant: Tenant;
let ids: { both: string; english: string; german: string };
beforeAll(async () => ({ tenant, ids } = await library()));

const ROLES = {
  "German only": [{ actions: READING, locales: ["de"] }, TYPES],
  "all but English": [{ actions: READING }, { effect: "deny", actions: READING, locales: ["en"] }, TYPES],
  "no English titles": [
    { actions: READING },
    { effect: "deny", actions: READING, locales: ["en"], fields: ["title", "size", "link"] },
    TYPES,
  ],
};

describe.each(Object.entries(ROLES))("%s", (_, grants) => {
  let reader: Awaited<ReturnType<typeof asRole>>;
  beforeAll(async () => {
    reader = await asRole(tenant, grants);
  });

  it.each(["draft&locale=*", "draft&locale=de", "published&locale=de"])(
    "is told nothing of hidden values by what looks them up in %s",
    async (view) => {
      for (const path of [
        "/aggregate/doc?group_by=title",
        "/aggregate/doc?max=size",
        "/aggregate/doc?min=size",
        "/aggregate/doc?group_by=link",
        "/content/doc?facets=title",
        "/content/doc?filter[title][starts_with]=merger",
        "/content/doc?filter[size][gt]=7000",
        "/content/doc?filter[link][name]=both",
        "/content/doc?filter[not][title]=x",
        "/content/doc?sort=title",
        "/content/doc?sort=-size",
        "/content/doc?q=merger",
      ]) {
        const reply = await reader.get(`${path}&perspective=${view}`);
        expect(reasonOf(reply), `${path} ${reply.text}`).toBe("access/field-not-readable");
      }
    },
  );

  it("still looks up what no locale owns", async () => {
    for (const view of ["draft&locale=*", "draft&locale=de", "published&locale=de"]) {
      const found = await reader.get(`/content/doc?filter[name]=both&sort=name&perspective=${view}`);
      expect(found.status, found.text).toBe(200);
      expect(found.body.data.map(({ id }: { id: string }) => id)).toEqual([ids.both]);
      const groups = await reader.get(`/aggregate/doc?group_by=name&perspective=${view}`);
      expect(groups.status, groups.text).toBe(200);
    }
  });

  it("is told nothing of them by GraphQL", async () => {
    for (const query of [
      '{ docAggregate(perspective: draft, locale: "*", groupBy: [title]) { count group { title } } }',
      '{ docList(perspective: draft, locale: "de") { id title } }',
      '{ docList(locale: "de") { id title } }',
    ])
      expect((await reader.graphql(query)).text).not.toContain(SECRET);
  });

  it("sees its own locale's values, and none that it falls back to", async () => {
    for (const view of ["draft", "published"]) {
      const list = await reader.get(`/content/doc?perspective=${view}&locale=de&sort=created_at`);
      expect(list.status, list.text).toBe(200);
      expect(list.text).not.toContain(SECRET);
      expect(list.body.data.map((one: { title?: string }) => one.title)).toEqual([
        "fusion",
        undefined,
        "allein",
      ]);
      expect(list.body.data[1].name).toBe("english");
      const one = await reader.get(`/content/doc/${ids.english}?perspective=${view}&locale=de`);
      expect(one.body.data, one.text).not.toHaveProperty("title");
      expect(one.body.data).not.toHaveProperty("link");
      const some = await reader.get(`/content/doc?perspective=${view}&locale=de&fields=title,size`);
      expect(some.status, some.text).toBe(200);
      expect(some.text).not.toContain(SECRET);
      const nested = await reader.get(`/content/doc?perspective=${view}&locale=de&include=link,peer`);
      expect(nested.status, nested.text).toBe(200);
      expect(nested.text).not.toContain(SECRET);
      expect(nested.body.data.find(({ name }: { name: string }) => name === "german").peer.title).toBe(
        "fusion",
      );
    }
  });

  it("knows the references of its own locale only", async () => {
    const { status, body, text } = await reader.get(`/content/doc/${ids.both}/references`);
    expect(status, text).toBe(200);
    const found = body.data.map(({ id, field, locale }: Record<string, string>) => [id, field, locale]);
    expect(text).not.toContain(ids.english);
    expect(found).toContainEqual([ids.german, "link", "de"]);
    expect(found).toContainEqual([ids.german, "peer", null]);
  });
});

describe("who may read every locale", () => {
  it("looks up and falls back as ever", async () => {
    for (const grants of [
      [{ actions: READING }, TYPES],
      [{ actions: READING, locales: ["en", "de"] }, TYPES],
      [{ actions: READING }, { effect: "deny", actions: READING, conditions: { name: "none" } }, TYPES],
    ]) {
      const reader = await asRole(tenant, grants);
      for (const view of ["draft&locale=*", "draft&locale=de", "published&locale=de"])
        for (const path of [
          "/aggregate/doc?group_by=title",
          "/content/doc?facets=title&filter[size][exists]=true&sort=title",
          "/content/doc?q=fusion",
        ]) {
          const reply = await reader.get(`${path}&perspective=${view}`);
          expect(reply.status, `${path} ${reply.text}`).toBe(200);
        }
      for (const view of ["draft", "published"]) {
        const one = await reader.get(`/content/doc/${ids.english}?perspective=${view}&locale=de`);
        expect(one.body.data.title, one.text).toBe(`${SECRET}-too`);
      }
      expect((await reader.get(`/content/doc/${ids.both}/references`)).text).toContain(ids.english);
    }
  });
});

describe("a first publishing in one locale", () => {
  const made = async () => {
    const reply = await tenant.post("/content/doc?locale=*", { name: "shared", title: { en: "e", de: "d" } });
    return reply.body.data.id as string;
  };

  it("needs the right to what no locale owns, which it takes along", async () => {
    const german = await asRole(tenant, [
      { actions: READING },
      { actions: ["content:publish"], locales: ["de"] },
      TYPES,
    ]);
    const id = await made();
    expect(reasonOf(await german.post("/content/publish", { id, locales: ["de"] }))).toBe(
      "access/not-granted",
    );
    const bulk = await german.post("/content/bulk", {
      operations: [{ op: "publish", id, locales: ["de"] }],
    });
    expect(bulk.text).toContain("access/not-granted");
    expect((await tenant.get(`/content/doc/${id}?locale=de`)).status).toBe(404);
    expect((await tenant.post("/content/publish", { id, locales: ["en"] })).status).toBe(200);
    const next = await german.post("/content/publish", { id, locales: ["de"] });
    expect(next.status, next.text).toBe(200);
    expect((await tenant.get(`/content/doc/${id}?locale=de`)).body.data.title).toBe("d");
  });

  it("is open to who may publish in every locale", async () => {
    const publisher = await asRole(tenant, [{ actions: [...READING, "content:publish"] }, TYPES]);
    const id = await made();
    const reply = await publisher.post("/content/publish", { id, locales: ["de"] });
    expect(reply.status, reply.text).toBe(200);
  });
});
