import { expect, it } from "vitest";
import { withoutIds } from "./without-ids.ts";

const ENTRY = "cnt_01jd3f0b6vfs8t4z9c7q2m5n8y";
const ASSET = "ast_01jd3f0b6vfs8t4z9c7q2m5n8z";
const KEPT = "cnt_01jd3f0b6vfs8t4z9c7q2m5n90";
const lost = new Set([ENTRY, ASSET]);
const text = { type: "text", text: "Word" };

it.each([
  ["a reference", { author: ENTRY, other: KEPT }, { author: null, other: KEPT }],
  ["a list of references", { to: [KEPT, ENTRY, KEPT] }, { to: [KEPT, KEPT] }],
  ["a reference by locale", { to: { en: ENTRY, de: KEPT } }, { to: { en: null, de: KEPT } }],
  [
    "a reference in a component in a block",
    { b: [{ c: { to: ENTRY, t: "x" } }] },
    { b: [{ c: { to: null, t: "x" } }] },
  ],
  [
    "an image of HTML",
    { body: { html: `<p><img data-asset="${ASSET}" src="x.jpg"> ${ENTRY}</p>`, autop: true } },
    { body: { html: `<p><img src="x.jpg"> ${ENTRY}</p>`, autop: true } },
  ],
  [
    "an embedded entry between paragraphs",
    {
      type: "doc",
      content: [
        { type: "entryEmbed", attrs: { entry: ENTRY } },
        { type: "paragraph", content: [text] },
      ],
    },
    { type: "doc", content: [{ type: "paragraph" }, { type: "paragraph", content: [text] }] },
  ],
  [
    "an embedded entry within a paragraph",
    { type: "paragraph", content: [text, { type: "entryEmbed", attrs: { entry: ENTRY } }] },
    { type: "paragraph", content: [text] },
  ],
  [
    "an image with an address, and one without",
    {
      content: [
        { type: "image", attrs: { asset: ASSET, src: "https://x.example/a.jpg" } },
        { type: "image", attrs: { asset: ASSET } },
      ],
    },
    { content: [{ type: "image", attrs: { src: "https://x.example/a.jpg" } }, { type: "paragraph" }] },
  ],
  [
    "a link in a text",
    { ...text, marks: [{ type: "bold" }, { type: "link", attrs: { href: `entry:${ENTRY}` } }] },
    { ...text, marks: [{ type: "bold" }] },
  ],
  [
    "nothing else",
    { n: 1, ok: false, none: null, list: [1, "a", null] },
    { n: 1, ok: false, none: null, list: [1, "a", null] },
  ],
])("goes without %s", (_, value, kept) => {
  expect(withoutIds(value, lost)).toEqual(kept);
});
