import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { sharedFile } from "../../../../test/support/shared-file.ts";
import { htmlToRichText, validateRichText, type RichTextNode } from "./index.ts";

const OURS = fileURLToPath(new URL("../../../../test/fixtures/wxr/bodies.xml", import.meta.url));
const THEME_UNIT_TEST = sharedFile("data/wordpress-theme-unit-test.xml");
const BODY = /<content:encoded><!\[CDATA\[([\s\S]*?)\]\]><\/content:encoded>/g;
const INLINE_TAG =
  /<\/?(?:a|abbr|acronym|b|big|cite|code|del|em|i|ins|kbd|q|s|small|span|strike|strong|sub|sup|time|tt|u|var)\b[^>]*>/gi;
const SHORTCODE = /\[\/?(?:gallery|audio|video|playlist|embed)\b[^\]]*\]/g;

const bodiesIn = (path: string): [name: string, body: string][] =>
  [...readFileSync(path, "utf8").matchAll(BODY)]
    .map((match) => match[1]!)
    .filter((body) => body.trim() !== "")
    .map((body) => [body.slice(0, 60).replace(/\s+/g, " "), body]);

/** The words a reader sees in HTML, found without a parser. */
function visibleWords(html: string): string[] {
  const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: " ", hellip: "…" };
  return html
    .replace(/<!--[\s\S]*?-->|<(script|style|svg|iframe|video|audio)\b[\s\S]*?<\/\1>/gi, " ")
    .replace(/\[caption[^\]]*?(?:caption="([^"]*)")?\]([\s\S]*?)\[\/caption\]/g, " $2 $1 ")
    .replace(SHORTCODE, " ")
    .replace(INLINE_TAG, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/&(?:#(\d+)|(\w+));/g, (whole, code?: string, name?: string) =>
      code ? String.fromCodePoint(Number(code)) : (entities[name!] ?? whole),
    )
    .split(/\s+/)
    .filter(Boolean);
}

/** The words of a document: its texts, and the URLs and shortcodes that stood in the text. */
function wordsOf(doc: RichTextNode): string[] {
  const textOf = (node: RichTextNode): string => {
    if (node.type === "text") return node.text!;
    if (node.type === "shortcode" && !["more", "nextpage"].includes(node.attrs!["name"] as string))
      return ` ${String(node.attrs!["text"])} `;
    if (node.type === "embed") return ` ${String(node.attrs!["url"])} `;
    const inside = (node.content ?? []).map(textOf).join("");
    return ["hardBreak", "image"].includes(node.type) || node.content ? ` ${inside} ` : inside;
  };
  return textOf(doc).split(/\s+/).filter(Boolean);
}

function keepsEveryWord(body: string): void {
  const { doc } = htmlToRichText(body, { autop: true });
  expect(validateRichText(doc)).toEqual([]);
  const players = [...body.matchAll(/<(?:iframe|video|audio|embed)\b[^>]*?\ssrc="([^"]*)"/g)].map(
    (match) => match[1]!,
  );
  expect(wordsOf(doc).filter((word) => !players.includes(word))).toEqual(visibleWords(body));
}

describe("every word is kept of a WordPress body", () => {
  it.each(bodiesIn(OURS))("of ours: %s", (_, body) => keepsEveryWord(body));
  it.skipIf(!THEME_UNIT_TEST)("of the theme unit test", () => {
    for (const [, body] of bodiesIn(THEME_UNIT_TEST!)) keepsEveryWord(body);
  });
});
