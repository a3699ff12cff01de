import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { isSlug, toSlug } from "../../src/cli/import/slug.ts";
import { slugForm, slugProblem } from "../../src/domain/content/types/slug.ts";
import { ok } from "../support/graphql.ts";
import { runFlow } from "../support/run-flow.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const PAGE = {
  id: "page",
  name: "Page",
  fields: [
    { id: "title", type: "short_text" },
    { id: "slug", type: "slug" },
  ],
};
const SCRIPTS = {
  Devanagari: "हिन्दी-समाचार",
  Bengali: "র‍্যাব-খবর",
  Tamil: "தமிழ்",
  Telugu: "తెలుగు",
  Thai: "ภาษาไทย",
  Burmese: "မြန်မာ",
  Japanese: "コンピューター/がぎぐ",
  Arabic: "مُحَمَّد",
  Persian: "می‌خواهم",
  Hebrew: "שָׁלוֹם",
  Vietnamese: "tiếng-việt",
  Korean: "한국",
  Latin: "cafe\u0301-m\u0308",
};
const REFUSED = {
  emoji: "a😀",
  keycap: "1\ufe0f\u20e3",
  "a direction mark": "a\u200f",
  "an override": "\u202eab",
  "a dot": ".",
  "two dots": "..",
  "a step of dots": "a/../b",
  "an empty step": "a//b",
  "an end of slashes": "a/",
  "an id": "cnt_01jd3f0b6vfs8t4z9c7q2m5n8x",
  "a route of ids": "cnt_abc/versions",
  hyphens: "--",
  "a loose mark": "\u0301a",
  "a loose joiner": "a\u200c",
  "upper case": "Ab",
};

describe("slugs in every script", () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await newTenant();
    await tenant.put("/types/page", PAGE);
  });

  it.each(Object.entries(SCRIPTS))(
    "%s: written, read by path, filtered and unique in one form",
    async (title, slug) => {
      const [nfc, nfd] = [slug.normalize("NFC"), slug.normalize("NFD")];
      const made = await tenant.post("/content/page", { title, slug: nfd });
      expect([made.status, made.body.data?.slug], made.text).toEqual([201, nfc]);
      const id = made.body.data.id as string;
      expect((await tenant.post("/content/page", { slug: nfc })).body.error?.reason).toBe(
        "content/slug-taken",
      );
      expect(
        (await tenant.put(`/content/page/${id}`, { title, slug: nfc })).headers.get("x-flow-unchanged"),
      ).toBe("true");
      await tenant.post("/content/publish", { id });
      for (const perspective of ["draft", "published"])
        for (const form of [nfc, nfd]) {
          const view = `perspective=${perspective}`;
          for (const path of [encodeURIComponent(form), form.split("/").map(encodeURIComponent).join("/")])
            expect((await tenant.get(`/content/page/${path}?${view}`)).body.data?.id, `${path} ${view}`).toBe(
              id,
            );
          const encoded = encodeURIComponent(form);
          for (const filter of [
            `filter[slug]=${encoded}`,
            `filter[slug][in]=none,${encoded}`,
            `filter[slug][starts_with]=${encodeURIComponent([...nfc].slice(0, 2).join("").normalize("NFD"))}`,
            `filter=${encodeURIComponent(JSON.stringify({ not: { slug: { ne: form } } }))}`,
          ])
            expect(
              (await tenant.get(`/content/page?${view}&${filter}`)).body.data.map(
                (one: { id: string }) => one.id,
              ),
              filter,
            ).toContain(id);
          const found = await ok(
            tenant,
            `query ($slug: String!) { page(slug: $slug, perspective: ${perspective}) { id slug } pageList(filter: { slug: { eq: $slug } }) { id } }`,
            { slug: form },
          );
          expect(found).toEqual({ page: { id, slug: nfc }, pageList: [{ id }] });
        }
    },
  );

  it.each(Object.entries(REFUSED))("refuse %s, by every API", async (_, slug) => {
    const id = (await tenant.post("/content/page", {})).body.data.id as string;
    const answers = [
      await tenant.post("/content/page?allow_incomplete=true", { slug }),
      await tenant.patch(`/content/page/${id}`, { slug }),
      await tenant.put(`/content/page/${id}`, { slug }),
      await tenant.post("/content/bulk", { operations: [{ op: "create", type: "page", fields: { slug } }] }),
    ];
    for (const { status, body } of answers)
      expect([status, body.error?.details[0].path.endsWith("slug")]).toEqual([422, true]);
  });

  it("count characters, and are shortened between them for copies", async () => {
    const long = `${"𐐨".repeat(196)}नि`;
    const made = await tenant.post("/content/page", { slug: `${long}aa` });
    expect(made.status, made.text).toBe(201);
    expect((await tenant.post("/content/page", { slug: `${long}aaa` })).status).toBe(422);
    for (let copies = 0; copies < 2; copies++) {
      const copy = await tenant.post(`/content/page/${made.body.data.id}/duplicate`, {});
      expect(copy.status, copy.text).toBe(201);
      expect(copy.body.data.slug.isWellFormed()).toBe(true);
      expect(copy.body.data.slug).toMatch(/^𐐨+-copy/u);
    }
  });

  it("are fresh at every spelling of their path once something changed", async () => {
    const id = await tenant.published("page", { title: "old", slug: "fraîche" });
    const paths = ["NFC", "NFD"].map(
      (form) => `/content/page/${encodeURIComponent("fraîche".normalize(form))}`,
    );
    const token = tenant.tokens.read;
    const titles = () =>
      Promise.all(paths.map(async (path) => (await tenant.get(path, { token })).body.data?.title as string));
    expect(await titles()).toEqual(["old", "old"]);
    await tenant.patch(`/content/page/${id}`, { title: "new" });
    await tenant.post("/content/publish", { id });
    await expect.poll(titles, { timeout: 20_000 }).toEqual(["new", "new"]);
  });

  it("come of a text field only in their one form", async () => {
    const text = { id: "old", name: "Old", fields: [{ id: "slug", type: "short_text" }] };
    await tenant.put("/types/old", text);
    const made = await tenant.post("/content/old", { slug: "e\u0301" });
    const changed = { ...text, fields: [{ id: "slug", type: "slug" }] };
    expect((await tenant.put("/types/old", changed)).status).toBe(200);
    const kept = await tenant.get(`/content/old/${made.body.data.id}?perspective=draft`);
    expect(kept.body.data.slug).toBe("\u00e9");
  });

  it("are imported from WordPress as they are; what must change is said", async () => {
    const own = await newTenant();
    const post = (id: number, name: string) =>
      `<item><title>T${id}</title><wp:post_id>${id}</wp:post_id><wp:post_name>${encodeURIComponent(name).toLowerCase()}</wp:post_name><wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item>`;
    const names = [...Object.values(SCRIPTS).map((one) => one.replace("/", "-")), "Grüße & mehr 😀"];
    const file = join(mkdtempSync(join(tmpdir(), "flow-slugs-")), "site.xml");
    writeFileSync(
      file,
      `<?xml version="1.0"?><rss xmlns:wp="w"><channel><wp:base_blog_url>https://a.example</wp:base_blog_url>${names.map((name, i) => post(i + 1, name)).join("")}</channel></rss>`,
    );
    const { out } = await runFlow(["import", "wxr", file, "--json"], { token: own.tokens.admin });
    const report = JSON.parse(out) as { failed: unknown[]; notes: { id: string; reason: string }[] };
    expect(report.failed).toEqual([]);
    const changed = names.flatMap((name, i) =>
      name === name.normalize("NFC") && i < names.length - 1 ? [] : [String(i + 1)],
    );
    const said = report.notes.filter(({ reason }) => reason.startsWith("the slug"));
    expect(changed.length).toBeGreaterThan(1);
    expect(said.map(({ id }) => id)).toEqual(changed);
    for (const [i, name] of names.slice(0, -1).entries()) {
      const read = await own.get(`/content/post/${encodeURIComponent(name)}`);
      expect(read.body.data?.title, name).toBe(`T${i + 1}`);
    }
    expect((await own.get("/content/post/gr%C3%BC%C3%9Fe-mehr")).body.data?.title).toBe("T14");
  });

  it("are judged by the importers as by the server", () => {
    for (const slug of [...Object.values(SCRIPTS), ...Object.values(REFUSED)]) {
      const form = slugForm(slug);
      expect(isSlug(form), slug).toBe(slugProblem(form) === undefined);
      const made = toSlug(slug);
      if (made !== "") expect(slugProblem(made), made).toBeUndefined();
    }
  });
});
