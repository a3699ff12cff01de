import { beforeAll, describe, expect, inject, it } from "vitest";
import { graphqlTenant } from "../support/graphql.ts";
import type { Tenant } from "../support/tenant.ts";

const LEGACY = "application/json";
const MODERN = "application/graphql-response+json";

let tenant: Tenant;
beforeAll(async () => {
  ({ tenant } = await graphqlTenant());
});

type Ask = { query?: string; body?: string; type?: string; method?: string; accept: string };

async function ask({ query = "", body, type = "application/json", method = "GET", accept }: Ask) {
  const response = await fetch(`${inject("url")}/api/v3/graphql${query}`, {
    method: body === undefined ? method : "POST",
    headers: {
      accept,
      authorization: `Bearer ${tenant.tokens.admin}`,
      ...(body === undefined || type === "" ? {} : { "content-type": type }),
    },
    body: body === undefined ? null : new TextEncoder().encode(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? {} : JSON.parse(text) };
}

const get = (params: Record<string, string>) => ({ query: `?${new URLSearchParams(params)}` });
const post = (body: unknown, type?: string) => ({
  body: typeof body === "string" ? body : JSON.stringify(body),
  ...(type === undefined ? {} : { type }),
});
const QUERY = "{ __typename }";
const NEEDS = "query ($n: Int!) { articleList(limit: $n) { id } }";
const TWO = "query A { __typename } query B { __typename }";

/** What is no request of GraphQL over HTTP: refused alike whatever is accepted. */
const REFUSED: [string, Omit<Ask, "accept">, number, string][] = [
  ["GET without a query", get({}), 400, "graphql/no-query"],
  ["GET with an empty query", get({ query: " " }), 400, "graphql/no-query"],
  [
    "GET with variables that are no JSON",
    get({ query: QUERY, variables: "zzz" }),
    400,
    "graphql/bad-variables",
  ],
  [
    "GET with variables that are a list",
    get({ query: QUERY, variables: "[1]" }),
    400,
    "graphql/bad-variables",
  ],
  [
    "GET with variables that are a number",
    get({ query: QUERY, variables: "7" }),
    400,
    "graphql/bad-variables",
  ],
  [
    "GET with extensions that are no JSON",
    get({ query: QUERY, extensions: "zzz" }),
    400,
    "graphql/bad-extensions",
  ],
  [
    "GET with extensions that are a text",
    get({ query: QUERY, extensions: '"x"' }),
    400,
    "graphql/bad-extensions",
  ],
  ...["query", "documentId", "variables", "operationName", "extensions"].map(
    (name): [string, Omit<Ask, "accept">, number, string] => [
      `GET with ${name} twice`,
      {
        query: `${get({ query: QUERY }).query}${"&".concat(`${name}=%7B%7D`).repeat(name === "query" ? 1 : 2)}`,
      },
      400,
      "graphql/repeated-parameter",
    ],
  ),
  [
    "GET with a query twice, once under an encoded name",
    { query: `${get({ query: QUERY }).query}&%71uery=${encodeURIComponent(QUERY)}` },
    400,
    "graphql/repeated-parameter",
  ],
  ["a mutation by GET", get({ query: "mutation { readNotifications }" }), 405, "graphql/mutation-by-get"],
  [
    "a mutation by GET, chosen by name",
    get({ query: `${TWO} mutation M { readNotifications }`, operationName: "M" }),
    405,
    "graphql/mutation-by-get",
  ],
  ["a subscription by GET", get({ query: "subscription { a }" }), 400, "graphql/subscription-over-http"],
  ["a subscription by POST", post({ query: "subscription { a }" }), 400, "graphql/subscription-over-http"],
  [
    "a subscription by name",
    post({ query: `${TWO} subscription S { a }`, operationName: "S" }),
    400,
    "graphql/subscription-over-http",
  ],
  ["an empty body", post(""), 400, "http/empty-body"],
  ["a body that is no JSON", post("{"), 400, "http/malformed-json"],
  ["a body that is a number", post("7"), 400, "graphql/no-query"],
  ["a body that is null", post("null"), 400, "graphql/no-query"],
  ["a body with another key", post({ query: QUERY, title: 1 }), 400, "graphql/unknown-parameter"],
  [
    "a body with __proto__",
    post('{"query":"{ __typename }","__proto__":{}}'),
    400,
    "graphql/unknown-parameter",
  ],
  ["a batch", post([{ query: QUERY }]), 400, "graphql/batching-off"],
  ["an empty batch", post([]), 400, "graphql/batching-off"],
  ["a body without a query", post({ variables: {} }), 400, "graphql/no-query"],
  ["a query that is no text", post({ query: 7 }), 400, "graphql/no-query"],
  ["a query that is null", post({ query: null }), 400, "graphql/no-query"],
  ["variables that are a text", post({ query: QUERY, variables: "zzz" }), 400, "graphql/bad-variables"],
  ["variables that are a list", post({ query: QUERY, variables: [] }), 400, "graphql/bad-variables"],
  ["extensions that are a list", post({ query: QUERY, extensions: [] }), 400, "graphql/bad-extensions"],
  [
    "an operation name that is no text",
    post({ query: QUERY, operationName: 7 }),
    400,
    "graphql/bad-operation-name",
  ],
  ["an id of a document that is no text", post({ documentId: {} }), 400, "graphql/no-query"],
  ["a document that was never registered", post({ documentId: "nope" }), 404, "graphql/no-such-operation"],
  ["a text", post(QUERY, "text/plain"), 415, "graphql/not-json"],
  ["a body of no type", post({ query: QUERY }, ""), 415, "graphql/not-json"],
  ...[
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonp",
    "text/plain;application/json",
  ].map((type): [string, Omit<Ask, "accept">, number, string] => [
    `JSON that is called ${type}`,
    post({ query: QUERY }, type),
    415,
    "graphql/not-json",
  ]),
  ["a form", post("query=%7B+__typename+%7D", "application/x-www-form-urlencoded"), 415, "graphql/not-json"],
];

/** What is a request and cannot be executed: 400, and 200 for clients of before there was a media type. */
const FAILING: [string, Omit<Ask, "accept">, string][] = [
  ["a document that cannot be parsed", post({ query: "{" }), "graphql/syntax-error"],
  ["a document that cannot be parsed, by GET", get({ query: "{" }), "graphql/syntax-error"],
  ...["{a", "{a(b:[", "{a(b:{c:", "query($a:["].map((step): [string, Omit<Ask, "accept">, string] => [
    `a document that nests too deep: ${step}`,
    post({ query: step.repeat(2700).slice(0, 16_000) }),
    "graphql/depth-exceeded",
  ]),
  [
    "a number that would be rounded",
    post({ query: "{ articleList(limit: 9007199254740993) { id } }" }),
    "http/inexact-number",
  ],
  [
    "too many aliases",
    post({ query: `{ ${Array.from({ length: 31 }, (_, i) => `a${i}: __typename`).join(" ")} }` }),
    "graphql/aliases-exceeded",
  ],
  [
    "fields that nest too deep",
    post({ query: `{ articleList ${"{ related ".repeat(11)} { id }${" }".repeat(11)} }` }),
    "graphql/depth-exceeded",
  ],
  ["a spread of itself", post({ query: "{ ...F } fragment F on Query { ...F }" }), "graphql/depth-exceeded"],
  ["a document that does not fit", post({ query: "{ nope }" }), "graphql/invalid-document"],
  ["a document that does not fit, by GET", get({ query: "{ nope }" }), "graphql/invalid-document"],
  ["a name of no operation", post({ query: TWO, operationName: "C" }), "graphql/no-such-query"],
  ["a name of no operation, by GET", get({ query: TWO, operationName: "C" }), "graphql/no-such-query"],
  ["several operations and no name", post({ query: TWO }), "graphql/no-such-query"],
  ["a name beside the only operation's", post({ query: QUERY, operationName: "Z" }), "graphql/no-such-query"],
  ["fragments only", post({ query: "fragment F on Query { __typename }" }), "graphql/invalid-document"],
  ["a variable that is missing", post({ query: NEEDS }), "graphql/bad-variables"],
  ["a variable of another type", post({ query: NEEDS, variables: { n: "x" } }), "graphql/bad-variables"],
  [
    "a variable of another type, by GET",
    get({ query: NEEDS, variables: '{"n":"x"}' }),
    "graphql/bad-variables",
  ],
];

/** The parameter that such a refusal is about. */
const PARAMETER_OF: Record<string, string> = {
  "graphql/bad-variables": "variables",
  "graphql/bad-extensions": "extensions",
  "graphql/bad-operation-name": "operationName",
};

/** Where a document that cannot be executed is wrong: in a line and a column of it where those are known. */
function cacheKeyOf(reason: string) {
  const message = expect.any(String);
  if (reason === "graphql/bad-variables") return { path: "variables", message };
  if (reason === "graphql/no-such-query") return { path: "operationName", message };
  return { path: "query", message, line: expect.any(Number), column: expect.any(Number) };
}

describe("a request of GraphQL over HTTP", () => {
  it.each(REFUSED)("is refused: %s", async (_, given, status, reason) => {
    for (const accept of [LEGACY, MODERN, "*/*"]) {
      const answer = await ask({ ...given, accept });
      expect([accept, answer.status, answer.body.errors?.[0]?.extensions?.reason]).toEqual([
        accept,
        status,
        reason,
      ]);
      expect(answer.body).not.toHaveProperty("data");
      expect(answer.body.errors[0].message).toEqual(expect.any(String));
      const { code, details } = answer.body.errors[0].extensions;
      expect([code, details]).toEqual([expect.any(String), expect.any(Array)]);
      if (reason in PARAMETER_OF)
        expect(details[0]).toEqual({ path: PARAMETER_OF[reason], message: expect.any(String) });
      if (status === 405) expect(answer.headers.get("allow")).toMatch(/POST/);
    }
  });

  it.each(FAILING)("cannot be executed: %s", async (_, given, reason) => {
    for (const [accept, status] of [
      [LEGACY, 200],
      [MODERN, 400],
    ] as const) {
      // Twice: the second answer may come from the cache.
      for (let i = 0; i < 2; i++) {
        const answer = await ask({ ...given, accept });
        const [error] = answer.body.errors;
        expect([accept, answer.status, error.extensions]).toEqual([
          accept,
          status,
          { code: "INVALID", reason, details: [expect.objectContaining(cacheKeyOf(reason))] },
        ]);
        expect(answer.body).not.toHaveProperty("data");
        expect(answer.headers.get("content-type")).toContain(accept);
      }
    }
  });

  it("runs what a query asks whichever way it comes", async () => {
    const variables = { n: 1 };
    for (const given of [
      post({ query: NEEDS, variables }),
      post({ query: NEEDS, variables, extensions: null, operationName: null }),
      get({ query: NEEDS, variables: JSON.stringify(variables) }),
      get({ query: `${TWO} ${NEEDS.replace("query", "query C")}`, operationName: "C", variables: '{"n":1}' }),
      get({ query: QUERY, variables: "", operationName: "" }),
    ]) {
      const { status, body } = await ask({ ...given, accept: LEGACY });
      expect([status, body.errors]).toEqual([200, undefined]);
    }
  });
});
