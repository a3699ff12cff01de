import { describe, expect, it } from "vitest";
import { PlainName, plainLine } from "./plain-name.ts";

describe("a plain name", () => {
  it.each(["Ada Lovelace", "Änne Müller-Lüdenscheidt", "株式会社", "O’Brien & Söhne"])(
    "may be %s",
    (name) => {
      expect(PlainName.parse(name)).toBe(name);
    },
  );

  it.each(["a\r\nBcc: x@y.z", "a\nb", "a\u0000b", "a\u2028b", "a\u0085b", "\u202egnirts", "x".repeat(201)])(
    "may not be %j",
    (name) => {
      expect(PlainName.safeParse(name).success).toBe(false);
    },
  );

  it("is made of what others gave", () => {
    expect(plainLine("Acme\r\nBcc: all@example.com")).toBe("Acme Bcc: all@example.com");
    expect(plainLine("\u202eAcme\u0000 \t Inc\u2029")).toBe("Acme Inc");
    expect(plainLine("😀".repeat(50), 40)).toBe(`${"😀".repeat(39)}…`);
  });
});
