import { defineType } from "flowcms/config";

export default defineType({
  id: "redirect",
  name: "Redirect",
  fields: [
    { id: "from", type: "short_text", required: true, unique: true, pattern: "/.*" },
    { id: "to", type: "reference", to: ["page", "article", "product", "category"], required: true },
    { id: "permanent", type: "boolean", default: true },
  ],
});
