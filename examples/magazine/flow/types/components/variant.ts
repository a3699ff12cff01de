import { defineComponent } from "flowcms/config";

export default defineComponent({
  id: "variant",
  name: "Variant",
  fields: [
    { id: "code", type: "short_text", required: true, unique: true, max: 20 },
    { id: "size", type: "enum", options: ["A4", "A3", { value: "A2", label: "A2, rolled" }] },
    { id: "weight_kg", type: "decimal", scale: 3, min: "0" },
    { id: "in_stock", type: "boolean", default: true },
  ],
});
