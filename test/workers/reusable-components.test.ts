import { beforeAll, describe, expect, it } from "vitest";
import { ok } from "../support/graphql.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const FRESH = { headers: { "cache-control": "no-cache" } };
const text = (id: string, more: object = {}) => ({ id, type: "short_text", ...more });
const component = (id: string, fields: object[]) => ({ id, name: id.toUpperCase(), fields });
const reasonOf = ({ status, body }: { status: number; body: any }) => [status, body.error?.reason];

describe("reusable components", () => {
  let own: Tenant;
  beforeAll(async () => {
    own = await newTenant();
    await own.put("/types/leaf", { id: "leaf", name: "Leaf", fields: [text("name")] });
    await own.post("/components", component("image", [text("caption"), { id: "file", type: "media" }]));
    const seo = component("seo", [
      text("title", { max: 20 }),
      { id: "share", type: "component", component: "image" },
      { id: "link", type: "reference", to: ["leaf"] },
    ]);
    expect((await own.put("/components/seo", seo)).status).toBe(201);
    const page = {
      id: "page",
      name: "Page",
      fields: [
        text("title", { required: true }),
        { id: "seo", type: "component", component: "seo" },
        { id: "both", type: "component", component: "seo", localized: true },
        { id: "gallery", type: "component", component: "image", multiple: true },
        { id: "parts", type: "blocks", components: ["seo", { id: "line", fields: [text("text")] }] },
      ],
    };
    const made = await own.put("/types/page", page);
    expect(made.status, made.text).toBe(201);
  });

  it("are answered as they were written, with what uses them", async () => {
    const { fields } = (await own.get("/types/page")).body.data;
    expect(fields[1]).toEqual(expect.objectContaining({ type: "component", component: "seo" }));
    expect(fields[1].fields).toBeUndefined();
    expect(fields[4].components[0]).toBe("seo");
    const image = (await own.get("/components/image")).body.data;
    expect(image.usage).toEqual({ types: ["page"], components: ["seo"] });
    const listed = (await own.get("/components")).body.data;
    expect(listed.map((one: any) => one.id)).toEqual(["image", "seo"]);
  });

  it("hold values, references and rules at every depth, as inline ones do", async () => {
    const leaf = await own.published("leaf", { name: "L" });
    const seo = { title: "T", share: { caption: "C" }, link: leaf };
    const wrong = await own.post("/content/page", {
      title: "x",
      seo: { title: "t".repeat(21) },
      gallery: [{ caption: 1 }],
      parts: [{ type: "seo", share: { captoin: "x" } }, { type: "image" }],
    });
    expect(wrong.body.error.details.map((one: any) => one.path)).toEqual([
      "seo.title",
      "gallery[0].caption",
      "parts[0].share.captoin",
      "parts[1].type",
    ]);
    const values = {
      title: "One",
      seo,
      both: seo,
      gallery: [{ caption: "a" }, { caption: "b" }],
      parts: [
        { type: "seo", ...seo },
        { type: "line", text: "l" },
      ],
    };
    const id = await own.published("page", values);
    expect((await own.get(`/content/page/${id}`, FRESH)).body.data).toMatchObject(values);
    const filled = (await own.get(`/content/page/${id}?include=seo,parts,both`, FRESH)).body.data;
    for (const at of [filled.seo, filled.parts[0], filled.both]) expect(at.link).toMatchObject({ name: "L" });
    expect(reasonOf(await own.delete(`/content/leaf/${leaf}`))).toEqual([409, "content/referenced"]);
    const data = await ok(
      own,
      `{ page(id: "${id}") { seo { __typename title share { __typename caption } } both { __typename }
        gallery { __typename caption } parts { __typename ... on Seo { type title } ... on Page_Parts_Line { text } } } }`,
    );
    const shown = { __typename: "Seo", title: "T", share: { __typename: "Image", caption: "C" } };
    expect(data.page).toEqual({
      seo: shown,
      both: { __typename: "Seo" },
      gallery: [
        { __typename: "Image", caption: "a" },
        { __typename: "Image", caption: "b" },
      ],
      parts: [
        { __typename: "Seo", type: "seo", title: "T" },
        { __typename: "Page_Parts_Line", text: "l" },
      ],
    });
  });

  it("change every type that uses them at once, or nothing", async () => {
    const seo = (await own.get("/components/seo")).body.data;
    const { version: _v, created_at: _c, updated_at: _u, usage: _s, ...definition } = seo;
    const without = { ...definition, fields: definition.fields.slice(1) };
    const refused = await own.put("/components/seo", without);
    expect(reasonOf(refused)).toEqual([409, "types/violated"]);
    const paths = refused.body.error.details.map((one: any) => one.path);
    expect(paths).toEqual(expect.arrayContaining(["seo.title", "both.en.title", "parts[0].title"]));
    expect(reasonOf(await own.put("/components/seo?version=7", without))).toEqual([
      409,
      "components/version-conflict",
    ]);
    const dry = await own.put("/components/seo?allow_data_loss=true&dry_run=true", without);
    expect([dry.status, dry.body.touched]).toEqual([200, [{ type: "page", entries: 1 }]]);
    expect((await own.get("/components/seo")).body.data.version).toBe(1);
    const before = (await own.get("/types/page")).body.data.version;
    const done = await own.put("/components/seo?allow_data_loss=true", without);
    expect([done.status, done.body.data.version, done.body.touched]).toEqual([
      200,
      2,
      [{ type: "page", entries: 1 }],
    ]);
    expect((await own.get("/types/page")).body.data.version).toBe(before + 1);
    const [entry] = (await own.get("/content/page?perspective=draft")).body.data;
    expect(entry.seo).toEqual({ share: { caption: "C" }, link: expect.any(String) });
    expect(entry.parts[0].title).toBeUndefined();
    const again = await own.put("/components/seo", without);
    expect([again.status, again.headers.get("x-flow-unchanged")]).toEqual([200, "true"]);
    expect((await own.put("/components/seo", definition)).status).toBe(200);
  });

  it("cannot be deleted while something uses them", async () => {
    const refused = await own.delete("/components/image");
    expect(reasonOf(refused)).toEqual([409, "components/in-use"]);
    expect(refused.body.error.details.map((one: any) => one.path)).toEqual(["types.page", "components.seo"]);
    await own.post("/components", component("spare", [text("a")]));
    expect((await own.delete("/components/spare")).status).toBe(204);
    expect(reasonOf(await own.delete("/components/spare"))).toEqual([404, "components/not-found"]);
  });

  it("cannot contain themselves, through however many others", async () => {
    const uses = (id: string) => ({ id: "x", type: "component", component: id });
    expect(reasonOf(await own.post("/components", component("self", [uses("self")])))).toEqual([
      422,
      "components/invalid-definition",
    ]);
    await own.post("/components", component("d", [text("a")]));
    for (const [id, of] of [
      ["c", "d"],
      ["b", "c"],
      ["a", "b"],
    ])
      expect((await own.post("/components", component(id!, [uses(of!)]))).status).toBe(201);
    const closed = await own.put("/components/d", component("d", [uses("a")]));
    expect(reasonOf(closed)).toEqual([422, "components/invalid-definition"]);
    expect(closed.text).toContain("→");
  });

  it("nest eight deep, and are few enough when they are all in their places", async () => {
    const other = await newTenant();
    const uses = (id: string, i = 0) => ({ id: `x${i}`, type: "component", component: id });
    let last = "n0";
    await other.post("/components", component(last, [text("a")]));
    for (let i = 1; i < 8; i++) {
      expect((await other.post("/components", component(`n${i}`, [uses(last)]))).status).toBe(201);
      last = `n${i}`;
    }
    expect(reasonOf(await other.post("/components", component("n8", [uses(last)])))).toEqual([
      422,
      "components/invalid-definition",
    ]);
    expect((await other.put("/types/t", { id: "t", name: "T", fields: [uses(last)] })).status).toBe(201);
    const deeper = await other.put(
      "/components/n0",
      component("n0", [{ id: "y", type: "component", fields: [text("a")] }]),
    );
    expect(deeper.status).toBe(422);
    await other.post("/components", component("w0", [text("a")]));
    let width: any;
    for (let i = 1; i < 7; i++)
      width = await other.post(
        "/components",
        component(
          `w${i}`,
          Array.from({ length: 50 }, (_, k) => uses(`w${i - 1}`, k)),
        ),
      );
    expect(width.status).toBe(422);
  });

  it("have names that nothing else has", async () => {
    expect(reasonOf(await own.post("/components", component("page", [text("a")])))).toEqual([
      409,
      "components/name-taken",
    ]);
    expect(reasonOf(await own.post("/components", component("page_entry", [text("a")])))).toEqual([
      409,
      "components/name-taken",
    ]);
    const type = { id: "seo", name: "Seo", fields: [text("a")] };
    expect(reasonOf(await own.put("/types/seo", type))).toEqual([409, "types/name-taken"]);
    for (const id of ["__proto__", "constructor_", "Type", "a-b"])
      expect((await own.post("/components", component(id, [text("a")]))).status, id).toBe(422);
    for (const id of ["constructor", "location", "type"])
      expect((await own.post("/components", component(id, [text("a")]))).status, id).toBe(201);
    const named = {
      id: "named",
      name: "Named",
      fields: [{ id: "at", type: "component", component: "location" }],
    };
    expect((await own.put("/types/named", named)).status).toBe(201);
    const id = await own.published("named", { at: { a: "x" } });
    const data = await ok(own, `{ named(id: "${id}") { at { __typename a } } }`);
    expect(data.named.at).toEqual({ __typename: "Location_Component", a: "x" });
    // Every block has a type.
    expect((await own.post("/components", component("typed", [text("type")]))).status).toBe(422);
  });
});
