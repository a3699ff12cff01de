import { deflateSync, gzipSync, brotliCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { MAX_BODY_BYTES } from "../../core/read-body.ts";
import { decodedRequest } from "./decoded-request.ts";

const BODY = JSON.stringify({ title: "Grüße" });
const decoded = (bytes: Uint8Array | string, encoding: string, more: Record<string, string> = {}) =>
  decodedRequest(
    new Request("https://cms.example.com/", {
      method: "POST",
      body: bytes as Uint8Array<ArrayBuffer>,
      headers: { "content-encoding": encoding, "content-type": "application/json", ...more },
    }),
  );

describe("a compressed body", () => {
  it.each([
    ["gzip", gzipSync(BODY)],
    ["GZip", gzipSync(BODY)],
    ["x-gzip", gzipSync(BODY)],
    ["deflate", deflateSync(BODY)],
    ["identity", Buffer.from(BODY)],
  ])("is read as what it was: %s", async (encoding, bytes) => {
    const request = await decoded(bytes, encoding, { "content-length": String(bytes.length) });
    expect(await request.text()).toBe(BODY);
    expect(request.method).toBe("POST");
    expect(request.headers.has("content-encoding")).toBe(false);
    expect(request.headers.get("content-type")).toBe("application/json");
    if (encoding !== "identity")
      expect(request.headers.get("content-length")).toBe(String(Buffer.byteLength(BODY)));
  });

  it.each([
    ["br", brotliCompressSync(BODY), {}],
    ["gzip, gzip", gzipSync(gzipSync(BODY)), {}],
    ["gzip", gzipSync(BODY), { "content-type": "multipart/form-data; boundary=x" }],
    ["nonsense", Buffer.from(BODY), {}],
  ])("is refused in another coding: %s", async (encoding, bytes, more) => {
    await expect(decoded(bytes, encoding, more)).rejects.toMatchObject({
      status: 415,
      reason: "http/unsupported-encoding",
      headers: { "accept-encoding": "gzip, deflate" },
    });
  });

  it.each([
    ["plain", Buffer.from(BODY)],
    ["cut off", gzipSync(BODY).subarray(0, 20)],
    ["damaged", Buffer.concat([gzipSync(BODY).subarray(0, -8), Buffer.alloc(8)])],
  ])("is refused when it is %s", async (_, bytes) => {
    await expect(decoded(bytes, "gzip")).rejects.toMatchObject({
      status: 400,
      reason: "http/malformed-encoding",
    });
  });

  it("is as large as any other body may be", async () => {
    const most = await decoded(gzipSync(Buffer.alloc(MAX_BODY_BYTES, 32)), "gzip");
    expect((await most.arrayBuffer()).byteLength).toBe(MAX_BODY_BYTES);
    await expect(decoded(gzipSync(Buffer.alloc(MAX_BODY_BYTES + 1, 32)), "gzip")).rejects.toMatchObject({
      status: 413,
    });
    // 200 MB in 200 KB: it is left off after the first two of them.
    await expect(decoded(gzipSync(Buffer.alloc(200 * 1024 * 1024)), "gzip")).rejects.toMatchObject({
      status: 413,
    });
  });
});
