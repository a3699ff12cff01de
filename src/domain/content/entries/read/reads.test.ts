import type { SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Context } from "../../../../core/context.ts";
import { ASSETS, purgeTags, tagsOfTypes } from "../../../../core/events.ts";
import { compileType, TypeDefinition, type EnvironmentSchema, type ResolvedType } from "../../types/index.ts";
import { facetsSql, parseListQuery } from "../query/index.ts";
import { planList } from "./plan-list.ts";

const TYPES: Record<string, object[]> = {
  post: [
    { id: "author", type: "reference", to: ["person"] },
    { id: "related", type: "reference", to: ["post", "page"], multiple: true },
    { id: "any", type: "reference" },
    { id: "cover", type: "media" },
    { id: "seo", type: "component", fields: [{ id: "source", type: "reference", to: ["site"] }] },
    {
      id: "parts",
      type: "blocks",
      components: [{ id: "quote", fields: [{ id: "by", type: "reference", to: ["person"] }] }],
    },
  ],
  person: [{ id: "team", type: "reference", to: ["team"] }],
  team: [{ id: "home", type: "reference", to: ["site"] }],
  page: [{ id: "owner", type: "reference", to: ["team"] }],
  site: [],
  other: [],
};
const types = Object.entries(TYPES).map(([id, fields]) => {
  const named = [{ id: "name", type: "short_text" }, ...fields];
  return compileType(TypeDefinition.parse({ id, name: id, fields: named }) as ResolvedType, 1);
});
const SCHEMA: EnvironmentSchema = {
  version: 1,
  types: new Map(types.map((type) => [type.id, type])),
  defaultLocale: "en",
  chains: new Map([["en", ["en"]]]),
  graphql: {},
};
const CTX = {
  tenantId: "t",
  environmentId: "e",
  actor: { kind: "system", id: "delivery", scopes: ["read"] },
} as unknown as Context;

/** The types of which a statement looks at rows, as it says itself: `alias.type = $1`. */
function typesIn(statement: SQL): Set<string> {
  const { sql, params } = new PgDialect().sqlToQuery(statement);
  const found = [...sql.matchAll(/\b(?:base|target\d+)\.type = \$(\d+)/g)];
  return new Set(found.map(([, n]) => params[Number(n) - 1] as string));
}

const planned = (params: Record<string, string>) => {
  const query = parseListQuery(new URLSearchParams(params));
  const { page, source } = planList(CTX, SCHEMA, "post", query);
  const facets = query.facets ? typesIn(facetsSql(source, query, query.facets).statement) : [];
  return { looked: new Set([...typesIn(page), ...facets]), reads: new Set(["post", ...source.reads]) };
};

const name = fc.record({ name: fc.constantFrom<unknown>("Ada", { ne: "Ada" }, { contains: "a" }, null) });
const site = fc.oneof(name);
const team = fc.oneof(name, fc.record({ home: site }));
const person = fc.oneof(name, fc.record({ team }));
const condition = fc.oneof(
  name,
  fc.record({ author: person }),
  fc.record({
    related: fc.oneof(
      name,
      fc.record({ owner: team }),
      fc.record({ author: fc.oneof(name, fc.record({ team: name })) }),
    ),
  }),
  fc.record({ any: name }),
);
const where = fc.letrec<{ where: unknown }>((tie) => ({
  where: fc.oneof(
    { depthSize: "small", maxDepth: 4 },
    condition,
    fc.record({ not: tie("where") }),
    fc.record({ or: fc.array(tie("where"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ and: fc.array(tie("where"), { minLength: 1, maxLength: 3 }) }),
  ),
})).where;

it("names every type that a filter looks at, however deep", () => {
  fc.assert(
    fc.property(where, fc.boolean(), (filter, hasFacets) => {
      const { looked, reads } = planned({
        filter: JSON.stringify(filter),
        ...(hasFacets ? { facets: "name" } : {}),
      });
      expect([...looked].filter((type) => !reads.has(type))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

it("names no more than the targets that a filter may lead to", () => {
  expect(planned({ filter: '{"author":{"team":{"name":"x"}}}' }).reads).toEqual(
    new Set(["post", "person", "team"]),
  );
});

it.each([
  ["author", ["person"]],
  ["author.team.home", ["person", "team", "site"]],
  ["related.owner", ["page", "team"]],
  ["cover", [ASSETS]],
  ["seo", ["site"]],
  ["parts", ["person"]],
  ["parts.team", ["person", "team"]],
  ["any", ["person", "team", "page", "site", "other"]],
])("names every type that include=%s shows", (include, wanted) => {
  expect(planned({ include }).reads).toEqual(new Set(["post", ...wanted]));
});

it("is purged by what happens to any of the types, even where they are too many to name", () => {
  const many = Array.from({ length: 300 }, (_, i) => `type_${i}`);
  for (const some of [many, many.slice(0, 3)]) {
    const tags = tagsOfTypes("e", some);
    expect(tags.join(",").length).toBeLessThan(4000);
    for (const type of some)
      for (const event of [
        "entry.published",
        "entry.unpublished",
        "entry.deleted",
        "read_model.rebuilt",
      ] as const)
        expect(purgeTags("e", event, { id: "cnt_x", type })!.some((tag) => tags.includes(tag))).toBe(true);
  }
  const withAssets = tagsOfTypes("e", [...many, ASSETS]);
  expect(purgeTags("e", "asset.updated", { id: "ast_x" })!.some((tag) => withAssets.includes(tag))).toBe(
    true,
  );
});
