import { defineComponent } from "flowcms/config";

export default defineComponent({
  id: "menu_item",
  name: "Menu item",
  fields: [
    { id: "label_en", type: "short_text", required: true, max: 40 },
    { id: "label_de", type: "short_text", required: true, max: 40 },
    { id: "label_fr", type: "short_text", required: true, max: 40 },
    { id: "target", type: "reference", to: ["page", "category"], required: true },
  ],
});
