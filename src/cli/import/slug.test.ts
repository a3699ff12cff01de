import { describe, expect, it } from "vitest";
import { isSlug, slugOf, toSlug } from "./slug.ts";

describe("slugs of imported things", () => {
  it("keep the letters of every script, with their marks and joiners", () => {
    const kept = [
      "हिन्दी-समाचार",
      "বাংলা-খবর",
      "র‍্যাব",
      "தமிழ்-செய்தி",
      "తెలుగు",
      "ภาษาไทย-ข่าว",
      "မြန်မာ",
      "コンピューター",
      "مُحَمَّد",
      "می‌خواهم",
      "שָׁלוֹם",
      "tiếng-việt",
      "ಕನ್ನಡ",
      "a_b.c~d",
    ];
    for (const slug of kept) {
      expect(toSlug(slug), slug).toBe(slug.normalize("NFC"));
      expect(toSlug(encodeURIComponent(slug))).toBe(slug.normalize("NFC"));
      expect(isSlug(slug.normalize("NFC")), slug).toBe(true);
    }
    expect(toSlug("Cafe\u0301 Zürich")).toBe("café-zürich");
  });

  it("lose what no slug holds, and it is said", () => {
    const notes: string[] = [];
    const made = (given: string) => slugOf(given, (note) => notes.push(note));
    const cases: Record<string, string> = {
      "Hello World": "hello-world",
      "a 😀 b": "a-b",
      "1\ufe0f\u20e3 tip": "1-tip",
      "x\u200f\u202e\u00ady": "xy",
      "می‌ خواهم‌": "می-خواهم",
      "\u0301a": "a",
      cnt_abc: "cnt-abc",
      ast_01jd3f0b6vfs8t4z9c7q2m5n8x: "ast-01jd3f0b6vfs8t4z9c7q2m5n8x",
      "..": "",
      "---": "",
      "a/b": "a-b",
    };
    for (const [given, slug] of Object.entries(cases)) expect(made(given), given).toBe(slug);
    expect(notes).toHaveLength(Object.keys(cases).length);
    expect(notes[0]).toBe('the slug "Hello World" is not valid: changed to "hello-world"');
    notes.length = 0;
    expect(made("plain")).toBe("plain");
    expect(made("")).toBe("");
    expect(notes).toEqual([]);
  });

  it("are cut between characters", () => {
    for (const letter of ["नि", "é", "𐐨", "நி"])
      for (const before of [178, 179, 180]) {
        const cut = toSlug("a".repeat(before) + letter.repeat(9));
        expect(cut.isWellFormed() && isSlug(cut), `${letter} ${before}`).toBe(true);
        expect([...cut].length).toBeLessThanOrEqual(180);
        expect((cut.length - before) % letter.normalize("NFC").length).toBe(0);
      }
  });
});
