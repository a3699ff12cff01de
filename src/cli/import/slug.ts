import { cutText } from "../cut-text.ts";

const MAX_CHARS = 180;
const LETTER = /[[\p{L}\p{N}]--[\p{Lu}\p{Lt}\p{DI}]]/v;
const MARK = /[\p{M}--[\p{Me}\p{DI}]]/v;
const JOINER = /\p{Join_C}/u;
const LOOKS_LIKE_ID = /^(?:cnt_[0-9a-z]+|[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}|-)(?=\/|$)/;
const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });

/** Whether a text is a slug as FlowCMS takes it. */
export function isSlug(text: string): boolean {
  const steps = text.split("/");
  return (
    [...text].length <= 200 &&
    /[\p{L}\p{N}]/u.test(text) &&
    !LOOKS_LIKE_ID.test(text) &&
    steps.every((step) => step !== "" && step !== "." && step !== ".." && kept(step, "") === step)
  );
}

/**
 * A valid slug: lower case, letters of any script with their combining marks, digits, hyphens. Empty
 * when nothing is left.
 */
export function toSlug(text: string): string {
  const slug = kept(decoded(text).toLowerCase().normalize("NFC"), "-").replace(/^-+|(?<!-)-+$/g, "");
  const safe = slug.replace(LOOKS_LIKE_ID, (id) => id.replace("_", "-"));
  if (!/[\p{L}\p{N}]/u.test(safe)) return "";
  return cut(safe).replace(/(?<![\p{Join_C}-])[\p{Join_C}-]+$/u, "");
}

/** The slug that a source gives a thing; what had to be changed in it is noted. */
export function slugOf(given: string, note: (reason: string) => void): string {
  const slug = toSlug(given);
  if (given !== "" && slug !== decoded(given))
    note(`the slug "${cutText(decoded(given), 200)}" is not valid: changed to "${slug || "another"}"`);
  return slug;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign is only a character.
    return text;
  }
}

/**
 * The text with each run of characters that a slug cannot have replaced by `instead`; combining marks
 * and joiners stay with their letters.
 */
function kept(text: string, instead: string): string {
  const characters = [...text];
  let out = "";
  let last = "";
  characters.forEach((one, i) => {
    const isInWord = LETTER.test(last) || MARK.test(last);
    const next = characters[i + 1] ?? "";
    const isKept =
      /[_.~-]/.test(one) ||
      LETTER.test(one) ||
      (MARK.test(one) && (isInWord || JOINER.test(last))) ||
      (JOINER.test(one) && isInWord && (LETTER.test(next) || MARK.test(next)));
    if (isKept) out += one;
    else if (/\p{DI}/u.test(one)) return;
    else if (last !== " ") out += instead;
    last = isKept ? one : " ";
  });
  return out;
}

function cut(slug: string): string {
  let end = 0;
  let count = 0;
  for (const { segment, index } of segmenter.segment(slug)) {
    count += [...segment].length;
    if (count > MAX_CHARS) return slug.slice(0, end);
    end = index + segment.length;
  }
  return slug;
}
