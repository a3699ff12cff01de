import { defineComponent } from "flowcms/config";

export default defineComponent({
  id: "teasers",
  name: "Teasers",
  fields: [
    { id: "headline", type: "short_text", max: 80 },
    { id: "articles", type: "reference", to: ["article"], multiple: true, max: 12 },
  ],
});
