import { idOf, type Seed } from "./seeded.ts";

export const authors: Seed[] = [
  {
    type: "author",
    id: idOf("author", 1),
    fields: {
      name: "Ada Moreau",
      bio: {
        en: "Writes about tides, trains and the people who keep timetables.",
        de: "Schreibt über Gezeiten, Züge und Menschen, die Fahrpläne machen.",
        fr: "Écrit sur les marées, les trains et ceux qui font les horaires.",
      },
      home: { lat: 48.39, lon: -4.49 },
      languages: ["fr", "en"],
    },
  },
  {
    type: "author",
    id: idOf("author", 2),
    fields: {
      name: "Bo Lindqvist",
      bio: {
        en: "Photographs lighthouses and repairs old radios.",
        de: "Fotografiert Leuchttürme und repariert alte Radios.",
        fr: "Photographie des phares et répare de vieilles radios.",
      },
      home: { lat: 57.71, lon: 11.97 },
      languages: ["en", "de"],
    },
  },
  {
    type: "author",
    id: idOf("author", 3),
    fields: {
      name: "Søren Großmann",
      bio: {
        en: "Reviews books about water, slowly.",
        de: "Bespricht Bücher über Wasser, langsam.",
        fr: "Critique des livres sur l'eau, lentement.",
      },
      home: { lat: 53.55, lon: 9.99 },
      languages: ["de", "en"],
    },
  },
];
