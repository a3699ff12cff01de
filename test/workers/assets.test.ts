import { expect, inject, it } from "vitest";
import { newTenant } from "../support/tenant.ts";

const form = (
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  type: string,
  facts: Record<string, string> = {},
) => {
  const body = new FormData();
  body.set("file", new File([bytes], name, { type }));
  for (const [key, value] of Object.entries(facts)) body.set(key, value);
  return body;
};

it("keeps the bytes of a file and gives them back, whole or in part", async () => {
  const tenant = await newTenant();
  const bytes = crypto.getRandomValues(new Uint8Array(50_000));
  const made = await tenant.call("POST", "/assets", {
    raw: form(bytes, "a picture.png", "image/png", { alt: "A" }),
  });
  expect(made.status, made.text).toBe(201);
  const { id, sha256 } = made.body.data;
  expect(made.body.data).toMatchObject({
    filename: "a picture.png",
    mime: "image/png",
    alt: "A",
    size_bytes: 50_000,
    source_url: null,
  });
  const file = await tenant.bytes(`/assets/${id}/file`);
  expect(file.status).toBe(200);
  expect(Buffer.compare(Buffer.from(file.bytes), Buffer.from(bytes))).toBe(0);
  expect(file.headers.get("content-disposition")).toContain("a%20picture.png");
  expect(file.headers.get("x-content-type-options")).toBe("nosniff");
  const part = await tenant.bytes(`/assets/${id}/file`, { range: "bytes=10-19" });
  expect([part.status, part.headers.get("content-range")]).toEqual([206, "bytes 10-19/50000"]);
  expect([...part.bytes]).toEqual([...bytes.slice(10, 20)]);
  expect((await tenant.bytes(`/assets/${id}/file`, { "if-none-match": `"${sha256}"` })).status).toBe(304);

  const again = await tenant.call("PUT", `/assets/${id}`, {
    raw: form(bytes, "a picture.png", "image/png", { alt: "A" }),
  });
  expect([again.status, again.headers.get("x-flow-unchanged")]).toEqual([200, "true"]);
  const other = await tenant.call("PUT", `/assets/${id}`, {
    raw: form(new Uint8Array([1, 2, 3]), "b.bin", ""),
  });
  expect(other.body.data).toMatchObject({ version: 2, mime: "application/octet-stream", size_bytes: 3 });
  expect([...(await tenant.bytes(`/assets/${id}/file`)).bytes]).toEqual([1, 2, 3]);

  const stranger = await newTenant();
  expect((await stranger.bytes(`/assets/${id}/file`)).status).toBe(404);
});

it("refuses uploads that are none", async () => {
  const tenant = await newTenant();
  const empty = new FormData();
  empty.set("alt", "x");
  expect((await tenant.call("POST", "/assets", { raw: empty })).body.error.reason).toBe("assets/no-file");
  const wrong = await tenant.call("POST", "/assets", {
    raw: "--x\r\nnonsense",
    headers: { "content-type": "multipart/form-data; boundary=x" },
  });
  expect([wrong.status, wrong.body.error.reason]).toEqual([400, "http/malformed-form"]);
  const facts = await tenant.call("POST", "/assets", {
    raw: form(new Uint8Array(1), "a", "a/b", { colour: "red" }),
  });
  expect([facts.status, facts.body.error.reason]).toEqual([422, "assets/invalid"]);
  const big = await tenant.call("POST", "/assets", {
    raw: form(new Uint8Array(33 * 1024 * 1024), "big", "a/b"),
  });
  expect(big.status).toBe(413);
  const reader = await tenant.call("POST", "/assets", {
    raw: form(new Uint8Array(1), "a", "a/b"),
    token: tenant.tokens.read,
  });
  expect(reader.status).toBe(403);
});

it("sends readers of a remote asset to where it lives", async () => {
  const tenant = await newTenant();
  const { body } = await tenant.post("/assets", { source_url: "https://example.com/a.png" });
  const file = await tenant.bytes(`/assets/${body.data.id}/file`);
  expect([file.status, file.headers.get("location")]).toEqual([302, "https://example.com/a.png"]);
});

it("answers a part of a file, the whole, or that there is no such part", async () => {
  const tenant = await newTenant();
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
  const upload = async (content: Uint8Array<ArrayBuffer>) =>
    (await tenant.call("POST", "/assets", { raw: form(content, "a.bin", "text/plain") })).body.data
      .id as string;
  const id = await upload(bytes);
  const whole = await tenant.bytes(`/assets/${id}/file`);
  const etag = whole.headers.get("etag")!;
  const lastModified = whole.headers.get("last-modified")!;
  const ask = async (range: string, more: Record<string, string> = {}) => {
    const answer = await tenant.bytes(`/assets/${id}/file`, { range, ...more });
    expect(answer.headers.get("accept-ranges"), range).toBe("bytes");
    const part = answer.headers.get("content-range");
    return [answer.status, part, answer.status === 416 ? null : [...answer.bytes].length];
  };
  expect(await ask("bytes=-5")).toEqual([206, "bytes 95-99/100", 5]);
  expect(await ask("bytes=90-500")).toEqual([206, "bytes 90-99/100", 10]);
  expect(await ask("bytes=100-")).toEqual([416, "bytes */100", null]);
  for (const range of ["bytes=0-1,5-6", "items=0-1", "bytes=9-1", "nonsense"])
    expect(await ask(range), range).toEqual([200, null, 100]);
  for (const known of [etag, lastModified])
    expect(await ask("bytes=0-1", { "if-range": known })).toEqual([206, "bytes 0-1/100", 2]);
  expect(await ask("bytes=0-1", { "if-range": '"another"' })).toEqual([200, null, 100]);
  expect(
    (await tenant.bytes(`/assets/${id}/file`, { range: "bytes=100-", "if-none-match": etag })).status,
  ).toBe(304);
  const head = await fetch(`${inject("url")}/api/v3/assets/${id}/file`, {
    method: "HEAD",
    headers: { authorization: `Bearer ${tenant.tokens.admin}`, range: "bytes=0-1" },
  });
  expect([head.status, head.headers.get("content-length")]).toEqual([200, "100"]);
  const empty = await upload(new Uint8Array());
  const none = await tenant.bytes(`/assets/${empty}/file`, { range: "bytes=0-" });
  expect([none.status, none.headers.get("content-range")]).toEqual([416, "bytes */0"]);
  expect((await tenant.bytes(`/assets/${empty}/file`, { range: "bytes=-1" })).status).toBe(200);
});
