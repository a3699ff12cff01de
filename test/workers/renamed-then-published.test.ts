import { beforeAll, describe, expect, it } from "vitest";
import { asRole } from "../support/access.ts";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

const FRESH = { "cache-control": "no-cache" };
const text = (id: string, more: object = {}) => ({ id, type: "short_text", ...more });
const kind = (id: string) => ({ id, name: id, fields: [text("secret"), text("open")] });
const page = (id: string, title: string, block: string) => ({
  id,
  name: id,
  fields: [
    text(title),
    text("by", { localized: true }),
    { id: "parts", type: "blocks", components: [block] },
  ],
});

let own: Tenant;
beforeAll(async () => {
  own = await newTenant();
  await own.patch("/environments/main", { locales: [{ code: "en" }, { code: "fr" }] });
});
const ok = async (reply: Promise<any>) => {
  const done = await reply;
  expect([200, 201], done.text).toContain(done.status);
  return done.body.data;
};

/** An entry with "v1" published and, unless `isLatest`, "v2" after it; `rename` gives field and kind new ids. */
async function newWorld(isLatest = false) {
  const [type, old, now] = ["p", "old", "now"].map((one) => `${one}${crypto.randomUUID().slice(0, 6)}`);
  await ok(own.put(`/components/${old}`, kind(old!)));
  await ok(own.put(`/types/${type}`, page(type!, "title", old!)));
  const values = {
    title: "v1",
    by: { en: "e1", fr: "f1" },
    parts: [{ type: old, secret: "ZEBRA", open: "o" }],
  };
  const { id } = await ok(own.post(`/content/${type}?locale=*`, values));
  await ok(own.post("/content/publish", { id }));
  const path = `/content/${type}/${id}`;
  if (!isLatest) await ok(own.patch(path, { title: "v2" }));
  const rename = async () => {
    await ok(own.put(`/components/${now}?rename_from=${old}`, kind(now!)));
    await ok(own.put(`/types/${type}`, { ...page(type!, "headline", now!), renames: { title: "headline" } }));
  };
  const shows = (headline: string) =>
    eventually(async () => {
      const parts = [{ type: now, secret: "ZEBRA", open: "o" }];
      const each = await Promise.all(
        ["", "?locale=*"].map(async (query) => (await own.get(path + query, { headers: FRESH })).body.data),
      );
      const found = await own.get(`/content/${type}?filter[headline]=${headline}`, { headers: FRESH });
      const isShown = (one: any) =>
        one.headline === headline &&
        JSON.stringify(one.parts, ["type", "open", "secret"]) ===
          JSON.stringify(parts, ["type", "open", "secret"]);
      return each.every(isShown) && found.body.pagination.total_items === 1;
    });
  const changeType = () =>
    ok(
      own.put(`/types/${type}`, {
        ...page(type!, "headline", now!),
        fields: [...page(type!, "headline", now!).fields, text("copy", { computed: "headline" })],
      }),
    );
  return { type: type!, id: id as string, now: now!, path, rename, shows, changeType };
}

async function release(items: object[]) {
  const { id } = await ok(own.post("/releases", { name: "R" }));
  await ok(own.post(`/releases/${id}/items`, { items }));
  await ok(own.post(`/releases/${id}/publish`, {}));
  return id as string;
}

describe("a version from before a rename is published as the fields are now", () => {
  it("by a release, under masks and conditions, and after the next change of the type", async () => {
    const { type, id, now, path, rename, shows, changeType } = await newWorld();
    await rename();
    await ok(own.post("/content/publish", { id }));
    const all = { actions: ["content:*"], types: [type] };
    const deny = { effect: "deny", actions: ["content:read", "content:read-draft"], types: [type] };
    const masked = await asRole(own, [all, { ...deny, fields: [`parts.${now}.secret`] }]);
    const barred = await asRole(own, [all, { ...deny, conditions: { headline: "v1" } }]);
    await release([{ entry: id, version: 1 }]);
    const isKept = async () => {
      await shows("v1");
      for (const query of ["", "?locale=*"]) {
        const seen = await masked.get(path + query, FRESH);
        expect(seen.body.data.parts).toEqual([{ type: now, open: "o" }]);
        expect((await barred.get(path + query, FRESH)).status, query).toBe(404);
      }
    };
    await isKept();
    await changeType();
    await isKept();
  });

  it("by rolling a release back and forward again", async () => {
    const { id, rename, shows, path, changeType } = await newWorld();
    const spring = await release([{ entry: id }]);
    await ok(own.patch(path, { title: "v3" }));
    await rename();
    const back = (await ok(own.post(`/releases/${spring}/rollback`, {}))).id;
    await shows("v1");
    await ok(own.post(`/releases/${back}/rollback`, {}));
    await shows("v2");
    await changeType();
    await shows("v2");
  });

  it("when the working copy changes after the rename, and by publishing and withdrawing locales", async () => {
    const { id, rename, shows, path } = await newWorld(true);
    await rename();
    await ok(own.patch(path, { headline: "v2" }));
    await shows("v1");
    await ok(own.post("/content/publish", { id, locales: ["fr"] }));
    await shows("v1");
    await ok(own.post("/content/unpublish", { id, locales: ["fr"] }));
    const left = await own.get(`${path}?locale=*`, { headers: FRESH });
    expect(left.body.data).toMatchObject({ headline: "v1", by: { en: "e1" } });
  });

  it("when a locale is withdrawn first", async () => {
    const { id, rename, path } = await newWorld(true);
    await rename();
    await ok(own.patch(path, { headline: "v2" }));
    await ok(own.post("/content/unpublish", { id, locales: ["fr"] }));
    const left = await own.get(`${path}?locale=*`, { headers: FRESH });
    expect(left.body.data).toMatchObject({ headline: "v1", by: { en: "e1" }, parts: [{ secret: "ZEBRA" }] });
  });
});
