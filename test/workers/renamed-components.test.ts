import { describe, expect, it } from "vitest";
import { reasonOf } from "../support/access.ts";
import { eventually, newTenant } from "../support/tenant.ts";

const FRESH = { headers: { "cache-control": "no-cache" } };
const text = (id: string, more: object = {}) => ({ id, type: "short_text", ...more });
const PART = { id: "part", name: "Part", fields: [text("line")] };
const uses = (id: string) => ({ id: "parts", type: "blocks", components: [id] });
const doc = (...content: object[]) => ({ type: "doc", content });

describe("a component gets another id", () => {
  it("and blocks, texts and what else uses it follow, in every version, with other changes at once", async () => {
    const tenant = await newTenant();
    await tenant.patch("/environments/main", { locales: [{ code: "en" }, { code: "fr" }] });
    const box = { id: "box", name: "Box", fields: [{ id: "in", type: "blocks", components: ["teaser"] }] };
    const teaser = { id: "teaser", name: "Teaser", fields: [text("line"), text("note")] };
    const page = {
      id: "page",
      name: "Page",
      fields: [
        text("name"),
        { id: "one", type: "component", component: "teaser" },
        { id: "parts", type: "blocks", localized: true, components: ["teaser", "box"] },
        { id: "body", type: "rich_text", components: ["teaser", "box"] },
        { id: "noted", type: "rich_text", components: ["teaser"], annotations: ["teaser"] },
      ],
    };
    const made = await tenant.post("/types/bulk", { components: [teaser, box], types: [page] });
    expect(made.status, made.text).toBe(201);
    const values = (kind: string, line: string) => {
      const block = (at: string) => ({ type: kind, [line]: at });
      return {
        name: "N",
        one: { [line]: "1" },
        parts: { en: [block("2"), { type: "box", in: [block("3")] }], fr: [block("4")] },
        noted: doc({
          type: "paragraph",
          content: [{ type: "text", text: "x", marks: [{ type: kind, attrs: { [line]: "7" } }] }],
        }),
        body: doc(
          { type: kind, attrs: { [line]: "5" } },
          { type: "blockquote", content: [{ type: "box", attrs: { in: [block("6")] } }] },
        ),
      };
    };
    const created = await tenant.post("/content/page?locale=*", values("teaser", "line"));
    expect(created.status, created.text).toBe(201);
    const { id } = created.body.data;
    await tenant.post("/content/publish", { id });
    await tenant.patch(`/content/page/${id}`, { name: "changed" });
    const card = {
      ...{ id: "card", name: "Card", renames: { line: "headline" } },
      fields: [text("headline"), text("note"), text("more")],
    };
    const planned = await tenant.put("/components/card?rename_from=teaser&dry_run=true", card);
    expect(planned.body.steps.map((one: any) => [one.action, one.field, one.drafts, one.versions])).toEqual([
      ["rename_component", "teaser", 0, 0],
      ["rename", "parts.box.in.teaser", 1, 2],
      ["rename", "parts.teaser", 1, 2],
      ["rename", "body.box.in.teaser", 1, 2],
      ["rename", "body.teaser", 1, 2],
      ["rename", "noted.teaser", 1, 2],
      ["rename", "one.line", 1, 2],
      ["rename", "parts.card.line", 1, 2],
      ["rename", "parts.box.in.card.line", 1, 2],
      ["rename", "body.card.line", 1, 2],
      ["rename", "body.box.in.card.line", 1, 2],
      ["rename", "noted.card.line", 1, 2],
    ]);
    const done = await tenant.put("/components/card?rename_from=teaser", card);
    expect(done.status, done.text).toBe(200);
    expect(done.body.data).toMatchObject({ version: 2, usage: { types: ["page"], components: ["box"] } });
    const now = values("card", "headline");
    const read = async (query: string) =>
      (await tenant.get(`/content/page/${id}?locale=*&${query}`, FRESH)).body.data;
    expect(await read("perspective=draft")).toMatchObject({ ...now, name: "changed" });
    await eventually(async () => JSON.stringify(await read("")).includes("card"));
    expect(await read("")).toMatchObject(now);
    expect((await tenant.get(`/content/page/${id}/versions/1`)).body.data.data).toMatchObject(now);
    const hit = await tenant.get("/content/page?perspective=draft&filter[parts.card.headline]=2", FRESH);
    expect(hit.body.data?.length, hit.text).toBe(1);
    expect((await tenant.post(`/content/page/${id}/restore`, { version: 1 })).body.left_out ?? []).toEqual(
      [],
    );
    expect(await read("perspective=draft")).toMatchObject(now);
    expect(JSON.stringify((await tenant.get("/types/page")).body.data)).not.toContain("teaser");
    const old = await tenant.get("/components/teaser");
    expect([old.status, old.body.error.message]).toEqual([
      404,
      'There is no component "teaser". It is called "card" now.',
    ]);
  });
});

it("several definitions change together, each with what it says, all of them or none", async () => {
  const tenant = await newTenant();
  await tenant.patch("/environments/main", { locales: [{ code: "en" }, { code: "fr" }] });
  const one = (id: string, ...fields: object[]) => ({ id, name: "N", fields });
  const to = (type: string) => ({ id: "to", type: "reference", to: [type] });
  const first = {
    types: [one("a", text("t"), to("b")), one("b", text("t"), to("a"))],
    components: [PART],
  };
  expect((await tenant.post("/types/bulk", first)).status).toBe(201);
  const id = await tenant.published("b", { t: "B" });
  const change = (version: number) => ({
    components: [{ ...PART, id: "card", rename_from: "part" }],
    types: [
      { ...one("a", text("title"), to("c"), uses("card")), renames: { t: "title" } },
      {
        ...one("c", text("t", { localized: true }), to("a")),
        rename_from: "b",
        localize: "all",
        if_version: version,
      },
      one("d", to("c")),
    ],
  });
  const taken = await tenant.post("/types/bulk", change(1));
  expect([taken.status, reasonOf(taken), taken.body.error.details[0].path]).toEqual([
    409,
    "types/id-taken",
    "types[0].id",
  ]);
  const outdated = await tenant.post("/types/bulk?replace=true", change(3));
  expect([outdated.status, reasonOf(outdated)]).toEqual([409, "types/version-conflict"]);
  const planned = await tenant.post("/types/bulk?replace=true&dry_run=true", change(1));
  expect(planned.status, planned.text).toBe(200);
  expect(planned.body.steps.map((step: any) => [step.type, step.action, step.field])).toEqual([
    ["c", "rename_type", "b"],
    ["card", "rename_component", "part"],
    ["a", "refer", "to"],
    ["a", "rename", "t"],
    ["c", "localize", "t"],
  ]);
  expect((await tenant.get("/types")).body.data.map((type: any) => type.version)).toEqual([1, 1]);
  const done = await tenant.post("/types/bulk?replace=true", change(1));
  expect([done.status, done.body.data?.types.map((type: any) => type.version)], done.text).toEqual([
    201,
    [2, 2, 1],
  ]);
  expect((await tenant.get(`/content/c/${id}?perspective=draft&locale=*`)).body.data.t).toEqual({
    en: "B",
    fr: "B",
  });
  const again = await tenant.post("/types/bulk?replace=true", change(2));
  expect([again.status, again.body.data?.types.map((type: any) => type.version)], again.text).toEqual([
    200,
    [2, 2, 1],
  ]);
  const read = (await tenant.get("/types")).body.data;
  expect((await tenant.post("/types/bulk?replace=true", { types: read })).status).toBe(200);
});
