import { beforeAll, describe, expect, inject, it } from "vitest";
import { Client } from "../../src/sdk/index.ts";
import { asRole } from "../support/access.ts";
import { ok, run } from "../support/graphql.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const FRESH = { headers: { "cache-control": "no-cache" } };
const SETTINGS = {
  id: "site_settings",
  name: "Settings",
  singleton: true,
  fields: [
    { id: "title", type: "short_text", localized: true },
    { id: "tagline", type: "short_text" },
  ],
};
const reasonOf = ({ status, body }: { status: number; body: any }) => [status, body.error?.reason];
const TAKEN = [409, "content/singleton-taken"];
const OTHER = "cnt_01jd0000000000000000000099";

describe("a singleton", () => {
  let own: Tenant;
  let id: string;
  beforeAll(async () => {
    own = await newTenant();
    await own.patch("/environments/main", { locales: [{ code: "en" }, { code: "fr", fallback: "en" }] });
    expect((await own.put("/types/site_settings", SETTINGS)).status).toBe(201);
    await own.put("/types/page", { ...SETTINGS, id: "page", singleton: undefined });
    const missing = await own.get("/content/site_settings/-?perspective=draft");
    expect(reasonOf(missing)).toEqual([404, "content/not-found"]);
    const patched = await own.patch("/content/site_settings/-", { tagline: "t" });
    expect([patched.status, patched.body.error.message]).toEqual([404, 'There is no site_settings "-".']);
    const made = await own.put("/content/site_settings/-", { title: "One", tagline: "t" });
    expect(made.status, made.text).toBe(201);
    id = made.body.data.id;
    expect((await own.post("/content/publish", { id })).status).toBe(200);
  });

  it("is read and written in place of an id, as draft and as published", async () => {
    const again = await own.put("/content/site_settings/-", { title: "One", tagline: "t" });
    expect([again.status, again.body.data.id, again.headers.get("x-flow-unchanged")]).toEqual([
      200,
      id,
      "true",
    ]);
    const patched = await own.patch("/content/site_settings/-?locale=fr", { title: "Une" });
    expect([patched.status, patched.body.data.version]).toEqual([200, 2]);
    const published = await own.get("/content/site_settings/-?locale=fr", FRESH);
    expect(published.body.data).toMatchObject({ id, title: "One", tagline: "t" });
    expect(published.headers.get("cache-tag") ?? "").not.toContain("undefined");
    const draft = await own.get("/content/site_settings/-?perspective=draft&locale=fr");
    expect(draft.body.data).toMatchObject({ id, title: "Une" });
    const listed = await own.get("/content/site_settings", FRESH);
    expect(listed.body.data.map((one: any) => one.id)).toEqual([id]);
    expect(reasonOf(await own.patch("/content/site_settings/-", { version: 1, tagline: "x" }))).toEqual([
      409,
      "content/version-conflict",
    ]);
    expect(reasonOf(await own.get("/content/page/-"))).toEqual([404, "content/not-singleton"]);
    expect(reasonOf(await own.put("/content/page/-", { tagline: "x" }))).toEqual([
      404,
      "content/not-singleton",
    ]);
    const reader = await own.get("/content/site_settings/-?perspective=draft", { token: own.tokens.read });
    expect(reader.status).toBe(403);
  });

  it("is fresh after a publish", async () => {
    await own.get("/content/site_settings/-");
    await own.patch("/content/site_settings/-", { tagline: "new" });
    await own.post("/content/publish", { id });
    await expect
      .poll(async () => (await own.get("/content/site_settings/-")).body.data.tagline, { timeout: 10_000 })
      .toBe("new");
  });

  it("has one entry, whichever way another one would come", async () => {
    const fields = { tagline: "second" };
    expect(reasonOf(await own.post("/content/site_settings", fields))).toEqual(TAKEN);
    expect(reasonOf(await own.post("/content/site_settings", { id: OTHER, ...fields }))).toEqual(TAKEN);
    expect(reasonOf(await own.put(`/content/site_settings/${OTHER}`, fields))).toEqual(TAKEN);
    expect(reasonOf(await own.post(`/content/site_settings/${id}/duplicate`, {}))).toEqual(TAKEN);
    for (const op of [{ op: "create" }, { op: "put", id: OTHER }]) {
      const bulk = await own.post("/content/bulk", {
        operations: [{ ...op, type: "site_settings", fields }],
      });
      expect([bulk.status, bulk.text.includes("content/singleton-taken")], bulk.text).toEqual([409, true]);
    }
    expect((await own.get("/content/site_settings?perspective=draft")).body.pagination.total_items).toBe(1);
  });

  it("is named by - wherever an entry is", async () => {
    const other = await newTenant();
    const SETUP = {
      ...SETTINGS,
      review: {
        stages: [
          { id: "a", name: "A" },
          { id: "b", name: "B" },
        ],
      },
    };
    await other.put("/types/site_settings", SETUP);
    await other.put("/types/page", { ...SETUP, id: "page", singleton: undefined });
    const operations = [
      { op: "put", type: "site_settings", id: "-", fields: { tagline: "a" } },
      { op: "update", type: "site_settings", id: "-", fields: { tagline: "b" } },
      { op: "publish", type: "site_settings", id: "-" },
    ];
    const bulk = await other.post("/content/bulk", { operations });
    expect(bulk.status, bulk.text).toBe(200);
    const { items } = bulk.body.data;
    expect(items.map((one: any) => one.outcome)).toEqual(["created", "updated", "published"]);
    const only: string = items[0].id;
    const named = { type: "site_settings", id: "-" };
    const later = { at: "2099-01-01T00:00:00Z" };
    const writes: [method: string, path: string, body: object | undefined, status: number][] = [
      ["POST", "/content/publish", named, 200],
      ["POST", "/content/schedule", { ...named, ...later }, 201],
      ["POST", "/content/unpublish", named, 200],
      ["POST", "/content/bulk", { operations: [{ op: "publish", ...named }] }, 200],
      ["GET", "/content/site_settings/-/versions", undefined, 200],
      ["GET", "/content/site_settings/-/versions/1", undefined, 200],
      ["PUT", "/content/site_settings/-/versions/1", { name: "First" }, 200],
      ["GET", "/content/site_settings/-/diff?from=1&to=2", undefined, 200],
      ["GET", "/content/site_settings/-/references", undefined, 200],
      ["POST", "/content/site_settings/-/restore", { version: 1 }, 200],
      ["POST", "/content/site_settings/-/stage", { stage: "b" }, 200],
      ["PUT", "/content/site_settings/-/assignee", { assignee: null }, 200],
      ["POST", "/content/site_settings/-/comments", { body: "Hm" }, 201],
      ["GET", "/content/site_settings/-/comments", undefined, 200],
      ["POST", "/content/site_settings/-/duplicate", {}, 409],
      ["POST", "/content/site_settings/-/move", {}, 422],
      ["DELETE", "/content/site_settings/-", undefined, 204],
    ];
    const send = (method: string, path: string, body: object | undefined) =>
      other.call(method, path, body ? { raw: JSON.stringify(body) } : {});
    for (const [method, path, body, status] of writes) {
      const plain = body && JSON.parse(JSON.stringify(body).replaceAll("site_settings", "page"));
      const page = await send(method, path.replace("site_settings", "page"), plain);
      expect(reasonOf(page), path).toEqual([404, "content/not-singleton"]);
      const reply = await send(method, path, body);
      expect(reply.status, `${path} ${reply.text}`).toBe(status);
      const { data } = reply.body ?? {};
      const shown = path.endsWith("schedule") ? data.entry : (data?.id ?? only);
      if (!path.includes("comments")) expect(shown, path).toBe(only);
      expect(reply.headers.get("x-flow-cache") ?? "BYPASS", path).toBe("BYPASS");
    }
    for (const [method, path, body] of writes.filter(([, path]) => !path.endsWith("/-")))
      expect(reasonOf(await send(method, path, body)), path).toEqual([404, "content/not-found"]);
    for (const path of ["publish", "unpublish", "schedule"]) {
      const unnamed = await other.post(`/content/${path}`, {
        id: "-",
        ...(path === "schedule" ? later : {}),
      });
      expect([unnamed.status, unnamed.body.error.details[0]?.path], path).toEqual([422, "type"]);
    }
  });

  it("is named by - in GraphQL, and an entry that has another type is not found", async () => {
    const other = await newTenant();
    await other.put("/types/site_settings", SETTINGS);
    await other.put("/types/page", { ...SETTINGS, id: "page", singleton: undefined });
    const only = (await other.put("/content/site_settings/-", { tagline: "a" })).body.data.id;
    const data = await ok(
      other,
      `mutation {
        publish(id: "-", type: "site_settings") { id }
        schedule(id: "-", type: "site_settings", at: "2099-01-01T00:00:00Z") { entry }
        restoreVersion(type: "site_settings", id: "-", version: 1) { id }
        createComment(type: "site_settings", id: "-", body: "Hm") { entry }
        deleteSiteSettings
      }`,
    );
    expect(JSON.stringify(data).split(only).length - 1).toBe(5);
    const page = (await other.post("/content/page", { tagline: "p" })).body.data.id;
    const wrong = await other.post("/content/publish", { id: page, type: "site_settings" });
    expect(reasonOf(wrong)).toEqual([404, "content/not-found"]);
    expect((await other.post("/content/publish", { id: page, type: "page" })).status).toBe(200);
  });

  it("is hidden by - from who may not see it", async () => {
    const other = await newTenant();
    await other.put("/types/site_settings", SETTINGS);
    const only = (await other.put("/content/site_settings/-", { tagline: "a" })).body.data.id;
    const as = await asRole(other, [
      { actions: ["content:*"], types: ["site_settings"], conditions: { tagline: "other" } },
    ]);
    const reply = await as.get("/content/site_settings/-/versions");
    expect([...reasonOf(reply), reply.text.includes(only)]).toEqual([404, "content/not-found", false]);
  });

  it("is read at a version, which is never that of an entry that was deleted", async () => {
    const other = await newTenant();
    await other.put("/types/site_settings", SETTINGS);
    const first = (await other.put("/content/site_settings/-", { tagline: "a" })).body.data.id;
    const version = () => other.get("/content/site_settings/-?version=1");
    expect((await version()).body.data).toMatchObject({ id: first, tagline: "a" });
    await other.delete(`/content/site_settings/${first}`);
    expect(reasonOf(await version())).toEqual([404, "content/no-such-version"]);
    const second = (await other.put("/content/site_settings/-", { tagline: "b" })).body.data.id;
    expect((await version()).body.data).toMatchObject({ id: second, tagline: "b" });
  });

  it("does not come back from the trash beside another, and does when there is none", async () => {
    const other = await newTenant();
    await other.put("/types/site_settings", SETTINGS);
    const first = (await other.put("/content/site_settings/-", { tagline: "a" })).body.data.id;
    expect((await other.delete(`/content/site_settings/${first}`)).status).toBe(204);
    const second = (await other.post("/content/site_settings", { tagline: "b" })).body.data.id;
    expect(reasonOf(await other.post(`/trash/${first}/restore`, {}))).toEqual(TAKEN);
    expect((await other.delete(`/content/site_settings/${second}`)).status).toBe(204);
    expect((await other.post(`/trash/${first}/restore`, {})).status).toBeLessThan(300);
    expect(reasonOf(await other.post("/content/site_settings", {}))).toEqual(TAKEN);
  });

  it("keeps one entry when many are made at once", async () => {
    const other = await newTenant();
    await other.put("/types/site_settings", SETTINGS);
    const made = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        i % 2 === 0
          ? other.post("/content/site_settings", { tagline: `${i}` })
          : other.put("/content/site_settings/-", { tagline: `${i}` }),
      ),
    );
    expect(made.filter(({ status }) => status === 201)).toHaveLength(1);
    made.forEach((one, i) => {
      if (i % 2 === 1) expect([200, 201], one.text).toContain(one.status);
      else if (one.status !== 201) expect(reasonOf(one)).toEqual(TAKEN);
    });
    expect((await other.get("/content/site_settings?perspective=draft")).body.data).toHaveLength(1);
  });

  it("keeps its id from those who may not read it", async () => {
    const other = await newTenant();
    await other.put("/types/site_settings", SETTINGS);
    const hidden = (await other.put("/content/site_settings/-", { tagline: "hidden" })).body.data.id;
    const grant = { actions: ["content:*"], types: ["site_settings"], conditions: { tagline: "mine" } };
    const writer = await asRole(other, [grant]);
    const fields = { tagline: "mine" };
    for (const refused of [
      await writer.get("/content/site_settings/-?perspective=draft"),
      await writer.patch("/content/site_settings/-", fields),
      await writer.put("/content/site_settings/-", fields),
      await writer.post("/content/site_settings", fields),
    ]) {
      expect(refused.status, refused.text).toBeGreaterThan(400);
      expect(refused.text).not.toContain(hidden);
    }
  });

  it("is turned on for a type with one entry, and refused for one with several", async () => {
    const other = await newTenant();
    const plain = { ...SETTINGS, singleton: false };
    await other.put("/types/site_settings", plain);
    const make = async (tagline: string) =>
      (await other.post("/content/site_settings", { tagline })).body.data.id;
    const ids = [await make("a"), await make("b")];
    const refused = await other.put("/types/site_settings", SETTINGS);
    expect(reasonOf(refused)).toEqual([409, "types/violated"]);
    expect(refused.body.error.details.map((one: any) => one.entry).sort()).toEqual(ids.sort());
    await other.delete(`/content/site_settings/${ids[0]}`);
    expect((await other.put("/types/site_settings", SETTINGS)).status).toBe(200);
    expect(reasonOf(await other.post("/content/site_settings", {}))).toEqual(TAKEN);
    expect((await other.get("/content/site_settings/-?perspective=draft")).body.data.id).toBe(ids[1]);
    expect((await other.put("/types/site_settings", plain)).status).toBe(200);
    expect((await other.post("/content/site_settings", {})).status).toBe(201);
  });

  it("stays one in a clone", async () => {
    expect((await own.post("/environments", { name: "copy", from: "main" })).status).toBe(201);
    const there = { headers: { "x-flow-environment": "copy" } };
    expect(reasonOf(await own.post("/content/site_settings", {}, there))).toEqual(TAKEN);
    expect((await own.get("/content/site_settings/-?perspective=draft", there)).body.data.id).toBe(id);
  });

  it("is a field without an id in GraphQL, and a call without one in the SDK", async () => {
    const data = await ok(own, `{ siteSettings(locale: "fr", perspective: draft) { id title } }`);
    expect(data.siteSettings).toEqual({ id, title: "Une" });
    const written = await ok(
      own,
      `mutation { updateSiteSettings(fields: { tagline: "by graphql" }) { id tagline } }`,
    );
    expect(written.updateSiteSettings).toEqual({ id, tagline: "by graphql" });
    const wrong = await run(own, `{ siteSettings(id: "${id}") { id } }`);
    expect(wrong.errors?.[0]?.message).toContain("Unknown argument");
    const flow = new Client({ url: inject("url"), apiKey: own.tokens.admin });
    expect(await flow.content.single("site_settings", { perspective: "draft" })).toMatchObject({
      id,
      tagline: "by graphql",
    });
  });
});
