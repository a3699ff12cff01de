import { describe, expect, it } from "vitest";
import { queryString } from "./query-string.ts";

const read = (query: object) => Object.fromEntries(new URLSearchParams(queryString(query)));

describe("a query string", () => {
  it("has lists with commas and leaves out what is not said", () => {
    expect(read({ fields: ["a", "b"], sort: [], limit: 5, cursor: undefined, highlight: true })).toEqual({
      fields: "a,b",
      limit: "5",
      highlight: "true",
    });
  });

  it("writes a flat filter in brackets", () => {
    expect(read({ filter: { slug: "x", n: { gte: 5, lt: undefined, in: [1, 2] }, z: undefined } })).toEqual({
      "filter[slug]": "x",
      "filter[n][gte]": "5",
      "filter[n][in]": "1,2",
    });
  });

  it("writes what is said of included lists by their paths", () => {
    const articles = { filter: { kind: "news" }, sort: ["-price", "title"], limit: 3 };
    expect(read({ include_options: { "author.articles": articles, best: {} } })).toEqual({
      "include[author.articles][filter]": '{"kind":"news"}',
      "include[author.articles][sort]": "-price,title",
      "include[author.articles][limit]": "3",
    });
  });

  it("writes as JSON what brackets cannot say", () => {
    const filters = [
      { or: [{ a: 1 }] },
      { not: { a: 1 } },
      { author: { name: "Ann" } },
      { a: null },
      { a: ["x", "y"] },
      { a: { in: ["x,y"] } },
      { a: { in: [" x"] } },
      { a: { in: [] } },
      { a: {} },
      { a: { near: { lat: 1, lon: 2, km: 3 } } },
    ];
    for (const filter of filters) expect(read({ filter })).toEqual({ filter: JSON.stringify(filter) });
  });
});
