import { defineType } from "flowcms/config";

export default defineType({
  id: "navigation",
  name: "Navigation",
  singleton: true,
  fields: [{ id: "items", type: "component", component: "menu_item", multiple: true, max: 12 }],
});
