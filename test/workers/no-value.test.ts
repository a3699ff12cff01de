import { beforeAll, describe, expect, it } from "vitest";
import { newTenant, type Tenant } from "../support/tenant.ts";

const inner = [
  { id: "size", type: "short_text", default: "M" },
  { id: "more", type: "component", fields: [{ id: "n", type: "integer", default: 3 }] },
];
const TYPE = {
  id: "page",
  name: "Page",
  fields: [
    { id: "title", type: "short_text", default: "T", localized: true },
    { id: "code", type: "short_text", unique: true },
    { id: "name", type: "short_text", unique: true, localized: true },
    { id: "slug", type: "slug" },
    { id: "mail", type: "email", unique: true },
    { id: "page", type: "url", unique: true },
    { id: "box", type: "component", fields: inner },
    { id: "parts", type: "blocks", components: [{ id: "part", fields: inner }] },
  ],
};
let own: Tenant;
beforeAll(async () => {
  own = await newTenant();
  expect((await own.put("/types/page", TYPE)).status).toBe(201);
});
const read = async (id: string, query = "locale=*") =>
  (await own.get(`/content/page/${id}?perspective=draft&${query}`)).body.data;

describe("an explicit null", () => {
  const NONE = { title: null, box: { size: null, more: { n: null } }, parts: [{ type: "part", size: null }] };
  it("is no default, at every depth, and stays nothing when the entry is written back, copied and restored", async () => {
    const made = await own.post("/content/page", NONE);
    const { id } = made.body.data;
    const want = {
      title: null,
      box: { size: null, more: { n: null } },
      parts: [{ type: "part", size: null }],
    };
    expect(made.body.data).toMatchObject(want);
    await own.put(`/content/page/${id}`, NONE);
    expect(await read(id)).toMatchObject(want);
    await own.patch(`/content/page/${id}`, { box: { size: null } });
    expect((await read(id)).box).toEqual({ size: null });
    const { box, parts } = await read(id);
    const back = await own.put(`/content/page/${id}`, { title: null, box, parts });
    expect(back.headers.get("x-flow-unchanged")).toBe("true");
    const copied = await own.post(`/content/page/${id}/duplicate`, {});
    expect(copied.body.data).toMatchObject({ title: null, box: { size: null } });
    await own.put(`/content/page/${id}`, {});
    expect(await read(id, "locale=en")).toMatchObject({ title: "T", box: null });
    const restored = await own.post(`/content/page/${id}/restore`, { version: 1 });
    expect(restored.body.data).toMatchObject(want);
    const query = `mutation ($fields: PageInput!) { createPage(fields: $fields) { title box { size more { n } } } }`;
    const graph = await own.post("/graphql", {
      query,
      variables: { fields: { title: null, box: NONE.box } },
    });
    expect(graph.body.data.createPage).toEqual({ title: null, box: { size: null, more: { n: null } } });
  });

  it("is told apart from what is not given", async () => {
    const { data } = (
      await own.post("/content/page?locale=*", { box: {}, parts: [{ type: "part", more: {} }] })
    ).body;
    expect(data).toMatchObject({
      title: { en: "T" },
      box: { size: "M" },
      parts: [{ type: "part", size: "M", more: { n: 3 } }],
    });
  });
});

describe("an empty text", () => {
  it("is no value that another entry has taken", async () => {
    const EMPTY = { code: "", name: "", slug: "", mail: "", page: "" };
    const ids = [];
    for (let i = 0; i < 2; i++) {
      const made = await own.post("/content/page", EMPTY);
      expect(made.status, made.text).toBe(201);
      expect(made.body.data).toMatchObject({ code: "", name: "", slug: null, mail: null, page: null });
      ids.push(made.body.data.id);
      expect((await own.post("/content/publish", { id: ids[i] })).status).toBe(200);
    }
    for (const field of ["code", "name", "mail"]) {
      const value = field === "mail" ? "a@example.com" : "same";
      expect((await own.patch(`/content/page/${ids[0]}`, { [field]: value })).status).toBe(200);
      expect((await own.patch(`/content/page/${ids[1]}`, { [field]: value })).body.error.reason).toBe(
        "content/not-unique",
      );
      expect((await own.patch(`/content/page/${ids[0]}`, { [field]: "" })).status).toBe(200);
      expect((await own.patch(`/content/page/${ids[1]}`, { [field]: value })).status).toBe(200);
    }
    const unique = TYPE.fields.map((field) => (field.id === "code" ? { ...field, max: 9 } : field));
    expect((await own.put("/types/page", { ...TYPE, fields: unique })).status).toBe(200);
  });
});
