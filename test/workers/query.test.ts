import { beforeAll, describe, expect, it } from "vitest";
import { newTenant, type Tenant } from "../support/tenant.ts";

type Row = {
  id: string;
  title: string;
  price: number | null;
  rank: number | null;
  live: boolean | null;
  day: string | null;
  kind: string | null;
  author: number | null;
};
type Where = Record<string, unknown>;

const TITLES = [
  "Über Berlin",
  "Cafe noir",
  "Café au lait",
  "berlin walls",
  "Noir",
  "Zebra",
  "alpha",
  "Alpha two",
];
const KINDS = ["news", "essay", "note"];
let tenant: Tenant;
let rows: Row[];
let authors: { id: string; name: string; born: number }[];

/** A generator of our own, so that a failing query can be found again by its seed. */
function randomness(seed: number) {
  let state = seed;
  const next = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  return { next, pick: <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]! };
}

beforeAll(async () => {
  tenant = await newTenant();
  await tenant.post("/types", {
    id: "author",
    name: "Author",
    fields: [
      { id: "name", type: "short_text" },
      { id: "born", type: "integer" },
      { id: "mentor", type: "reference", to: ["author"] },
    ],
  });
  await tenant.post("/types", {
    id: "article",
    name: "Article",
    fields: [
      { id: "title", type: "short_text" },
      { id: "price", type: "number" },
      { id: "rank", type: "integer" },
      { id: "live", type: "boolean" },
      { id: "day", type: "date" },
      { id: "kind", type: "enum", options: KINDS },
      { id: "body", type: "rich_text" },
      { id: "place", type: "location" },
      { id: "author", type: "reference", to: ["author"] },
    ],
  });
  const { pick, next } = randomness(7);
  authors = [];
  for (const [name, born] of [
    ["Ann", 1950],
    ["Bob", 1970],
    ["Åsa", 1990],
  ] as const) {
    const mentor = authors[0]?.id;
    const id = await tenant.published("author", { name, born, ...(mentor ? { mentor } : {}) });
    authors.push({ id, name, born });
  }
  const orNull = <T>(value: T): T | null => (next() < 0.2 ? null : value);
  rows = await Promise.all(
    Array.from({ length: 60 }, async (_, i) => {
      const row = {
        title: pick(TITLES),
        price: orNull(Math.floor(next() * 20) / 2),
        rank: orNull(i % 7),
        live: orNull(next() < 0.5),
        day: orNull(`2026-01-${String(1 + Math.floor(next() * 28)).padStart(2, "0")}`),
        kind: orNull(pick(KINDS)),
        author: orNull(Math.floor(next() * 3)),
      };
      const id = await tenant.published("article", {
        ...row,
        author: row.author === null ? null : authors[row.author]!.id,
      });
      return { id, ...row };
    }),
  );
}, 60_000);

const OPERATORS = ["eq", "ne", "in", "nin", "gt", "gte", "lt", "lte", "exists", "null"] as const;
const TEXT_OPERATORS = [...OPERATORS, "contains", "starts_with", "ends_with"] as const;
const FIELDS = ["title", "price", "rank", "live", "day", "kind"] as const;

function randomWhere(random: ReturnType<typeof randomness>, depth: number): Where {
  const { next, pick } = random;
  const kind = depth > 2 ? 1 : next();
  if (kind < 0.15) return { and: [randomWhere(random, depth + 1), randomWhere(random, depth + 1)] };
  if (kind < 0.3) return { or: [randomWhere(random, depth + 1), randomWhere(random, depth + 1)] };
  if (kind < 0.4) return { not: randomWhere(random, depth + 1) };
  if (kind < 0.5)
    return next() < 0.5
      ? { author: { born: { [pick(["gt", "lte", "ne"] as const)]: pick([1950, 1960, 1970]) } } }
      : { author: { name: pick(authors).name } };
  const field = pick(FIELDS);
  const isText = field === "title" || field === "kind";
  const operator = pick(isText ? TEXT_OPERATORS : OPERATORS);
  if (field === "live" && !["eq", "ne", "exists", "null"].includes(operator)) return { live: true };
  if (operator === "exists" || operator === "null") return { [field]: { [operator]: next() < 0.5 } };
  const value = () => {
    const known = pick(rows)[field];
    if (known === null)
      return field === "title" || field === "kind"
        ? "news"
        : field === "day"
          ? "2026-01-05"
          : field === "live"
            ? true
            : 3;
    return (isText && operator.includes("s_with")) || operator === "contains"
      ? String(known)
          .slice(operator === "ends_with" ? -2 : 0, operator === "ends_with" ? undefined : 3)
          .toUpperCase()
      : known;
  };
  return { [field]: { [operator]: operator === "in" || operator === "nin" ? [value(), value()] : value() } };
}

/** What the documentation says, word for word: the naive reading that the database is compared with. */
function holds(row: Record<string, unknown>, where: Where): boolean {
  return Object.entries(where).every(([key, value]) => {
    if (key === "and") return (value as Where[]).every((one) => holds(row, one));
    if (key === "or") return (value as Where[]).some((one) => holds(row, one));
    if (key === "not") return !holds(row, value as Where);
    if (key === "author") {
      const author = row["author"] === null ? undefined : authors[row["author"] as number];
      return author !== undefined && holds(author, value as Where);
    }
    const conditions = typeof value === "object" ? (value as Where) : { eq: value };
    return Object.entries(conditions).every(([operator, wanted]) => compare(row[key], operator, wanted));
  });
}

function compare(value: unknown, operator: string, wanted: unknown): boolean {
  const has = value !== null && value !== undefined;
  const less = (a: unknown, b: unknown) =>
    typeof a === "string"
      ? Buffer.compare(Buffer.from(a), Buffer.from(b as string)) < 0
      : (a as number) < (b as number);
  const text = String(value).toLowerCase();
  const part = String(wanted).toLowerCase();
  switch (operator) {
    case "eq":
      return value === wanted;
    case "ne":
      return value !== wanted;
    case "in":
      return (wanted as unknown[]).includes(value);
    case "nin":
      return !(wanted as unknown[]).includes(value);
    case "gt":
      return has && less(wanted, value);
    case "gte":
      return has && !less(value, wanted);
    case "lt":
      return has && less(value, wanted);
    case "lte":
      return has && !less(wanted, value);
    case "contains":
      return has && text.includes(part);
    case "starts_with":
      return has && text.startsWith(part);
    case "ends_with":
      return has && text.endsWith(part);
    case "exists":
      return has === wanted;
    case "null":
      return has !== wanted;
    default:
      throw new Error(operator);
  }
}

const ask = (parameters: Record<string, string>, path = "/content/article") =>
  tenant.get(`${path}?${new URLSearchParams(parameters)}`);
const idsOf = (reply: { body: any }) => (reply.body.data as { id: string }[]).map(({ id }) => id);

describe("filters", () => {
  it("agree with a naive reading on 1,000 random queries, in both perspectives", async () => {
    const wrong: unknown[] = [];
    const check = async (seed: number) => {
      const where = randomWhere(randomness(seed * 7919), 0);
      const perspective = seed % 2 === 0 ? "published" : "draft";
      const reply = await ask({ filter: JSON.stringify(where), limit: "100", perspective });
      const expected = rows.filter((row) => holds(row, where)).map(({ id }) => id);
      if (reply.status !== 200 || idsOf(reply).sort().join() !== expected.sort().join())
        wrong.push({
          seed,
          where: JSON.stringify(where),
          status: reply.status,
          error: reply.body?.error?.message,
        });
    };
    for (let seed = 1; seed <= 1000; seed += 8)
      await Promise.all(Array.from({ length: 8 }, (_, i) => check(seed + i)));
    expect(wrong).toEqual([]);
  }, 120_000);

  it("are written with brackets, too", async () => {
    const found = await tenant.get(
      "/content/article?limit=100&filter[or][0][kind]=news&filter[or][1][author][name]=Ann&filter[not][live]=true&filter[price][gte]=2",
    );
    const expected = rows.filter(
      (row) => (row.kind === "news" || row.author === 0) && row.live !== true && (row.price ?? -1) >= 2,
    );
    expect(idsOf(found).sort()).toEqual(expected.map(({ id }) => id).sort());
  });

  it("find what lies near", async () => {
    const own = await tenant.published("article", { title: "here", place: { lat: 52.52, lon: 13.405 } });
    await tenant.published("article", { title: "far", place: { lat: 48.85, lon: 2.35 } });
    expect(idsOf(await ask({ "filter[place][near]": "52.5,13.4,5" }))).toEqual([own]);
    expect(
      idsOf(await ask({ filter: JSON.stringify({ place: { near: { lat: 50, lon: 8, km: 1000 } } }) })),
    ).toHaveLength(2);
    expect(idsOf(await ask({ "filter[place][near]": "52.5,13.4,1" }))).toEqual([]);
    for (const row of idsOf(await ask({ "filter[place][exists]": "true" })))
      expect((await tenant.delete(`/content/article/${row}`)).status).toBe(204);
  });

  it.each([
    ["filter[author][nam]=Ann", '"name"'],
    ["filter[author][name][eqq]=Ann", "eqq"],
    ["filter[title][eqq]=x", '"eq"'],
    ["filter[author][mentor][mentor][mentor][name]=x", "3 deep"],
    ["filter[place][near]=1,2", "kilometres"],
    ["filter[or]=x", "list of conditions"],
    ["filter={", "JSON"],
    ["sort=title:first", "nulls_first"],
    ["sort=rank_", "rank"],
    ["include=author.mentor.mentor.mentor", "3 deep"],
    ["include=author.mentr", '"mentor"'],
    ["facets=body", "cannot count"],
    ["highlight=true", "needs q"],
    ["q=", "1 to 200"],
  ])("teaches: %s", async (query, words) => {
    const reply = await tenant.get(`/content/article?${query}`);
    expect(reply.status).toBe(400);
    expect(reply.body.error.message + JSON.stringify(reply.body.error.details)).toContain(
      words.replaceAll('"', reply.body.error.message.includes(words) ? '"' : '\\"'),
    );
  });
});

describe("order and pages", () => {
  it.each(["price:nulls_first,-title", "-price:nulls_first", "kind,-price:nulls_last,title"])(
    "sorts by %s and pages through it by cursor without loss",
    async (sort) => {
      const whole = idsOf(await ask({ sort, limit: "100" }));
      expect(whole).toHaveLength(rows.length);
      const paged: string[] = [];
      for (let cursor = ""; ;) {
        const reply = await ask({ sort, limit: "7", ...(cursor ? { cursor } : {}) });
        paged.push(...idsOf(reply));
        cursor = reply.body.pagination.next_cursor;
        if (!cursor) break;
      }
      expect(paged).toEqual(whole);
      const first = rows.find(({ id }) => id === whole[0])!;
      if (sort.includes("price:nulls_first")) expect(first.price).toBeNull();
    },
  );
});

describe("include", () => {
  it("reaches three deep", async () => {
    const row = rows.find(({ author }) => author === 1)!;
    const { body } = await tenant.get(`/content/article/${row.id}?include=author.mentor.mentor`);
    expect(body.data.author).toMatchObject({ name: "Bob", mentor: { name: "Ann", mentor: null } });
    const draft = await tenant.get(`/content/article/${row.id}?include=author.mentor&perspective=draft`);
    expect(draft.body.data.author.mentor).toMatchObject({ name: "Ann", status: "published" });
  });
});

describe("aggregates", () => {
  it("agree with the rows", async () => {
    const { body } = await ask(
      { min: "price,day", max: "price", avg: "price", sum: "rank" },
      "/aggregate/article",
    );
    const prices = rows.flatMap(({ price }) => price ?? []);
    const days = rows.flatMap(({ day }) => day ?? []).sort();
    expect(body.data).toHaveLength(1);
    expect(body.data[0]).toMatchObject({
      count: rows.length,
      min: { price: Math.min(...prices), day: days[0] },
      max: { price: Math.max(...prices) },
      sum: { rank: rows.reduce((sum, { rank }) => sum + (rank ?? 0), 0) },
    });
    expect(body.data[0].avg.price).toBeCloseTo(prices.reduce((a, b) => a + b, 0) / prices.length, 10);
  });

  it("group by fields, references and truth included", async () => {
    const { body } = await ask({ group_by: "kind,live", max: "rank" }, "/aggregate/article");
    for (const { group, count, max } of body.data as any[]) {
      const mine = rows.filter(({ kind, live }) => kind === group.kind && live === group.live);
      expect(count).toBe(mine.length);
      expect(max.rank).toBe(
        mine.some(({ rank }) => rank !== null) ? Math.max(...mine.map(({ rank }) => rank ?? -1)) : null,
      );
    }
    expect(body.data.reduce((sum: number, one: { count: number }) => sum + one.count, 0)).toBe(rows.length);
    const byAuthor = await ask(
      { group_by: "author", "filter[author][exists]": "true" },
      "/aggregate/article",
    );
    expect(byAuthor.body.data.map((one: any) => one.group.author).sort()).toEqual(
      authors.map(({ id }) => id).sort(),
    );
  });

  it.each(["avg=kind", "min=body", "group_by=nothing", "sum=day", "agv=price"])(
    "refuse %s",
    async (query) => {
      expect((await tenant.get(`/aggregate/article?${query}`)).status).toBe(400);
    },
  );
});
