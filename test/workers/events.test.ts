import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { connect } from "../../src/db/client.ts";
import { sweepOutbox } from "../../src/domain/tenant/events/index.ts";
import { TENANT_SHARE } from "../../src/domain/tenant/events/sweep-outbox.ts";
import { ARTICLE, asOwner, delivered, eventually, newTenant, type Tenant } from "../support/tenant.ts";

const LISTS = ["first", "second", "third", "fourth"];
const PAGE = {
  id: "page",
  name: "Page",
  fields: [
    { id: "title", type: "short_text" },
    { id: "one", type: "long_text" },
    { id: "two", type: "long_text" },
    { id: "three", type: "long_text" },
    ...LISTS.map((id) => ({ id, type: "short_text", multiple: true })),
    {
      id: "parts",
      type: "blocks",
      components: [{ id: "quote", fields: [{ id: "text", type: "long_text" }] }],
    },
  ],
};
const idsOf = (reply: { body: any }) => (reply.body.data as { id: string }[]).map(({ id }) => id);
const find = (tenant: Tenant, q: string, more = "") =>
  tenant.get(`/content/page?q=${encodeURIComponent(q)}${more}`, { headers: { "cache-control": "no-cache" } });
const runCron = async () => expect((await fetch(inject("cronUrl"))).status).toBe(200);
const deadLetters = async (tenant: Tenant) =>
  ((await tenant.get("/audit-logs?limit=100")).body.data as any[]).filter(
    ({ action }) => action === "event.dead_lettered",
  );

describe("texts that are hard to index", () => {
  /** Words that differ from each other, each of one character of three bytes. */
  const distinct = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => String.fromCodePoint(0x4e00 + ((from + i) % 20_000))).join(" ");
  const hyphened = (count: number) => Array.from({ length: count }, (_, i) => `wörd${i}-pärt${i}`).join(" ");
  const shortText = (n: number, i: number) =>
    Array.from({ length: 120 }, (_, j) =>
      String.fromCodePoint(0x4e00 + n * 4000 + i * 30 + (j % 30), 0x4e00 + j, 0x5000 + i),
    ).join(" ");
  const KINDS: Record<string, object> = {
    "an emoji across the end": { one: `${"a ".repeat(50_000).slice(0, 99_998)}👩🏽‍🚀 b` },
    "a surrogate pair across the end": { one: `${"b".repeat(99_999)}😀😀` },
    "another across it": { one: `${"c".repeat(99_997)}😀😀` },
    "lists of short texts that exceed a tsvector": Object.fromEntries(
      LISTS.map((id, n) => [id, Array.from({ length: 100 }, (_, i) => shortText(n, i))]),
    ),
    "several fields that exceed a tsvector": {
      one: hyphened(8000),
      two: distinct(0, 20_000),
      three: distinct(3000, 20_000),
    },
    "letters that fold to more": { one: "㎯ ﷺ ⑽ ".repeat(15_000) },
    "one word without end": { one: "w".repeat(90_000) },
    "marks without end": { one: `e${"\u0301".repeat(90_000)}` },
  };

  it("are searchable by what fits, and so is all that travelled with them", async () => {
    const tenant = await newTenant();
    expect((await tenant.put("/types/page", PAGE)).status).toBe(201);
    const made: string[] = [];
    for (const [i, fields] of Object.values(KINDS).entries()) {
      const reply = await tenant.post("/content/page", { title: `Hard${i} begins`, ...fields });
      expect(reply.status, reply.text.slice(0, 300)).toBe(201);
      made.push(reply.body.data.id);
    }
    const plain = await tenant.post("/content/page", { title: "Ordinary companion" });
    const operations = [...made, plain.body.data.id].map((id) => ({ op: "publish", id }));
    expect((await tenant.post("/content/bulk", { operations })).status).toBe(200);
    await delivered(tenant);
    expect(idsOf(await find(tenant, "companion"))).toEqual([plain.body.data.id]);
    for (const [i, id] of made.entries())
      expect(idsOf(await find(tenant, `hard${i}`)), Object.keys(KINDS)[i]!).toEqual([id]);
    expect(await deadLetters(tenant)).toEqual([]);
  }, 120_000);
});

describe("an event that cannot be handled", () => {
  it("is given up where an operator sees it, and holds up no other", async () => {
    const tenant = await newTenant();
    await tenant.put("/types/page", PAGE);
    const broken = (await tenant.post("/content/page", { title: "Broken later" })).body.data.id;
    await delivered(tenant);
    await asOwner(
      tenant,
      // What no text can be made of, and rows that no consumer knows.
      sql`update entries set data = data || '{"parts": 5}' where tenant_id = ${tenant.tenantId}::uuid
        and id = ${broken}`,
      sql`insert into outbox (tenant_id, environment_id, event, payload, created_at, attempts)
        select ${tenant.tenantId}::uuid, environments.id, given.event, given.payload::jsonb,
          now() - interval '1 hour', given.attempts
        from environments, (values ('entry.updated', ${JSON.stringify({ id: broken, type: "page" })}, 5),
          ('entry.vanished', '{"id":"x"}', 0), ('entry.published', '{}', 0),
          ('entry.published', '[]', 0), ('type.updated', 'null', 0), ('asset.updated', '{"id":{}}', 0),
            ('nonsense', '{}', 0)) given (event, payload, attempts)
        where environments.tenant_id = ${tenant.tenantId}::uuid`,
      sql`insert into outbox (tenant_id, environment_id, event, payload, created_at) values
        (${tenant.tenantId}::uuid, gen_random_uuid(), 'entry.published', '{"id":"cnt_x","type":"page"}',
          now() - interval '1 hour')`,
    );
    const good = await tenant.published("page", { title: "Unharmed" });
    await runCron();
    await eventually(async () => idsOf(await find(tenant, "unharmed")).join() === good);
    await delivered(tenant);
    const dead = await deadLetters(tenant);
    expect(dead.map(({ meta }) => meta.event).toSorted()).toEqual([
      "asset.updated",
      "entry.published",
      "entry.published",
      "entry.updated",
      "entry.vanished",
      "nonsense",
      "type.updated",
    ]);
    const ofEntry = dead.find(({ meta }) => meta.event === "entry.updated");
    expect(ofEntry).toMatchObject({ actor: { kind: "system" }, meta: { payload: { id: broken } } });
    expect(ofEntry.meta.reason).toContain("search/failed");
    const events = await asOwner(
      tenant,
      sql`select count(*)::int from outbox where tenant_id = ${tenant.tenantId}::uuid
        and failure is not null`,
    );
    expect(events[0]![0]![0]).toBe(7);
  }, 60_000);

  it("leaves every tenant its share of a sweep", async () => {
    const [stuck, other] = [await newTenant(), await newTenant()];
    const put = (tenant: Tenant, count: number, age: string, attempts: number) =>
      asOwner(
        tenant,
        sql`insert into outbox (tenant_id, environment_id, event, payload, created_at, attempts)
          select ${tenant.tenantId}::uuid, id, 'comment.created', '{}', now() - ${age}::interval,
            ${attempts}::int from environments, generate_series(1, ${count}::int)
          where tenant_id = ${tenant.tenantId}::uuid`,
      );
    await put(stuck, TENANT_SHARE + 100, "1 day", 2);
    await put(stuck, 1, "1 hour", 0);
    await put(other, 3, "1 minute", 0);
    const swept = await sweepOutbox(connect(inject("appUrl")), 10);
    const idsFor = (tenant: Tenant) => swept.find(({ tenantId }) => tenantId === tenant.tenantId)?.ids ?? [];
    expect(idsFor(other)).toHaveLength(3);
    expect(idsFor(stuck)).toHaveLength(TENANT_SHARE);
    const [youngest] = await asOwner(
      stuck,
      sql`select id::text from outbox where tenant_id = ${stuck.tenantId}::uuid and attempts = 0
        and event = 'comment.created'`,
    );
    expect(idsFor(stuck)).toContain(youngest![0]![0]);
  });
});

describe("making a type's entries anew", () => {
  let tenant: Tenant;
  const parts = PAGE.fields.find(({ id }) => id === "parts")!;
  const withMore = (...more: object[]) => ({ ...ARTICLE, fields: [...ARTICLE.fields, parts, ...more] });
  const COUNT = 1500;

  beforeAll(async () => {
    tenant = await newTenant();
    await tenant.put("/types/article", withMore());
    await tenant.put("/types/page", PAGE);
    await asOwner(
      tenant,
      sql`insert into entries (tenant_id, environment_id, id, type, published_version, published_at, data,
        created_by, updated_by)
        select tenant_id, id, 'cnt_01jd' || lpad(n::text, 22, '0'), 'article', 1, now(),
          jsonb_build_object('title', 'Number ' || n), 'x', 'x'
        from environments, generate_series(1, ${COUNT}::int) n where tenant_id = ${tenant.tenantId}::uuid`,
      sql`insert into entry_versions (tenant_id, environment_id, entry_id, version, type, data, created_by)
        select tenant_id, environment_id, id, 1, type, data, 'x' from entries
        where tenant_id = ${tenant.tenantId}::uuid`,
    );
    await delivered(tenant);
  }, 60_000);

  const rebuilds = async () => {
    const [waiting] = await asOwner(
      tenant,
      sql`select type, after from rebuilds where tenant_id = ${tenant.tenantId}::uuid`,
    );
    return waiting!;
  };
  const rebuilt = async () => {
    const [done] = await asOwner(
      tenant,
      sql`select count(*)::int from outbox where tenant_id = ${tenant.tenantId}::uuid
        and event = 'read_model.rebuilt'`,
    );
    return done![0]![0] as number;
  };

  it("lets what is published meanwhile be seen before it is done", async () => {
    const changed = withMore({ id: "extra", type: "short_text" });
    expect((await tenant.put("/types/article", changed)).status).toBe(200);
    const seen: string[] = [];
    for (let i = 0; i < 3; i++) {
      const id = await tenant.published("page", { title: `Meanwhile ${i}` });
      await eventually(async () => idsOf(await tenant.get("/content/page?limit=100")).includes(id));
      seen.push(id);
    }
    await eventually(async () => (await rebuilds()).length === 0 && (await rebuilt()) === 1, 60_000);
    await delivered(tenant);
    const [order] = await asOwner(
      tenant,
      sql`select (select max(done_at) from outbox where tenant_id = ${tenant.tenantId}::uuid
        and event = 'entry.published')
        < (select max(created_at) from outbox where tenant_id = ${tenant.tenantId}::uuid
          and event = 'read_model.rebuilt')`,
    );
    expect(order![0]![0]).toBe(true);
    const list = await tenant.get("/content/article?limit=1");
    expect(list.body.data[0]).toHaveProperty("extra");
    expect(list.body.pagination.total_items).toBe(COUNT);
    expect(idsOf(await tenant.get("/content/article?q=1499"))).toHaveLength(1);
  }, 120_000);

  it("is done for locales only, of all that an environment has", async () => {
    const before = await rebuilt();
    expect((await tenant.patch("/environments/main", { graphql: { introspection: false } })).status).toBe(
      200,
    );
    expect((await tenant.patch("/environments/main", { is_default: true })).status).toBe(200);
    expect((await tenant.put("/environments/aliases/live", { environment: "main" })).status).toBe(200);
    await delivered(tenant);
    expect([await rebuilt(), await rebuilds()]).toEqual([before, []]);
    const locales = [{ code: "en" }, { code: "fr", fallback: "en" }];
    expect((await tenant.patch("/environments/main", { locales })).status).toBe(200);
    await eventually(async () => (await rebuilds()).length === 0 && (await rebuilt()) === before + 2, 60_000);
    expect((await tenant.get("/content/article?locale=fr")).body.pagination.total_items).toBe(COUNT);
  }, 120_000);

  it("leaves out an entry that cannot be made anew, and says which", async () => {
    const poisoned = `cnt_01jd${"7".padStart(22, "0")}`;
    await asOwner(
      tenant,
      sql`update entries set data = '{"title": "x", "parts": 5}' where tenant_id = ${tenant.tenantId}::uuid
        and id = ${poisoned}`,
    );
    const before = await rebuilt();
    const changed = withMore({ id: "extra", type: "short_text" }, { id: "more", type: "short_text" });
    expect((await tenant.put("/types/article", changed)).status).toBe(200);
    await eventually(async () => (await rebuilds()).length === 0 && (await rebuilt()) === before + 1, 60_000);
    const log = (await tenant.get("/audit-logs?limit=100")).body.data as any[];
    expect(
      log.filter(({ action }) => action === "read_model.entry_skipped").map(({ subject }) => subject),
    ).toEqual([`entry:${poisoned}`]);
    expect((await tenant.get("/content/article?limit=1")).body.data[0]).toHaveProperty("more");
  }, 120_000);
});

describe("typo tolerance", () => {
  it("knows the words of what is published in the type and of nothing else, as long as somebody shows them", async () => {
    const tenant = await newTenant();
    await tenant.put("/types/page", PAGE);
    await tenant.put("/types/other", { ...PAGE, id: "other" });
    const token = tenant.tokens.read;
    const found = async (q: string) => idsOf(await tenant.get(`/content/page?q=${q}`, { token }));
    const planet = await tenant.published("page", { title: "Planet" });
    await delivered(tenant);
    expect(await found("planex")).toEqual([planet]);
    // A draft, a later draft of what is published, and another type: none of them changes what the
    // public finds.
    const draft = (await tenant.post("/content/page", { title: "Planexus" })).body.data.id;
    await tenant.patch(`/content/page/${planet}`, { one: "planexing" });
    await tenant.published("other", { title: "Planexa" });
    await delivered(tenant);
    expect(await found("planex")).toEqual([planet]);
    expect(idsOf(await find(tenant, "planex", "&perspective=draft")).toSorted()).toEqual(
      [planet, draft].toSorted(),
    );
    await tenant.post("/content/publish", { id: draft });
    await delivered(tenant);
    expect(await found("planex")).toEqual([draft]);
    await tenant.post("/content/unpublish", { id: draft });
    await delivered(tenant);
    expect(await found("planex")).toEqual([planet]);
    await tenant.delete(`/content/page/${draft}`);
    await delivered(tenant);
    const [words] = await asOwner(
      tenant,
      sql`select perspective, type, word, texts from search_words where tenant_id = ${tenant.tenantId}::uuid
        order by 1, 2, 3`,
    );
    expect(words).toEqual([
      [0, "other", "planexa", 1],
      [0, "page", "planet", 1],
      [0, "page", "planexing", 1],
      [1, "other", "planexa", 1],
      [1, "page", "planet", 1],
    ]);
  }, 60_000);
});
