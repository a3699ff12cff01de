import { defineType } from "flowcms/config";

export default defineType({
  id: "author",
  name: "Author",
  back_references: [{ id: "articles", type: "article", field: "authors" }],
  fields: [
    { id: "name", type: "short_text", required: true, max: 80 },
    { id: "slug", type: "slug", from: ["name"] },
    { id: "bio", type: "long_text", localized: true, max: 600 },
    { id: "home", type: "location" },
    { id: "languages", type: "enum", multiple: true, options: ["en", "de", "fr"] },
  ],
});
