import { beforeAll, describe, expect, it } from "vitest";
import { ok, run } from "../support/graphql.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const DEPTH = 8;
const body = { id: "body", type: "rich_text" };
const doc = (words: string) => ({
  type: "doc",
  content: [{ type: "paragraph", content: [{ type: "text", text: words, marks: [{ type: "bold" }] }] }],
});
const html = (words: string) => `<p><strong>${words}</strong></p>`;

/** Blocks in blocks with a rich text at every level. */
const nestedField = (depth: number): object => ({
  id: "part",
  type: "blocks",
  components: [{ id: "box", fields: [body, ...(depth > 1 ? [nestedField(depth - 1)] : [])] }],
});
const nested = (depth: number, words: (level: number) => unknown): object[] => [
  { type: "box", body: words(depth), ...(depth > 1 ? { part: nested(depth - 1, words) } : {}) },
];
const PAGE = {
  id: "page",
  name: "Page",
  fields: [
    { id: "slug", type: "slug" },
    { id: "intro", type: "rich_text", localized: true },
    { id: "seo", type: "component", localized: true, fields: [body, { id: "word", type: "short_text" }] },
    { id: "raw", type: "json" },
    { id: "friend", type: "reference", to: ["page"] },
    nestedField(DEPTH),
  ],
};
const written = (show: (words: string) => unknown, name: string, friend?: string) => ({
  intro: { en: show(`${name} en`), fr: show(`${name} fr`) },
  seo: { en: { body: show(`${name} seo`), word: "w" } },
  raw: doc("raw"),
  part: nested(DEPTH, (level) => show(`${name} ${level}`)),
  ...(friend ? { friend } : {}),
});
/** What is shown of `written` in one locale. */
const shown = (show: (words: string) => unknown, name: string, locale: "en" | "fr") => ({
  intro: show(`${name} ${locale}`),
  seo: { body: show(`${name} seo`), word: "w" },
  raw: doc("raw"),
  part: nested(DEPTH, (level) => show(`${name} ${level}`)),
});

describe("rich text is shown in the form that is asked for, wherever it stands", () => {
  let tenant: Tenant;
  let [near, far, id] = ["", "", ""];

  beforeAll(async () => {
    tenant = await newTenant();
    await tenant.patch("/environments/main", {
      default_locale: "en",
      locales: [{ code: "en" }, { code: "fr", fallback: "en" }],
    });
    expect((await tenant.put("/types/page", PAGE)).status).toBe(201);
    const made = async (slug: string, friend?: string) => {
      const saved = await tenant.post("/content/page?locale=*", { ...written(doc, slug, friend), slug });
      expect(saved.status, saved.text).toBe(201);
      await tenant.post("/content/publish", { id: saved.body.data.id });
      return saved.body.data.id as string;
    };
    far = await made("far");
    near = await made("near", far);
    id = await made("page", near);
  });

  const forms = [
    ["html", html],
    ["text", (words: string) => words],
    ["json", doc],
  ] as const;
  const views = ["en", "fr"].flatMap((locale) =>
    ["published", "draft"].map((perspective) => [locale, perspective] as const),
  );

  it.each(forms)(
    "as %s, by get, list and slug, in both perspectives and through included entries",
    async (form, show) => {
      for (const [locale, perspective] of views) {
        const query = `rich_text=${form}&locale=${locale}&perspective=${perspective}&include=friend.friend`;
        const expected = (name: string, friend: unknown) => ({
          ...shown(show, name, locale as "en"),
          friend,
        });
        const whole = expected(
          "page",
          expect.objectContaining(expected("near", expect.objectContaining(expected("far", null)))),
        );
        const version = perspective === "draft" ? "&version=1" : "";
        const answers = [
          (await tenant.get(`/content/page/${id}?${query}${version}`)).body.data,
          (await tenant.get(`/content/page/page?${query}`)).body.data,
          (await tenant.get(`/content/page?${query}&filter[slug]=page`)).body.data[0],
        ];
        for (const answer of answers) expect(answer).toMatchObject(whole);
        const some = await tenant.get(`/content/page/${id}?${query}&fields=part,seo`);
        expect(some.body.data).toEqual({ id, part: whole.part, seo: whole.seo });
      }
    },
  );

  it.each(forms)("as %s with locale=*, each value by itself", async (form, show) => {
    const query = `rich_text=${form}&locale=*&perspective=draft&include=friend`;
    const { data } = (await tenant.get(`/content/page/${id}?${query}`)).body;
    expect(data).toMatchObject({
      ...written(show, "page"),
      friend: expect.objectContaining(written(show, "near")),
    });
  });

  it.each(forms)("as %s in versions, differences and the trash", async (form, show) => {
    const made = await tenant.post("/content/page?locale=*", written(doc, "old"));
    const own = made.body.data.id as string;
    await tenant.patch(`/content/page/${own}?locale=fr`, { intro: doc("new") });
    const at = `/content/page/${own}`;
    const [newest, oldest] = (await tenant.get(`${at}/versions?rich_text=${form}`)).body.data;
    expect(oldest.data).toEqual(written(show, "old"));
    expect(newest.data.intro).toEqual({ en: show("old en"), fr: show("new") });
    const one = await tenant.get(`${at}/versions/1?rich_text=${form}`);
    expect(one.body.data.data).toEqual(written(show, "old"));
    const diff = (await tenant.get(`${at}/diff?from=1&to=2&rich_text=${form}`)).body.data;
    if (form !== "json")
      expect(diff).toEqual([{ path: "intro.fr", change: "changed", from: show("old fr"), to: show("new") }]);
    await tenant.delete(at);
    const trash = (await tenant.get(`/trash?rich_text=${form}`)).body.data;
    expect(trash[0].data.part).toEqual(written(show, "old").part);
    for (const path of [`${at}/versions`, `${at}/versions/1`, `${at}/diff?from=1&to=2`, "/trash"]) {
      const join = path.includes("?") ? "&" : "?";
      expect((await tenant.get(`${path}${join}rich_text=xml`)).status, path).toBe(422);
    }
  });

  it("and empty values stay empty", async () => {
    const bare = await tenant.post("/content/page?locale=*", {
      intro: { en: null, fr: doc("fr") },
      part: [],
    });
    const at = `/content/page/${bare.body.data.id}?perspective=draft&rich_text=html`;
    expect((await tenant.get(`${at}&locale=*`)).body.data).toMatchObject({
      intro: { fr: html("fr") },
      part: [],
      seo: null,
    });
    expect((await tenant.get(at)).body.data).toMatchObject({ intro: null, part: [], seo: null });
  });

  it("and what is searched for is marked in any form", async () => {
    const query = "q=page&highlight=true&perspective=draft&fields=id,intro,part";
    const marks = async (more: string) =>
      (await tenant.get(`/content/page?${query}${more}`)).body.highlights[id];
    await expect.poll(() => marks(""), { timeout: 20_000 }).toBeDefined();
    const plain = await marks("");
    expect(Object.keys(plain)).toEqual(["intro", "part"]);
    for (const form of ["html", "text"]) expect(await marks(`&rich_text=${form}`)).toEqual(plain);
    expect((await marks("&rich_text=html&locale=*")).intro).toContain("<mark>page</mark> fr");
  });

  it("in GraphQL: at every depth, in unions, connections, references, and inside of JSON", async () => {
    const selection = `intro { html } seo { body { text } } part { ... on Page_Part_Box { body { html text }
      part { ... on Page_Part_Box_Part_Box { body { html } } } } }`;
    const inner = (name: string, locale: string) => ({
      intro: { html: html(`${name} ${locale}`) },
      seo: { body: { text: `${name} seo` } },
      part: [
        {
          body: { html: html(`${name} 8`), text: `${name} 8` },
          part: [{ body: { html: html(`${name} 7`) } }],
        },
      ],
    });
    const one = `{ page(id: "${id}", locale: "fr") { friend { ${selection} friend { ${selection} } } } }`;
    expect((await ok(tenant, one)).page.friend).toEqual({
      ...inner("near", "fr"),
      friend: inner("far", "fr"),
    });
    const where = 'filter: { slug: { eq: "page" } }, first: 1';
    const page = await ok(
      tenant,
      `{ nodes: pageConnection(${where}) { nodes { ${selection} } } edges: pageConnection(${where}) { edges { node { ${selection} } } } }`,
    );
    expect(page.nodes.nodes).toEqual([inner("page", "en")]);
    expect(page.edges.edges).toEqual([{ node: inner("page", "en") }]);
    const json = await ok(
      tenant,
      `{ content(type: "page", richText: html, filter: { slug: "page" }) { fields }
         every: content(type: "page", richText: text, locale: "*", perspective: draft, filter: { slug: "page" }) { fields }
         versions(type: "page", id: "${id}", richText: html) { data }
         version(type: "page", id: "${id}", version: 1, richText: text) { data } }`,
    );
    const text = (words: string) => words;
    expect(json.content[0].fields).toMatchObject(shown(html, "page", "en"));
    expect(json.every[0].fields).toMatchObject(written(text, "page"));
    expect(json.versions[0].data).toMatchObject(written(html, "page"));
    expect(json.version.data).toMatchObject(written(text, "page"));
    const all = await run(
      tenant,
      `{ page(id: "${id}", locale: "*", perspective: draft) { intro { html } } }`,
    );
    expect(all.errors![0]!.extensions).toMatchObject({ code: "INVALID", reason: "graphql/one-locale" });
  });
});
