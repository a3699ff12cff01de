import { beforeAll, describe, expect, inject, it } from "vitest";
import { receiptOf } from "../../src/core/receipts.ts";
import { ARTICLE, delivered, eventually, newTenant, type Tenant } from "../support/tenant.ts";

/** What a caller may send beside the credential, with values that shape answers elsewhere. */
const HEADERS: [name: string, value: string][] = [
  ["accept", "text/event-stream"],
  ["accept", "multipart/mixed"],
  ["accept", "text/event-stream, application/json;q=0.1"],
  ["accept", "multipart/mixed;deferSpec=20220824, application/json"],
  ["accept", "application/graphql-response+json"],
  ["accept", "application/graphql-response+json;q=0, application/json"],
  ["accept", "text/html,application/xhtml+xml,*/*;q=0.8"],
  ["accept", "application/xml"],
  ["accept", "application/*"],
  ["accept", "*/*;q=0"],
  ["accept-language", "fr"],
  ["accept-encoding", "br"],
  ["accept-encoding", "identity;q=0"],
  ["accept-charset", "utf-16"],
  ["origin", "https://evil.example"],
  ["referer", "https://evil.example/"],
  ["range", "bytes=0-3"],
  ["range", "items=0-1"],
  ["if-range", '"x"'],
  ["if-match", '"nothing"'],
  ["if-none-match", "*"],
  ["if-none-match", 'W/"0"'],
  ["if-modified-since", "Thu, 01 Jan 2099 00:00:00 GMT"],
  ["if-unmodified-since", "Thu, 01 Jan 1970 00:00:00 GMT"],
  ["cookie", "__Host-flow_session=x; perspective=draft"],
  ["prefer", "return=minimal"],
  ["content-type", "text/xml"],
  ["content-encoding", "gzip"],
  ["x-http-method-override", "DELETE"],
  ["x-http-method", "PATCH"],
  ["x-method-override", "PUT"],
  ["x-original-url", "/internal/ready"],
  ["x-rewrite-url", "/internal/ready"],
  ["x-forwarded-host", "evil.example"],
  ["x-forwarded-proto", "http"],
  ["x-forwarded-prefix", "/evil"],
  ["x-forwarded-for", "203.0.113.1"],
  ["forwarded", "host=evil.example;proto=http"],
  ["x-real-ip", "203.0.113.1"],
  ["x-host", "evil.example"],
  [
    "x-flow-context",
    '{"tenantId":"x","environmentId":"x","actor":{"kind":"system","id":"x","scopes":["admin"]}}',
  ],
  ["x-flow-filled-by", "req_evil"],
  ["x-flow-not-for-edge", "true"],
  ["x-flow-snapshot", "changed"],
  ["x-flow-door", "%7B%7D"],
  ["x-flow-perspective", "draft"],
  ["x-flow-locale", "xx"],
  ["x-request-id", "req_evil"],
  ["traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
  ["tracestate", "evil=1"],
  ["baggage", "evil=1"],
  ["idempotency-key", "evil-key"],
  ["apollo-require-preflight", "true"],
  ["x-apollo-operation-name", "Evil"],
  ["graphql-require-preflight", "1"],
  ["x-graphql-event-stream-token", "evil"],
  ["user-agent", "curl/8"],
  ["dnt", "1"],
  ["save-data", "on"],
  ["purpose", "prefetch"],
  ["cdn-loop", "evil"],
  ["cf-connecting-ip", "203.0.113.1"],
  ["cache-control", "no-store"],
  ["pragma", "no-cache"],
  ["vary", "*"],
];

let tenant: Tenant;
let asset: string;

beforeAll(async () => {
  tenant = await newTenant();
  await tenant.put("/types/article", ARTICLE);
  for (const title of ["One", "Two", "Three"])
    await tenant.published("article", { title, slug: title.toLowerCase(), price: 1 });
  const made = await tenant.post("/assets", { source_url: "https://example.com/a.png" });
  asset = made.body.data.id;
  const document = "query Registered($n: Int) { articleList(limit: $n) { title } }";
  expect((await tenant.put("/operations/registered", { document })).status).toBeLessThan(300);
  await delivered(tenant);
}, 60_000);

const sha256 = async (text: string) =>
  Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toString("hex");

type Wanted = { path: string; method?: string; body?: unknown; prepare?: () => Promise<unknown> };
/** Requests whose answers are shared, each anew for every number. */
const KINDS: Record<string, (n: number) => Promise<Wanted>> = {
  list: async (n) => ({ path: `/content/article?limit=${n}` }),
  entry: async (n) => ({ path: `/content/article/one?fields=title,${"slug,".repeat(n)}price` }),
  aggregate: async (n) => ({ path: `/aggregate/article?sum=price&q=${n}` }),
  asset: async (n) => ({ path: `/assets/${asset}?receipt=${receiptOf([String(n)])}` }),
  document: async (n) => ({ path: `/openapi.json?receipt=${receiptOf([String(n)])}` }),
  "GraphQL by GET": async (n) => ({
    path: `/graphql?query=${encodeURIComponent(`query G${n} { articleList { title } }`)}`,
  }),
  "GraphQL by POST": async (n) => ({
    method: "POST",
    path: "/graphql",
    body: { query: `query P${n} { articleList { title } }` },
  }),
  "a persisted query": async (n) => {
    const query = `query A${n} { articleList { title } }`;
    const extensions = { persistedQuery: { version: 1, sha256Hash: await sha256(query) } };
    return {
      path: `/graphql?extensions=${encodeURIComponent(JSON.stringify(extensions))}`,
      prepare: () => tenant.post("/graphql", { query, extensions }),
    };
  },
  "a registered operation": async (n) => ({
    path: `/graphql?documentId=registered&variables=${encodeURIComponent(JSON.stringify({ n }))}`,
  }),
};

describe("what a caller sends beside the address", () => {
  it.each(Object.keys(KINDS))("shapes no shared answer: %s", async (kind) => {
    for (const [i, [name, value]] of HEADERS.entries()) {
      const { path, method = "GET", body, prepare } = await KINDS[kind]!(i + 1);
      await prepare?.();
      const options = { body, token: tenant.tokens.read };
      const poisoned = await tenant.call(method, path, { ...options, headers: { [name]: value } });
      expect(poisoned.status, `${name}: ${value}`).toBeLessThan(500);
      const plain = await tenant.call(method, path, options);
      const past = await tenant.call(method, path, { body, headers: { "cache-control": "no-cache" } });
      expect(past.headers.get("x-flow-cache")).toBe("BYPASS");
      const shown = [plain.status, plain.headers.get("content-type")?.split(";")[0], plain.text];
      expect(shown, `after ${name}: ${value}`).toEqual([200, "application/json", past.text]);
    }
  });

  it("is answered by GraphQL in one of two media types, as a stream where only that is taken, or not at all", async () => {
    const query = "{ articleList { title } }";
    for (const [accept, status, type] of [
      ["text/event-stream", 200, "text/event-stream"],
      ["multipart/mixed", 406, "application/json"],
      ["application/json;q=0", 406, "application/json"],
      ["text/event-stream, application/json", 200, "application/json"],
      ["application/graphql-response+json, application/json;q=0.9", 200, "application/graphql-response+json"],
      ["application/json, application/graphql-response+json;q=0.5", 200, "application/json"],
      ["*/*", 200, "application/json"],
    ] as const)
      for (const document of [query, "{ articleList(perspective: draft) { title } }", "{ nope }"]) {
        const reply = await tenant.post("/graphql", { query: document }, { headers: { accept } });
        const isRefused = document === "{ nope }" && type === "application/graphql-response+json";
        expect(
          [reply.status, reply.headers.get("content-type")?.split(";")[0]],
          `${accept} ${document}`,
        ).toEqual([isRefused ? 400 : status, type]);
        if (status === 406) expect(reply.body.errors[0].extensions.reason).toBe("graphql/not-acceptable");
      }
  });
});

const second = async (path: string, init: { method?: string; body?: string; headers?: object } = {}) => {
  const headers = { authorization: `Bearer ${tenant.tokens.read}`, ...init.headers };
  const response = await fetch(`${inject("secondEdgeUrl")}/api/v3${path}`, {
    ...init,
    headers,
  } as RequestInit);
  return {
    status: response.status,
    state: response.headers.get("x-flow-cache"),
    text: await response.text(),
  };
};

describe("an environment's name", () => {
  const ASKED: Record<
    string,
    (name: string | undefined) => { path: string; method?: string; body?: string; headers?: object }
  > = {
    "REST by header": (name) => ({
      path: "/content/article",
      headers: name ? { "x-flow-environment": name } : {},
    }),
    "REST by parameter": (name) => ({
      path: `/content/article?fields=title${name ? `&environment=${name}` : ""}`,
    }),
    "REST by an encoded parameter": (name) => ({
      path: `/content/article?limit=9${name ? `&%65nvironment=${name}` : ""}`,
    }),
    "GraphQL by POST": (name) => ({
      path: "/graphql",
      method: "POST",
      body: JSON.stringify({ query: "{ articleList { title } }" }),
      headers: { "content-type": "application/json", ...(name ? { "x-flow-environment": name } : {}) },
    }),
    "GraphQL by GET": (name) => ({
      path: `/graphql?query=${encodeURIComponent('{ content(type: "article") { title } }')}${name ? `&environment=${name}` : ""}`,
    }),
  };

  it.each([
    ["an alias", "live", (to: string) => tenant.put("/environments/aliases/live", { environment: to })],
    ["the default", undefined, (to: string) => tenant.patch(`/environments/${to}`, { is_default: true })],
  ] as const)(
    "leads elsewhere in one step, whatever is kept: %s",
    async (_, name, point) => {
      const own = await newTenant();
      const before = tenant;
      tenant = own;
      try {
        await own.post("/environments", { name: "blue" });
        for (const environment of ["main", "blue"]) {
          const headers = { "x-flow-environment": environment };
          await own.call("PUT", "/types/article", { body: ARTICLE, headers });
          const made = await own.call("POST", "/content/article", {
            body: { title: `In ${environment}` },
            headers,
          });
          await own.call("POST", "/content/publish", { body: { id: made.body.data.id }, headers });
        }
        await point("main");
        await delivered(own);
        const first = async ({
          path,
          method = "GET",
          body,
          headers = {},
        }: {
          path: string;
          method?: string;
          body?: string;
          headers?: object;
        }) => {
          const reply = await own.call(method, path, {
            token: own.tokens.read,
            headers: headers as Record<string, string>,
            ...(body ? { raw: body } : {}),
          });
          return { status: reply.status, state: reply.headers.get("x-flow-cache"), text: reply.text };
        };
        const ask = (edge: typeof first, kind: string) => edge(ASKED[kind]!(name));
        const onSecond = ({ path, ...init }: Parameters<typeof first>[0]) => second(path, init);
        for (const to of ["blue", "main", "blue"]) {
          const from = to === "blue" ? "main" : "blue";
          for (const kind of Object.keys(ASKED))
            for (const edge of [first, onSecond])
              await eventually(async () => {
                const { state, text } = await ask(edge, kind);
                return state === "HIT" && text.includes(`In ${from}`);
              });
          expect((await point(to)).status).toBe(200);
          for (const kind of Object.keys(ASKED))
            expect((await ask(first, kind)).text, kind).toContain(`In ${to}`);
          // Another isolate learns it when its copy of the snapshot is ten seconds old at the latest,
          // and then for all requests.
          await eventually(
            async () => (await ask(onSecond, "REST by header")).text.includes(`In ${to}`),
            15_000,
          );
          for (const kind of Object.keys(ASKED))
            for (let i = 0; i < 3; i++) expect((await ask(onSecond, kind)).text, kind).toContain(`In ${to}`);
        }
      } finally {
        tenant = before;
      }
    },
    120_000,
  );

  it("is known at every edge as soon as it is made", async () => {
    for (let i = 0; i < 6; i++) {
      expect((await second("/types", { headers: { "x-flow-environment": "main" } })).status).toBe(200);
      expect((await tenant.post("/environments", { name: `new-${i}` })).status).toBe(201);
      for (const edge of [inject("secondEdgeUrl"), inject("url")]) {
        const headers = { authorization: `Bearer ${tenant.tokens.read}`, "x-flow-environment": `new-${i}` };
        const reply = await fetch(`${edge}/api/v3/types`, { headers });
        expect(reply.status, `${edge} ${i}`).toBe(200);
      }
    }
    expect((await second("/types", { headers: { "x-flow-environment": "nowhere" } })).status).toBe(404);
  });
});
