import { defineComponent } from "flowcms/config";

export default defineComponent({
  id: "seo",
  name: "Search engines",
  fields: [
    { id: "title", type: "short_text", max: 70 },
    { id: "description", type: "short_text", max: 160 },
    { id: "hidden", type: "boolean", default: false },
  ],
});
