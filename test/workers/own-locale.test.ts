import { sql } from "drizzle-orm";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { ok } from "../support/graphql.ts";
import { asOwner, newTenant, type Tenant } from "../support/tenant.ts";

const CHAINS = { en: ["en"], fr: ["fr", "en"], "fr-CA": ["fr-CA", "fr", "en"] } as const;
type Locale = keyof typeof CHAINS;
const LOCALES = Object.keys(CHAINS) as Locale[];
const COUNT = 24;
const THING = {
  id: "thing",
  name: "Thing",
  fields: [
    { id: "slug", type: "slug", localized: true },
    { id: "word", type: "short_text", localized: true },
    { id: "size", type: "integer", localized: true },
    { id: "tags", type: "short_text", multiple: true, localized: true },
    { id: "place", type: "location", localized: true },
    { id: "target", type: "reference", to: ["target"], localized: true },
    { id: "targets", type: "reference", to: ["target"], multiple: true, localized: true },
  ],
};
type Thing = {
  id: string;
  slug: string | null;
  word: string | null;
  size: number | null;
  tags: string[] | null;
  place: { lat: number } | null;
  target: string | null;
  targets: string[] | null;
};

/** Numbers that are the same in every run. */
function numbers() {
  let state = 7;
  return (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

describe("an entry is found by the values that it shows in a locale", () => {
  let tenant: Tenant;
  let targets: string[];
  const given = new Map<string, Partial<Record<Locale, string | null>>>();

  beforeAll(async () => {
    tenant = await newTenant();
    await tenant.patch("/environments/main", {
      default_locale: "en",
      locales: [{ code: "en" }, { code: "fr", fallback: "en" }, { code: "fr-CA", fallback: "fr" }],
    });
    await tenant.put("/types/target", {
      id: "target",
      name: "Target",
      fields: [{ id: "name", type: "short_text" }],
    });
    expect((await tenant.put("/types/thing", THING)).status).toBe(201);
    targets = [];
    for (const name of ["x", "y"]) targets.push(await tenant.published("target", { name }));
    const pick = numbers();
    const operations = Array.from({ length: COUNT }, (_, i) => {
      const values = (options: readonly unknown[]) =>
        Object.fromEntries(LOCALES.map((locale) => [locale, options[pick(options.length)]]));
      // In each locale all slugs are others, and each is another entry's in the next one.
      const slugs = Object.fromEntries(
        LOCALES.flatMap((locale, at) =>
          pick(3) > 0 || locale === "en" ? [[locale, `s${(i + at * 5) % COUNT}`]] : [],
        ),
      );
      const lists = [null, undefined, [], ["x"], ["y"], ["x", "y"]];
      return {
        op: "create" as const,
        type: "thing",
        locale: "*",
        fields: {
          slug: slugs,
          word: values([null, undefined, "", "x", "y"]),
          size: values([null, undefined, 0, 1, 2]),
          tags: values(lists),
          place: values([null, undefined, { lat: 0, lon: 0 }, { lat: 50, lon: 0 }]),
          target: values([null, undefined, ...targets]),
          targets: values(lists.map((list) => list?.map((name) => targets[name === "x" ? 0 : 1]))),
        },
      };
    });
    const made = await tenant.post("/content/bulk", { operations });
    expect(made.status, made.text).toBe(200);
    made.body.data.items.forEach(({ id }: { id: string }, i: number) =>
      given.set(id, operations[i]!.fields.slug),
    );
    const publish = [...given.keys()].map((id) => ({ op: "publish", id }));
    expect((await tenant.post("/content/bulk", { operations: publish })).status).toBe(200);
  });

  const views = LOCALES.flatMap((locale) =>
    (["published", "draft"] as const).map((perspective) => [locale, perspective] as const),
  );
  const shownIn = async (locale: string, perspective: string): Promise<Thing[]> =>
    (await tenant.get(`/content/thing?limit=100&locale=${locale}&perspective=${perspective}`)).body.data;

  it.each(views)("in %s, %s", async (locale, perspective) => {
    const view = `limit=100&fields=id&locale=${locale}&perspective=${perspective}`;
    const shown = await shownIn(locale, perspective);
    expect(shown).toHaveLength(COUNT);
    const expectFound = async (filter: string, holds: (thing: Thing) => boolean) => {
      const { body, text } = await tenant.get(`/content/thing?${view}&${filter}`);
      const ids = body.data?.map(({ id }: { id: string }) => id).sort();
      expect(ids, `${filter} ${text.slice(0, 200)}`).toEqual(
        shown
          .filter(holds)
          .map(({ id }) => id)
          .sort(),
      );
    };
    for (const value of ["", "x", "y"])
      await expectFound(`filter[word]=${value}`, ({ word }) => word === value);
    await expectFound("filter[word][ne]=x", ({ word }) => word !== "x");
    await expectFound("filter[word][exists]=true", ({ word }) => word !== null);
    await expectFound("filter[size][lte]=1", ({ size }) => size !== null && size <= 1);
    for (const value of ["x", "y"]) {
      await expectFound(`filter[tags]=${value}`, ({ tags }) => tags?.includes(value) === true);
      await expectFound(`filter[not][tags]=${value}`, ({ tags }) => !tags?.includes(value));
    }
    await expectFound("filter[tags][exists]=true", ({ tags }) => tags !== null);
    await expectFound("filter[place][near]=0,0,100", ({ place }) => place?.lat === 0);
    await expectFound("filter[place][exists]=true", ({ place }) => place !== null);
    for (const [i, id] of targets.entries()) {
      await expectFound(`filter[target]=${id}`, ({ target }) => target === id);
      await expectFound(`filter[targets][in]=${id}`, (thing) => thing.targets?.includes(id) === true);
      await expectFound(`filter[targets][name]=${"xy"[i]}`, (thing) => thing.targets?.includes(id) === true);
    }
    await expectFound("filter[targets][exists]=true", ({ targets }) => targets !== null);
  });

  it.each(views)("sorted, counted and summed in %s, %s", async (locale, perspective) => {
    const view = `locale=${locale}&perspective=${perspective}`;
    const shown = await shownIn(locale, perspective);
    const sorted = await tenant.get(`/content/thing?limit=100&${view}&sort=size,id`);
    const sizes = shown.map(({ size }) => size ?? 9).sort();
    expect(sorted.body.data.map((thing: Thing) => thing.size ?? 9)).toEqual(sizes);
    const counts = (of: (thing: Thing) => (string | null)[]) => {
      const found: Record<string, number> = {};
      for (const thing of shown)
        for (const value of of(thing)) found[value ?? "null"] = (found[value ?? "null"] ?? 0) + 1;
      return found;
    };
    const { facets } = (await tenant.get(`/content/thing?${view}&facets=word,tags,targets,target`)).body;
    const facet = (id: string) =>
      Object.fromEntries(facets[id].map((one: { value: string; count: number }) => [one.value, one.count]));
    const some = (value: string | null) => (value === null ? [] : [value]);
    expect(facet("word")).toEqual(counts(({ word }) => some(word)));
    expect(facet("tags")).toEqual(counts(({ tags }) => tags ?? []));
    expect(facet("target")).toEqual(counts(({ target }) => some(target)));
    expect(facet("targets")).toEqual(counts((thing) => thing.targets ?? []));
    const groups = (await tenant.get(`/aggregate/thing?${view}&group_by=word&sum=size`)).body.data;
    for (const { group, count, sum } of groups) {
      const own = shown.filter(({ word }) => word === group.word);
      expect([count, sum.size ?? 0], String(group.word)).toEqual([
        own.length,
        own.reduce((all, { size }) => all + (size ?? 0), 0),
      ]);
    }
    const graphql = await ok(
      tenant,
      `{ thingAggregate(locale: "${locale}", perspective: ${perspective}, filter: { tags: { eq: "x" } }) { count }
         thingConnection(locale: "${locale}", perspective: ${perspective}, filter: { word: { eq: "x" } }) { totalCount } }`,
    );
    expect(graphql.thingAggregate[0].count).toBe(shown.filter(({ tags }) => tags?.includes("x")).length);
    expect(graphql.thingConnection.totalCount).toBe(shown.filter(({ word }) => word === "x").length);
  });

  it.each(views)("by slug, its own before one that falls back, in %s, %s", async (locale, perspective) => {
    const shown = await shownIn(locale, perspective);
    const chain: readonly Locale[] = CHAINS[locale];
    const distance = (id: string) => chain.findIndex((code) => given.get(id)![code] != null);
    for (let i = 0; i < COUNT; i++) {
      const slug = `s${i}`;
      const [best] = shown
        .filter((thing) => thing.slug === slug)
        .sort((a, b) => distance(a.id) - distance(b.id));
      const view = `locale=${locale}&perspective=${perspective}`;
      const read = await tenant.get(`/content/thing/${slug}?${view}`);
      expect(read.body.data?.id, `${slug} ${view}`).toBe(best?.id);
      const found = await ok(
        tenant,
        `{ thing(slug: "${slug}", locale: "${locale}", perspective: ${perspective}) { id } }`,
      );
      expect(found.thing?.id).toBe(best?.id);
    }
  });

  it("also where an empty list was stored before it had a row, and where a reference was taken away", async () => {
    const own = await newTenant();
    await own.patch("/environments/main", {
      default_locale: "en",
      locales: [{ code: "en" }, { code: "fr", fallback: "en" }],
    });
    await own.put("/types/target", {
      id: "target",
      name: "Target",
      fields: [{ id: "name", type: "short_text" }],
    });
    await own.put("/types/thing", THING);
    const [a, b] = [
      await own.published("target", { name: "a" }),
      await own.published("target", { name: "b" }),
    ];
    const made = await own.post("/content/thing?locale=*", {
      tags: { en: ["x"], fr: [] },
      targets: { en: [a], fr: [b] },
    });
    const id = made.body.data.id as string;
    await own.post("/content/publish", { id });
    const found = async (filter: string) =>
      Promise.all(
        ["published", "draft"].map(async (perspective) => {
          const path = `/content/thing?locale=fr&perspective=${perspective}&${filter}`;
          // What is written past the API purges nothing.
          const { body } = await own.get(path, { headers: { "cache-control": "no-cache" } });
          return body.data.length as number;
        }),
      );
    await asOwner(
      own,
      sql`delete from entry_fields where tenant_id = ${own.tenantId}::uuid and field = 'tags'
        and locale = 'fr'`,
    );
    expect(await found("filter[tags]=x")).toEqual([1, 1]);
    const migration = readFileSync(
      fileURLToPath(new URL("../../migrations/0019_empty_lists.sql", import.meta.url)),
      "utf8",
    );
    const insert = migration.slice(
      migration.indexOf("insert into"),
      migration.indexOf("on conflict do nothing"),
    );
    await asOwner(own, sql.raw(`${insert} on conflict do nothing`));
    expect(await found("filter[tags]=x")).toEqual([0, 0]);
    await own.patch(`/content/thing/${id}?locale=*`, { word: { en: "changed" } });
    expect((await own.delete(`/content/target/${b}?on_reference=null`)).status).toBe(204);
    expect(await found(`filter[targets]=${a}`)).toEqual([0, 0]);
    // What is left of a list is a list.
    expect(await found("filter[targets][exists]=false")).toEqual([0, 0]);
    expect(await found("filter[targets][exists]=true")).toEqual([1, 1]);
  });
});
