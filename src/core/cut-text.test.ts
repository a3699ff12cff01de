import { expect, test } from "vitest";
import * as fc from "fast-check";
import { cutText } from "./cut-text.ts";

test("a text is cut between characters, wherever the cut falls", () => {
  const family = "👩‍👩‍👧‍👦";
  for (const character of ["😀", "é", family, "🇩🇪", "नि", "𝒳"])
    for (let before = 490; before <= 500; before++) {
      const cut = cutText("a".repeat(before) + character.repeat(3), 500);
      expect(cut.isWellFormed()).toBe(true);
      expect((cut.length - before) % character.length, `${character} after ${before}`).toBe(0);
    }
  expect(cutText("short", 500)).toBe("short");
  expect(cutText(`${"e"}${"\u0301".repeat(900)}`, 500)).toHaveLength(500);
  expect(cutText("a\ud800b", 10)).toBe("a\ufffdb");
});

test("what is cut is a well-formed beginning", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat(40), (text, max) => {
      const cut = cutText(text, max);
      return cut.length <= max && text.toWellFormed().startsWith(cut);
    }),
  );
});
