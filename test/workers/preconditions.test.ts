import { beforeAll, describe, expect, inject, it } from "vitest";
import { ARTICLE, newTenant, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant();
  await tenant.put("/types/article", ARTICLE);
});

const newEntry = async () => (await tenant.post("/content/article", { title: "One" })).body.data.id as string;
let last = 0;
const newId = (prefix: string) => `${prefix}_01jd00000000000000000${String(++last).padStart(5, "0")}`;
const send = async (method: string, path: string, headers: Record<string, string>, body?: unknown) => {
  const { status, body: answer } = await tenant.call(method, path, {
    headers,
    ...(body === undefined ? {} : { body }),
  });
  return [status, answer?.error?.reason];
};
const FAILED = [412, "http/precondition-failed"];

/** Something with versions: its path, what is written to it the nth time, and which methods it takes. */
const THINGS: [string, () => Promise<{ path: string; body(n: number): unknown }>][] = [
  [
    "an entry",
    async () => {
      const id = await newEntry();
      return { path: `/content/article/${id}`, body: (n: number) => ({ title: `Number ${n}` }) };
    },
  ],
  [
    "a type",
    async () => {
      const id = `kind_${++last}`;
      const body = (n: number) => ({ id, name: `N${n}`, fields: [{ id: "title", type: "short_text" }] });
      await tenant.put(`/types/${id}`, body(0));
      return { path: `/types/${id}`, body };
    },
  ],
  [
    "an asset",
    async () => {
      const path = `/assets/${newId("ast")}`;
      const body = (n: number) => ({ source_url: `https://example.com/${n}.png` });
      await tenant.put(path, body(0));
      return { path, body };
    },
  ],
];

describe.each(THINGS)("If-Match and If-None-Match of %s", (_, make) => {
  it("let a write through only where it holds", async () => {
    const { path, body } = await make();
    let n = 0;
    const put = (headers: Record<string, string>) => send("PUT", path, headers, body(++n));
    for (const stale of ['"7"', '"2", "3"', 'W/"1"', '"abc"', '"1-gzip"'])
      expect(await put({ "if-match": stale }), stale).toEqual(FAILED);
    expect(await put({ "if-none-match": "*" })).toEqual(FAILED);
    expect(await put({ "if-none-match": 'W/"1"' })).toEqual(FAILED);
    expect(await put({ "if-match": "1" })).toEqual([400, "http/bad-if-match"]);
    expect(await put({ "if-match": '"1"' })).toEqual([200, undefined]);
    expect(await put({ "if-match": '"1"' })).toEqual(FAILED);
    expect(await put({ "if-match": '"9" , "2"' })).toEqual([200, undefined]);
    expect(await put({ "if-match": "*" })).toEqual([200, undefined]);
    expect(await put({ "if-none-match": '"1"' })).toEqual([200, undefined]);
    // What changes nothing must hold, too.
    expect(await send("PUT", path, { "if-match": '"1"' }, body(n))).toEqual(FAILED);
    expect(await send("PUT", path, { "if-none-match": "*" }, body(n))).toEqual(FAILED);
    expect(await send("PUT", path, { "if-match": '"5"' }, body(n))).toEqual([200, undefined]);
    expect(await send("DELETE", path, { "if-match": '"4"' })).toEqual(FAILED);
    expect(await send("DELETE", path, { "if-match": '"4", "5"' })).toEqual([204, undefined]);
  });

  it("make a new one only where there is none", async () => {
    const { path, body } = await make();
    await tenant.delete(path);
    if (path.startsWith("/content/")) await tenant.delete(path.replace("/content/article", "/trash"));
    expect(await send("PUT", path, { "if-match": "*" }, body(1))).toEqual(FAILED);
    expect(await send("PUT", path, { "if-match": '"1"' }, body(1))).toEqual(FAILED);
    const racing = await Promise.all(
      Array.from({ length: 5 }, (__, i) => send("PUT", path, { "if-none-match": "*" }, body(i))),
    );
    expect(racing.map(([status]) => status).sort()).toEqual([201, 412, 412, 412, 412]);
  });

  it("answer an ETag, and 304 to who has it, whatever the form", async () => {
    const { path, body } = await make();
    const made = await tenant.put(path, body(1));
    expect(made.headers.get("etag")).toBe('"2"');
    const query = path.startsWith("/content/") ? "?perspective=draft" : "";
    const { headers } = await tenant.get(path + query);
    const etag = headers.get("etag")!;
    for (const known of [etag, `W/${etag.replace(/^W\//, "")}`, `"x", ${etag}`, "*"])
      expect((await tenant.get(path + query, { headers: { "if-none-match": known } })).status, known).toBe(
        304,
      );
    for (const other of ['"x"', etag.replaceAll('"', "")])
      expect((await tenant.get(path + query, { headers: { "if-none-match": other } })).status).toBe(200);
  });
});

it("a PATCH and a restore ask the same; version in the body stays a conflict", async () => {
  const path = `/content/article/${await newEntry()}`;
  expect(await send("PATCH", path, { "if-match": '"2"' }, { title: "T" })).toEqual(FAILED);
  expect(await send("PATCH", path, { "if-match": '"1", W/"2"' }, { title: "T" })).toEqual([200, undefined]);
  expect(await send("PATCH", path, {}, { title: "U", version: 1 })).toEqual([
    409,
    "content/version-conflict",
  ]);
  expect(await send("POST", `${path}/restore`, { "if-match": '"1"' }, { version: 1 })).toEqual(FAILED);
  expect(await send("POST", `${path}/restore`, { "if-match": '"2"' }, { version: 1 })).toEqual([
    200,
    undefined,
  ]);
  const nowhere = `/content/article/${newId("cnt")}`;
  expect((await send("PATCH", nowhere, { "if-match": '"1"' }, { title: "T" }))[0]).toBe(404);
  expect((await send("DELETE", nowhere, { "if-match": "*" }))[0]).toBe(404);
});

it("what is delivered and shown to everybody compares weakly too", async () => {
  const id = await tenant.published("article", { title: "Out", slug: "out" });
  const query = new URLSearchParams({ query: "{ articleList { title } }" });
  for (const path of [
    "/content/article",
    `/content/article/${id}`,
    `/graphql?${query}`,
    "/openapi.json",
    "/aggregate/article?group_by=title",
  ])
    for (let round = 0; round < 2; round++) {
      const etag = (await tenant.get(path)).headers.get("etag")!.replace(/^W\//, "");
      for (const known of [etag, `W/${etag}`, `"x" ,W/${etag}`])
        expect((await tenant.get(path, { headers: { "if-none-match": known } })).status, path).toBe(304);
    }
  for (const path of ["/docs", "/graphiql", "/api/v3/openapi.json"]) {
    const url = inject("url") + path;
    const etag = (await fetch(url)).headers.get("etag")!.replace(/^W\//, "");
    for (const known of [etag, `W/${etag}`, `"x", W/${etag}`, "*"])
      expect((await fetch(url, { headers: { "if-none-match": known } })).status, path).toBe(304);
  }
});

it("a read whose If-Match does not hold is 412, from wherever it is answered", async () => {
  const id = await tenant.published("article", { title: "Matched", slug: "matched" });
  const { id: asset } = (await tenant.post("/assets", { source_url: "https://example.com/m.png" })).body.data;
  const form = new FormData();
  form.set("file", new File(["bytes"], "a.txt", { type: "text/plain" }));
  const { id: file } = (await tenant.call("POST", "/assets", { raw: form })).body.data;
  const token = tenant.tokens.write;
  for (const path of [
    "/content/article/matched",
    "/content/article?limit=1",
    `/content/article/${id}?perspective=draft`,
    "/content/article?perspective=draft&limit=1",
    "/aggregate/article?sum=price",
    `/graphql?${new URLSearchParams({ query: "{ articleList(limit: 1) { title } }" })}`,
    `/assets/${asset}`,
    `/assets/${file}/file`,
    "/types/article",
    "/openapi.json",
  ]) {
    const ask = async (headers: Record<string, string>, method = "GET") => {
      const { status, body } = await tenant.call(method, path, { headers, token });
      return [status, body?.error?.reason];
    };
    // Twice: the second answer may come from memory.
    for (let round = 0; round < 2; round++) {
      const etag = (await tenant.get(path, { token })).headers.get("etag");
      expect(await ask({ "if-match": '"nonsense"' }), path).toEqual(FAILED);
      expect(await ask({ "if-match": '"nonsense"' }, "HEAD"), path).toEqual([412, undefined]);
      expect(await ask({ "if-match": "nonsense" }), path).toEqual([400, "http/bad-if-match"]);
      expect(await ask({ "if-match": "*" }), path).toEqual([200, undefined]);
      if (etag === null) continue;
      const isStrong = !etag.startsWith("W/");
      const weak = isStrong ? `W/${etag}` : etag;
      expect(await ask({ "if-match": weak }), path).toEqual(FAILED);
      expect(await ask({ "if-match": '"nonsense"', "if-none-match": etag }), path).toEqual(FAILED);
      expect(await ask({ "if-match": `"x", ${etag}` }), path).toEqual(isStrong ? [200, undefined] : FAILED);
      const both = { "if-match": etag, "if-none-match": etag };
      expect(await ask(both), path).toEqual(isStrong ? [304, undefined] : FAILED);
    }
  }
  const gone = await tenant.get("/content/article/nowhere", { headers: { "if-match": "*" } });
  expect(gone.status).toBe(404);
  const part = { range: "bytes=0-1", "if-match": '"nonsense"' };
  expect((await tenant.get(`/assets/${file}/file`, { headers: part })).status).toBe(412);
});
