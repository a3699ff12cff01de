import { defineComponent } from "flowcms/config";

export default defineComponent({
  id: "quote",
  name: "Quote",
  fields: [
    { id: "text", type: "short_text", required: true, max: 400 },
    { id: "source", type: "short_text", max: 120 },
  ],
});
