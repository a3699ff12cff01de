import { describe, expect, it } from "vitest";
import { requestedRange } from "./requested-range.ts";

const ETAG = '"abc"';
const LAST_MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT";
const asked = (range: string | null, { size = 100, ifRange = "", method = "GET" } = {}) => {
  const headers = new Headers(range === null ? {} : { range });
  if (ifRange) headers.set("if-range", ifRange);
  const request = new Request("https://cms.example.com/", { method, headers });
  return requestedRange(request, { size, etag: ETAG, lastModified: LAST_MODIFIED });
};

describe("the part of a file that is asked for", () => {
  it.each([
    ["bytes=0-0", 0, 1],
    ["bytes=10-19", 10, 10],
    ["bytes=90-", 90, 10],
    ["bytes=90-1000", 90, 10],
    ["bytes=0-99999999999999999999", 0, 100],
    ["bytes=-7", 93, 7],
    ["bytes=-1000", 0, 100],
    ["BYTES=1-2", 1, 2],
    ["bytes= 1-2 ,", 1, 2],
  ])("%s", (range, offset, length) => expect(asked(range)).toEqual({ offset, length }));

  it.each([
    null,
    "",
    "bytes",
    "bytes=",
    "bytes=-",
    "bytes=a-b",
    "bytes=5-4",
    "bytes=1.5-2",
    "bytes=0x1-0x2",
    "bytes=+1-2",
    "bytes=--5",
    "bytes=1 - 2",
    "bytes =0-1",
    "bytes:0-1",
    "items=0-1",
    "bytes=0-1,3-4",
    "bytes=0-1,junk",
    "bytes=0-1, bytes=3-4",
    "bytes=200-,0-1",
  ])("is the whole for %j", (range) => expect(asked(range)).toBeUndefined());

  it.each(["bytes=100-", "bytes=100-200", "bytes=99999999999999999999-", "bytes=-0"])(
    "cannot be had for %s",
    (range) => expect(asked(range)).toBe("unsatisfiable"),
  );

  it("of an empty file is nothing, or its end", () => {
    expect(asked("bytes=0-", { size: 0 })).toBe("unsatisfiable");
    expect(asked("bytes=0-0", { size: 0 })).toBe("unsatisfiable");
    expect(asked("bytes=-5", { size: 0 })).toBeUndefined();
  });

  it("is given by GET, of the file that If-Range names", () => {
    const part = { offset: 0, length: 1 };
    expect(asked("bytes=0-0", { method: "HEAD" })).toBeUndefined();
    for (const ifRange of [ETAG, LAST_MODIFIED, "Sunday, 06-Nov-94 08:49:37 GMT"])
      expect(asked("bytes=0-0", { ifRange }), ifRange).toEqual(part);
    for (const ifRange of ['"other"', 'W/"abc"', "Sun, 06 Nov 1994 08:49:38 GMT", "abc", "*"])
      expect(asked("bytes=0-0", { ifRange }), ifRange).toBeUndefined();
    expect(asked("bytes=500-", { ifRange: '"other"' })).toBeUndefined();
  });
});
