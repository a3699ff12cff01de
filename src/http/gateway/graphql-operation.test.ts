import { describe, expect, it } from "vitest";
import { isQueryOnly, queryAsGet } from "./graphql-operation.ts";

describe("isQueryOnly", () => {
  it("knows queries, however they are written", () => {
    const queries = [
      "{ a }",
      "query { a }",
      "query Q($x: Int = 1) @live { a(x: $x) { b } }",
      '# mutation\n{ a(text: "mutation { b }") }',
      '{ a(text: """mutation { " } """) }',
      "{ mutation subscription }",
      "fragment F on Q { a } query { ...F }",
      "query A { a } query B { b }",
      '{ a(text: "\\" } mutation {") }',
    ];
    for (const query of queries) expect(isQueryOnly(query), query).toBe(true);
  });

  it("says no to anything else, and when it is not sure", () => {
    const others = [
      "mutation { a }",
      "subscription { a }",
      "query { a } mutation { b }",
      "",
      "fragment F on Q { a }",
      "{ a",
      "a }",
      "}{",
      "qery { a }",
      "{ a } { b } mutation M { c }",
    ];
    for (const query of others) expect(isQueryOnly(query), query).toBe(false);
  });
});

describe("queryAsGet", () => {
  it("is the same for bodies that ask the same, and another for other variables", () => {
    const body = { query: "query Q($n: Int) { a(n: $n) }", variables: { n: 1 }, operationName: "Q" };
    const { query, variables, operationName } = body;
    expect(queryAsGet(body)).toBe(queryAsGet({ operationName, variables, query }));
    expect(queryAsGet(body)).not.toBe(queryAsGet({ ...body, variables: { n: 2 } }));
    expect(queryAsGet(body)).toMatch(/^\/api\/v3\/graphql\?operationName=Q&query=/);
  });

  it("leaves out what no cache may keep", () => {
    const bodies = [
      null,
      [],
      "x",
      { query: 1 },
      { query: "mutation { a }" },
      { query: "{ a }", extensions: {} },
      { query: "{ a(perspective: draft) }" },
      { query: "query($p: P) { a(p: $p) }", variables: { p: "draft" } },
      { query: `{ a # ${"x".repeat(9000)}\n }` },
    ];
    for (const body of bodies) expect(queryAsGet(body), JSON.stringify(body)?.slice(0, 60)).toBeUndefined();
  });
});
