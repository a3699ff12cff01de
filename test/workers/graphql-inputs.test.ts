import { beforeAll, describe, expect, it } from "vitest";
import { ok, run } from "../support/graphql.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const text = (id: string, more: object = {}) => ({ id, type: "short_text", ...more });
const IMAGE = { id: "image", name: "Image", fields: [text("alt_text"), { id: "price", type: "money" }] };
const SEO = {
  id: "seo",
  name: "SEO",
  fields: [
    text("meta_title", { max: 9 }),
    { id: "share_image", type: "component", component: "image" },
    { id: "more_images", type: "component", component: "image", multiple: true },
    text("made", { computed: "'x'" }),
  ],
};
const PAGE = {
  id: "page",
  name: "Page",
  fields: [
    text("title"),
    { id: "seo", type: "component", component: "seo", localized: true },
    {
      id: "hero",
      type: "component",
      fields: [text("sub_title", { max: 9 }), { id: "opens", type: "date_range" }],
    },
    { id: "hero_input", type: "component", fields: [text("a")] },
    {
      id: "rows",
      type: "component",
      multiple: true,
      fields: [text("row_name"), { id: "to", type: "reference" }],
    },
    {
      id: "body",
      type: "blocks",
      components: [
        { id: "pull_quote", fields: [text("said_by", { max: 9 }), { id: "words", type: "rich_text" }] },
        "seo",
        {
          id: "nest",
          fields: [
            {
              id: "inner_blocks",
              type: "blocks",
              components: [{ id: "deep_one", fields: [text("deep_text", { max: 9 })] }],
            },
          ],
        },
      ],
    },
  ],
};
const WORDS = { type: "doc", content: [{ type: "paragraph", content: [{ type: "text", text: "Hi" }] }] };
/** As REST has it. */
const REST = {
  title: "T",
  seo: {
    meta_title: "M",
    share_image: { alt_text: "S", price: { amount: "1.50", currency: "EUR" } },
    more_images: [{ alt_text: "1" }],
  },
  hero: { sub_title: "H", opens: { from: "2026-01-01", to: null } },
  hero_input: { a: "A" },
  rows: [{ row_name: "R1" }, { row_name: "R2" }],
  body: [
    { type: "pull_quote", said_by: "Ada", words: WORDS },
    { type: "seo", meta_title: "B" },
    { type: "nest", inner_blocks: [{ type: "deep_one", deep_text: "D" }] },
  ],
};
/** As GraphQL has it. */
const TYPED = {
  title: "T",
  seo: {
    metaTitle: "M",
    shareImage: { altText: "S", price: { amount: "1.50", currency: "EUR" } },
    moreImages: [{ altText: "1" }],
  },
  hero: { subTitle: "H", opens: { from: "2026-01-01" } },
  heroInput: { a: "A" },
  rows: [{ rowName: "R1" }, { rowName: "R2" }],
  body: [
    { pullQuote: { saidBy: "Ada", words: WORDS } },
    { seo: { metaTitle: "B" } },
    { nest: { innerBlocks: [{ deepOne: { deepText: "D" } }] } },
  ],
};
const CREATE = "mutation ($f: PageInput!) { createPage(fields: $f) { id } }";

let own: Tenant;
beforeAll(async () => {
  own = await newTenant();
  await own.patch("/environments/main", { locales: [{ code: "en" }, { code: "fr", fallback: "en" }] });
  const made = await own.post("/types/bulk", { components: [IMAGE, SEO], types: [PAGE] });
  expect(made.status, made.text).toBe(201);
});
const stored = async (id: string, locale = "en") =>
  (await own.get(`/content/page/${id}?perspective=draft&locale=${locale}`)).body.data;

it("entries with the same component share an interface, wherever several types are read", async () => {
  const other = await newTenant();
  const seo = { id: "seo", type: "component", component: "seo" };
  const types = [
    { id: "post", name: "P", fields: [text("title"), seo, { id: "any", type: "reference", multiple: true }] },
    { id: "event", name: "E", fields: [seo, { ...seo, id: "meta" }] },
    { id: "plain", name: "L", fields: [text("seo")] },
    { id: "many", name: "M", fields: [{ ...seo, multiple: true }] },
  ];
  const made = await other.post("/types/bulk", {
    components: [{ ...SEO, fields: [text("meta_title")] }],
    types,
  });
  expect(made.status, made.text).toBe(201);
  const event = await other.published("event", { seo: { meta_title: "E" }, meta: { meta_title: "M" } });
  const plain = await other.published("plain", { seo: "text" });
  await other.published("post", { title: "P", seo: { meta_title: "P" }, any: [event, plain] });
  const { entries, postList } = await ok(
    other,
    `query { entries(types: ["post", "event", "plain"], sort: ["created_at"]) { nodes { ...S ... on HasSeo_Meta { meta { metaTitle } } } }
      postList { any { ...S } } }
     fragment S on HasSeo { seo { metaTitle } }`,
  );
  expect(entries.nodes).toEqual([
    { seo: { metaTitle: "E" }, meta: { metaTitle: "M" } },
    {},
    { seo: { metaTitle: "P" } },
  ]);
  expect(postList).toEqual([{ any: [{ seo: { metaTitle: "E" } }, {}] }]);
  const { __type: shared } = await ok(other, `{ __type(name: "HasSeo") { kind possibleTypes { name } } }`);
  const possible = (shared.possibleTypes as { name: string }[]).map(({ name }) => name);
  expect([shared.kind, possible.toSorted()]).toEqual(["INTERFACE", ["EventEntry", "PostEntry"]]);
  for (const name of ["HasPlain", "HasSeo_Seo", "HasSeoX"])
    expect((await run(other, `{ postList { ... on ${name} { id } } }`)).errors, name).toBeDefined();
});

describe("the inputs of components and blocks", () => {
  it("write what REST writes, typed at every depth", async () => {
    const { id } = (await ok(own, CREATE, { f: TYPED })).createPage;
    expect(await stored(id)).toMatchObject(REST);
    await ok(
      own,
      `mutation ($s: SeoInput) { updatePage(id: "${id}", locale: "fr", fields: { seo: $s }) { id } }`,
      {
        s: { metaTitle: "FR" },
      },
    );
    expect([(await stored(id, "fr")).seo.meta_title, (await stored(id)).seo.meta_title]).toEqual(["FR", "M"]);
    await ok(
      own,
      `mutation { updatePage(id: "${id}", fields: { hero: { subTitle: "lit" }, body: [{ pullQuote: { saidBy: "Bo" } }], rows: null }) { id } }`,
    );
    expect(await stored(id)).toMatchObject({
      hero: { sub_title: "lit" },
      body: [{ type: "pull_quote", said_by: "Bo" }],
      rows: null,
    });
    await ok(own, `mutation ($f: PageInput!) { putPage(id: "${id}", fields: $f) { id } }`, { f: TYPED });
    expect(await stored(id)).toMatchObject(REST);
  });

  it("take variables that are written as in REST, and a mixture", async () => {
    const { title, hero_input: heroInput, ...rest } = REST;
    const { id } = (await ok(own, CREATE, { f: { title, heroInput, ...rest } })).createPage;
    expect(await stored(id)).toMatchObject(REST);
    const mixed = {
      body: [...REST.body.slice(0, 1), ...TYPED.body.slice(1)],
      rows: [{ row_name: "1" }, { rowName: "2" }],
    };
    await ok(own, `mutation ($f: PageInput!) { updatePage(id: "${id}", fields: $f) { id } }`, { f: mixed });
    expect(await stored(id)).toMatchObject({ body: REST.body, rows: [{ row_name: "1" }, { row_name: "2" }] });
  });

  it.each([
    [{ hero: { subTitle: "0123456789" } }, "hero.subTitle"],
    [{ seo: { shareImage: { price: { amount: "1", currency: "XXY" } } } }, "seo.shareImage.price.currency"],
    [
      { seo: { moreImages: [{}, { price: { amount: "1", currency: "??" } }] } },
      "seo.moreImages[1].price.currency",
    ],
    [{ body: [{ seo: {} }, { pullQuote: { saidBy: "0123456789" } }] }, "body[1].pullQuote.saidBy"],
    [
      { body: [{ nest: { innerBlocks: [{ deepOne: { deepText: "0123456789" } }] } }] },
      "body[0].nest.innerBlocks[0].deepOne.deepText",
    ],
    [{ rows: [{ to: "x" }] }, "rows[0].to"],
    [{ body: [{ type: "pull_quote", said_by: "0123456789" }] }, "body[0].pullQuote.saidBy"],
  ])("name what is wrong in %j", async (fields, path) => {
    const { errors, text } = await run(own, CREATE, { f: fields });
    expect(errors?.[0]?.extensions.details[0]?.path, text).toBe(path);
  });

  it.each([
    [{ hero: { subtitle: "x" } }, "graphql/bad-variables"],
    [{ hero: { subTitle: 1 } }, "graphql/bad-variables"],
    [{ body: [{ seo: {}, nest: {} }] }, "graphql/bad-variables"],
    [{ body: [{ type: "none", a: 1 }] }, "graphql/bad-variables"],
    [{ body: [{}] }, "graphql/bad-variables"],
    [{ seo: { made: "x" } }, "graphql/bad-variables"],
    [{ hero: { ["__proto__"]: 1, constructor: 1 } }, "graphql/bad-variables"],
  ])("refuse %j", async (fields, reason) => {
    const { errors, text } = await run(own, CREATE, { f: fields });
    expect(errors?.[0]?.extensions.reason, text).toBe(reason);
  });

  it("have names of their own, which no content type takes", async () => {
    const { a, b, c, d } = await ok(
      own,
      `{ a: __type(name: "SeoInput") { inputFields { name } } b: __type(name: "Page_HeroInput") { kind }
        c: __type(name: "Page_BodyInput") { isOneOf inputFields { name type { name } } } d: __type(name: "Page_HeroInputInput") { kind } }`,
    );
    expect(a.inputFields.map(({ name }: any) => name)).toEqual(["metaTitle", "shareImage", "moreImages"]);
    expect([b.kind, d.kind]).toEqual(["OBJECT", "INPUT_OBJECT"]);
    expect(c.isOneOf).toBe(true);
    expect(c.inputFields.map((one: any) => [one.name, one.type.name])).toEqual([
      ["pullQuote", "Page_Body_PullQuoteInput"],
      ["seo", "SeoInput"],
      ["nest", "Page_Body_NestInput"],
    ]);
    expect((await own.post("/types", { id: "seo", name: "S", fields: [text("x")] })).status).toBe(409);
  });
});
