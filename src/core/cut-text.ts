/** How far round the cut characters are looked at: longer than any emoji sequence. */
const REACH = 48;
let segmenter: Intl.Segmenter | undefined;

/**
 * The beginning of a text: at most `max` UTF-16 units, cut between characters as a reader sees them,
 * so that no half of one is left. What is not well-formed Unicode in it becomes U+FFFD.
 */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text.toWellFormed();
  segmenter ??= new Intl.Segmenter("und", { granularity: "grapheme" });
  const from = Math.max(0, max - REACH);
  const around = segmenter.segment(text.slice(from, max + REACH)).containing(max - from)!;
  // A character that began before the part looked at is longer than is worth keeping whole.
  const end = around.index === 0 ? max : from + around.index;
  const isWithinPair = isHigh(text.charCodeAt(end - 1)) && isLow(text.charCodeAt(end));
  return text.slice(0, isWithinPair ? end - 1 : end).toWellFormed();
}

const isHigh = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number) => unit >= 0xdc00 && unit <= 0xdfff;

/** The rule of `isCleanText`, for messages. */
export const CLEAN_TEXT = "valid Unicode without NUL characters";

/** Whether a text can be stored: well-formed Unicode without NUL. */
export function isCleanText(value: unknown): value is string {
  return typeof value === "string" && value.isWellFormed() && !value.includes("\0");
}
