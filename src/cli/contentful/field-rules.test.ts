import { RE2JS } from "re2js";
import { describe, expect, it } from "vitest";
import { loosen, readRules } from "./field-rules.ts";

const read = (validation: Record<string, unknown>, type = "Symbol") => {
  const said: string[] = [];
  return { rules: readRules([validation], type, (reason) => said.push(reason)), said };
};
const sample = (value: unknown, entry = "e1", locale = "en") => ({ value, locale, entry });

describe("validations of Contentful", () => {
  it("keep what a pattern matches, which there is a part of the text and here the whole", () => {
    const texts = ["ab", "xaby", "AB", "x", "ab\nab", "a", "b-", ""];
    for (const [pattern, flags] of [
      ["ab", ""],
      ["^ab", ""],
      ["ab$", ""],
      ["^ab$", ""],
      ["^a|b$", ""],
      ["a|x", "i"],
      ["^AB$", "i"],
      ["a\\$", ""],
    ] as const) {
      const { rules } = read({ regexp: { pattern, flags } });
      const here = RE2JS.compile(rules.pattern!);
      for (const text of texts)
        expect(here.matches(text), `${pattern} ${flags} on ${JSON.stringify(text)} as ${rules.pattern}`).toBe(
          new RegExp(pattern, flags).test(text),
        );
    }
  });

  it("say what has no counterpart", () => {
    expect(read({ regexp: { pattern: "(?=x)y" } })).toMatchObject({
      rules: {},
      said: [/not a valid RE2/].map(() => expect.stringMatching(/not a valid RE2/)),
    });
    expect(read({ dateRange: { min: "2020" } }, "Date").said).toEqual([
      expect.stringContaining('"dateRange"'),
    ]);
    expect(read({ in: [1, 2] }, "Integer").said).toEqual([expect.stringContaining('"in"')]);
    expect(read({ unique: false }).said).toEqual([]);
  });

  it("are loosened by the values that break them, and only then", () => {
    const rules = { min: 2, max: 4, pattern: "[a-z]+", unique: true as const, options: ["ab"] };
    const said: string[] = [];
    const say = (reason: string) => said.push(reason);
    expect(loosen(rules, false, [sample("ab"), sample("abcd", "e2")], say)).toEqual({
      ...rules,
      options: ["ab", "abcd"],
    });
    expect(said).toHaveLength(1);
    expect(loosen(rules, false, [sample("ab"), sample("ab", "e2"), sample("ABCDE", "e3")], say)).toEqual({
      min: 2,
      options: ["ab", "ABCDE"],
    });
    expect(said.slice(1).join("\n")).toMatch(
      /max 4[^]*e3[^]*pattern[^]*e3[^]*not imported as unique: entry e2[^]*ABCDE/,
    );
    expect(loosen({ unique: true }, false, [sample("a"), sample("a", "e2", "de")], say)).toEqual({
      unique: true,
    });
  });
});
