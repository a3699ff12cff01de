import { expect } from "vitest";
import { asRole } from "./access.ts";
import { newTenant } from "./tenant.ts";

const text = (id: string) => ({ id, type: "short_text" });
export const PAGE = {
  id: "page",
  name: "Page",
  fields: [
    text("title"),
    {
      id: "seo",
      type: "component",
      fields: [
        text("title"),
        text("about"),
        { id: "share", type: "component", fields: [text("alt"), text("card")] },
      ],
    },
    { id: "gallery", type: "component", multiple: true, fields: [text("caption"), text("alt")] },
    {
      id: "parts",
      type: "blocks",
      components: [
        { id: "hero", fields: [text("image"), text("headline"), { id: "author", type: "reference" }] },
        { id: "quote", fields: [text("words")] },
      ],
    },
    {
      id: "body",
      type: "rich_text",
      components: [
        { id: "callout", fields: [text("tone"), text("secret")] },
        { id: "term", fields: [text("word"), text("secret")] },
      ],
      annotations: ["term"],
    },
    { id: "local", type: "component", localized: true, fields: [text("open"), text("closed")] },
    { id: "next", type: "reference", to: ["page"] },
  ],
};
const NAMED = [
  ...["seo.title", "seo.share.alt", "gallery.caption", "parts.hero.image", "parts.hero.author"],
  ...["body.callout.secret", "body.term.secret", "local.closed"],
];
/** What is in every part that policies name. */
export const S = "S3CRET";
const doc = (secret?: string) => ({
  type: "doc",
  content: [
    {
      type: "paragraph",
      content: [
        {
          type: "text",
          text: "seen",
          marks: [{ type: "term", attrs: { word: "edge", ...(secret && { secret }) } }],
        },
      ],
    },
    { type: "callout", attrs: { tone: "info", ...(secret && { secret }) } },
  ],
});
export const values = (author: string) => ({
  title: "One",
  seo: { title: S, about: "open", share: { alt: S, card: "open" } },
  gallery: [
    { caption: `${S}1`, alt: "a" },
    { caption: `${S}2`, alt: "b" },
  ],
  parts: [
    { type: "hero", image: S, headline: "open", author },
    { type: "quote", words: "open" },
  ],
  body: doc(S),
  local: { en: { open: "open", closed: S }, fr: { open: "ouvert", closed: S } },
});
export const SHOWN = {
  title: "One",
  seo: { about: "open", share: { card: "open" } },
  gallery: [{ alt: "a" }, { alt: "b" }],
  parts: [
    { type: "hero", headline: "open" },
    { type: "quote", words: "open" },
  ],
  body: doc(),
};

const ALL = { actions: ["content:*", "types:read"] };
const denied = (...actions: string[]) => ({ effect: "deny", actions, types: ["page"], fields: NAMED });

/** A tenant with such a type; `blind` may neither read nor write what is named, `frozen` not write it. */
export async function tenantWithParts() {
  const own = await newTenant();
  await own.patch("/environments/main", {
    default_locale: "en",
    locales: [{ code: "en" }, { code: "fr" }],
  });
  await own.put("/types/author", { id: "author", name: "Author", fields: [text("name")] });
  expect((await own.put("/types/page", PAGE)).status).toBe(201);
  const author = await own.published("author", { name: `${S} Ada` });
  const unreadable = denied("content:read", "content:read-draft", "content:write");
  return {
    own,
    author,
    blind: await asRole(own, [ALL, unreadable]),
    frozen: await asRole(own, [ALL, denied("content:write")]),
    /** Reads and writes other entries only. */
    unseen: await asRole(own, [{ ...ALL, conditions: { title: "Mine" } }, unreadable]),
    /** A published page. */
    async make(fields: object = values(author)) {
      const made = await own.post("/content/page?locale=*", fields);
      expect(made.status, made.text).toBe(201);
      const id = made.body.data.id as string;
      expect((await own.post("/content/publish", { id })).status).toBe(200);
      return id;
    },
    stored: async (id: string) => (await own.get(`/content/page/${id}?perspective=draft&locale=*`)).body.data,
  };
}
