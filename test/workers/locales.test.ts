import { describe, expect, it } from "vitest";
import { eventually, newTenant } from "../support/tenant.ts";

describe("locales", () => {
  it("fall back along their chain, field by field, and follow a change of the chain", async () => {
    const own = await newTenant();
    const locales = [{ code: "en" }, { code: "fr", fallback: "en" }, { code: "fr-CA", fallback: "fr" }];
    expect((await own.patch("/environments/main", { locales })).status).toBe(200);
    await own.put("/types/page", {
      id: "page",
      name: "Page",
      fields: [
        { id: "title", type: "short_text", localized: true, required: true },
        { id: "note", type: "short_text", localized: true },
        { id: "slug", type: "slug", localized: true },
        { id: "n", type: "integer" },
      ],
    });
    const made = await own.post("/content/page?locale=*", {
      title: { en: "Hello", fr: "Bonjour" },
      note: { en: "N" },
      slug: { en: "hello", fr: "bonjour" },
      n: 1,
    });
    expect(made.status).toBe(201);
    const { id } = made.body.data;
    await own.patch(`/content/page/${id}?locale=fr-CA`, { title: "Allô" });
    await own.post("/content/publish", { id });
    const read = async (locale: string) => (await own.get(`/content/page/${id}?locale=${locale}`)).body.data;
    expect(await read("en")).toMatchObject({ title: "Hello", note: "N", slug: "hello", n: 1 });
    expect(await read("fr")).toMatchObject({ title: "Bonjour", note: "N", slug: "bonjour" });
    expect(await read("fr-CA")).toMatchObject({ title: "Allô", note: "N", slug: "bonjour" });
    expect((await own.get("/content/page/bonjour?locale=fr-CA")).status).toBe(200);
    expect((await own.get("/content/page?locale=fr-CA&filter[slug]=bonjour")).body.data).toHaveLength(1);
    expect((await own.get("/content/page?locale=fr-CA&filter[title]=Bonjour")).body.data).toHaveLength(0);
    expect((await own.get("/content/page?locale=de")).status).toBe(422);
    await own.patch("/environments/main", {
      locales: [{ code: "en" }, { code: "fr" }, { code: "de", fallback: "fr" }],
    });
    await eventually(async () => (await read("de"))?.title === "Bonjour");
    expect((await read("fr")).note).toBe(null);
  });
});
