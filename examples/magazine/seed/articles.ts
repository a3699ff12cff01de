import { idOf, prose, type Seed } from "./seeded.ts";

type Text = { en: string; de: string; fr: string };
type Told = {
  title: Text;
  summary: Text;
  body: { en: object[]; de: object[]; fr: object[] };
  category: number;
  authors: number[];
  kind?: string;
  rating?: number;
  day: string;
  place?: { lat: number; lon: number };
};

const article = (n: number, told: Told): Seed => {
  const { category, authors, ...fields } = told;
  const seo = (locale: keyof Text) => ({ title: told.title[locale], description: told.summary[locale] });
  return {
    type: "article",
    id: idOf("article", n),
    fields: {
      ...fields,
      category: idOf("category", category),
      authors: authors.map((one) => idOf("author", one)),
      seo: { en: seo("en"), de: seo("de"), fr: seo("fr") },
    },
  };
};

export const articles: Seed[] = [
  article(1, {
    title: {
      en: "The hour before high water",
      de: "Die Stunde vor Hochwasser",
      fr: "L'heure avant la pleine mer",
    },
    summary: {
      en: "In Brest the harbour has its own clock, and nobody argues with it.",
      de: "In Brest hat der Hafen seine eigene Uhr, und niemand widerspricht ihr.",
      fr: "À Brest, le port a sa propre horloge, et personne ne la contredit.",
    },
    body: {
      en: [
        prose(
          "The pilots meet at a quarter past five, with coffee and a table of numbers.",
          "<h2>A table of numbers</h2>",
          "It has been printed every year since 1839.",
        ),
        {
          type: "quote",
          text: "You can be late for a train. You cannot be late for the sea.",
          source: "Yann, pilot",
        },
      ],
      de: [
        prose(
          "Die Lotsen treffen sich um Viertel nach fünf, mit Kaffee und einer Tabelle.",
          "<h2>Eine Tabelle</h2>",
          "Sie wird seit 1839 jedes Jahr gedruckt.",
        ),
        { type: "quote", text: "Einen Zug kann man verpassen. Das Meer nicht.", source: "Yann, Lotse" },
      ],
      fr: [
        prose(
          "Les pilotes se retrouvent à cinq heures et quart, avec du café et un tableau.",
          "<h2>Un tableau</h2>",
          "Il est imprimé chaque année depuis 1839.",
        ),
        { type: "quote", text: "On peut manquer un train. On ne manque pas la mer.", source: "Yann, pilote" },
      ],
    },
    category: 2,
    authors: [1],
    day: "2026-03-02",
    place: { lat: 48.38, lon: -4.49 },
  }),
  article(2, {
    title: {
      en: "A lamp that floats on mercury",
      de: "Eine Lampe, die auf Quecksilber schwimmt",
      fr: "Une lampe qui flotte sur du mercure",
    },
    summary: {
      en: "Two tonnes of glass, turned by one finger: how the great lenses were hung.",
      de: "Zwei Tonnen Glas, mit einem Finger gedreht: wie man die großen Linsen lagerte.",
      fr: "Deux tonnes de verre tournées d'un doigt : comment on posait les grandes lentilles.",
    },
    body: {
      en: [
        prose("The keeper's first duty in the morning was to skim the trough."),
        { type: "hero", headline: "One finger", text: "That is all it takes." },
      ],
      de: [
        prose("Die erste Aufgabe des Wärters war es, die Wanne abzuschöpfen."),
        { type: "hero", headline: "Ein Finger", text: "Mehr braucht es nicht." },
      ],
      fr: [
        prose("Le premier devoir du gardien était d'écumer la cuve."),
        { type: "hero", headline: "Un doigt", text: "Il n'en faut pas plus." },
      ],
    },
    category: 4,
    authors: [2, 1],
    day: "2026-04-11",
    place: { lat: 57.32, lon: 11.12 },
  }),
  article(3, {
    title: {
      en: "Nineteen locks to Paris",
      de: "Neunzehn Schleusen bis Paris",
      fr: "Dix-neuf écluses jusqu'à Paris",
    },
    summary: {
      en: "A week on a barge that carries gravel, flour and a small dog.",
      de: "Eine Woche auf einem Kahn mit Kies, Mehl und einem kleinen Hund.",
      fr: "Une semaine sur une péniche chargée de gravier, de farine et d'un petit chien.",
    },
    body: {
      en: [prose("Nobody hurries at a lock.", "<ul><li>Rope</li><li>Gate</li><li>Wait</li></ul>")],
      de: [
        prose("An einer Schleuse hat es niemand eilig.", "<ul><li>Seil</li><li>Tor</li><li>Warten</li></ul>"),
      ],
      fr: [
        prose(
          "Personne ne se presse à une écluse.",
          "<ul><li>Corde</li><li>Porte</li><li>Attendre</li></ul>",
        ),
      ],
    },
    category: 6,
    authors: [1, 3],
    day: "2026-05-20",
    place: { lat: 48.89, lon: 2.37 },
  }),
  article(4, {
    title: {
      en: "The woman who paints buoys",
      de: "Die Frau, die Bojen malt",
      fr: "La femme qui peint les bouées",
    },
    summary: {
      en: "Red to port, green to starboard, and forty shades of rust in between.",
      de: "Rot an Backbord, Grün an Steuerbord und vierzig Töne Rost dazwischen.",
      fr: "Rouge à bâbord, vert à tribord, et quarante nuances de rouille entre les deux.",
    },
    body: {
      en: [
        prose("She signs each one below the waterline."),
        { type: "quote", text: "The sea reads it first." },
      ],
      de: [
        prose("Sie signiert jede unter der Wasserlinie."),
        { type: "quote", text: "Das Meer liest es zuerst." },
      ],
      fr: [
        prose("Elle signe chacune sous la ligne d'eau."),
        { type: "quote", text: "La mer le lit en premier." },
      ],
    },
    category: 2,
    authors: [2],
    kind: "interview",
    day: "2026-06-08",
    place: { lat: 53.54, lon: 9.98 },
  }),
  article(5, {
    title: {
      en: "Tide tables, a reader's guide",
      de: "Gezeitentafeln, ein Lesebuch",
      fr: "Lire les annuaires de marées",
    },
    summary: {
      en: "A slim book about thick books, with one mistake and many pleasures.",
      de: "Ein schmales Buch über dicke Bücher, mit einem Fehler und vielen Freuden.",
      fr: "Un livre mince sur de gros livres, avec une erreur et bien des plaisirs.",
    },
    body: {
      en: [prose("Chapter four alone is worth the price.")],
      de: [prose("Allein das vierte Kapitel ist den Preis wert.")],
      fr: [prose("Le quatrième chapitre vaut à lui seul le prix.")],
    },
    category: 1,
    authors: [3],
    kind: "review",
    rating: 4,
    day: "2026-06-30",
  }),
  article(6, {
    title: { en: "Fog signals of the north", de: "Nebelsignale des Nordens", fr: "Signaux de brume du nord" },
    summary: {
      en: "The last compressed-air horn sounds on Sundays, for those who miss it.",
      de: "Das letzte Drucklufthorn tönt sonntags, für alle, denen es fehlt.",
      fr: "La dernière corne à air comprimé sonne le dimanche, pour ceux à qui elle manque.",
    },
    body: {
      en: [prose("Three seconds on, twenty-seven off.")],
      de: [prose("Drei Sekunden an, siebenundzwanzig aus.")],
      fr: [prose("Trois secondes de son, vingt-sept de silence.")],
    },
    category: 3,
    authors: [2],
    day: "2026-08-14",
    place: { lat: 57.65, lon: 11.6 },
  }),
];
