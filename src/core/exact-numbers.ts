const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The range of integers that doubles represent exactly, for messages. */
export const EXACT_WHOLE =
  "within ±9007199254740991: integers beyond 2^53 are not exact, send them as strings";

/** Whether a text writes a number, be it one that a double would round. */
export const isNumberText = (text: string): boolean => text.length <= 400 && NUMBER.test(text);

/** The number of digits that identifies every double; programs never write more. */
const MAX_DIGITS = 17;

/**
 * The number in a JSON text, if a double can represent it. Undefined when it would be rounded (an
 * integer such as 9007199254740993, more than 17 digits), is out of range (1e400, 1e-400), or is not a
 * number. `-0` is 0.
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
