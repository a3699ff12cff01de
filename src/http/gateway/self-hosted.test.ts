import { describe, expect, it } from "vitest";
import { asSelfHosted, encodingFor } from "./self-hosted.ts";

describe("the coding of an answer", () => {
  it.each([
    [null, undefined],
    ["", undefined],
    ["gzip", "gzip"],
    ["x-gzip", "gzip"],
    ["br", "br"],
    ["gzip, deflate, br", "br"],
    ["GZIP", "gzip"],
    ["br;q=0.5, gzip;q=0.8", "gzip"],
    ["br;q=0, gzip", "gzip"],
    ["gzip;q=0", undefined],
    ["*", "br"],
    ["*;q=0", undefined],
    ["br;q=0, *", "gzip"],
    ["identity", undefined],
    ["identity;q=1, gzip;q=0.5", undefined],
    ["identity;q=0.5, gzip", "gzip"],
    ["deflate", undefined],
    ["gzip;q=nonsense", undefined],
    ["zstd, br ; q=1.0", "br"],
  ])("accepted %j: %s", (accepted, coding) => expect(encodingFor(accepted)).toBe(coding));
});

describe("an answer of an installation of one's own", () => {
  const asked = new Request("https://cms.example.com/", { headers: { "accept-encoding": "br, gzip" } });
  const shown = (headers: Record<string, string>, status = 200) =>
    asSelfHosted(
      asked,
      new Response([204, 304].includes(status) ? null : "x".repeat(1000), { status, headers }),
    );
  const json = { "content-type": "application/json" };

  it("has a Date and is compressed where that helps", () => {
    const { headers } = shown({ ...json, etag: '"3"', vary: "accept", "content-length": "1000" });
    expect(Date.parse(headers.get("date")!)).toBeGreaterThan(0);
    expect(headers.get("content-encoding")).toBe("br");
    expect(headers.get("vary")).toBe("accept, accept-encoding");
    expect(headers.has("content-length")).toBe(false);
    expect(headers.get("etag")).toBe('"3"');
  });

  it.each([
    ["image/png", {}, 200],
    ["text/event-stream", {}, 200],
    ["text/plain", { "accept-ranges": "bytes" }, 200],
    ["text/plain", { "content-encoding": "gzip" }, 200],
    ["application/json", { "cache-control": "private, no-transform" }, 200],
    ["application/json", { "content-length": "20" }, 200],
    ["text/plain", { "content-range": "bytes 0-9/10" }, 206],
    ["application/json", {}, 304],
  ])("stays as it is: %s %j %i", (type, more, status) => {
    const before = (more as Record<string, string>)["content-encoding"] ?? null;
    expect(shown({ "content-type": type, ...more }, status).headers.get("content-encoding")).toBe(before);
  });

  it.each([
    "application/problem+json",
    "application/scim+json; charset=utf-8",
    "application/samlmetadata+xml",
    "text/html; charset=utf-8",
    "image/svg+xml",
    "text/javascript",
  ])("is compressed: %s", (type) =>
    expect(shown({ "content-type": type }).headers.get("content-encoding")).toBe("br"),
  );
});
