import { beforeAll, describe, expect, it } from "vitest";
import { reasonOf } from "../support/access.ts";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

const FRESH = { headers: { "cache-control": "no-cache" } };
type Field = Record<string, unknown> & { id: string };
const field = (type: string, more: object = {}): Field => ({ id: "value", type, ...more });
const definition = (id: string, ...fields: Field[]) => ({
  id,
  name: id,
  fields: [{ id: "name", type: "short_text" }, ...fields],
});

let own: Tenant;
let count = 0;
beforeAll(async () => {
  own = await newTenant();
  await own.patch("/environments/main", { locales: [{ code: "en" }, { code: "fr" }, { code: "de" }] });
});

/** A type with an entry that is published with one value and has another as a working copy. */
async function entryOf(of: Field, value: unknown, draft: unknown = value) {
  const type = `kind_${count++}`;
  expect((await own.put(`/types/${type}`, definition(type, of))).status).toBe(201);
  const made = await own.post(`/content/${type}?locale=*`, { name: "n", value });
  expect(made.status, made.text).toBe(201);
  const id = made.body.data.id as string;
  expect((await own.post("/content/publish", { id })).status).toBe(200);
  const changed = await own.put(`/content/${type}/${id}?locale=*`, { name: "n2", value: draft });
  expect(changed.status, changed.text).toBe(200);
  const at = `/content/${type}/${id}`;
  return {
    type,
    put: (to: Field, query = "") => own.put(`/types/${type}${query}`, definition(type, to)),
    draft: async () => (await own.get(`${at}?perspective=draft&locale=*`)).body.data.value,
    live: async (locale = "en") => (await own.get(`${at}?locale=${locale}`, FRESH)).body.data.value,
    restored: async () => {
      const back = await own.post(`${at}/restore`, { version: 1 });
      expect(back.body.left_out, back.text).toEqual([]);
      return (await own.get(`${at}?perspective=draft&locale=*`)).body.data.value;
    },
    found: async (query: string) => (await own.get(`/content/${type}?${query}`, FRESH)).body.data.length,
  };
}

/** From, to, a value and what it becomes. */
const LOSSLESS: [string, Field, Field, unknown, unknown][] = [
  ["an integer a number", field("integer"), field("number"), 3, 3],
  ["a number an integer", field("number"), field("integer"), 3, 3],
  ["a number a decimal", field("number"), field("decimal", { scale: 2 }), 1.5, "1.50"],
  ["a decimal a number", field("decimal"), field("number"), "1.50", 1.5],
  ["more digits", field("decimal", { scale: 1 }), field("decimal", { scale: 3 }), "1.5", "1.500"],
  ["fewer digits", field("decimal", { scale: 3 }), field("decimal", { scale: 1 }), "1.5", "1.5"],
  ["a short text a long one", field("short_text"), field("long_text"), "a", "a"],
  ["a long text Markdown", field("long_text"), field("markdown"), "a", "a"],
  ["an enum a text", field("enum", { options: ["a", "b"] }), field("short_text"), "a", "a"],
  ["a text an enum", field("short_text"), field("enum", { options: ["a", "b"] }), "a", "a"],
  ["a date a datetime", field("date"), field("datetime"), "2026-01-31", "2026-01-31T00:00:00.000Z"],
  ["a text a slug", field("short_text"), field("slug"), "a-b", "a-b"],
  ["a text an email address", field("short_text"), field("email"), "a@example.com", "a@example.com"],
  ["a text a URL", field("short_text"), field("url"), "https://example.com/", "https://example.com/"],
  ["a value a list", field("short_text"), field("short_text", { multiple: true }), "a", ["a"]],
  ["a list a value", field("short_text", { multiple: true }), field("short_text"), ["a"], "a"],
  ["an empty list no value", field("short_text", { multiple: true }), field("short_text"), [], null],
  ["an integer a list of decimals", field("integer"), field("decimal", { multiple: true }), 7, ["7"]],
  [
    "a component a list of it, with one more field",
    field("component", { fields: [field("integer")] }),
    field("component", { multiple: true, fields: [field("number"), { id: "more", type: "boolean" }] }),
    { value: 1 },
    [{ value: 1 }],
  ],
  [
    "a field inside a component a list",
    field("component", { fields: [field("short_text")] }),
    field("component", { fields: [field("short_text", { multiple: true })] }),
    { value: "a" },
    { value: ["a"] },
  ],
];

describe("without loss becomes", () => {
  it.each(LOSSLESS)("%s", async (_, from, to, value, becomes) => {
    const entry = await entryOf(from, value);
    const done = await entry.put(to);
    expect(done.status, done.text).toBe(200);
    expect(await entry.draft()).toEqual(becomes);
    await eventually(async () => JSON.stringify(await entry.live()) === JSON.stringify(becomes));
    expect(await entry.restored()).toEqual(becomes);
  });

  it.each<[string, Field, Field, unknown, string]>([
    ["a fraction", field("number"), field("integer"), 1.5, "value"],
    ["two values", field("short_text", { multiple: true }), field("short_text"), ["a", "b"], "value"],
    ["no option", field("short_text"), field("enum", { options: ["a"] }), "z", "value"],
    ["no address", field("short_text"), field("email"), "nobody", "value"],
  ])("not %s, which is listed and lost only when that is allowed", async (_, from, to, value, path) => {
    const entry = await entryOf(from, value);
    const refused = await entry.put(to);
    expect([refused.status, reasonOf(refused)]).toEqual([409, "types/violated"]);
    const { details } = refused.body.error;
    expect(details.map((one: any) => [one.path, one.perspective])).toEqual([
      [path, "draft"],
      [path, "published"],
    ]);
    expect((await entry.put(to, "?allow_data_loss=true")).status).toBe(200);
    expect(await entry.draft()).toBeNull();
  });

  it("digits of a decimal that would be lost are a violation, whatever may be lost", async () => {
    const entry = await entryOf(field("decimal", { scale: 3 }), "1.125");
    const refused = await entry.put(field("decimal", { scale: 2 }), "?allow_data_loss=true");
    expect([refused.status, reasonOf(refused)]).toEqual([409, "types/violated"]);
    expect(await entry.draft()).toBe("1.125");
  });

  it("and is found all the while", async () => {
    const entry = await entryOf(field("short_text"), "a");
    await entry.put(field("short_text", { multiple: true }));
    expect(await entry.found("filter[value]=a")).toBe(1);
    expect(await entry.found("perspective=draft&filter[value]=a")).toBe(1);
  });
});

describe("a field becomes localised", () => {
  const SINGLE = field("short_text");
  const LOCALIZED = field("short_text", { localized: true });

  it("and its values those of the default locale", async () => {
    const entry = await entryOf(SINGLE, "one", "two");
    expect((await entry.put(LOCALIZED)).status).toBe(409);
    const done = await entry.put(LOCALIZED, "?localize=default");
    expect(done.status, done.text).toBe(200);
    expect(await entry.draft()).toEqual({ en: "two" });
    await eventually(async () => (await entry.found("locale=en&filter[value]=one")) === 1);
    expect([await entry.live(), await entry.live("fr")]).toEqual(["one", null]);
    expect(await entry.restored()).toEqual({ en: "one" });
  });

  it("and its values those of all locales, old ones too", async () => {
    const entry = await entryOf(SINGLE, "one", "two");
    const done = await entry.put(LOCALIZED, "?localize=all");
    expect(done.status, done.text).toBe(200);
    expect(await entry.draft()).toEqual({ en: "two", fr: "two", de: "two" });
    await eventually(async () => (await entry.live("fr")) === "one");
    await eventually(async () => (await entry.found("locale=de&filter[value]=one")) === 1);
    expect(await entry.restored()).toEqual({ en: "one", fr: "one", de: "one" });
  });

  it("no more, and keeps the value of the default locale", async () => {
    const entry = await entryOf(LOCALIZED, { en: "same", fr: "same" }, { en: "two" });
    const done = await entry.put(SINGLE, "?unlocalize=default");
    expect(done.status, done.text).toBe(200);
    expect(await entry.draft()).toBe("two");
    await eventually(async () => (await entry.found("locale=fr&filter[value]=same")) === 1);
    expect(await entry.live("fr")).toBe("same");
    expect(await entry.restored()).toBe("same");
  });

  it("no more, and keeps another value where the default locale has none", async () => {
    const entry = await entryOf(LOCALIZED, { fr: "fr only" });
    expect((await entry.put(SINGLE, "?unlocalize=default")).status).toBe(200);
    expect(await entry.draft()).toBe("fr only");
  });

  it("no more, and loses other values only when that is allowed", async () => {
    const entry = await entryOf(LOCALIZED, { en: "one", fr: "un" }, { en: "two" });
    const refused = await entry.put(SINGLE, "?unlocalize=default");
    expect([refused.status, reasonOf(refused)]).toEqual([409, "types/violated"]);
    expect(refused.body.error.details).toMatchObject([{ path: "value.fr", perspective: "published" }]);
    expect((await entry.put(SINGLE, "?unlocalize=default&allow_data_loss=true")).status).toBe(200);
    await eventually(async () => (await entry.live("fr")) === "one");
  });

  it("with other rules at once, which hold for what it becomes", async () => {
    const entry = await entryOf(SINGLE, "one");
    const refused = await entry.put({ ...LOCALIZED, max: 2 }, "?localize=all");
    expect(refused.body.error.details.map((one: { path: string }) => one.path)).toContain("value.fr");
    const bad = await entry.put(LOCALIZED, "?localize=some");
    expect(bad.status).toBe(422);
  });
});
