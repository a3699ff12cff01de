import { expect, it } from "vitest";
import { delivered, eventually, newTenant } from "../support/tenant.ts";

const FRESH = { headers: { "cache-control": "no-cache" } };
const text = (id: string, more: object = {}) => ({ id, type: "short_text", ...more });

it("what a change took away stays away, when the entry is published anew and its type is made anew", async () => {
  const own = await newTenant();
  const define = async (...fields: object[]) => {
    const type = { id: "page", name: "Page", fields: [text("name"), ...fields] };
    expect((await own.put("/types/page?allow_data_loss=true", type)).status).toBeLessThan(300);
    await delivered(own);
  };
  await define(text("t"));
  const id = await own.published("page", { name: "n", t: "x" });
  await define(text("t", { type: "boolean" }));
  await define(text("t"));
  const moved = { id, published_at: "2026-06-05T00:00:00Z" };
  expect((await own.post("/content/publish", moved)).status).toBe(200);
  await define(text("t"), text("more"));
  await eventually(async () => "more" in (await own.get(`/content/page/${id}`, FRESH)).body.data);
  expect((await own.get(`/content/page/${id}`, FRESH)).body.data).toMatchObject({
    t: null,
    published_at: "2026-06-05T00:00:00.000Z",
  });
  expect((await own.get("/content/page?filter[t]=x", FRESH)).body.data).toEqual([]);
  expect(
    (await own.get("/content/page?filter[published_at][gte]=2026-06-05T00:00:00Z", FRESH)).body.data,
  ).toHaveLength(1);
});

it("what a change took away stays away through changes of other fields, and is no violation of theirs", async () => {
  const own = await newTenant();
  const locales = [{ code: "en" }, { code: "fr" }];
  expect((await own.patch("/environments/main", { default_locale: "en", locales })).status).toBe(200);
  const local = (id: string, more: object = {}) => text(id, { localized: true, ...more });
  const put = (fields: object[], query = "?allow_data_loss=true") =>
    own.put(`/types/page${query}`, { id: "page", name: "Page", fields });
  const define = async (...fields: object[]) => {
    const reply = await put(fields);
    expect(reply.status, reply.text).toBeLessThan(300);
    await delivered(own);
  };
  await define(local("name"), local("t"), text("u"), text("v"));
  const made = async () => {
    const fields = { name: { en: "n" }, t: { en: "x", fr: "y" }, u: "u", v: "v" };
    const { body } = await own.post("/content/page?locale=*", fields);
    expect((await own.post("/content/publish", { id: body.data.id })).status).toBe(200);
    return body.data.id as string;
  };
  const [id, partly] = [await made(), await made()];
  await define(local("name"), local("t", { type: "boolean" }), text("u"), text("v"));
  await define(local("name"), local("t"), text("u"), text("v"));
  const again = { published_at: "2026-06-05T00:00:00Z" };
  for (const one of [id, partly])
    expect((await own.post("/content/publish", { id: one, ...again })).status).toBe(200);
  const isAway = async (one: string, more: object) => {
    await eventually(async () => {
      const { data } = (await own.get(`/content/page/${one}?locale=en`, FRESH)).body;
      return Object.entries(more).every(([name, value]) => (data[name] ?? null) === value);
    });
    for (const locale of ["en", "fr"])
      expect((await own.get(`/content/page/${one}?locale=${locale}`, FRESH)).text).not.toMatch(/"t":"[xy]"/);
    expect((await own.get("/content/page?filter[t]=x&locale=en", FRESH)).body.data).toEqual([]);
  };
  // Published by the locale: what is published so far is what it goes on from.
  const inEnglish = await own.post("/content/publish", { id: partly, locales: ["en"] });
  expect(inEnglish.status, inEnglish.text).toBe(200);
  await isAway(partly, { name: "n" });
  expect((await own.post("/content/unpublish", { id: partly })).status).toBe(200);
  // In French nothing is left: there is nothing there that a name could be missing of.
  const required = await put([local("name", { required: true }), local("t"), text("u"), text("v")], "");
  expect(required.status, required.text).toBe(200);
  await delivered(own);
  await define(local("name", { required: true }), local("t"), text("u", { type: "boolean" }), text("v"));
  await isAway(id, { name: "n", v: "v" });
  await define(local("name", { required: true }), local("t"), text("u", { type: "boolean" }));
  await isAway(id, { name: "n", v: null });
});
