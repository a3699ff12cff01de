import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeCursor, encodeCursor } from "./cursors.ts";
import { AppError, errorResponse, STATUS_OF_CODE, type ErrorCode } from "./errors.ts";
import { isId, newId } from "./ids.ts";
import { nearest } from "./nearest.ts";
import { formatToken, newTokenSecret, parseToken } from "./tokens.ts";

it("ids sort by time and know their own kind", () => {
  const ids = [1, 1000, 1_700_000_000_000, 1_800_000_000_000].map((at) => newId("cnt", at));
  expect(ids.toSorted()).toEqual(ids);
  expect(ids.every((id) => isId("cnt", id) && !isId("ast", id))).toBe(true);
  expect(new Set(Array.from({ length: 1000 }, () => newId("cnt"))).size).toBe(1000);
});

it("a token says which tenant and token it is, and nothing else passes for one", () => {
  const token = {
    kind: "read" as const,
    tenantId: crypto.randomUUID(),
    tokenId: newId("tok"),
    secret: newTokenSecret(),
  };
  const text = formatToken(token);
  expect(parseToken(text)).toEqual(token);
  for (const other of [text.slice(1), `${text}0`, text.replace("read", "root"), text.toUpperCase(), ""])
    expect(parseToken(other)).toBeUndefined();
});

it("cursors come back as they were made, and nothing else is taken for one", () => {
  const value = fc.oneof(
    fc.string().filter((text) => text.isWellFormed() && !text.includes("\0")),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
    fc.boolean(),
    fc.constant(null),
  );
  fc.assert(
    fc.property(fc.array(value, { maxLength: 4 }), (values) => {
      expect(decodeCursor(encodeCursor("s", values), "s", values.length)).toEqual(values);
      expect(() => decodeCursor(encodeCursor("s", values), "other", values.length)).toThrow("cursor");
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => decodeCursor(text, "s", 1)).toThrow("cursor");
    }),
  );
});

it("the nearest name is the one a person meant, or none", () => {
  const names = ["title", "slug", "published_at"];
  expect([
    nearest("titel", names),
    nearest("publishd_at", names),
    nearest("zzz", names),
    nearest("", names),
  ]).toEqual(["title", "published_at", undefined, undefined]);
});

it.each(Object.keys(STATUS_OF_CODE) as ErrorCode[])("%s says when to try again, if ever", (code) => {
  const waitOf = (headers?: Record<string, string>) => {
    const error = new AppError(code, "core/test", "No.", headers ? { headers } : {});
    return errorResponse(error, "r").headers.get("retry-after");
  };
  expect(waitOf()).toBe(code === "UNAVAILABLE" || code === "RATE_LIMITED" ? "1" : null);
  expect(waitOf({ "retry-after": "7" })).toBe("7");
});
