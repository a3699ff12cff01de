import { idOf, type Seed } from "./seeded.ts";

const category = (n: number, en: string, de: string, fr: string, parent?: number): Seed => ({
  type: "category",
  id: idOf("category", n),
  fields: { name: { en, de, fr }, ...(parent ? { parent: idOf("category", parent) } : {}) },
});

/** A tree, parents first. */
export const categories: Seed[] = [
  category(1, "Coast", "Küste", "Côte"),
  category(2, "Harbours", "Häfen", "Ports", 1),
  category(3, "Lighthouses", "Leuchttürme", "Phares", 1),
  category(4, "Fresnel lenses", "Fresnellinsen", "Lentilles de Fresnel", 3),
  category(5, "Inland", "Binnenland", "Intérieur"),
  category(6, "Canals", "Kanäle", "Canaux", 5),
];
