import { beforeAll, expect, it } from "vitest";
import { newTenant, type Tenant } from "../support/tenant.ts";

let own: Tenant;
beforeAll(async () => {
  own = await newTenant();
});
const put = (field: object) =>
  own.put("/types/odd", { id: "odd", name: "Odd", fields: [{ id: "value", ...field }] });

it.each<[string, object, string]>([
  ["an option twice", { type: "enum", options: ["a", "b", "a"] }, "fields[0].options[2]"],
  [
    "an option twice, once with a label",
    { type: "enum", options: [1, { value: 1, label: "One" }] },
    "fields[0].options[1]",
  ],
  ["a bound with more digits than the scale", { type: "decimal", scale: 0, min: 0.5 }, "fields[0].min"],
  [
    "a bound with more digits than its currencies",
    { type: "money", currencies: ["JPY"], max: "10.5" },
    "fields[0].max",
  ],
  ["a bound with more digits than any currency", { type: "money", min: "0.12345" }, "fields[0].min"],
  ["a start after the end", { type: "date", min: "+2d", max: "now" }, "fields[0].min"],
  ["a start months after the end", { type: "datetime", min: "+2m", max: "+30d" }, "fields[0].min"],
])("%s is refused", async (_, field, path) => {
  const refused = await put(field);
  expect([refused.status, refused.body.error.details[0].path], refused.text).toEqual([422, path]);
});

it.each<[string, object]>([
  ["a bound of the currency with most digits", { type: "money", currencies: ["JPY", "KWD"], min: "0.001" }],
  ["distances that depend on the month", { type: "date", min: "+1m", max: "+30d" }],
  ["a start before the end", { type: "date", min: "-1y", max: "+1y" }],
  ["a bound with the digits of the scale", { type: "decimal", scale: 2, min: "0.50" }],
])("%s is accepted", async (_, field) => {
  expect((await put(field)).status).toBeLessThan(300);
});

it("a component is taken out of rich text that has it, when values may be lost, and of old versions", async () => {
  const box = (id: string) => ({ id, fields: [{ id: "text", type: "short_text" }] });
  const define = (components: object[], query = "") =>
    own.put(`/types/doc${query}`, {
      id: "doc",
      name: "Doc",
      fields: [{ id: "body", type: "rich_text", ...(components.length > 0 ? { components } : {}) }],
    });
  await define([box("tip"), box("note")]);
  const node = (type: string) => ({ type, attrs: { text: type } });
  const paragraph = { type: "paragraph", content: [{ type: "text", text: "p" }] };
  const doc = (...content: object[]) => ({ type: "doc", content });
  const body = doc(node("tip"), paragraph, { type: "blockquote", content: [node("tip")] }, node("note"));
  const id = await own.published("doc", { body });
  const refused = await define([box("note")]);
  expect([refused.status, refused.body.error.reason]).toEqual([409, "types/violated"]);
  expect(refused.body.error.details.map((one: { path: string }) => one.path)).toEqual([
    "body.content[0]",
    "body.content[2].content[0]",
  ]);
  const done = await define([box("note")], "?allow_data_loss=true");
  expect(done.status, done.text).toBe(200);
  const read = async () => (await own.get(`/content/doc/${id}?perspective=draft`)).body.data;
  const left = doc(paragraph, { type: "blockquote", content: [{ type: "paragraph" }] }, node("note"));
  expect(await read()).toMatchObject({ body: left, status: "published" });
  const back = await own.post(`/content/doc/${id}/restore`, { version: 1 });
  expect(back.body.left_out.map((one: { reason: string }) => one.reason)).toEqual([
    "block-removed",
    "block-removed",
  ]);
  expect((await read()).body).toEqual(left);
  expect((await define([], "?allow_data_loss=true")).status).toBe(200);
  expect((await read()).body.content).toHaveLength(2);
});

it("what was read of a type or component can be written as it is, with computed fields too", async () => {
  const fields = [
    { id: "a", type: "short_text" },
    { id: "b", type: "short_text", computed: "entry.a + '!'" },
    { id: "c", type: "component", fields: [{ id: "n", type: "integer", computed: "1" }] },
  ];
  for (const kind of ["types", "components"]) {
    const id = `whole_${kind}`;
    expect((await own.put(`/${kind}/${id}`, { id, name: "Whole", fields })).status).toBe(201);
    const read = (await own.get(`/${kind}/${id}`)).body.data;
    const same = await own.put(`/${kind}/${id}`, read);
    expect([same.status, same.headers.get("x-flow-unchanged")], same.text).toEqual([200, "true"]);
    const other = await own.put(`/${kind}/other`, read);
    expect([other.status, other.body.error.details[0].path], other.text).toEqual([422, "id"]);
  }
});

it("a rename of what every object has is refused", async () => {
  const raw = `{"id":"odd","name":"Odd","fields":[{"id":"value","type":"short_text"}],"renames":{"__proto__":"value"}}`;
  const refused = await own.call("PUT", "/types/odd", { raw });
  expect([refused.status, refused.body.error.details[0].path], refused.text).toEqual([
    422,
    "renames.__proto__",
  ]);
});
