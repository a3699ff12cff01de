import { defineType } from "flowcms/config";

export default defineType({
  id: "settings",
  name: "Settings",
  singleton: true,
  fields: [
    { id: "title", type: "short_text", required: true, localized: true, max: 60 },
    { id: "tagline", type: "short_text", localized: true, max: 120 },
    { id: "contact", type: "email" },
    { id: "opens", type: "time" },
    { id: "closes", type: "time" },
  ],
});
