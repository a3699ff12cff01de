import { defineType } from "flowcms/config";

export default defineType({
  id: "product",
  name: "Product",
  unique: [["sku", "shop"]],
  fields: [
    { id: "name", type: "short_text", required: true, localized: true, max: 80 },
    { id: "slug", type: "slug", localized: true, from: ["name"] },
    { id: "sku", type: "short_text", required: true, pattern: "[A-Z]{2}-[0-9]{3}" },
    { id: "shop", type: "enum", options: ["berlin", "lyon"], required: true },
    { id: "price", type: "money", currencies: ["EUR", "CHF"], required: true },
    { id: "sale", type: "date_range", open_ends: ["to"] },
    { id: "sale_price", type: "money", currencies: ["EUR", "CHF"], required_if: "sale != null" },
    { id: "variants", type: "component", component: "variant", multiple: true, max: 20 },
    { id: "about", type: "reference", to: ["article", "author"] },
    { id: "label", type: "short_text", computed: "sku + ' · ' + shop" },
  ],
});
