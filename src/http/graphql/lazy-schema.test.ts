import {
  execute,
  getIntrospectionQuery,
  graphqlSync,
  GraphQLSchema,
  parse,
  printSchema,
  validate,
  validateSchema,
} from "graphql";
import type { Context } from "../../core/context.ts";
import { describe, expect, it } from "vitest";
import {
  compileType,
  TypeDefinition,
  type EnvironmentSchema,
  type ResolvedType,
} from "../../domain/content/types/index.ts";
import { buildGraphqlSchema } from "./build-schema.ts";
import type { LazySchema } from "./lazy-schema.ts";
import { builtSchema, prepare } from "./prepared-documents.ts";

const RING = Array.from({ length: 200 }, (_, i) => `ring_${i}`);
const NAMES = [
  "text",
  "common",
  "entry",
  "post",
  "post_list",
  "post_filter",
  "kind_1",
  "kind_12",
  "asset",
  "comment",
];

function schemaOf(ids: string[]): EnvironmentSchema {
  const definitions = ids.map((id, i) =>
    TypeDefinition.parse({
      id,
      name: id,
      fields: [
        { id: "title", type: "short_text" },
        { id: "price", type: "number" },
        { id: "next", type: "reference", to: [ids[(i + 1) % ids.length]] },
        { id: "next_filter", type: "component", fields: [{ id: "note", type: "short_text" }] },
        {
          id: "parts",
          type: "blocks",
          components: [
            {
              id: "hero",
              fields: [{ id: "inner", type: "component", fields: [{ id: "x", type: "location" }] }],
            },
          ],
        },
      ],
    }),
  );
  return {
    version: 1,
    types: new Map(definitions.map((one) => [one.id, compileType(one as ResolvedType, 1)])),
    defaultLocale: "en",
    chains: new Map([["en", ["en"]]]),
    graphql: {},
  };
}

/** All of it, made at once by the library. */
const wholeOf = (schema: LazySchema) =>
  new GraphQLSchema({
    query: schema.getQueryType(),
    mutation: schema.getMutationType(),
    subscription: schema.getSubscriptionType(),
    types: Object.values(schema.getTypeMap()),
  });

describe("a schema that is made as it is named", () => {
  const build = () => buildGraphqlSchema(schemaOf(NAMES)).graphql;

  it("is valid as a whole, and the same whatever was named first", () => {
    const whole = build();
    expect(validateSchema(wholeOf(whole))).toEqual([]);
    for (const names of [NAMES, NAMES.toReversed()]) {
      const lazy = build();
      for (const name of names) {
        const pascal =
          name[0]!.toUpperCase() + name.slice(1).replace(/_([a-z])/g, (_, x: string) => x.toUpperCase());
        lazy.getType(`${pascal}Filter`);
        lazy.getType(`${pascal}_NextFilter`);
      }
      expect(printSchema(lazy)).toBe(printSchema(whole));
    }
  });

  it("finds every type by its name, and none that is not there", () => {
    const names = Object.keys(build().getTypeMap());
    expect(names.length).toBeGreaterThan(150);
    const lazy = build();
    expect(names.filter((name) => lazy.getType(name)?.name !== name)).toEqual([]);
    for (const name of [
      "Kind_2Entry",
      "PostEntryEntry",
      "Post_Missing",
      "Nothing",
      "constructor",
      "Entry_",
      "",
    ])
      expect(lazy.getType(name)).toBeUndefined();
    expect(lazy.isWhole).toBe(false);
  });

  it("has the same possible types and finds the same documents right and wrong", () => {
    const documents = [
      '{ postList(filter: { next: { where: { title: { eq: "a" } } } }) { id next { title ... on CommonEntry { id } } } }',
      "query ($f: Kind_1Filter, $s: [PostSort!]) { kind_1List(filter: $f) { id } post_listList: postList(sort: $s) { id } }",
      "{ post { parts { ... on Post_Parts_Hero { inner { x { lat } } } } } }",
      "{ post { ... on Kind_1Entry { id } } }",
      "{ post { ... on Nope { id } titel } postLst { id } }",
      "{ kind_1Connection { edges { node { price } } facets { field } } kind_12Aggregate { count avg { price } } }",
      "mutation ($i: PostInput!) { createPost(fields: $i) { id } deletePost(id: 1) }",
      "{ __typename constructor hasOwnProperty }",
    ];
    const whole = wholeOf(build());
    for (const text of documents) {
      const messages = (schema: GraphQLSchema) => validate(schema, parse(text)).map(({ message }) => message);
      expect(messages(build())).toEqual(messages(whole));
    }
  });

  it("is introspected as a whole", () => {
    const source = getIntrospectionQuery();
    const answers = [build(), wholeOf(build())].map((schema) => graphqlSync({ schema, source }));
    expect(answers[0]!.errors).toBeUndefined();
    expect(JSON.stringify(answers[0])).toBe(JSON.stringify(answers[1]));
    const byName = parse('{ __type(name: "Post_Parts_Hero") { fields { name } } }');
    expect(execute({ schema: build(), document: byName })).toMatchObject({
      data: { __type: { fields: [{ name: "type" }, { name: "inner" }] } },
    });
  });

  it("makes of 200 types in a ring only those that a document names", () => {
    const built = buildGraphqlSchema(schemaOf(RING));
    const before = built.bytes();
    const document = parse("{ ring_1List { id next { next { title } } } }");
    expect(validate(built.graphql, document, [])).toEqual([]);
    expect(built.bytes() - before).toBeGreaterThan(0);
    expect(built.bytes() - before).toBeLessThan(200_000);
    built.graphql.getType("Ring_7Filter");
    expect(built.graphql.isWhole).toBe(false);
    expect(built.bytes()).toBeLessThan(1_000_000);
  });

  it("reads no content type that a document does not name", () => {
    const schema = schemaOf(RING);
    const read = new Set<string>();
    const get = schema.types.get.bind(schema.types);
    const types = Object.assign(new Map(schema.types), {
      get: (id: string) => (read.add(id), get(id)),
      values: () => expect.unreachable("all types are read"),
    }) as unknown as EnvironmentSchema["types"];
    const { graphql } = buildGraphqlSchema({ ...schema, types });
    expect(validate(graphql, parse("{ ring_3List { id title } }"), [])).toEqual([]);
    expect([...read].sort()).toEqual(["ring_3", "ring_4"]);
  });

  it("is kept at 200 types: made once for ten requests", () => {
    const schema = schemaOf(RING);
    const ctx = { tenantId: crypto.randomUUID(), environmentId: crypto.randomUUID() } as Context;
    const built = builtSchema(ctx, schema);
    for (let i = 0; i < 10; i++) {
      const text = `{ ring_${i}List(limit: 10) { id title next { id } } }`;
      expect(prepare(built, text).errors).toEqual([]);
      expect(prepare(built, `{ ring_${i}List { nope } }`).errors).toHaveLength(1);
      expect(builtSchema(ctx, schema)).toBe(built);
    }
    expect(built.graphql.isWhole).toBe(false);
  });
});
