import { beforeAll, expect, it } from "vitest";
import { newTenant, type Tenant } from "../support/tenant.ts";

const text = (id: string) => ({ id, type: "short_text" });
const PAGE = {
  id: "page",
  name: "Page",
  fields: [
    text("title"),
    { id: "data", type: "json" },
    { id: "seo", type: "component", fields: [text("title")] },
    { id: "parts", type: "blocks", components: [{ id: "hero", fields: [text("title")] }] },
    { id: "body", type: "rich_text", components: [{ id: "callout", fields: [text("tone")] }] },
    { id: "local", type: "json", localized: true },
    { id: "state", type: "enum", options: ["__proto__", "constructor", "toString"] },
  ],
};
let own: Tenant;
beforeAll(async () => {
  own = await newTenant();
  expect((await own.put("/types/page", PAGE)).status).toBe(201);
});
const raw = (method: string, path: string, body: string) =>
  own.call(method, path, { raw: body, headers: { "content-type": "application/json" } });

it("keys that every object has are kept in JSON, by every door", async () => {
  const data = '{"__proto__":{"a":1},"constructor":2,"toString":[{"__proto__":null}],"hasOwnProperty":0}';
  const made = await raw("POST", "/content/page", `{"title":"One","data":${data},"local":${data}}`);
  expect(made.status, made.text).toBe(201);
  const { id } = made.body.data;
  await own.post("/content/publish", { id });
  for (const path of ["", "?perspective=draft", "?locale=*", "?fields=data,local", "/versions/1"]) {
    const shown = await own.get(`/content/page/${id}${path}`);
    expect(shown.text.match(/"__proto__": ?\{"a": ?1\}/g), `${path} ${shown.text}`).toHaveLength(2);
    expect(shown.text.match(/\{"__proto__": ?null\}/g), path).toHaveLength(2);
  }
  const graph = await own.post("/graphql", { query: `{ page(id: "${id}") { data local } }` });
  expect(graph.text.match(/"__proto__":\{"a":1\}/g), graph.text).toHaveLength(2);
  const copy = await own.post(`/content/page/${id}/duplicate`, {});
  expect(copy.text).toContain('"__proto__":{"a":1}');
  const variables = `{"query":"mutation($f: PageInput!) { createPage(fields: $f) { data } }","variables":{"f":{"title":"G","data":${data}}}}`;
  const written = await raw("POST", "/graphql", variables);
  expect(written.text).toContain('"__proto__":{"a":1}');
  const bulk = await raw(
    "POST",
    "/content/bulk",
    `{"operations":[{"op":"create","type":"page","fields":{"title":"B","data":${data}}}]}`,
  );
  expect(bulk.text).toContain('"__proto__":{"a":1}');
});

it.each([
  ["at the top", '{"title":"x","__proto__":{"title":"y"}}', "__proto__"],
  ["in a component", '{"seo":{"title":"x","__proto__":{"title":"y"}}}', "seo.__proto__"],
  ["in a block", '{"parts":[{"type":"hero","constructor":1}]}', "parts[0].constructor"],
  ["as a block", '{"parts":[{"type":"__proto__"}]}', "parts[0].type"],
  [
    "as a node",
    '{"body":{"type":"doc","content":[{"type":"constructor","attrs":{}}]}}',
    "body.content[0].type",
  ],
  [
    "in a node",
    '{"body":{"type":"doc","content":[{"type":"callout","attrs":{"__proto__":{"tone":"x"}}}]}}',
    "body.content[0].attrs.__proto__",
  ],
  ["in a document", '{"body":{"type":"doc","__proto__":{"content":[]},"content":[]}}', "body.__proto__"],
])("and are refused %s", async (_, body, path) => {
  for (const [method, at] of [["POST", "/content/page"]] as const) {
    const refused = await raw(method, at, body);
    expect([refused.status, refused.body.error.details[0]?.path], refused.text).toEqual([422, path]);
  }
});

it("by locale they are no locales, and options may be called so", async () => {
  const refused = await raw("POST", "/content/page?locale=*", '{"local":{"__proto__":{"a":1}}}');
  expect([refused.status, refused.body.error.details[0].path], refused.text).toEqual([
    422,
    "local.__proto__",
  ]);
  const made = await own.post("/content/page", { state: "__proto__" });
  await own.post("/content/publish", { id: made.body.data.id });
  for (const query of [
    "filter[state]=__proto__",
    "filter[state][in]=__proto__,toString",
    "sort=state:options",
  ])
    expect((await own.get(`/content/page?${query}`)).body.data[0].state, query).toBe("__proto__");
  const facets = await own.get("/content/page?facets=state");
  expect(facets.text).toContain("__proto__");
  const { body } = await own.get("/aggregate/page?group_by=state");
  expect(JSON.stringify(body)).toContain("__proto__");
});

it("of schemas are kept and asked for, and are refused in definitions", async () => {
  const schema =
    '{"type":"object","properties":{"constructor":{"type":"string"}},"patternProperties":{"^__proto__$":{"type":"integer"}},"required":["__proto__"],"additionalProperties":false}';
  const type = (fields: string) => `{"id":"strict","name":"Strict","fields":${fields}}`;
  const lost = `[{"id":"data","type":"json","schema":{"properties":{"__proto__":{}}}}]`;
  const refusal = await raw("PUT", "/types/strict", type(lost));
  expect([refusal.status, refusal.body.error.details[0].path], refusal.text).toEqual([
    422,
    "fields[0].schema.properties.__proto__",
  ]);
  const made = await raw("PUT", "/types/strict", type(`[{"id":"data","type":"json","schema":${schema}}]`));
  expect(made.status, made.text).toBe(201);
  const again = await own.get("/types/strict");
  expect(again.text).toContain('"constructor":{"type":"string"}');
  const write = (data: string) => raw("POST", "/content/strict", `{"data":${data}}`);
  expect((await write('{"__proto__":1,"constructor":"c"}')).status).toBe(201);
  for (const data of [
    '{"__proto__":"1"}',
    '{"constructor":"c"}',
    '{"__proto__":1,"toString":2}',
    '{"__proto__":1,"constructor":2}',
  ]) {
    const refused = await write(data);
    expect([refused.status, refused.body.error?.reason], `${data} ${refused.text}`).toEqual([
      422,
      "content/invalid-entry",
    ]);
  }
  for (const fields of [
    '[{"id":"__proto__","type":"json"}]',
    '[{"id":"a","type":"json","__proto__":{"required":true}}]',
    '[{"id":"a","type":"component","fields":[{"id":"b","type":"json"}],"constructor":1}]',
  ]) {
    const refused = await raw("PUT", "/types/odd", `{"id":"odd","name":"Odd","fields":${fields}}`);
    expect([refused.status, refused.body.error?.reason], refused.text).toEqual([
      422,
      "types/invalid-definition",
    ]);
  }
});

it("a conflict names what is taken, and a singleton has neither order nor parent", async () => {
  const single = {
    id: "site",
    name: "Site",
    singleton: true,
    fields: [text("title"), { id: "up", type: "reference", to: ["site"] }],
  };
  for (const [key, value] of [
    ["ordered", true],
    ["parent", "up"],
  ] as const) {
    const refused = await own.post("/types", { ...single, [key]: value });
    expect([refused.status, refused.body.error.details[0].path], refused.text).toEqual([422, key]);
  }
  expect((await own.post("/types", single)).status).toBe(201);
  const made = await own.post("/content/site", { title: "One" });
  const path = (reply: { status: number; body: any; text: string }) => {
    expect(reply.status, reply.text).toBe(409);
    return reply.body.error.details[0]?.path;
  };
  expect(path(await own.post("/content/site", { title: "Two" }))).toBe("id");
  expect(path(await own.post("/content/page", { id: made.body.data.id }))).toBe("id");
  expect(path(await own.post("/types", single))).toBe("id");
  expect(path(await own.post("/types/bulk", { types: [{ ...single, id: "new" }, single] }))).toBe(
    "types[1].id",
  );
  const policy = { name: "P", grants: [{ actions: ["content:read"] }] };
  await own.post("/policies", policy);
  expect(path(await own.post("/policies", policy))).toBe("name");
  expect(path(await own.post("/roles", { name: "editor" }))).toBe("name");
  expect(path(await own.post("/environments", { name: "main", from: "main" }))).toBe("name");
});
