import { defineType } from "flowcms/config";

export default defineType({
  id: "article",
  name: "Article",
  fields: [
    { id: "title", type: "short_text", required: true, localized: true, max: 120 },
    { id: "slug", type: "slug", localized: true, from: ["title"] },
    { id: "summary", type: "long_text", localized: true, max: 300 },
    { id: "category", type: "reference", to: ["category"], required: true },
    { id: "authors", type: "reference", to: ["author"], multiple: true, min: 1, max: 4, required: true },
    {
      id: "kind",
      type: "enum",
      options: [
        { value: "report", label: "Report" },
        { value: "interview", label: "Interview" },
        { value: "review", label: "Review" },
      ],
      default: "report",
    },
    {
      id: "rating",
      type: "enum",
      options: [1, 2, 3, 4, 5],
      required_if: "kind == 'review'",
      visible_if: "kind == 'review'",
    },
    { id: "day", type: "date", default: { expression: "date(now)" } },
    { id: "place", type: "location" },
    { id: "body", type: "blocks", localized: true, components: ["prose", "quote", "hero"], max: 60 },
    { id: "seo", type: "component", component: "seo", localized: true },
    { id: "blocks", type: "integer", localized: true, computed: "size(body)" },
  ],
  rules: [
    {
      expression: "summary == null || size(summary) >= 40",
      message: "A summary of less than 40 characters says little.",
      level: "warning",
    },
  ],
});
