import { defineType } from "flowcms/config";

export default defineType({
  id: "category",
  name: "Category",
  ordered: true,
  parent: "parent",
  back_references: [{ id: "articles", type: "article", field: "category" }],
  fields: [
    { id: "name", type: "short_text", required: true, localized: true, max: 60 },
    { id: "slug", type: "slug", localized: true, from: ["name"], path: true },
    { id: "parent", type: "reference", to: ["category"] },
  ],
});
