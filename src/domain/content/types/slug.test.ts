import { describe, expect, it } from "vitest";
import { SLUG_PATTERN, slugForm, slugProblem } from "./slug.ts";

const isSlug = (text: string) => slugProblem(slugForm(text)) === undefined;

describe("a slug", () => {
  it.each([
    ["Devanagari", "हिन्दी-समाचार"],
    ["Devanagari with a joiner", "क्‍ष"],
    ["Bengali", "বাংলা-খবর"],
    ["Bengali with a joiner before a mark", "র‍্যাব"],
    ["Tamil", "தமிழ்-செய்தி"],
    ["Telugu", "తెలుగు-వార్తలు"],
    ["Sinhala", "ශ්‍රී"],
    ["Thai", "ภาษาไทย-ข่าวๆ"],
    ["Burmese", "မြန်မာ-သတင်း"],
    ["Khmer", "ភាសាខ្មែរ"],
    ["Japanese", "コンピューター"],
    ["Japanese, decomposed", "か\u3099き"],
    ["Korean, decomposed", "한국".normalize("NFD")],
    ["Arabic with vowel signs", "مُحَمَّد"],
    ["Persian with a non-joiner", "می‌خواهم"],
    ["Hebrew with points", "שָׁלוֹם"],
    ["Vietnamese", "tiếng-việt"],
    ["Vietnamese, decomposed", "tiếng-việt".normalize("NFD")],
    ["Latin with a mark that has no composed letter", "m\u0308-x\u0323"],
    ["Hawaiian", "hawaiʻi"],
    ["digits of a script", "१२३"],
    ["beyond the first plane", "𐐨𐐩"],
    ["punctuation", "a-b_c.d~e/f"],
  ])("takes %s", (_, slug) => expect(slugProblem(slugForm(slug))).toBeUndefined());

  it.each([
    ["nothing", ""],
    ["hyphens", "---"],
    ["other punctuation alone", "~_."],
    ["a dot", "."],
    ["two dots", ".."],
    ["a step of dots", "a/../b"],
    ["a step of a dot", "./a"],
    ["an empty step", "a//b"],
    ["a slash at an end", "a/"],
    ["a slash at the beginning", "/a"],
    ["an id", "cnt_01jd3f0b6vfs8t4z9c7q2m5n8x"],
    ["what routes take for an id", "cnt_a/versions"],
    ["another kind of id", "ast_01jd3f0b6vfs8t4z9c7q2m5n8x"],
    ["upper case", "Ab"],
    ["title case", "\u01c5"],
    ["a blank", "a b"],
    ["an emoji", "a😀"],
    ["a keycap", "1\ufe0f\u20e3"],
    ["a mark that nothing carries", "\u0301a"],
    ["a mark behind a hyphen", "a-\u0301"],
    ["a joiner at the end", "می\u200c"],
    ["a joiner at the beginning", "\u200da"],
    ["a joiner beside a hyphen", "a\u200c-b"],
    ["two joiners", "a\u200c\u200cb"],
    ["a direction mark", "a\u200fb"],
    ["an override of direction", "a\u202eb"],
    ["a soft hyphen", "a\u00adb"],
    ["a letter that cannot be seen", "a\u3164b"],
    ["a percent sign", "a%41"],
    ["a control character", "a\u0007"],
  ])("is not %s", (_, slug) => expect(isSlug(slug)).toBe(false));

  it.each(["cnt_01jd3f0b6vfs8t4z9c7q2m5n8x", "cnt_a/versions", "ast_01jd3f0b6vfs8t4z9c7q2m5n8x", "cnt_ab-c"])(
    "is an id by its pattern too, or is none: %s",
    (text) => expect(new RegExp(SLUG_PATTERN, "u").test(text)).toBe(isSlug(text)),
  );

  it("has one form", () => {
    expect(slugForm("cafe\u0301")).toBe("caf\u00e9");
    expect(slugForm(["e\u0301", 5])).toEqual(["\u00e9", 5]);
  });
});
