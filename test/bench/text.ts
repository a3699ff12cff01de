import { newRandom, type Random } from "../support/random.ts";

/** English words, the most frequent first. */
export const COMMON_WORDS =
  "the of and to in is that for it as was with be by on not he his but at are this have from or had an they which one you were all her she there would their we him been has when who will no more if out so up said what its about than into them can only other time new some could these two may first then do any like my now over such our man me even most made after also did many off before must well back through years much where your way down should because long each just state people those too mr how little good world make very year still see own work men day get here between both life being under three never know same last another while us off might great go come since against right came take used himself few house american use place during high without again home around small however found mrs thought went say part once general upon school every don't does got united left number course war until always away something fact water though less public put think almost hand enough took far looked head better set several nothing white often night fire light green".split(
    " ",
  );

const VOCABULARY = 20_000;
/** How steeply the frequency of a word falls with its rank, as in natural language. */
const ZIPF = 1.05;
const ONSETS = "b c d f g h l m n p r s t v w br ch cl cr dr fl gr pl pr sh sp st str th tr".split(" ");
const VOWELS = "a e i o u ai ea ie ou".split(" ");
const CODAS = ["", "", "", "n", "r", "s", "t", "l", "m", "nd", "st", "ck"];
const ENDINGS = "ing ed er tion ment ness able ly ity s".split(" ");

/** The common words, and made-up ones of the shape of English words: rarer ones are longer. */
const vocabulary = newVocabulary();
/** How often words up to each rank come, of all. */
const shares = newShares();

function newVocabulary(): string[] {
  const random = newRandom(1);
  const words = new Set(COMMON_WORDS);
  while (words.size < VOCABULARY) {
    const syllables = 1 + random.below(words.size < 2000 ? 2 : 3);
    const stem = Array.from(
      { length: syllables },
      () => random.of(ONSETS) + random.of(VOWELS) + random.of(CODAS),
    );
    words.add(stem.join("") + (random.below(2) === 0 ? random.of(ENDINGS) : ""));
  }
  return [...words];
}

function newShares(): number[] {
  let sum = 0;
  const sums = vocabulary.map((_, i) => (sum += 1 / (i + 2.7) ** ZIPF));
  return sums.map((one) => one / sum);
}

/** A word, as often as its rank has it. */
function wordOf(random: Random): string {
  const at = random.next();
  let [low, high] = [0, shares.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (shares[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return vocabulary[low]!;
}

const capital = (text: string) => text[0]!.toUpperCase() + text.slice(1);

/** Words without a stop, as in a title. */
export function titleText(random: Random): string {
  return capital(Array.from({ length: 3 + random.below(6) }, () => wordOf(random)).join(" "));
}

/** Paragraphs of sentences, of about so many characters. */
export function bodyText(random: Random, characters: number): string {
  let text = "";
  while (text.length < characters) {
    const words = Array.from({ length: 6 + random.below(18) }, () => wordOf(random));
    const comma = random.below(words.length - 1);
    if (words.length > 12) words[comma] += ",";
    const before = text === "" ? "" : random.below(5) === 0 ? "\n\n" : " ";
    text += `${before}${capital(words.join(" "))}.`;
  }
  return text;
}

/** Two words of a text that are not among the most frequent ones. */
export function searchedWords(text: string, random: Random): string {
  const words = text.toLowerCase().match(/[a-z]+/g) ?? [];
  const telling = words.filter((word) => word.length > 3 && !COMMON_WORDS.slice(0, 60).includes(word));
  return `${random.of(telling)} ${random.of(telling)}`;
}
