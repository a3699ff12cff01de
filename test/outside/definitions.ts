import type { TypeDefinition } from "flowcms/client";

export const LOCALES = {
  default_locale: "en",
  locales: [{ code: "en" }, { code: "fr", fallback: "en" }],
};

/** Content types that have every kind of field, and names that want care. */
export const DEFINITIONS: TypeDefinition[] = [
  {
    id: "media",
    name: "Media kit",
    fields: [{ id: "contact", type: "email", required: true }],
  },
  {
    id: "blog_post",
    name: "Blog post",
    description: "What the magazine is made of.",
    fields: [
      { id: "title", type: "short_text", required: true, localized: true, name: "Title" },
      { id: "slug", type: "slug", required: true },
      { id: "summary", type: "long_text", help: "Shown in lists.\nEnds no comment: */" },
      { id: "body", type: "rich_text" },
      { id: "notes", type: "markdown" },
      { id: "reading_minutes", type: "integer" },
      { id: "rating", type: "number" },
      { id: "featured", type: "boolean" },
      { id: "day", type: "date" },
      { id: "starts_at", type: "datetime" },
      { id: "mood", type: "enum", options: ["calm", "not so calm"] },
      { id: "topics", type: "enum", multiple: true, options: ["edge", "content"] },
      { id: "link", type: "url" },
      { id: "colour", type: "color" },
      { id: "extra", type: "json" },
      { id: "place", type: "location" },
      { id: "cover", type: "media" },
      { id: "gallery", type: "media", multiple: true },
      { id: "author", type: "reference", to: ["author"] },
      { id: "related", type: "reference", to: ["blog_post", "media"], multiple: true },
      { id: "anything", type: "reference" },
      {
        id: "seo",
        type: "component",
        fields: [
          { id: "title", type: "short_text", required: true },
          { id: "image", type: "media" },
        ],
      },
      {
        id: "sections",
        type: "blocks",
        components: [
          { id: "hero", fields: [{ id: "heading", type: "short_text", required: true }] },
          {
            id: "quote",
            fields: [
              { id: "by", type: "reference", to: ["author"] },
              { id: "words", type: "rich_text" },
            ],
          },
        ],
      },
    ],
  },
  {
    id: "author",
    name: "Author",
    fields: [
      { id: "name", type: "short_text", required: true },
      { id: "avatar", type: "media" },
      { id: "mentor", type: "reference", to: ["author"] },
    ],
    back_references: [
      { id: "posts", type: "blog_post", field: "author" },
      { id: "pupils", type: "author", field: "mentor" },
    ],
  },
  {
    id: "offer",
    name: "Offer",
    fields: [
      { id: "weight", type: "decimal", scale: 3 },
      { id: "price", type: "money", currencies: ["EUR", "JPY"], required: true },
      { id: "opens", type: "time" },
      { id: "valid", type: "date_range", open_ends: ["to"] },
      { id: "shown", type: "datetime_range" },
      { id: "ages", type: "number_range" },
      { id: "stars", type: "enum", options: [5, { value: 4, label: "Four" }] },
      { id: "state", type: "enum", options: [{ value: "new", label: "New" }, "old"] },
      { id: "sizes", type: "integer", multiple: true },
      { id: "days", type: "date", multiple: true },
      { id: "places", type: "location", multiple: true },
    ],
  },
];
