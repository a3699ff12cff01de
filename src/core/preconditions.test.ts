import { describe, expect, it } from "vitest";
import { isKnown, isMet, readPrecondition } from "./preconditions.ts";

const read = (headers: Record<string, string>) => readPrecondition(new Headers(headers));

describe("If-None-Match of a read", () => {
  it.each([
    ['"a"', '"a"', true],
    ['W/"a"', '"a"', true],
    ['"a"', 'W/"a"', true],
    ['W/"a"', 'W/"a"', true],
    ['"b", W/"a"', 'W/"a"', true],
    [' , "b" ,, "a,c" , ', '"a,c"', true],
    ['"a,c"', '"c"', false],
    ["*", 'W/"a"', true],
    [" * ", '"a"', true],
    ['"b"', '"a"', false],
    ['"A"', '"a"', false],
    ["a", '"a"', false],
    ['w/"a"', '"a"', false],
    ['"a" "b"', '"a"', false],
    ['*, "a"', '"b"', false],
    ["", '"a"', false],
    ['""', '""', true],
    ['"é"', '"é"', true],
  ])("%s and %s: %s", (header, etag, is) => {
    expect(isKnown(header, etag)).toBe(is);
  });

  it("absent names nothing", () => {
    expect(isKnown(null, '"a"')).toBe(false);
    expect(isKnown(undefined, '"a"')).toBe(false);
  });

  it("is read in a time that grows with its length", () => {
    const work = (n: number) => {
      const from = process.cpuUsage();
      for (const part of [" ", ",", '"a" ', '"a",', "W/", '"']) isKnown(part.repeat(n / part.length), '"zz"');
      const { user, system } = process.cpuUsage(from);
      return user + system;
    };
    work(20_000);
    const [small, large] = [Math.max(1000, work(20_000)), work(200_000)];
    expect(large / small).toBeLessThan(60);
  });
});

describe("a precondition of a write", () => {
  it.each([
    [{ "if-match": '"3"' }, 3, true],
    [{ "if-match": '"3"' }, 4, false],
    [{ "if-match": '"3"' }, null, false],
    [{ "if-match": '"2", "3"' }, 3, true],
    [{ "if-match": 'W/"3"' }, 3, false],
    [{ "if-match": 'W/"3", "3"' }, 3, true],
    [{ "if-match": '"abc"' }, 3, false],
    [{ "if-match": '"03"' }, 3, false],
    [{ "if-match": '"99999999999999"' }, 3, false],
    [{ "if-match": "*" }, 3, true],
    [{ "if-match": "*" }, null, false],
    [{ "if-none-match": "*" }, null, true],
    [{ "if-none-match": "*" }, 1, false],
    [{ "if-none-match": '"3"' }, 3, false],
    [{ "if-none-match": 'W/"3"' }, 3, false],
    [{ "if-none-match": '"2", "4"' }, 3, true],
    [{ "if-none-match": '"3"' }, null, true],
    [{ "if-match": '"3"', "if-none-match": "*" }, 3, false],
  ])("%j at version %s: %s", (headers, version, is) => {
    expect(isMet(read(headers as Record<string, string>)!, version)).toBe(is);
  });

  it("is none without the headers, and must be a list of ETags", () => {
    expect(read({})).toBeUndefined();
    for (const value of ["3", "abc", '"3', '*, "3"', '"3" "4"', ""])
      expect(() => read({ "if-match": value }), value).toThrow("If-Match must be");
    expect(() => read({ "if-none-match": "3" })).toThrow("If-None-Match must be");
  });
});
