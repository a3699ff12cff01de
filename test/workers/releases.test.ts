import { expect, inject, it } from "vitest";
import { asRole, reasonOf } from "../support/access.ts";
import { ARTICLE, delivered, eventually, newTenant, type Tenant } from "../support/tenant.ts";

const cron = () => fetch(inject("cronUrl"), { method: "POST" });

async function newWorld(): Promise<{ own: Tenant; release: string; live: string; fresh: string }> {
  const own = await newTenant();
  await own.post("/types", ARTICLE);
  const live = (await own.post("/content/article", { title: "old", slug: "live" })).body.data.id;
  await own.post("/content/publish", { id: live });
  await own.patch(`/content/article/${live}`, { title: "secret", slug: "live" });
  const fresh = (await own.post("/content/article", { title: "secret too", slug: "fresh" })).body.data.id;
  const release = (await own.post("/releases", { name: "Spring" })).body.data.id;
  const added = await own.post(`/releases/${release}/items`, { items: [{ entry: live }, { entry: fresh }] });
  expect(added.status, added.text).toBe(200);
  await delivered(own);
  return { own, release, live, fresh };
}

const titlesOf = (reply: { body: any }) => reply.body.data.map((one: any) => one.title).sort();

it("previews a release in every door, in no cache, and is fresh at the edge within a second of it", async () => {
  const { own, release, live } = await newWorld();
  const readers = { token: own.tokens.read };
  const list = () => own.get("/content/article?sort=title", readers);
  await eventually(async () => (await list()).headers.get("x-flow-cache") === "HIT");
  expect(titlesOf(await list())).toEqual(["old"]);
  const preview = `release=${release}`;
  for (let i = 0; i < 2; i++) {
    const reply = await own.get(`/content/article?sort=title&${preview}`);
    expect(reply.headers.get("x-flow-cache")).toBe("BYPASS");
    expect([titlesOf(reply), reply.body.pagination.total_items]).toEqual([["secret", "secret too"], 2]);
  }
  expect(titlesOf(await own.get(`/content?types=article&${preview}`))).toEqual(["secret", "secret too"]);
  expect((await own.get(`/content/article/fresh?${preview}`)).body.data.status).toBe("published");
  expect((await own.get(`/content/article/${live}?${preview}&locale=*`)).body.data.title).toBe("secret");
  expect((await own.get(`/aggregate/article?${preview}`)).body.data[0].count).toBe(2);
  expect(titlesOf(await own.get(`/content/article?q=secret&${preview}`))).toEqual(["secret", "secret too"]);
  const query = `query ($release: String) {
    articleList(release: $release, sort: [title_ASC]) { title }
    article(slug: "fresh", release: $release) { title }
    now: articleList { title }
  }`;
  const ask = (token?: string) =>
    own.post("/graphql", { query, variables: { release } }, token === undefined ? {} : { token });
  for (let i = 0; i < 2; i++)
    expect((await ask()).body.data, JSON.stringify((await ask()).body)).toEqual({
      articleList: [{ title: "secret" }, { title: "secret too" }],
      article: { title: "secret too" },
      now: [{ title: "old" }],
    });
  expect(titlesOf(await list())).toEqual(["old"]);
  const refused = await own.get(`/content/article?${preview}&perspective=draft`);
  expect([refused.status, reasonOf(refused)]).toEqual([400, "content/bad-query"]);

  expect((await own.post(`/releases/${release}/publish`, {})).body.data.state).toBe("published");
  await eventually(async () => titlesOf(await list()).length === 2);
  const log = (await own.get("/audit-logs")).body.data.map((one: any) => one.action);
  expect(log.filter((one: string) => one === "entry.published")).toHaveLength(3);
  expect(log).toContain("release.published");
});

it("shows nothing of a release to readers without drafts, nor to another tenant", async () => {
  const { own, release, live } = await newWorld();
  const other = await newTenant();
  await other.post("/types", ARTICLE);
  const paths = [
    `/content/article?release=${release}`,
    `/content/article/${live}?release=${release}`,
    `/content?types=article&release=${release}`,
    `/aggregate/article?release=${release}`,
    "/releases",
    `/releases/${release}`,
    `/releases/${release}/items`,
  ];
  for (const path of paths) {
    const reply = await own.get(path, { token: own.tokens.read });
    expect([reply.status, reply.text.includes("secret")], path).toEqual([403, false]);
  }
  for (const path of paths.filter((one) => one !== "/releases")) {
    const reply = await other.get(path);
    expect([reply.status, reasonOf(reply)], path).toEqual([404, "releases/not-found"]);
  }
  expect((await other.get("/releases")).body.data).toEqual([]);
  const query = `{ articleList(release: "${release}") { title } }`;
  for (const reply of [
    await own.post("/graphql", { query }, { token: own.tokens.read }),
    await other.post("/graphql", { query }),
  ])
    expect([reply.text.includes("secret"), reply.body.errors.length]).toEqual([false, 1]);
  for (const [method, path, body] of [
    ["patch", "", { name: "Mine" }],
    ["post", "/items", { items: [{ entry: live }] }],
    ["post", "/dry-run", {}],
    ["post", "/publish", {}],
    ["post", "/schedule", { at: "2099-01-01T00:00:00Z" }],
    ["post", "/cancel", undefined],
    ["post", "/rollback", {}],
  ] as const) {
    const reply = await other.call(
      method.toUpperCase(),
      `/releases/${release}${path}`,
      body === undefined ? {} : { body },
    );
    expect([reply.status, reasonOf(reply)], path).toEqual([404, "releases/not-found"]);
  }
  expect((await other.delete(`/releases/${release}`)).status).toBe(404);
  expect((await other.delete(`/releases/${release}/items?entries=${live}`)).status).toBe(404);
  const mine = (await other.post("/releases", { name: "Mine" })).body.data.id;
  expect((await other.post(`/releases/${mine}/items`, { items: [{ entry: live }] })).status).toBe(404);
  expect((await own.get(`/releases/${release}`)).body.data).toMatchObject({ state: "open", items: 2 });
});

it("publishes nothing for a role that may not publish one of its entries, now or later", async () => {
  const { own, release, live, fresh } = await newWorld();
  const all = ["content:read", "content:read-draft", "releases:read", "releases:write", "releases:publish"];
  const some = await asRole(own, [
    { effect: "allow", actions: all },
    { effect: "allow", actions: ["content:publish"], conditions: { title: "secret" } },
  ]);
  const dry = await some.post(`/releases/${release}/dry-run`, {});
  expect(dry.body.data.findings.map((one: any) => [one.reason, one.entry])).toEqual([
    ["access/not-granted", fresh],
  ]);
  for (const [path, body] of [
    ["publish", {}],
    ["schedule", { at: "2099-01-01T00:00:00Z" }],
  ] as const) {
    const reply = await some.post(`/releases/${release}/${path}`, body);
    expect([reply.status, reasonOf(reply), reply.body.error.details[0].entry], path).toEqual([
      403,
      "access/not-granted",
      fresh,
    ]);
  }
  expect(titlesOf(await own.get("/content/article"))).toEqual(["old"]);
  // Who may not read the working copies of some entries sees no more of them in a preview.
  const few = await asRole(own, [
    { effect: "allow", actions: ["content:read", "releases:read"] },
    { effect: "allow", actions: ["content:read-draft"], conditions: { title: "secret too" } },
  ]);
  expect(titlesOf(await few.get(`/content/article?release=${release}`))).toEqual(["secret too"]);
  expect((await few.get(`/content/article/${live}?release=${release}`)).status).toBe(404);
  expect((await some.delete(`/releases/${release}/items?entries=${fresh}`)).body.data.items).toBe(1);
  expect((await some.post(`/releases/${release}/publish`, {})).body.data.state).toBe("published");
});

it("publishes at its time, and says why where it cannot", async () => {
  const { own, release } = await newWorld();
  const bare = (await own.post("/content/article?allow_incomplete=true", { price: 1 })).body.data.id;
  const failing = (await own.post("/releases", { name: "Bare" })).body.data.id;
  await own.post(`/releases/${failing}/items`, { items: [{ entry: bare }] });
  const at = new Date(Date.now() + 1000).toISOString();
  for (const id of [release, failing]) await own.post(`/releases/${id}/schedule`, { at });
  await eventually(async () => Date.now() > Date.parse(at));
  await Promise.all([cron(), cron()]);
  const of = async (id: string) => (await own.get(`/releases/${id}`)).body.data;
  await eventually(
    async () => (await of(release)).state === "published" && (await of(failing)).state === "failed",
  );
  expect((await of(failing)).failure.details[0]).toMatchObject({ reason: "content/incomplete", entry: bare });
  const told = (await own.get("/notifications")).body.data;
  expect(told.map((one: any) => [one.kind, one.subject])).toEqual([["release.failed", `release:${failing}`]]);
});
