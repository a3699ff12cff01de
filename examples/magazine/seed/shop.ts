import { idOf, type Seed } from "./seeded.ts";

export const products: Seed[] = [
  {
    type: "product",
    id: idOf("product", 1),
    fields: {
      name: { en: "Lens, a print", de: "Linse, ein Druck", fr: "Lentille, une estampe" },
      sku: "PR-001",
      shop: "berlin",
      price: { amount: "24.00", currency: "EUR" },
      variants: [
        { code: "LENS-A4", size: "A4", weight_kg: "0.120", in_stock: true },
        { code: "LENS-A2", size: "A2", weight_kg: "0.310", in_stock: false },
      ],
      about: idOf("article", 2),
    },
  },
  {
    type: "product",
    id: idOf("product", 2),
    fields: {
      name: { en: "Lens, a print", de: "Linse, ein Druck", fr: "Lentille, une estampe" },
      slug: { en: "lens-lyon", de: "linse-lyon", fr: "lentille-lyon" },
      sku: "PR-001",
      shop: "lyon",
      price: { amount: "27.50", currency: "CHF" },
      variants: [{ code: "LENS-A4", size: "A4", weight_kg: "0.120", in_stock: true }],
      about: idOf("article", 2),
    },
  },
  {
    type: "product",
    id: idOf("product", 3),
    fields: {
      name: { en: "Tide calendar", de: "Gezeitenkalender", fr: "Calendrier des marées" },
      sku: "CA-027",
      shop: "berlin",
      price: { amount: "18.50", currency: "EUR" },
      sale: { from: "2026-11-15", to: "2026-12-31" },
      sale_price: { amount: "15.00", currency: "EUR" },
      variants: [{ code: "TIDE-A3", size: "A3", weight_kg: "0.250", in_stock: true }],
      about: idOf("author", 3),
    },
  },
];

export const around: Seed[] = [
  {
    type: "settings",
    id: idOf("settings", 1),
    fields: {
      title: { en: "High Water", de: "Hochwasser", fr: "Pleine mer" },
      tagline: {
        en: "A magazine about coasts and canals",
        de: "Ein Magazin über Küsten und Kanäle",
        fr: "Un magazine sur les côtes et les canaux",
      },
      contact: "hello@highwater.example",
      opens: "09:30",
      closes: "17:00",
    },
  },
  {
    type: "navigation",
    id: idOf("navigation", 1),
    fields: {
      items: [
        { label_en: "Coast", label_de: "Küste", label_fr: "Côte", target: idOf("category", 1) },
        { label_en: "Inland", label_de: "Binnenland", label_fr: "Intérieur", target: idOf("category", 5) },
        { label_en: "About", label_de: "Über uns", label_fr: "À propos", target: idOf("page", 1) },
      ],
    },
  },
  {
    type: "redirect",
    id: idOf("redirect", 1),
    fields: { from: "/about-us", to: idOf("page", 1), permanent: true },
  },
];
