import { defineComponent } from "flowcms/config";

export default defineComponent({
  id: "prose",
  name: "Text",
  fields: [
    {
      id: "text",
      type: "rich_text",
      required: true,
      nodes: ["heading", "bulletList", "orderedList", "blockquote"],
      marks: ["bold", "italic", "link"],
      headings: [2, 3],
    },
  ],
});
