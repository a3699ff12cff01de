import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeSlug } from "./make-slug.ts";
import { slugForm, slugProblem } from "./slug.ts";

describe("a slug that is made", () => {
  it.each([
    ["Hello, World!", "hello-world"],
    ["  Größe & Maß  ", "grosse-mass"],
    ["Ærø, Łódź, Þór", "aero-lodz-thor"],
    ["Ada’s 'first' program", "adas-first-program"],
    ["Version 2.0 / beta_3", "version-2-0-beta-3"],
    ["İstanbul Işık", "istanbul-isik"],
    ["ＦＵＬＬ ﬁ", "full-fi"],
    ["Привет, мир", "привет-мир"],
    ["Ёлка й", "ёлка-й"],
    ["مُحَمَّد \u200fأهلا", "مُحَمَّد-أهلا"],
    ["می‌خواهم", "می‌خواهم"],
    ["র‍্যাব খবর", "র‍্যাব-খবর"],
    ["ภาษาไทย กำ", "ภาษาไทย-กำ"],
    ["コンピューター がぎぐ", "コンピューター-がぎぐ"],
    ["한국 소식", "한국-소식"],
    ["e\u0301te\u0301", "ete"],
    ["a\u0301\u0302\u0303\u0304b", "ab"],
    ["cnt_01jd3f0b6vfs8t4z9c7q2m5n8x", "cnt-01jd3f0b6vfs8t4z9c7q2m5n8x"],
    ["../../etc/passwd", "etc-passwd"],
    ["1\ufe0f\u20e3 first", "1-first"],
    ["!!! ??? …", ""],
    ["😀🎉", ""],
    ["", ""],
  ])("%s", (title, slug) => expect(makeSlug([title], "en")).toBe(slug));

  it("writes letters as the language does", () => {
    expect(makeSlug(["Größe ÄÖÜ"], "de-AT")).toBe("groesse-aeoeue");
    expect(makeSlug(["Ærø Å"], "da")).toBe("aeroe-aa");
    expect(makeSlug(["Größe"], "fi")).toBe("grosse");
  });

  it("joins values, and ends with a word where it is too long", () => {
    expect(makeSlug(["Tour", null, "", 2026, "2026-01-31"], "en")).toBe("tour-2026-2026-01-31");
    expect(makeSlug(["lorem ".repeat(40)], "en")).toBe("lorem-".repeat(16).slice(0, -1));
    expect([...makeSlug(["x".repeat(200)], "en")]).toHaveLength(100);
    expect(makeSlug([`${"न".repeat(99)}निx`], "en")).toBe("न".repeat(99));
    expect(makeSlug([`न${"\u093f".repeat(300)}`], "en")).toBe("");
  });

  it("is always a slug", () => {
    const text = fc.string({ unit: "binary", maxLength: 300 });
    fc.assert(
      fc.property(text, fc.integer({ min: 20, max: 100 }), (title, max) => {
        const made = makeSlug([title], "de", max);
        if (made !== "") expect([slugProblem(made), slugForm(made)]).toEqual([undefined, made]);
        expect([...made].length).toBeLessThanOrEqual(max);
      }),
      { numRuns: 2000 },
    );
  });
});
