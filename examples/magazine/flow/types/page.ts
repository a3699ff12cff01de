import { defineType } from "flowcms/config";

export default defineType({
  id: "page",
  name: "Landing page",
  ordered: true,
  parent: "parent",
  fields: [
    { id: "title", type: "short_text", required: true, localized: true, max: 80 },
    { id: "slug", type: "slug", localized: true, from: ["title"], path: true },
    { id: "parent", type: "reference", to: ["page"] },
    { id: "parts", type: "blocks", localized: true, components: ["hero", "prose", "quote", "teasers"] },
    { id: "seo", type: "component", component: "seo", localized: true },
  ],
});
