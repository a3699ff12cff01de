import { beforeAll, expect, it } from "vitest";
import { newTenant, type Reply, type Tenant } from "../support/tenant.ts";

const FIELDS = [
  { id: "title", type: "short_text" },
  { id: "link", type: "url" },
  { id: "tags", type: "short_text", multiple: true },
  { id: "long", type: "long_text" },
  { id: "amount", type: "number" },
  { id: "whole", type: "integer" },
  { id: "day", type: "date" },
  { id: "at", type: "datetime" },
  { id: "data", type: "json" },
  { id: "place", type: "location" },
];
const STRICT = {
  id: "strict",
  name: "Strict",
  fields: [
    ...FIELDS,
    { id: "part", type: "component", fields: FIELDS },
    { id: "blocks", type: "blocks", components: [{ id: "block", fields: FIELDS }] },
  ],
};

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant();
  await tenant.put("/types/strict", STRICT);
});

const raw = (method: string, path: string, text: string) =>
  tenant.call(method, path, { raw: text, headers: { "content-type": "application/json" } });
const graphql = (query: string, variables?: string) =>
  raw(
    "POST",
    "/graphql",
    `{"query":${JSON.stringify(query)}${variables ? `,"variables":${variables}` : ""}}`,
  );

/** Refused as our input is, and by the path of what is wrong. */
function expectPath(reply: Reply, path: string, what: string) {
  expect(reply.status, `${what}: ${reply.text}`).toBeGreaterThanOrEqual(400);
  expect(reply.status, `${what}: ${reply.text}`).toBeLessThan(500);
  const { details, reason } = reply.body.error ?? reply.body.errors[0].extensions;
  expect(reason, what).not.toMatch(/^db\//);
  expect(
    details.map((one: { path: string }) => one.path),
    `${what}: ${reply.text}`,
  ).toContain(path);
}

it("texts are taken whole with a character across every place where they are cut", async () => {
  for (const at of [499, 500])
    for (const character of ["😀", "👩‍👩‍👧‍👦", "é"]) {
      const text = `${"a".repeat(at)}${character}tail`;
      const entry = {
        title: text,
        link: `https://example.com/${"a".repeat(at - 20)}${character}`,
        tags: [text],
        part: { title: text, tags: [text] },
      };
      const made = await tenant.post("/content/strict", entry);
      expect(made.status, made.text).toBe(201);
      const { id, version } = made.body.data;
      expect((await tenant.post("/content/publish", { id, version })).status).toBe(200);
      const read = await tenant.get(`/content/strict/${id}`);
      expect(read.body.data).toMatchObject({ title: text, tags: [text] });
      const found = await tenant.get(
        `/content/strict?filter[title][starts_with]=${"a".repeat(at)}&filter[id][eq]=${id}`,
      );
      expect(found.body.pagination.total_items).toBe(1);
    }
  const form = new FormData();
  form.set("file", new File(["x"], `${"a".repeat(254)}😀.txt`));
  const asset = await tenant.call("POST", "/assets", { raw: form });
  expect(asset.status, asset.text).toBe(201);
  expect(asset.body.data.filename.isWellFormed()).toBe(true);
});

it("an unpaired surrogate and NUL are rejected with their path, in every API", async () => {
  for (const bad of ["\\ud800", "a\\udc00b", "\\u0000", "\\ud83d\\ud83d\\ude00"]) {
    const create = (body: string) => raw("POST", "/content/strict", body);
    expectPath(await create(`{"title":"${bad}"}`), "title", "create");
    expectPath(await create(`{"tags":["ok","${bad}"]}`), "tags[1]", "list");
    expectPath(await create(`{"part":{"title":"${bad}"}}`), "part.title", "component");
    expectPath(await create(`{"blocks":[{"type":"block","title":"${bad}"}]}`), "blocks[0].title", "block");
    expectPath(await create(`{"data":{"a":"${bad}"}}`), "data", "json");
    expectPath(await create(`{"data":{"${bad}":1}}`), "data", "json key");
    expectPath(
      await raw("PUT", "/types/other", `{"id":"other","name":"${bad}","fields":[{"id":"a","type":"json"}]}`),
      "name",
      "type",
    );
    expectPath(
      await raw(
        "PUT",
        "/types/other",
        `{"id":"other","name":"a","fields":[{"id":"a","type":"json","default":{"b":"${bad}"}}]}`,
      ),
      "fields[0].default.b",
      "default",
    );
    expectPath(await raw("POST", "/tokens", `{"name":"${bad}","scope":"read"}`), "name", "token");
    expectPath(await raw("POST", "/roles", `{"name":"a","description":"${bad}"}`), "description", "role");
    const bulk = await raw(
      "POST",
      "/content/bulk",
      `{"atomic":false,"operations":[{"op":"create","type":"strict","fields":{"title":"${bad}"}},{"op":"create","type":"strict","fields":{"title":"good"}}]}`,
    );
    expect(bulk.body.data.items ?? bulk.body.data, bulk.text).toMatchObject([
      { outcome: "failed", error: { details: [{ path: "title" }] } },
      { outcome: "created" },
    ]);
    const mutation = await graphql(
      "mutation($t: String) { createStrict(fields: { title: $t }) { id } }",
      `{"t":"${bad}"}`,
    );
    expect(mutation.status, mutation.text).toBeLessThan(500);
    expect(mutation.text).not.toMatch(/INTERNAL|"db\//);
    const filtered = await graphql(
      `
        query ($t: String) {
          strictList(filter: { title: { eq: $t } }) {
            items {
              id
            }
          }
        }
      `,
      `{"t":"${bad}"}`,
    );
    expect(filtered.text).not.toMatch(/INTERNAL|"db\//);
  }
  for (const query of [
    "filter[title][eq]=%00",
    "filter[title][contains]=a%00",
    "sort=%00",
    "fields=%00",
    "q=%00",
    "locale=%00",
    "cursor=%00",
    "include=%00",
    "%00=1",
  ]) {
    const reply = await tenant.get(`/content/strict?${query}`);
    expect([400, 404, 422], query).toContain(reply.status);
    expect(reply.body.error.reason, query).not.toMatch(/^db\//);
    expect(reply.body.error.details.length, query).toBeGreaterThan(0);
  }
});

const NO_MOMENTS = [
  "9999-12-31T23:59:59-14:00",
  "0000-01-01T00:00:00Z",
  "2026-02-30T00:00:00Z",
  "2026-01-31T24:00:00Z",
  "2026-01-31T23:59:60Z",
  "2026-01-31junk",
  "1/2/2020",
  "2026-01-31 09:30",
];
it("an invalid datetime is rejected with its path, in every API", async () => {
  const { id } = (await tenant.post("/content/strict", { title: "scheduled" })).body.data;
  for (const bad of NO_MOMENTS) {
    expectPath(await tenant.post("/content/strict", { at: bad }), "at", bad);
    expectPath(await tenant.post("/content/strict", { part: { at: bad } }), "part.at", bad);
    expectPath(await tenant.post("/content/strict", { day: bad }), "day", bad);
    expectPath(await tenant.post("/content/strict", { created_at: bad }), "created_at", bad);
    expectPath(await tenant.post("/content/publish", { id, published_at: bad }), "published_at", bad);
    expectPath(await tenant.post("/content/schedule", { id, at: bad }), "at", bad);
    expectPath(
      await tenant.post("/tokens", { name: "t", scope: "read", expires_at: bad }),
      "expires_at",
      bad,
    );
    const encoded = encodeURIComponent(bad);
    for (const field of ["at", "day", "created_at", "published_at"])
      expectPath(
        await tenant.get(`/content/strict?filter[${field}][gte]=${encoded}`),
        `filter[${field}][gte]`,
        bad,
      );
    expectPath(await tenant.get(`/schedules?due_before=${encoded}`), "due_before", bad);
    const asked = await graphql(`{ strictList(filter: { at: { gte: ${JSON.stringify(bad)} } }) { id } }`);
    expect(asked.body.errors, bad).toBeDefined();
    expect(asked.text).not.toContain("INTERNAL");
  }
  const leap = await tenant.post("/content/strict", { at: "2024-02-29T23:30:00-01:00", day: "2024-02-29" });
  expect(leap.body.data).toMatchObject({ at: "2024-03-01T00:30:00.000Z", day: "2024-02-29" });
  const edge = await tenant.post("/content/strict", { at: "9999-12-31T23:59:59.999Z", day: "9999-12-31" });
  expect(edge.status).toBe(201);
  expect(
    (await tenant.get("/content/strict?perspective=draft&filter[at][gte]=9999-12-31")).body.data,
  ).toHaveLength(1);
});

it("a number that cannot be kept as it is written is refused by its path", async () => {
  for (const number of ["9007199254740993", "12345678901234567890", "1e400", "0.1234567890123456789"]) {
    expectPath(await raw("POST", "/content/strict", `{"amount":${number}}`), "amount", number);
    expectPath(await raw("POST", "/content/strict", `{"data":{"a":[1,${number}]}}`), "data.a[1]", number);
    expectPath(
      await raw("POST", "/content/strict", `{"blocks":[{"type":"block","whole":${number}}]}`),
      "blocks[0].whole",
      number,
    );
    expectPath(
      await raw(
        "POST",
        "/content/bulk",
        `{"operations":[{"op":"create","type":"strict","fields":{"amount":${number}}}]}`,
      ),
      "operations[0].fields.amount",
      number,
    );
    expectPath(
      await tenant.get(`/content/strict?filter[amount][eq]=${number}`),
      "filter[amount][eq]",
      number,
    );
    const asked = await graphql(`{ strictList(filter: { amount: { eq: ${number} } }) { id } }`);
    expect(asked.body.errors[0].extensions.reason, number).toBe("http/inexact-number");
    const variable = await graphql(
      "query($n: Float) { strictList(filter: { amount: { eq: $n } }) { id } }",
      `{"n":${number}}`,
    );
    expect(variable.text, number).toContain("http/inexact-number");
  }
  for (const hex of ["0x10", "1_0", "", "Infinity"])
    expectPath(await tenant.get(`/content/strict?filter[amount][eq]=${hex}`), "filter[amount][eq]", hex);
  const made = await raw("POST", "/content/strict", '{"amount":-0,"whole":9007199254740991,"data":0.1}');
  expect(made.status, made.text).toBe(201);
  expect(made.text).toContain('"amount":0');
  expect(made.body.data.whole).toBe(9007199254740991);
});

it("an error says what is wrong with a text or a number, in every API", async () => {
  const UNCLEAN = "must be valid Unicode without NUL characters";
  const filter = (text: string) => tenant.get(`/content/strict?filter=${encodeURIComponent(text)}`);
  const said = ({ body, text }: Reply) => {
    const { details } = body.error ?? body.errors[0].extensions;
    expect(details, text).toHaveLength(1);
    return details[0].message as string;
  };
  for (const bad of ["\\ud800", "a\\u0000"]) {
    const write = (body: string) => raw("POST", "/content/strict", body);
    const mutation = "mutation($t: String) { createStrict(fields: { title: $t }) { id } }";
    const list = "query($t: String) { strictList(filter: { title: { eq: $t } }) { id } }";
    const search = "query($t: String) { strictList(q: $t) { id } }";
    for (const reply of [
      await write(`{"title":"${bad}"}`),
      await write(`{"link":"https://example.com/${bad}"}`),
      await write(`{"part":{"day":"${bad}"}}`),
      await write(`{"blocks":[{"type":"block","tags":["${bad}"]}]}`),
      await filter(`{"title":"${bad}"}`),
      await filter(`{"title":{"in":["a","${bad}"]}}`),
      await filter(`{"or":[{"title":{"contains":"${bad}"}}]}`),
      await graphql(mutation, `{"t":"${bad}"}`),
      await graphql(list, `{"t":"${bad}"}`),
      await graphql(search, `{"t":"${bad}"}`),
    ])
      expect(said(reply), reply.text).toBe(UNCLEAN);
  }
  for (const query of ["q=a%00", "filter[title][eq]=%00", "filter[whole]=%00", "filter[at]=%00"])
    expect(said(await tenant.get(`/content/strict?${query}`)), query).toBe(UNCLEAN);
  const create = "mutation($n: Float) { createStrict(fields: { whole: $n }) { id } }";
  for (const reply of [
    await raw("POST", "/content/strict", '{"whole":9007199254740992}'),
    await raw("POST", "/content/strict", '{"part":{"whole":-1e20}}'),
    await graphql(create, '{"n":1e20}'),
    await tenant.get("/content/strict?filter[whole][gte]=9007199254740993"),
    await tenant.get("/content/strict?filter[whole][in]=1,-12345678901234567890"),
    await tenant.get("/content/strict?page=9007199254740993"),
  ])
    expect(said(reply), reply.text).toMatch(/2\^53/);
  for (const [query, message] of [
    ["filter[amount]=0.1234567890123456789", /more digits/],
    ["filter[amount]=ten", /^must be a number$/],
    ["page=ten", /^must be an integer, 1 or more$/],
  ] as const)
    expect(said(await tenant.get(`/content/strict?${query}`)), query).toMatch(message);
  // What JSON writes in a query string is not rounded either.
  const rounded = '{"whole":{"eq":9007199254740993}}';
  expect(said(await filter(rounded))).toMatch(/more digits/);
  const asked = new URLSearchParams({
    query: "query($n: Float) { strictList(filter: { whole: { eq: $n } }) { id } }",
    variables: '{"n":9007199254740993}',
  });
  expect(said(await tenant.get(`/graphql?${asked}`))).toMatch(/more digits/);
});

it("JSON nests 32 deep, in lists as in objects", async () => {
  const nested = (depth: number, by: "list" | "object" | "both", innermost: unknown) => {
    let value = innermost;
    for (let i = 0; i < depth; i++)
      value = by === "list" || (by === "both" && i % 2 === 0) ? [value] : { a: value };
    return value;
  };
  for (const by of ["list", "object", "both"] as const) {
    for (const [innermost, own] of [
      [1, 0],
      [null, 0],
      [[], 1],
      [{}, 1],
    ] as const) {
      const fits = await tenant.post("/content/strict", { data: nested(32 - own, by, innermost) });
      expect(fits.status, `${by} ${fits.text}`).toBe(201);
      const deeper = nested(33 - own, by, innermost);
      const path = (key: string) => (key === "data" ? "data" : `${key}.data`);
      for (const body of [{ data: deeper }, { part: { data: deeper } }])
        expectPath(await tenant.post("/content/strict", body), path(Object.keys(body)[0]!), by);
    }
  }
});

it("a locale that cannot be meant is not offered, and * where it is taken only", async () => {
  const { id } = (await tenant.post("/content/strict", { title: "locales" })).body.data;
  const said = async (reply: Promise<Reply>) => (await reply).body.error.details[0];
  for (const path of ["/content/strict", `/content/strict/${id}`]) {
    expect((await said(tenant.get(`${path}?locale=xx`))).message).toBe("must be one of en or *");
    const draft = await said(tenant.get(`${path}?locale=xx&perspective=draft`));
    expect(draft.message).toBe("must be one of en or *");
  }
  for (const locale of ["xx", "*"])
    expect(await said(tenant.post("/content/publish", { id, locales: [locale] }))).toEqual({
      path: "locales",
      message: "must be one of en",
    });
});

it("what include cannot go into says why", async () => {
  const own = await newTenant();
  const link = { id: "link", type: "reference", to: ["author"] };
  await own.put("/types/author", { id: "author", name: "A", fields: [{ id: "name", type: "short_text" }] });
  await own.put("/types/page", {
    id: "page",
    name: "P",
    fields: [
      link,
      { id: "c", type: "component", fields: [{ ...link, id: "bl" }] },
      { id: "parts", type: "blocks", components: [{ id: "box", fields: [{ ...link, id: "bl" }] }] },
    ],
  });
  for (const path of ["c.bl", "parts.bl"]) {
    const { message } = (await own.get(`/content/page?include=${path}`)).body.error.details[0];
    expect(message).toContain(`"${path}" goes into a component or blocks: "${path.split(".")[0]}" resolves`);
  }
  const plain = (await own.get("/content/page?include=link.bl")).body.error.details[0];
  expect(plain.message).toBe('names no reference, media field or back reference of author: "link.bl".');
});

it("a target that is in the trash is said to be there", async () => {
  const own = await newTenant();
  const link = { id: "link", type: "reference" };
  await own.put("/types/page", {
    id: "page",
    name: "P",
    fields: [link, { id: "body", type: "rich_text" }, { id: "part", type: "component", fields: [link] }],
  });
  const target = (await own.post("/content/page", {})).body.data.id as string;
  const body = { type: "doc", content: [{ type: "entryEmbed", attrs: { entry: target } }] };
  const values = { link: target, body, part: { link: target } };
  const id = (await own.post("/content/page", values)).body.data.id as string;
  await own.delete(`/content/page/${id}`);
  await own.delete(`/content/page/${target}`);
  const refused = await own.post("/content/page", values);
  expect(refused.body.error.details.map((one: any) => one.message)).toEqual([
    `${target} is in the trash`,
    `${target} is in the trash`,
    `${target} is in the trash`,
  ]);
  const restored = await own.post(`/trash/${id}/restore`, {});
  const left = restored.body.left_out.map((one: any) => `${one.path} ${one.message}`).sort();
  const said = [`body ${target}`, `link ${target}`, `part.link ${target}`];
  expect(left, restored.text).toEqual(said.map((one) => `${one} is in the trash`));
  await own.delete(`/content/page/${id}`);
  expect((await own.delete(`/trash/${target}?on_reference=keep`)).status).toBe(204);
  const again = await own.post("/content/page", values);
  expect(again.body.error.details[0].message).toBe(`${target} does not exist`);
});
