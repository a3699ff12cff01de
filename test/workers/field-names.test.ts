import { beforeAll, describe, expect, it } from "vitest";
import { ok, run } from "../support/graphql.ts";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

/** Names that objects, promises, filters, answers and GraphQL have a use of their own for. */
const NAMES =
  "can constructor to_string has_own_property value_of then true false null undefined length in eq exists where fields count group min items edges node name key value data error default class new fragment query mutation on".split(
    " ",
  );
const camel = (id: string) => id.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
const DATA = JSON.parse('{ "then": 1, "constructor": 2 }');
const text = (id: string) => ({ id, type: "short_text" });

describe("a field", () => {
  let tenant: Tenant;
  let id: string;

  beforeAll(async () => {
    tenant = await newTenant();
    const made = await tenant.put("/types/thing", {
      id: "thing",
      name: "Thing",
      fields: [
        ...NAMES.map(text),
        { id: "slug", type: "slug" },
        { id: "data_of_it", type: "json" },
        { id: "part", type: "component", fields: NAMES.map(text) },
        {
          id: "parts",
          type: "blocks",
          components: NAMES.map((name) => ({ id: name, fields: [text(name)] })),
        },
      ],
    });
    expect(made.status, made.text).toBe(201);
    const values = Object.fromEntries(NAMES.map((name) => [name, `a ${name}`]));
    const created = await tenant.post("/content/thing", {
      ...values,
      slug: "one",
      data_of_it: DATA,
      part: values,
      parts: NAMES.map((name) => ({ type: name, [name]: `b ${name}` })),
    });
    expect(created.status, created.text).toBe(201);
    ({ id } = created.body.data);
    expect((await tenant.post("/content/publish", { id })).status).toBe(200);
  });

  it.each(NAMES)("called %s is one like any other in REST", async (name) => {
    const value = `a ${name}`;
    for (const query of [
      `filter[${name}]=${value}`,
      `filter[${name}][in]=x,${value}`,
      `filter=${JSON.stringify({ [name]: { eq: value } })}`,
      `sort=-${name}&fields=${name}`,
      `perspective=draft&locale=*&fields=${name}`,
      `facets=${name}`,
    ]) {
      const { status, body } = await tenant.get(`/content/thing?${query.replaceAll(" ", "%20")}`);
      expect([query, status, body.data?.[0]?.[name]]).toEqual([query, 200, value]);
    }
    const groups = await tenant.get(`/aggregate/thing?group_by=${name}`);
    expect(groups.status, groups.text).toBe(200);
  });

  it("called like any of them is one like any other in GraphQL", async () => {
    const names = NAMES.map(camel);
    const pascal = (name: string) => name[0]!.toUpperCase() + name.slice(1);
    const filter = names.map((name, i) => `${name}: { eq: "a ${NAMES[i]}" }`).join(" ");
    const part = names.slice(0, 14).join(" ");
    const { thingList, thingAggregate, thingConnection } = await ok(
      tenant,
      `{ thingList(filter: { ${filter} }, sort: [true_ASC, constructor_DESC]) { ${names.join(" ")} dataOfIt part { ${part} }
          parts { ${names
            .slice(0, 10)
            .map((name) => `... on Thing_Parts_${pascal(name)} { ${name} }`)
            .join(" ")} } }
        thingAggregate(groupBy: [true_, constructor, then]) { count group { true constructor then } }
        thingConnection(facets: [true_, then]) { facets { field values { value } } } }`,
    );
    const [entry] = thingList;
    for (const [i, name] of names.entries()) expect(entry[name]).toBe(`a ${NAMES[i]}`);
    expect(entry.dataOfIt).toEqual(DATA);
    expect(entry.part.then).toBe("a then");
    expect(entry.parts[0]).toEqual({ can: "b can" });
    expect(thingAggregate[0].group.true).toBe("a true");
    expect(thingAggregate[0].group.constructor).toBe("a constructor");
    expect(thingConnection.facets.map(({ field }: { field: string }) => field)).toEqual(["true_", "then"]);
    const draft = await ok(tenant, `{ thing(slug: "one", perspective: draft) { can canDo { update } } }`);
    expect(draft.thing).toEqual({ can: "a can", canDo: { update: true } });
  });

  it("called like any of them is written, changed in bulk, compared and restored", async () => {
    const fields = Object.fromEntries(NAMES.map((name) => [camel(name), `c ${name}`]));
    await ok(
      tenant,
      `mutation ($id: ID!, $fields: ThingInput!) { updateThing(id: $id, fields: $fields) { id } }`,
      {
        id,
        fields,
      },
    );
    const diff = await tenant.get(`/content/thing/${id}/diff?from=1&to=2`);
    for (const name of NAMES) expect(diff.text).toContain(`"c ${name}"`);
    const update = {
      op: "update",
      type: "thing",
      id,
      fields: Object.fromEntries(NAMES.map((name) => [name, name])),
    };
    expect((await tenant.post("/content/bulk", { operations: [update] })).body.data.failed).toBe(0);
    expect((await tenant.post(`/content/thing/${id}/restore`, { version: 1 })).status).toBe(200);
    const now = (await tenant.get(`/content/thing/${id}?perspective=draft`)).body.data;
    for (const name of NAMES) expect(now[name]).toBe(`a ${name}`);
  });

  it("without a value has none, whatever it is called", async () => {
    const { status, text, body } = await tenant.post("/content/thing", {
      slug: "two",
      part: {},
      parts: [{ type: "constructor" }],
    });
    expect(status, text).toBe(201);
    for (const name of NAMES) expect(body.data[name]).toBeNull();
    await tenant.post("/content/publish", { id: body.data.id });
    for (const perspective of ["published", "draft"]) {
      const { thing } = await ok(
        tenant,
        `{ thing(slug: "two", perspective: ${perspective}) { constructor then part { constructor toString } parts { ... on Thing_Parts_Constructor { constructor } } } }`,
      );
      expect(thing).toEqual({
        ...{ constructor: null, part: { constructor: null, toString: null } },
        ...JSON.parse('{ "then": null, "parts": [{ "constructor": null }] }'),
      });
    }
    for (const form of ["html", "text", "json"]) {
      const shown = await tenant.get(`/content/thing/two?rich_text=${form}`);
      expect(shown.status).toBe(200);
    }
    expect((await tenant.post(`/content/thing/${body.data.id}/duplicate`, {})).status).toBe(201);
  });

  it("has its values by locale, whatever it is called, and no other field of the isolate has them", async () => {
    const own = await newTenant();
    await own.patch("/environments/main", { locales: [{ code: "en" }, { code: "de" }] });
    const fields = ["constructor", "value_of"].map((name) => ({ ...text(name), localized: true }));
    expect((await own.put("/types/thing", { id: "thing", name: "Thing", fields })).status).toBe(201);
    const first = (await own.post("/content/thing", { constructor: "one" })).body.data;
    const second = (await own.post("/content/thing", { value_of: "two" })).body.data;
    await own.patch(`/content/thing/${first.id}?locale=de`, { constructor: "eins" });
    const read = async (id: string) =>
      (await own.get(`/content/thing/${id}?perspective=draft&locale=*`)).body.data;
    expect((await read(first.id)).constructor).toEqual({ en: "one", de: "eins" });
    expect(JSON.stringify(await read(second.id))).not.toMatch(/one|eins/);
  });

  it("cannot be called what every entry has, or what is no name", async () => {
    for (const name of [
      "__proto__",
      "__typename",
      "id",
      "version",
      "status",
      "locale",
      "and",
      "1a",
      "aB",
      "a__b",
      "_a",
    ]) {
      const { status, body } = await tenant.put("/types/other", {
        id: "other",
        name: "Other",
        fields: [text(name)],
      });
      expect([name, status, body.error.details[0].path]).toEqual([name, 422, "fields[0].id"]);
    }
  });
});

describe("names in GraphQL", () => {
  const rootFields = async (tenant: Tenant) => {
    const { __schema } = await ok(
      tenant,
      `{ __schema { types { name fields { name type { name ofType { ofType { name } } } } } } }`,
    );
    const of = (name: string) =>
      __schema.types.find((type: { name: string }) => type.name === name).fields as {
        name: string;
        type: { name: string; ofType: any };
      }[];
    return [...of("Query"), ...of("Mutation")].map(
      ({ name, type }) => `${name}: ${type.name ?? JSON.stringify(type.ofType)}`,
    );
  };

  it.each([
    [["zzq_list"], ["zzq"]],
    [["zzq"], ["zzq_list"]],
    [["zzq_list", "zzq_connection", "zzq_aggregate"], ["zzq"]],
    [["comment_entry"], ["comment"]],
    [
      ["a_1", "a_list_2"],
      ["a", "a_list"],
    ],
    [["thing_filter", "thing_part"], ["thing"]],
    [
      ["text", "entry", "page_info"],
      ["common", "near", "unavailable", "asset"],
    ],
  ])("of %j stay when %j are added", async (before, added) => {
    const tenant = await newTenant();
    const make = async (id: string) => {
      const fields = [
        { id: "title", type: "short_text" },
        { id: "part", type: "component", fields: [text("x")] },
        { id: "part_filter", type: "component", fields: [text("x")] },
        { id: "to_it", type: "reference", to: [id] },
      ];
      expect((await tenant.put(`/types/${id}`, { id, name: id, fields })).status).toBe(201);
    };
    for (const id of before) await make(id);
    const old = await rootFields(tenant);
    for (const id of added) await make(id);
    await eventually(async () => (await rootFields(tenant)).length > old.length);
    const names = await rootFields(tenant);
    expect(names).toEqual(expect.arrayContaining(old));
    expect(new Set(names.map((name) => name.split(":")[0])).size).toBe(names.length);
  });
});

describe("what is empty in a filter", () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await newTenant();
    await tenant.put("/types/author", { id: "author", name: "Author", fields: [text("name")] });
    await tenant.put("/types/note", {
      id: "note",
      name: "Note",
      fields: [
        text("long_title"),
        { id: "page_count", type: "integer" },
        { id: "author", type: "reference", to: ["author"] },
        { id: "anybody", type: "reference" },
      ],
    });
    for (const long_title of ["a", "b"]) {
      const { id } = (await tenant.post("/content/note", { long_title })).body.data;
      await tenant.post("/content/publish", { id });
    }
  });

  it.each([
    ["{}", 2],
    ["null", 2],
    ["{ author: {} }", 2],
    ["{ longTitle: {} }", 2],
    ["{ author: { where: {} } }", 2],
    ["{ author: { where: { name: {} } } }", 2],
    ["{ anybody: { where: {} } }", 2],
    ["{ and: [] }", 2],
    ["{ or: [] }", 2],
    ["{ or: [{}] }", 2],
    ["{ not: {} }", 2],
    ["{ not: { author: {} } }", 2],
    ["{ and: null, or: null, not: null }", 2],
    ['{ or: [{}, { longTitle: { eq: "a" } }] }', 1],
    ['{ longTitle: { eq: "a" }, author: {}, or: [], and: [{ not: {} }] }', 1],
    ["{ longTitle: { eq: $missing } }", 2],
    ['{ longTitle: { eq: $missing, ne: "a" } }', 1],
    ['{ or: [{ longTitle: { eq: $missing } }, { longTitle: { eq: "a" } }] }', 1],
    ["{ longTitle: { eq: null } }", 0],
    ["{ longTitle: { ne: null } }", 2],
    ["{ author: null }", 2],
  ])("is no condition: %s", async (filter, count) => {
    const { noteList, noteConnection, noteAggregate } = await ok(
      tenant,
      `query ($missing: String) { noteList(filter: ${filter}) { id } noteConnection(filter: ${filter}) { totalCount } noteAggregate(filter: ${filter}) { count } __typename @skip(if: ${filter.includes("$missing") ? "false" : "true"}) }`.replace(
        "query ($missing: String)",
        filter.includes("$missing") ? "query ($missing: String)" : "query",
      ),
    );
    expect([noteList.length, noteConnection.totalCount, noteAggregate[0]?.count ?? 0]).toEqual([
      count,
      count,
      count,
    ]);
  });

  it.each([
    ["{}", 2],
    ["null", 2],
    ['{"author":{}}', 2],
    ['{"author":{"name":{}}}', 2],
    ['{"or":[]}', 2],
    ['{"and":[],"not":{}}', 2],
    ['{"not":{"long_title":{}}}', 2],
    ['{"or":[{},{"long_title":"a"}]}', 1],
    ['{"long_title":{"eq":null}}', 0],
  ])("is no condition in REST: %s", async (filter, count) => {
    const { status, body } = await tenant.get(`/content/note?filter=${encodeURIComponent(filter)}`);
    expect([status, body.data?.length]).toEqual([200, count]);
  });

  it("still has to be said in a policy", async () => {
    for (const conditions of [{ author: {} }, { or: [] }, { not: { long_title: {} } }]) {
      const grants = [{ actions: ["content:read"], types: ["note"], conditions }];
      const { status, text } = await tenant.post("/policies", { name: "Empty", grants });
      expect([status, text.includes("conditions")], text).toEqual([422, true]);
    }
  });
});

describe("what is wrong", () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await newTenant();
    await tenant.put("/types/author", {
      id: "author",
      name: "Author",
      fields: [{ id: "birth_year", type: "integer" }],
    });
    await tenant.put("/types/note", {
      id: "note",
      name: "Note",
      fields: [
        { id: "page_count", type: "integer", max: 5 },
        { id: "first_author", type: "reference", to: ["author"] },
        { id: "any_author", type: "reference" },
        { id: "the_part", type: "component", fields: [{ id: "in_part", type: "integer", max: 10 }] },
      ],
    });
  });

  it.each([
    [`{ noteList(filter: { pageCount: { in: [] } }) { id } }`, "filter[pageCount][in]"],
    [`{ noteConnection(filter: { pageCount: { in: [] } }) { totalCount } }`, "filter[pageCount][in]"],
    [`{ noteAggregate(filter: { pageCount: { in: [] } }) { count } }`, "filter[pageCount][in]"],
    [
      `{ noteList(filter: { or: [{ not: { pageCount: { in: [] } } }] }) { id } }`,
      "filter[or][0][not][pageCount][in]",
    ],
    [
      `{ noteList(filter: { firstAuthor: { where: { birthYear: { in: [] } } } }) { id } }`,
      "filter[firstAuthor][where][birthYear][in]",
    ],
    [
      `{ noteList(filter: { anyAuthor: { where: { birth_year: { in: [] } } } }) { id } }`,
      "filter[anyAuthor][where][birth_year][in]",
    ],
    [`mutation { createNote(fields: { pageCount: 9 }) { id } }`, "pageCount"],
    [`mutation { createNote(fields: { pageCount: 1.5 }) { id } }`, "pageCount"],
    [`mutation { createNote(fields: { firstAuthor: "x" }) { id } }`, "firstAuthor"],
    [
      `mutation { createNote(fields: { firstAuthor: "cnt_01jd0000000000000000000000" }) { id } }`,
      "firstAuthor",
    ],
    [`mutation { createNote(fields: { thePart: { inPart: 5000 } }) { id } }`, "thePart.inPart"],
    [
      `mutation { putNote(id: "cnt_01jd0000000000000000000000", fields: { pageCount: 9 }) { id } }`,
      "pageCount",
    ],
  ])("is called what was written: %s", async (query, path) => {
    const { errors } = await run(tenant, query);
    expect(errors?.[0]?.extensions.details?.[0]?.path).toBe(path);
    expect(errors?.[0]?.message).not.toMatch(/page_count|first_author|the_part/);
  });
});
