import { request as ask, type IncomingHttpHeaders } from "node:http";
import { brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, inject, it } from "vitest";
import { ARTICLE, newTenant } from "../support/tenant.ts";

type Answer = { status: number; headers: IncomingHttpHeaders; bytes: Buffer };

/** As it comes over the wire: `fetch` takes codings off by itself. */
function raw(path: string, headers: Record<string, string>, method = "GET", body?: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = ask(`${inject("url")}${path}`, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          bytes: Buffer.concat(chunks),
        }),
      );
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

describe("an installation of one's own", () => {
  it("says the date and compresses what the caller takes compressed, from memory and not", async () => {
    const tenant = await newTenant();
    await tenant.put("/types/article", ARTICLE);
    for (let i = 0; i < 10; i++) await tenant.published("article", { title: `Compressed ${i}` });
    const as = { authorization: `Bearer ${tenant.tokens.read}` };
    const path = "/api/v3/content/article?limit=10";
    const plain = await raw(path, as);
    expect(plain.headers["content-encoding"]).toBeUndefined();
    expect(plain.headers.vary).toContain("accept-encoding");
    expect(Date.parse(plain.headers.date!)).toBeGreaterThan(0);
    for (let round = 0; round < 2; round++) {
      const br = await raw(path, { ...as, "accept-encoding": "gzip, br" });
      expect(br.headers["content-encoding"]).toBe("br");
      expect(brotliDecompressSync(br.bytes).equals(plain.bytes)).toBe(true);
      const gzip = await raw(path, { ...as, "accept-encoding": "gzip" });
      expect(gzip.headers["content-encoding"]).toBe("gzip");
      expect(gzip.bytes.length).toBeLessThan(plain.bytes.length);
      expect(gunzipSync(gzip.bytes).equals(plain.bytes)).toBe(true);
      const { etag } = gzip.headers;
      const known = await raw(path, { ...as, "accept-encoding": "gzip", "if-none-match": etag! });
      expect([known.status, known.bytes.length, known.headers.etag]).toEqual([304, 0, etag]);
    }
    for (const page of ["/sign-in", "/docs", "/api/v3/openapi.json", "/api/v3/content/article"]) {
      const answer = await raw(page, { "accept-encoding": "br", accept: "text/html" });
      expect(answer.headers.date, page).toBeDefined();
      if (answer.headers["content-encoding"] === "br") brotliDecompressSync(answer.bytes);
    }
    const head = await raw(path, { ...as, "accept-encoding": "gzip" }, "HEAD");
    expect([head.status, head.bytes.length]).toEqual([200, 0]);
  });

  it("takes compressed bodies, as large as any other", async () => {
    const tenant = await newTenant();
    await tenant.put("/types/article", ARTICLE);
    const send = async (path: string, body: Buffer, encoding: string) => {
      const answer = await raw(
        path,
        {
          authorization: `Bearer ${tenant.tokens.admin}`,
          "content-type": "application/json",
          "content-encoding": encoding,
          "content-length": String(body.length),
        },
        "POST",
        body,
      );
      return { status: answer.status, headers: answer.headers, body: JSON.parse(answer.bytes.toString()) };
    };
    const entry = (title: string) => gzipSync(JSON.stringify({ title }));
    const made = await send("/api/v3/content/article", entry("Zipped"), "gzip");
    expect(made.status).toBe(201);
    expect(
      (await tenant.get(`/content/article/${made.body.data.id}?perspective=draft`)).body.data.title,
    ).toBe("Zipped");
    const query = gzipSync(JSON.stringify({ query: "{ __typename }" }));
    for (let round = 0; round < 2; round++)
      expect((await send("/api/v3/graphql", query, "gzip")).body).toEqual({ data: { __typename: "Query" } });
    const bomb = await send("/api/v3/content/article", gzipSync(Buffer.alloc(64 * 1024 * 1024, 32)), "gzip");
    expect([bomb.status, bomb.body.error.reason]).toEqual([413, "http/body-too-large"]);
    const wrong = await send("/api/v3/content/article", Buffer.from("{}"), "gzip");
    expect([wrong.status, wrong.body.error.reason]).toEqual([400, "http/malformed-encoding"]);
    const unknown = await send("/api/v3/content/article", entry("x"), "zstd");
    expect([unknown.status, unknown.body.error.reason]).toEqual([415, "http/unsupported-encoding"]);
    expect(unknown.headers["accept-encoding"]).toBe("gzip, deflate");
  });
});
