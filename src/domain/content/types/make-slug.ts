import type { Field } from "./schemas.ts";
import { MAX_SLUG_CHARS } from "./slug.ts";

/** Letters of Latin scripts that are none with a mark on it. */
const LATIN: Record<string, string> = {
  ...{ ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", þ: "th", ł: "l", ı: "i", ħ: "h", ŋ: "ng" },
  ...{ ŧ: "t", ƒ: "f", ə: "e", ɛ: "e", ɔ: "o", ɓ: "b", ɗ: "d", ƙ: "k", ƴ: "y", ĸ: "k", ǥ: "g", ƶ: "z" },
};
const NORDIC = { æ: "ae", ø: "oe", å: "aa" };
/** What a language writes where it has plain letters only. */
const OF_LANGUAGE: Record<string, Record<string, string>> = {
  de: { ä: "ae", ö: "oe", ü: "ue" },
  ...{ da: NORDIC, nb: NORDIC, nn: NORDIC, no: NORDIC },
};
const LATIN_LETTER = /[\p{sc=Latin}\p{sc=Common}]\p{M}*/gu;
const LEFT_OUT = /['’ʼ]|[\p{DI}--\p{Join_C}]/gv;
/** What a slug has between two hyphens. */
const WORD =
  /[[\p{L}\p{N}]--[\p{Lu}\p{Lt}\p{DI}]](?:[[\p{L}\p{N}]--[\p{Lu}\p{Lt}\p{DI}]]|[\p{M}--[\p{Me}\p{DI}]]|\p{Join_C}(?=[\p{L}\p{M}\p{N}]))*/gv;
/** So that the path of a long title stays one that people can read. */
export const MAX_MADE_SLUG_CHARS = 100;
/** With room for what makes it unique. */
export const MIN_ROOM_OF_MADE_SLUGS = 20;

/** How long the slug of a field can be that is made of others. */
export const roomOfMadeSlug = ({ max }: Field): number =>
  Math.min(typeof max === "number" ? max : MAX_MADE_SLUG_CHARS, MAX_MADE_SLUG_CHARS, MAX_SLUG_CHARS);

/**
 * The words of values, joined by hyphens: Latin letters without marks, other scripts as they are.
 * Empty when there is no word in them.
 */
export function makeSlug(values: readonly unknown[], locale: string, maxChars = MAX_MADE_SLUG_CHARS): string {
  const own = OF_LANGUAGE[locale.split("-")[0]!.toLowerCase()] ?? {};
  const words = values.flatMap((value) => wordsOf(String(value ?? ""), own));
  return cut(words.join("-").normalize("NFC"), maxChars);
}

function wordsOf(text: string, own: Record<string, string>): string[] {
  const plain = text
    .normalize("NFC")
    .toLowerCase()
    .replace(LATIN_LETTER, (letter) => own[letter] ?? latin(letter));
  return plain.replace(LEFT_OUT, "").match(WORD) ?? [];
}

const latin = (letter: string): string =>
  [...letter.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()].map((one) => LATIN[one] ?? one).join("");

/** At the end of a word unless that takes half of it away, and never inside of a character. */
function cut(slug: string, maxChars: number): string {
  const characters = [...slug];
  if (characters.length <= maxChars) return slug;
  let end = maxChars;
  while (end > 0 && /[\p{M}\p{Join_C}]/u.test(characters[end]!)) end--;
  const kept = characters.slice(0, end).join("");
  const word = characters[end] === "-" ? -1 : kept.lastIndexOf("-");
  return withoutJoiners(word < kept.length / 2 ? kept : kept.slice(0, word));
}

function withoutJoiners(text: string): string {
  let end = text.length;
  while (end > 0 && /[\p{Join_C}-]/u.test(text[end - 1]!)) end--;
  return text.slice(0, end);
}
