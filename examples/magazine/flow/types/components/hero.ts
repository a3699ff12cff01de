import { defineComponent } from "flowcms/config";

export default defineComponent({
  id: "hero",
  name: "Hero",
  fields: [
    { id: "headline", type: "short_text", required: true, max: 80 },
    { id: "text", type: "short_text", max: 200 },
    { id: "link", type: "url", visible_if: "headline != ''" },
    { id: "link_label", type: "short_text", max: 40, required_if: "link != null" },
  ],
});
