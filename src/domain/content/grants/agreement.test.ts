import { createMongoAbility } from "@casl/ability";
import { PGlite } from "@electric-sql/pglite";
import { sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "../../../core/context.ts";
import type { Grant } from "../../../core/grants.ts";
import { compileType, TypeDefinition, type EnvironmentSchema, type ResolvedType } from "../types/index.ts";
import { buildAccess, conditionOf, conditionSql, decide, grantedIf, holds, type RowSql } from "./index.ts";

const TYPE = compileType(
  TypeDefinition.parse({
    id: "thing",
    name: "Thing",
    fields: [
      { id: "title", type: "short_text" },
      { id: "tags", type: "short_text", multiple: true },
      { id: "price", type: "number" },
      { id: "cost", type: "decimal" },
      { id: "opens", type: "time" },
      { id: "live", type: "boolean" },
      { id: "day", type: "date" },
      { id: "at", type: "datetime" },
      { id: "author", type: "reference", to: ["thing"], multiple: true },
      { id: "extra", type: "json" },
      {
        id: "seo",
        type: "component",
        fields: [
          { id: "length", type: "short_text" },
          { id: "price", type: "number" },
        ],
      },
    ],
  }) as ResolvedType,
  1,
);
const SCHEMA: EnvironmentSchema = {
  version: 1,
  types: new Map([["thing", TYPE]]),
  defaultLocale: "en",
  chains: new Map([["en", ["en"]]]),
  graphql: {},
};
const ME = "tok_01jd3f0b6vfs8t4z9c7q2m5n8x";
const TEXTS = ["", "a", "A", "b", "ab", "Ä", "ä", "😀", "\uffee", "10", "true", "2026-01-31", ME];
const NUMBERS = [-1, 0, 1, 1.5, 10, 9_007_199_254_740_991];
const DECIMALS = ["0", "-1", "1.5", "1.50", "010", "1e5", "9007199254740993.01", "9007199254740993"];
const CLOCKS = ["00:00:00", "09:30:00", "23:59:59"];
const MOMENTS = ["2026-01-31T00:00:00.000Z", "2026-01-31T09:30:00.000Z", "1999-12-31T23:59:59.999Z"];

const text = fc.constantFrom(...TEXTS);
const anything = fc.oneof(
  text,
  fc.constantFrom(...NUMBERS),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.oneof(text, fc.constantFrom(...NUMBERS), fc.constant(null), fc.array(text, { maxLength: 2 })), {
    maxLength: 3,
  }),
  fc.record({ inner: text }),
  fc.record({ length: fc.oneof(text, fc.constant(null)), price: fc.constantFrom(...NUMBERS, "1") }),
  fc.constantFrom(...MOMENTS, "2026-02-31", "2026-01-31"),
  fc.constantFrom(...DECIMALS, ...CLOCKS),
);
/**
 * Entries whose values are missing, null, lists, nested, or of another type than their field's, as
 * often as right.
 */
const entry = fc.record({
  data: fc.record(Object.fromEntries([...TYPE.fields.keys()].map((id) => [id, anything])), {
    requiredKeys: [],
  }),
  facts: fc.record({
    id: fc.constant("cnt_01jd3f0b6vfs8t4z9c7q2m5n8x"),
    status: fc.constantFrom("draft", "published", "changed"),
    created_by: fc.constantFrom(ME, "tok_other"),
    assignee: fc.constantFrom(null, ME, "a"),
    created_at: fc.constantFrom(...MOMENTS),
  }),
});

const of = <T>(value: fc.Arbitrary<T>, operators: string[]) =>
  fc.tuple(fc.constantFrom(...operators), value).map(([operator, one]) => ({ [operator]: one }));
const listed = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: 1, maxLength: 3 });
const presence = fc.constantFrom<object>(
  { exists: true },
  { exists: false },
  { null: true },
  { null: false },
);
const ordered = ["eq", "ne", "gt", "gte", "lt", "lte"];
const textTest = fc.oneof(
  of(text, [...ordered, "contains", "starts_with", "ends_with"]),
  of(listed(text), ["in", "nin"]),
  presence,
);
const test = fc.oneof(
  ...["title", "tags"].map((id) => textTest.map((one) => ({ [id]: one }))),
  textTest.map((one) => ({ seo: { length: one } })),
  of(fc.constantFrom(...NUMBERS), ordered).map((one) => ({ "seo.price": one })),
  presence.map((one) => ({ seo: one })),
  fc
    .oneof(
      of(fc.constantFrom(...NUMBERS), ordered),
      of(listed(fc.constantFrom(...NUMBERS)), ["in", "nin"]),
      presence,
    )
    .map((one) => ({ price: one })),
  fc
    .oneof(
      of(fc.constantFrom("0", "1.5", "9007199254740993.01", 1), ordered),
      of(listed(fc.constantFrom("1.50", "-1")), ["in", "nin"]),
      presence,
    )
    .map((one) => ({ cost: one })),
  fc.oneof(of(fc.constantFrom("09:30", ...CLOCKS), ordered), presence).map((one) => ({ opens: one })),
  fc.oneof(of(fc.boolean(), ["eq", "ne"]), presence).map((one) => ({ live: one })),
  ...["day", "at", "created_at"].map((id) =>
    fc.oneof(of(fc.constantFrom("2026-01-31", ...MOMENTS), ordered), presence).map((one) => ({ [id]: one })),
  ),
  of(text, ["eq", "ne", "contains"]).map((one) => ({ author: one })),
  presence.map((one) => ({ extra: one })),
  of(fc.constantFrom("$me", "tok_other"), ["eq", "ne"]).map((one) => ({ created_by: one })),
  of(fc.constantFrom("draft", "published"), ["eq", "ne"]).map((one) => ({ status: one })),
  fc.oneof(of(fc.constantFrom("$me", "a"), ordered), presence).map((one) => ({ assignee: one })),
);
const conditions = fc.letrec<{ where: object }>((tie) => ({
  where: fc.oneof(
    { maxDepth: 3 },
    test,
    fc.array(tie("where"), { minLength: 1, maxLength: 3 }).map((all) => ({ and: all })),
    fc.array(tie("where"), { minLength: 1, maxLength: 3 }).map((any) => ({ or: any })),
    tie("where").map((not) => ({ not })),
    fc.tuple(test, test).map(([a, b]) => ({ ...a, ...b })),
  ),
})).where as fc.Arbitrary<Record<string, unknown>>;
const grants = fc.array(
  fc.record({
    effect: fc.constantFrom("allow" as const, "allow" as const, "deny" as const),
    conditions: fc.option(conditions, { nil: undefined, freq: 6 }),
    fields: fc.option(fc.constantFrom(["title"], ["price", "title"]), { nil: undefined, freq: 4 }),
  }),
  { minLength: 1, maxLength: 5 },
);

const actorWith = (list: Partial<Grant>[]): Actor => ({
  kind: "token",
  id: ME,
  scopes: ["admin"],
  grants: list.map((one, i) => ({ id: `g${i}`, actions: ["content:read"], ...one }) as Grant),
});
const ROW: RowSql = { data: sql.raw("given.data"), fact: (name) => sql`(given.facts ->> ${name}::text)` };
const dialect = new PgDialect();
let db: PGlite;

beforeAll(async () => {
  db = await PGlite.create();
}, 60_000);
afterAll(() => db.close());

async function bySql(condition: Parameters<typeof conditionSql>[0], entries: object[]): Promise<unknown[]> {
  const { sql: query, params } = dialect.sqlToQuery(sql`select ${conditionSql(condition, ROW)} as is_so
    from jsonb_array_elements(${JSON.stringify(entries)}::jsonb) with ordinality list (item, position)
      cross join lateral (select list.item -> 'data' as data, list.item -> 'facts' as facts) given
        order by list.position`);
  return (await db.query<{ is_so: unknown }>(query, params)).rows.map((row) => row.is_so);
}

describe("the matcher in memory and the SQL", () => {
  it("agree on 1,000 random rule sets, for the entry and for a field of it", async () => {
    let [granted, refused] = [0, 0];
    await fc.assert(
      fc.asyncProperty(
        grants,
        fc.array(entry, { minLength: 20, maxLength: 20 }),
        fc.option(fc.constantFrom("title", "live"), { nil: undefined }),
        async (list, entries, field) => {
          const access = buildAccess(SCHEMA, actorWith(list));
          const condition = grantedIf(access, TYPE, "content:read", {
            fields: field ? [field] : undefined,
            locales: ["en"],
          });
          const inSql = await bySql(condition, entries);
          const inMemory = entries.map(
            (one) =>
              decide(access, TYPE, "content:read", { entry: one, locale: "en", ...(field ? { field } : {}) })
                .isGranted,
          );
          granted += inMemory.filter(Boolean).length;
          refused += inMemory.filter((is) => !is).length;
          expect(inSql).toEqual(inMemory);
        },
      ),
      { numRuns: 1000 },
    );
    // A property over answers that are all the same would prove nothing.
    expect(Math.min(granted, refused)).toBeGreaterThan(1000);
  }, 300_000);

  it("would not agree if the library's own matcher were used: it lets $lt match what is not there", async () => {
    const numbers = of(fc.constantFrom(...NUMBERS), ["gt", "gte", "lt", "lte"]);
    const rules = fc.array(numbers, { minLength: 1, maxLength: 3 });
    let letThrough = 0;
    for (const [list, entries] of fc.sample(
      fc.tuple(rules, fc.array(entry, { minLength: 20, maxLength: 20 })),
      100,
    )) {
      const inSql = await bySql(
        conditionOf(TYPE, { or: list.map((price) => ({ price })) }, undefined)!,
        entries,
      );
      const byDefault = createMongoAbility(
        list.map((price) => {
          const [[operator, value]] = Object.entries(price) as [[string, number]];
          return { action: "read", subject: "thing", conditions: { price: { [`$${operator}`]: value } } };
        }),
        { detectSubjectType: () => "thing" },
      );
      if (
        entries.some(
          ({ data }, i) => byDefault.can("read", JSON.parse(JSON.stringify(data)) as never) && !inSql[i],
        )
      )
        letThrough++;
    }
    expect(letThrough).toBeGreaterThan(10);
    expect(holds(conditionOf(TYPE, { price: { lt: 10 } }, undefined)!, { facts: {}, data: {} })).toBe(false);
  });
});
