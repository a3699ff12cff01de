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
  await define(text("t", { multiple: true }));
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
