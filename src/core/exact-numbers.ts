const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** What whole numbers are that doubles tell from their neighbours, in words. */
export const EXACT_WHOLE =
  "within ±9007199254740991: integers beyond 2^53 are not exact, send them as strings";

/** Whether a text writes a number, be it one that a double would round. */
export const isNumberText = (text: string): boolean => text.length <= 400 && NUMBER.test(text);

/** How many digits tell every double from its neighbours; programs that write doubles write no more. */
const MAX_DIGITS = 17;

/**
 * The number that a text writes as JSON does, when a double holds it. Undefined for what it would
 * round (a whole number such as 9007199254740993, more than 17 digits), for what is beyond it (1e400,
 * 1e-400), and for what is no number. `-0` is 0.
 */
export function readExactNumber(text: string): number | undefined {
  if (text.length > 400 || !NUMBER.test(text)) return undefined;
  const number = Number(text);
  // Fifteen digits always survive.
  if (text.length <= 15 && !/[eE]/.test(text)) return number + 0;
  if (!Number.isFinite(number)) return undefined;
  const [digits, exponent] = decimalOf(text);
  const [kept, keptExponent] = decimalOf(String(number));
  if (digits === kept && exponent === keptExponent) return number + 0;
  return exponent < 0 && number !== 0 && digits.length <= MAX_DIGITS + (number < 0 ? 1 : 0)
    ? number
    : undefined;
}

/** Digits without zeros at either end, and the power of ten of the last of them. */
function decimalOf(text: string): [digits: string, exponent: number] {
  const [, sign, whole, fraction = "", power = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(
    text,
  )!;
  const all = `${whole}${fraction}`.replace(/^0+/, "");
  let end = all.length;
  while (end > 0 && all[end - 1] === "0") end--;
  if (end === 0) return ["0", 0];
  return [`${sign}${all.slice(0, end)}`, Number(power) - fraction.length + all.length - end];
}
