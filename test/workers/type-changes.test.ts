import { beforeAll, describe, expect, it } from "vitest";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

const FRESH = { headers: { "cache-control": "no-cache" } };
type Field = Record<string, unknown> & { id: string };
const text = (id: string, more: object = {}): Field => ({ id, type: "short_text", ...more });
const SEO = [text("title"), text("note"), { id: "n", type: "integer" }];
const FIELDS: Field[] = [
  text("name", { localized: true }),
  text("code"),
  text("tags", { multiple: true }),
  { id: "kind", type: "enum", options: ["a", "b"] },
  { id: "link", type: "reference", to: ["leaf", "page"] },
  { id: "seo", type: "component", fields: SEO },
  { id: "both", type: "component", localized: true, fields: SEO },
  {
    id: "parts",
    type: "blocks",
    components: [
      { id: "box", fields: [text("text"), text("gone"), { id: "inner", type: "component", fields: SEO }] },
      { id: "line", fields: [text("text")] },
    ],
  },
];
const LEAF = "cnt_01jd0000000000000000000077";
const VALUES = {
  link: LEAF,
  name: { en: "Ada Lovelace", fr: "Ada" },
  code: "long code",
  tags: ["one", "two"],
  kind: "a",
  seo: { title: "T", note: "N", n: 3 },
  both: { en: { title: "en" }, fr: { title: "fr", note: "fr note" } },
  parts: [
    { type: "box", text: "x", gone: "g", inner: { title: "deep", note: "deep note" } },
    { type: "line", text: "l" },
  ],
};
const EMPTY = {
  name: null,
  code: null,
  tags: null,
  kind: null,
  link: null,
  seo: null,
  both: null,
  parts: null,
};
const definition = (fields: Field[]) => ({ id: "page", name: "Page", fields });
const changed = (id: string, change: object) =>
  definition(FIELDS.map((field) => (field.id === id ? { ...field, ...change } : field)));
const without = (id: string) => definition(FIELDS.filter((field) => field.id !== id));
const fewer = SEO.filter(({ id }) => id !== "note");
const boxed = (change: (fields: Field[]) => Field[]) =>
  changed("parts", {
    components: (FIELDS.at(-1) as any).components.map((one: any) =>
      one.id === "box" ? { ...one, fields: change(one.fields) } : one,
    ),
  });

/** Each loses or garbles something that is published: the definition, and the path in the answer. */
const LOSING: Record<string, [object, string]> = {
  "a removed field": [without("code"), "code"],
  "a removed localised field": [without("name"), "name.fr"],
  "another type": [changed("code", { type: "integer" }), "code"],
  "localised on": [changed("code", { localized: true }), "code"],
  "localised off": [changed("name", { localized: false }), "name"],
  "a list on": [changed("code", { multiple: true }), "code"],
  "a list off": [changed("tags", { multiple: false }), "tags"],
  "an inner field": [changed("seo", { fields: fewer }), "seo.note"],
  "an inner field in a locale": [changed("both", { fields: fewer }), "both.fr.note"],
  "a field of a block": [boxed((fields) => fields.filter(({ id }) => id !== "gone")), "parts[0].gone"],
  "a field of a component in a block": [
    boxed((fields) => fields.map((one) => (one.id === "inner" ? { ...one, fields: fewer } : one))),
    "parts[0].inner.note",
  ],
  "the type of an inner field": [
    changed("seo", { fields: [{ id: "title", type: "integer" }, ...SEO.slice(1)] }),
    "seo.title",
  ],
  "a block": [changed("parts", { components: [(FIELDS.at(-1) as any).components[0]] }), "parts[1]"],
  "a component made blocks": [
    changed("seo", { type: "blocks", fields: undefined, components: [{ id: "box", fields: SEO }] }),
    "seo",
  ],
};
/** Each forbids something that is published, whatever may be lost. */
const NARROWING: Record<string, [object, string]> = {
  max: [changed("code", { max: 3 }), "code"],
  min: [changed("code", { min: 30 }), "code"],
  pattern: [changed("code", { pattern: "[0-9]+" }), "code"],
  options: [changed("kind", { options: ["b"] }), "kind"],
  "max in a locale": [changed("name", { max: 5 }), "name.en"],
  "max of elements": [changed("tags", { max: 1 }), "tags"],
  "what a reference may point to": [changed("link", { to: ["page"] }), "link"],
  "max inside": [
    boxed((fields) =>
      fields.map((one) =>
        one.id === "inner" ? { ...one, fields: [text("title", { max: 2 }), ...SEO.slice(1)] } : one,
      ),
    ),
    "parts[0].inner.title",
  ],
  "required inside": [
    boxed((fields) =>
      fields.map((one) =>
        one.id === "inner"
          ? { ...one, fields: [...SEO.slice(0, 2), { id: "n", type: "integer", required: true }] }
          : one,
      ),
    ),
    "parts[0].inner.n",
  ],
};

describe("a type is changed", () => {
  let own: Tenant;
  let live: string;
  let draft: string;
  beforeAll(async () => {
    own = await newTenant();
    await own.patch("/environments/main", { locales: [{ code: "en" }, { code: "fr" }] });
    await own.put("/types/leaf", { id: "leaf", name: "Leaf", fields: [text("name")] });
    await own.put(`/content/leaf/${LEAF}`, { name: "leaf" });
    expect((await own.put("/types/page", definition(FIELDS))).status).toBe(201);
    const make = async () => (await own.post("/content/page?locale=*", VALUES)).body.data.id as string;
    [live, draft] = [await make(), await make()];
    expect((await own.post("/content/publish", { id: live })).status).toBe(200);
    const emptied = await own.put(`/content/page/${live}?locale=*`, EMPTY);
    expect(emptied.body.data.status).toBe("changed");
  });

  it.each(Object.entries({ ...LOSING, ...NARROWING }))(
    "%s is refused for the working copy and for what is published",
    async (_, [next, path]) => {
      const refused = await own.put("/types/page", next);
      expect([refused.status, refused.body.error.reason]).toEqual([409, "types/violated"]);
      const of = (entry: string, perspective: string) =>
        refused.body.error.details.find(
          (one: any) => one.entry === entry && one.perspective === perspective && one.path === path,
        );
      expect(of(live, "published"), refused.text).toBeDefined();
      expect(of(draft, "draft"), refused.text).toBeDefined();
      expect(of(live, "draft")).toBeUndefined();
      const locale = /\.(en|fr)\b/.exec(path)?.[1];
      expect(of(live, "published").locale).toBe(locale);
    },
  );

  it.each(Object.entries(NARROWING))("%s is refused with the flag too", async (_, [next, path]) => {
    const refused = await own.put("/types/page?allow_data_loss=true", next);
    expect([refused.status, refused.body.error.details[0].path]).toEqual([409, path]);
  });

  it("does not mind what only old versions hold, nor words that are no rules", async () => {
    const own = await newTenant();
    await own.put("/types/page", { id: "page", name: "Page", fields: [text("a"), text("b"), text("c")] });
    const id = await own.published("page", { a: "1", b: "2", c: "3" });
    await own.put(`/content/page/${id}`, { a: "1", b: null, c: "3" });
    const next = (fields: object[]) => own.put("/types/page", { id: "page", name: "Page", fields });
    expect((await next([text("a"), text("c")])).status).toBe(409);
    await own.post("/content/publish", { id });
    expect((await next([text("a", { name: "A" }), text("c")])).status).toBe(200);
    expect((await next([text("a"), { id: "c", type: "long_text" }])).status).toBe(200);
  });

  it("counts unique values among working copies and among what is published", async () => {
    const own = await newTenant();
    const type = { id: "page", name: "Page", fields: [text("a"), text("b")] };
    await own.put("/types/page", type);
    const one = await own.published("page", { a: "same" });
    await own.published("page", { a: "same" });
    await own.patch(`/content/page/${one}`, { a: "other" });
    const unique = { ...type, fields: [text("a", { unique: true }), text("b")] };
    const refused = await own.put("/types/page", unique);
    expect(refused.body.error.details).toEqual([
      expect.objectContaining({ path: "a", perspective: "published" }),
    ]);
    await own.post("/content/publish", { id: one });
    expect((await own.put("/types/page", unique)).status).toBe(200);
  });
});

describe("a type loses values because that is allowed", () => {
  it.each(Object.entries(LOSING))("%s", async (_, [next, path]) => {
    const own = await newTenant();
    await own.patch("/environments/main", { locales: [{ code: "en" }, { code: "fr" }] });
    await own.put("/types/leaf", { id: "leaf", name: "Leaf", fields: [text("name")] });
    await own.put(`/content/leaf/${LEAF}`, { name: "leaf" });
    await own.put("/types/page", definition(FIELDS));
    const { id } = (await own.post("/content/page?locale=*", VALUES)).body.data;
    await own.post("/content/publish", { id });
    const { id: apart } = (await own.post("/content/page?locale=*", VALUES)).body.data;
    await own.post("/content/publish", { id: apart });
    await own.patch(`/content/page/${apart}`, { kind: "b" });
    const done = await own.put("/types/page?allow_data_loss=true", next);
    expect(done.status, done.text).toBe(200);
    const selects = Object.fromEntries(
      (next as { fields: any[] }).fields.map((field) => [
        field.id,
        field.type === "component"
          ? `${field.id} { ${field.fields.map((one: Field) => one.id).join(" ")} }`
          : field.type === "blocks"
            ? `${field.id} { __typename }`
            : field.type === "reference"
              ? `${field.id} { id }`
              : field.id,
      ]),
    );
    const query = `{ pageList { id ${Object.values(selects).join(" ")} } }`;
    const graph = await own.post("/graphql", { query }, FRESH);
    expect([graph.status, graph.body.errors], graph.text).toEqual([200, undefined]);
    const read = async (entry: string, query: string) =>
      (await own.get(`/content/page/${entry}?${query}`, FRESH)).body.data;
    for (const entry of [id, apart]) {
      const copy = await read(entry, "perspective=draft&locale=*");
      expect(copy.status).toBe(entry === id ? "published" : "changed");
      // What was taken away is not there any more, and the rest is: it can be written back as it is read.
      const back = await own.put(
        `/content/page/${entry}?locale=*`,
        Object.fromEntries((next as { fields: Field[] }).fields.map((field) => [field.id, copy[field.id]])),
      );
      expect(back.headers.get("x-flow-unchanged"), back.text).toBe("true");
      for (const locale of ["en", "fr"]) {
        const want = await read(id, `perspective=draft&locale=${locale}`);
        await eventually(async () => {
          const shown = await read(entry, `locale=${locale}`);
          return Object.keys(selects).every(
            (field) => JSON.stringify(shown[field]) === JSON.stringify(want[field]),
          );
        });
      }
    }
    const first = path.split(/[.[]/)[0]!;
    const rest = await read(id, "perspective=draft&locale=*");
    for (const field of Object.keys(selects).filter((one) => one !== first && one !== "link"))
      expect(rest[field], field).toEqual((VALUES as any)[field]);
  });
});
