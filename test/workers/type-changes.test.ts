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

describe("what is published stays complete, whatever may be lost", () => {
  const box = (fields: Field[]) => ({ id: "box", fields });
  const parts = (more: object, ...components: object[]) => ({
    id: "parts",
    type: "blocks",
    components,
    ...more,
  });
  const line = { id: "line", fields: [text("text")] };
  const need = text("v", { required: true });
  const date = { id: "v", type: "date", required: true };
  const seo = (one: object, more: object = {}) => ({
    id: "seo",
    type: "component",
    fields: [one, text("rest")],
    ...more,
  });
  const deep = (one: object) => parts({}, box([seo(one) as Field]), line);
  const two = [
    { type: "box", v: "x" },
    { type: "line", text: "l" },
  ];
  /** What a field was and is, its value, and the path that would lack something. */
  const BROKEN: Record<string, [object, object, unknown, string]> = {
    "another type": [need, date, "x", "v"],
    "a list of another kind": [{ ...need, multiple: true }, date, ["x"], "v"],
    "a list that would be empty": [{ id: "v", type: "json" }, { ...need, multiple: true }, [], "v"],
    "another type in a locale": [
      { ...need, localized: true },
      { ...date, localized: true },
      { en: "2026-01-31", fr: "x" },
      "v.fr",
    ],
    "localised off, and no value in the default locale": [
      { ...need, localized: true },
      need,
      { fr: "x" },
      "v",
    ],
    "localised on, and no fallback": [need, { ...need, localized: true }, "x", "v.fr"],
    "another type in a component": [seo(need), seo(date), { v: "x", rest: "r" }, "seo.v"],
    "another type in a component in a locale": [
      seo(need, { localized: true }),
      seo(date, { localized: true }),
      { en: { v: "2026-01-31" }, fr: { v: "x" } },
      "seo.fr.v",
    ],
    "another type in a component in a block": [
      deep(need),
      deep(date),
      [{ type: "line" }, { type: "box", seo: { v: "x" } }],
      "parts[1].seo.v",
    ],
    "what was any JSON": [{ id: "v", type: "json" }, { ...seo(need), id: "v" }, { rest: "r" }, "v.v"],
    "the last block": [
      parts({ required: true }, box([need]), line),
      parts({ required: true }, box([need])),
      [two[1]],
      "parts",
    ],
    "the last block where one is needed": [
      parts({ min: 1 }, box([need]), line),
      parts({ min: 1 }, box([need])),
      [two[1]],
      "parts",
    ],
    "too few blocks": [parts({ min: 2 }, box([need]), line), parts({ min: 2 }, box([need])), two, "parts"],
    "too few blocks in a block": [
      parts({}, box([parts({ min: 2 }, box([need]), line) as unknown as Field])),
      parts({}, box([parts({ min: 2 }, box([need])) as unknown as Field])),
      [{ type: "box", parts: two }],
      "parts[0].parts",
    ],
  };
  const types = (field: object) => ({
    id: "page",
    name: "Page",
    fields: [text("name", { localized: true }), field],
  });

  it.each(Object.entries(BROKEN))("%s", async (_, [before, after, value, path]) => {
    const own = await newTenant();
    await own.patch("/environments/main", { locales: [{ code: "en" }, { code: "fr" }] });
    expect((await own.put("/types/page", types(before))).status).toBe(201);
    const { id } = before as Field;
    const body = { name: { en: "n", fr: "n" }, [id]: value };
    const made = await own.post("/content/page?locale=*&allow_incomplete=true", body);
    expect(made.status, made.text).toBe(201);
    const entry = made.body.data.id as string;
    // In French only what is only French.
    const locales = Object.hasOwn((value ?? {}) as object, "fr") && !Object.hasOwn(value as object, "en");
    const live = await own.post("/content/publish", { id: entry, ...(locales ? { locales: ["fr"] } : {}) });
    expect(live.status, live.text).toBe(200);
    for (const flag of ["", "?allow_data_loss=true"]) {
      const refused = await own.put(`/types/page${flag}`, types(after));
      expect([refused.status, refused.body.error?.reason], refused.text).toEqual([409, "types/violated"]);
      expect(refused.body.error.details).toContainEqual(
        expect.objectContaining({ path, entry, message: expect.stringContaining(entry) }),
      );
    }
    // Of what is published only: the working copy has nothing that could be lost.
    const emptied = await own.put(`/content/page/${entry}?locale=*&allow_incomplete=true`, { [id]: null });
    expect(emptied.status, emptied.text).toBe(200);
    const still = await own.put("/types/page?allow_data_loss=true", types(after));
    expect(still.body.error?.details, still.text).toContainEqual(
      expect.objectContaining({ path, entry, perspective: "published" }),
    );
  });

  const { "a list that would be empty": _, "too few blocks in a block": __, ...LACKING } = BROKEN;
  it.each(Object.entries(LACKING))(
    "but a working copy may lack it: %s",
    async (name, [before, after, value]) => {
      const own = await newTenant();
      await own.patch("/environments/main", { locales: [{ code: "en" }, { code: "fr" }] });
      await own.put("/types/page", types(before));
      const { id } = before as Field;
      const body = { name: { en: "n", fr: "n" }, [id]: value };
      const made = await own.post("/content/page?locale=*&allow_incomplete=true", body);
      const done = await own.put("/types/page?allow_data_loss=true", types(after));
      // Too few are not valid in a working copy either.
      if (name === "too few blocks") return expect(done.status, done.text).toBe(409);
      expect(done.status, done.text).toBe(200);
      const at = `/content/page/${made.body.data.id}?locale=*&allow_incomplete=true`;
      const read = await own.get(`${at.split("&")[0]}&perspective=draft`);
      const back = await own.put(at, { name: read.body.data.name, [id]: read.body.data[id] });
      expect(back.headers.get("x-flow-unchanged"), back.text).toBe("true");
    },
  );

  it("and a null is no value where a field becomes localised or ceases to be", async () => {
    const own = await newTenant();
    await own.patch("/environments/main", { locales: [{ code: "en" }, { code: "fr" }] });
    for (const localized of [true, false]) {
      const type = localized ? "first" : "second";
      const of = (is: boolean) => ({
        id: type,
        name: "T",
        fields: [text("name"), text("v", { localized: is }), seo(text("v"), { localized: is })],
      });
      await own.put(`/types/${type}`, of(localized));
      const none = localized ? { en: null, fr: null } : null;
      const made = await own.post(`/content/${type}?locale=*`, { name: "n", v: none, seo: none });
      expect(made.status, made.text).toBe(201);
      await own.post("/content/publish", { id: made.body.data.id });
      const done = await own.put(`/types/${type}`, of(!localized));
      expect(done.status, done.text).toBe(200);
      const read = await own.get(`/content/${type}/${made.body.data.id}?perspective=draft&locale=*`);
      expect(read.body.data.v ?? null).toEqual(null);
    }
  });
});
