import { join } from "node:path";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { Client } from "../../src/sdk/index.ts";
import { asRole } from "../support/access.ts";
import { ok } from "../support/graphql.ts";
import { runFlow, temporaryFolder } from "../support/run-flow.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const FRESH = { headers: { "cache-control": "no-cache" } };
const STEP = {
  id: "step",
  name: "Step",
  ordered: true,
  fields: [
    { id: "title", type: "short_text" },
    { id: "kind", type: "enum", options: ["a", "b"] },
    { id: "text", type: "short_text", localized: true },
  ],
};
const reasonOf = ({ status, body }: { status: number; body: any }) => [status, body.error?.reason];

/** The titles of a list, page by page. */
async function titlesOf(own: Tenant, query: string, limit = 100): Promise<string> {
  const titles: string[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const next: string = cursor ? `&cursor=${cursor}` : "";
    const page = await own.get(`/content/step?limit=${limit}&${query}${next}`, FRESH);
    expect(page.status, page.text).toBe(200);
    titles.push(...page.body.data.map((one: any) => one.title));
    cursor = page.body.pagination.next_cursor;
  }
  return titles.join("");
}

async function made(own: Tenant, titles: string): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const [i, title] of [...titles].entries())
    ids[title] = await own.published("step", { title, kind: i % 2 === 0 ? "a" : "b", text: title });
  return ids;
}

describe("an ordered type", () => {
  let own: Tenant;
  let ids: Record<string, string>;
  const move = (title: string, to: object, options?: object) =>
    own.post(`/content/step/${ids[title]}/move`, to, options);
  beforeAll(async () => {
    own = await newTenant();
    await own.patch("/environments/main", { locales: [{ code: "en" }, { code: "fr", fallback: "en" }] });
    expect((await own.put("/types/step", STEP)).status).toBe(201);
    ids = await made(own, "abcdef");
  });

  it("lists new entries last, in both perspectives, by pages and with filters", async () => {
    expect(await titlesOf(own, "")).toBe("abcdef");
    expect(await titlesOf(own, "perspective=draft", 2)).toBe("abcdef");
    expect(await titlesOf(own, "sort=-order", 4)).toBe("fedcba");
    expect(await titlesOf(own, "sort=order&filter[kind]=b", 1)).toBe("bdf");
    expect(await titlesOf(own, "locale=fr&sort=-order&filter[text]=c")).toBe("c");
    expect(await titlesOf(own, "sort=-title&filter[kind]=a")).toBe("eca");
  });

  it("moves an entry before and behind another, and to the end, live at once", async () => {
    const moved = await move("f", { before: ids["b"] });
    expect([moved.status, moved.body.data.version, moved.body.data.status], moved.text).toEqual([
      200,
      1,
      "published",
    ]);
    expect(await titlesOf(own, "")).toBe("afbcde");
    expect(await titlesOf(own, "perspective=draft&locale=fr", 1)).toBe("afbcde");
    await move("a", { after: ids["d"] });
    expect(await titlesOf(own, "sort=order", 3)).toBe("fbcdae");
    await move("b", {});
    await move("e", { before: ids["f"] });
    expect(await titlesOf(own, "page=1", 4)).toBe("efcdab");
    expect(
      (await own.get("/content/step?page=2&limit=4", FRESH)).body.data.map((one: any) => one.title),
    ).toEqual(["a", "b"]);
    expect(await titlesOf(own, "sort=order&filter[kind]=a&filter[title][ne]=c", 1)).toBe("ea");
    for (const [title, to] of [
      ["a", { before: ids["f"] }],
      ["b", { before: ids["f"] }],
      ["c", { after: ids["b"] }],
      ["d", { after: ids["c"] }],
      ["e", { after: ids["d"] }],
    ] as const)
      expect((await move(title, to)).status).toBe(200);
    expect(await titlesOf(own, "")).toBe("abcdef");
  });

  it("is fresh for readers after a move", async () => {
    const titles = async () =>
      (await own.get("/content/step")).body.data.map((one: any) => one.title).join("");
    expect(await titles()).toBe("abcdef");
    await move("f", { before: ids["a"] });
    await expect.poll(titles, { timeout: 10_000 }).toBe("fabcde");
    await move("f", {});
    await expect.poll(titles, { timeout: 10_000 }).toBe("abcdef");
  });

  it("says why it cannot be moved", async () => {
    expect(reasonOf(await move("a", { before: ids["a"] }))).toEqual([422, "content/bad-move"]);
    expect(reasonOf(await move("a", { before: ids["b"], after: ids["c"] }))).toEqual([
      422,
      "content/bad-move",
    ]);
    expect(reasonOf(await move("a", { befor: ids["b"] }))).toEqual([422, "content/bad-move"]);
    expect(reasonOf(await move("a", { after: "cnt_01jd0000000000000000000099" }))).toEqual([
      422,
      "content/broken-reference",
    ]);
    expect(reasonOf(await move("a", { version: 7 }))).toEqual([409, "content/version-conflict"]);
    expect(reasonOf(await move("a", {}, { headers: { "if-match": '"7"' } }))).toEqual([
      412,
      "http/precondition-failed",
    ]);
    expect(reasonOf(await own.post("/content/step/cnt_01jd0000000000000000000099/move", {}))).toEqual([
      404,
      "content/not-found",
    ]);
    const reader = await move("a", {}, { token: own.tokens.read });
    expect(reader.status).toBe(403);
    await own.put("/types/plain", { id: "plain", name: "Plain", fields: [{ id: "order", type: "integer" }] });
    const plain = await own.published("plain", { order: 2 });
    expect(reasonOf(await own.post(`/content/plain/${plain}/move`, {}))).toEqual([
      422,
      "content/not-ordered",
    ]);
    expect((await own.get("/content/plain?sort=-order")).status).toBe(200);
    const several = await own.get("/content?types=step,plain&limit=100", FRESH);
    expect([several.status, several.body.data?.length], several.text).toEqual([200, 7]);
    const wrong = await own.put("/types/plain", {
      id: "plain",
      name: "Plain",
      ordered: true,
      fields: [{ id: "order", type: "integer" }],
    });
    expect(reasonOf(wrong)).toEqual([422, "types/invalid-definition"]);
    expect(await titlesOf(own, "")).toBe("abcdef");
  });

  it("moves only what the caller may write, and beside what they may see", async () => {
    const grant = { actions: ["content:*"], types: ["step"], conditions: { kind: "a" } };
    const writer = await asRole(own, [grant]);
    const refused = await writer.post(`/content/step/${ids["b"]}/move`, { after: ids["c"] });
    expect(refused.status, refused.text).toBe(404);
    const hidden = await writer.post(`/content/step/${ids["a"]}/move`, { after: ids["b"] });
    expect(reasonOf(hidden)).toEqual([422, "content/broken-reference"]);
    expect((await writer.post(`/content/step/${ids["a"]}/move`, { after: ids["c"] })).status).toBe(200);
    expect(await titlesOf(own, "")).toBe("bcadef");
    await move("a", { before: ids["b"] });
  });

  it("keeps the place through saves, versions and publishing; what comes back comes last", async () => {
    await own.patch(`/content/step/${ids["c"]}`, { text: "new" });
    await own.put(`/content/step/${ids["b"]}`, { title: "b", kind: "b" });
    await own.post("/content/publish", { id: ids["c"] });
    await own.post(`/content/step/${ids["c"]}/restore`, { version: 1 });
    expect(await titlesOf(own, "")).toBe("abcdef");
    await own.post("/content/unpublish", { id: ids["d"] });
    await move("d", { before: ids["a"] });
    expect([await titlesOf(own, ""), await titlesOf(own, "perspective=draft")]).toEqual(["abcef", "dabcef"]);
    await own.post("/content/publish", { id: ids["d"] });
    expect(await titlesOf(own, "")).toBe("dabcef");
    await own.delete(`/content/step/${ids["d"]}`);
    await own.post(`/trash/${ids["d"]}/restore`, {});
    await own.post("/content/publish", { id: ids["d"] });
    expect(await titlesOf(own, "")).toBe("abcefd");
    await move("d", { after: ids["c"] });
    const copy = await own.post(`/content/step/${ids["a"]}/duplicate`, { fields: { title: "x" } });
    expect(await titlesOf(own, "perspective=draft")).toBe("abcdefx");
    await own.delete(`/content/step/${copy.body.data.id}?for_good=true`);
    const operations = [..."yz"].map((title) => ({ op: "create", type: "step", fields: { title } }));
    const bulk = await own.post("/content/bulk", { operations });
    expect(await titlesOf(own, "perspective=draft")).toBe("abcdefyz");
    for (const { id } of bulk.body.data.items) await own.delete(`/content/step/${id}?for_good=true`);
  });

  it("is turned on for a type with entries in the order in which they were made, and stays in a clone", async () => {
    const other = await newTenant();
    await other.put("/types/step", { ...STEP, ordered: false });
    const of = await made(other, "abc");
    expect(reasonOf(await other.get("/content/step?sort=order"))).toEqual([400, "content/bad-query"]);
    expect(await titlesOf(other, "")).toBe("cba");
    expect((await other.put("/types/step", STEP)).status).toBe(200);
    expect(await titlesOf(other, "")).toBe("abc");
    await made(other, "d");
    await other.post(`/content/step/${of["c"]}/move`, { before: of["b"] });
    expect(await titlesOf(other, "")).toBe("acbd");
    await other.put("/types/step", { ...STEP, ordered: false });
    await made(other, "e");
    await other.put("/types/step", STEP);
    expect(await titlesOf(other, "", 2)).toBe("acbde");
    expect((await other.post("/environments", { name: "copy", from: "main" })).status).toBe(201);
    const there = await other.get("/content/step", { headers: { "x-flow-environment": "copy" } });
    expect(there.body.data.map((one: any) => one.title).join("")).toBe("acbde");
  });

  it("is exported in its order, and imported into it", async () => {
    const other = await newTenant();
    await other.put("/types/step", STEP);
    const of = await made(other, "abcdefgh");
    for (const [title, beside] of ["ha", "cg", "ea"])
      await other.post(`/content/step/${of[title!]}/move`, { after: of[beside!] });
    expect(await titlesOf(other, "")).toBe("aehbdfgc");
    const folder = join(temporaryFolder(), "order");
    const flow = async (...args: string[]) => {
      const run = await runFlow(args, { token: other.tokens.admin });
      expect(run.code, run.err + run.out).toBe(0);
    };
    await flow("export", folder);
    expect((await other.post("/environments", { name: "restored" })).status).toBe(201);
    await flow("import", "ndjson", folder, "--environment", "restored");
    const there = { headers: { "x-flow-environment": "restored" } };
    const titles = async () =>
      (await other.get("/content/step", there)).body.data.map((one: any) => one.title).join("");
    expect(await titles()).toBe("aehbdfgc");
    for (const [title, beside] of ["ab", "gh"])
      await other.post(`/content/step/${of[title!]}/move`, { before: of[beside!] }, there);
    await flow("import", "ndjson", folder, "--environment", "restored");
    await expect.poll(titles, { timeout: 10_000 }).toBe("aehbdfgc");
  });

  it("is sorted and moved in GraphQL and by the SDK", async () => {
    const data = await ok(own, `{ stepList(sort: [order_DESC], limit: 2) { title } }`);
    expect(data.stepList.map((one: any) => one.title)).toEqual(["f", "e"]);
    const moved = await ok(
      own,
      `mutation { placeEntry(type: "step", id: "${ids["f"]}", before: "${ids["a"]}") { id } }`,
    );
    expect(moved.placeEntry.id).toBe(ids["f"]);
    expect(await titlesOf(own, "")).toBe("fabcde");
    const flow = new Client({ url: inject("url"), apiKey: own.tokens.admin });
    expect(await flow.content.move("step", ids["f"]!, { after: ids["e"]! })).toMatchObject({ title: "f" });
    expect(await titlesOf(own, "")).toBe("abcdef");
  });
});

describe("a bulk", () => {
  it("moves entries in bulk, with what else is done, all of it or none", async () => {
    const own = await newTenant();
    const up = { id: "up", type: "reference", to: ["step"] };
    await own.put("/types/step", { ...STEP, parent: "up", fields: [...STEP.fields, up] });
    const ids: Record<string, string> = {};
    for (const title of "a aa ab b ba bb".split(" "))
      ids[title] = await own.published("step", { title, up: ids[title.slice(0, -1)] ?? null });
    const move = (title: string, to: object) => ({ op: "move", type: "step", id: ids[title], ...to });
    const bulk = (operations: object[], atomic = true) => own.post("/content/bulk", { operations, atomic });
    const below = (title: string) => titlesOf(own, `filter[up]=${ids[title]}&sort=order&perspective=draft`);
    const done = await bulk([
      move("ab", { before: ids["aa"] }),
      move("ba", { parent: ids["a"], after: ids["aa"] }),
      { op: "publish", id: ids["ba"] },
      move("bb", { parent: null, version: 1 }),
    ]);
    expect(done.status, done.text).toBe(200);
    const { items } = done.body.data;
    expect(items.map((one: any) => [one.index, one.outcome, one.id, one.entry.version])).toEqual([
      [0, "moved", ids["ab"], 1],
      [1, "moved", ids["ba"], 2],
      [2, "published", ids["ba"], 2],
      [3, "moved", ids["bb"], 2],
    ]);
    expect([await below("a"), await below("b")]).toEqual(["abaaba", ""]);
    expect(await titlesOf(own, `filter[up]=${ids["a"]}&sort=order`)).toBe("abaaba");

    const failing: [object, string, string][] = [
      [move("ab", { after: ids["bb"] }), "content/not-sibling", "operations[1].after"],
      [
        move("ab", { after: "cnt_01jd0000000000000000000099" }),
        "content/broken-reference",
        "operations[1].after",
      ],
      [move("ab", { version: 9 }), "content/version-conflict", "operations[1].version"],
      [move("ab", { parent: ids["ba"], after: ids["b"] }), "content/not-sibling", "operations[1].after"],
      [move("a", { parent: ids["ab"] }), "content/tree-cycle", "operations[1].up"],
    ];
    for (const [operation, reason, path] of failing) {
      const { body, text } = await bulk([move("aa", { before: ids["ab"] }), operation]);
      expect([body.error?.reason, body.error?.details[0].path], text).toEqual([reason, path]);
      expect(await below("a"), reason).toBe("abaaba");
    }
    const each = await bulk(
      [...failing.slice(0, 3).map(([one]) => one), move("aa", { before: ids["ab"] })],
      false,
    );
    expect(each.body.data.items.map((one: any) => one.error?.reason ?? one.outcome)).toEqual([
      ...failing.slice(0, 3).map(([, reason]) => reason),
      "moved",
    ]);
    expect(await below("a")).toBe("aaabba");
    const twofold = await bulk([move("aa", { parent: null })], false);
    expect(twofold.body.data.items[0].error.details[0].path).toBe("parent");
    expect(await below("a")).toBe("aaabba");
  });
});
