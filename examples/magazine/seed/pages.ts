import { idOf, prose, type Seed } from "./seeded.ts";

export const pages: Seed[] = [
  {
    type: "page",
    id: idOf("page", 1),
    fields: {
      title: { en: "About", de: "Über uns", fr: "À propos" },
      parts: {
        en: [
          {
            type: "hero",
            headline: "A magazine about water",
            text: "Four issues a year, printed on paper that dries.",
          },
          prose("We are three people and a kettle."),
          { type: "teasers", headline: "Begin here", articles: [idOf("article", 1), idOf("article", 3)] },
        ],
        de: [
          {
            type: "hero",
            headline: "Ein Magazin über Wasser",
            text: "Vier Hefte im Jahr, auf Papier, das trocknet.",
          },
          prose("Wir sind drei Leute und ein Wasserkocher."),
          { type: "teasers", headline: "Zum Anfangen", articles: [idOf("article", 1), idOf("article", 3)] },
        ],
        fr: [
          {
            type: "hero",
            headline: "Un magazine sur l'eau",
            text: "Quatre numéros par an, sur un papier qui sèche.",
          },
          prose("Nous sommes trois personnes et une bouilloire."),
          { type: "teasers", headline: "Pour commencer", articles: [idOf("article", 1), idOf("article", 3)] },
        ],
      },
    },
  },
  {
    type: "page",
    id: idOf("page", 2),
    fields: {
      title: { en: "Team", de: "Redaktion", fr: "Équipe" },
      parent: idOf("page", 1),
      parts: {
        en: [prose("Ada writes, Bo looks, Søren reads.")],
        de: [prose("Ada schreibt, Bo schaut, Søren liest.")],
        fr: [prose("Ada écrit, Bo regarde, Søren lit.")],
      },
    },
  },
  {
    type: "page",
    id: idOf("page", 3),
    fields: {
      title: { en: "Jobs", de: "Stellen", fr: "Emplois" },
      parent: idOf("page", 2),
      parts: {
        en: [prose("There are none just now. Write anyway.")],
        de: [prose("Zurzeit keine. Schreiben Sie trotzdem.")],
        fr: [prose("Aucun pour l'instant. Écrivez quand même.")],
      },
    },
  },
];
