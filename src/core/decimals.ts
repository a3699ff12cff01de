const DECIMAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;
/** How many digits a decimal has at most, on both sides of the point together. */
export const MAX_DECIMAL_DIGITS = 38;
const MAX_CHARS = 100;

/**
 * A decimal in plain notation (`-12.50`, no exponent), without zeros at its end; `-0` is `0`. Undefined
 * for anything else, and for more than 38 digits.
 */
export function readDecimal(text: string): string | undefined {
  if (text.length > MAX_CHARS || !DECIMAL.test(text)) return undefined;
  const plain = trimZeros(text);
  const digits = plain.replace(/^-?0?\.?|\./g, "").length;
  if (digits > MAX_DECIMAL_DIGITS) return undefined;
  return plain === "-0" ? "0" : plain;
}

/** A number as its digits, which JavaScript writes with an exponent when it is very large or small. */
export function writeNumber(value: number): string {
  const written = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(String(value));
  if (!written) return String(value);
  const [, sign, first, rest = "", exponent] = written;
  const digits = `${first}${rest}`;
  const whole = 1 + Number(exponent);
  return `${sign}${whole > 0 ? digits.padEnd(whole, "0") : `0.${"0".repeat(-whole)}${digits}`}`;
}

/** A decimal without zeros at the end of its fraction. */
export function trimZeros(text: string): string {
  if (!text.includes(".")) return text;
  let end = text.length;
  while (text[end - 1] === "0") end--;
  return text.slice(0, text[end - 1] === "." ? end - 1 : end);
}

/** How many digits a decimal has behind its point. */
export const decimalPlaces = (decimal: string): number => decimal.split(".")[1]?.length ?? 0;

/** A decimal with at least so many digits behind its point. */
export function withPlaces(decimal: string, places: number): string {
  const missing = places - decimalPlaces(decimal);
  if (missing <= 0) return decimal;
  return `${decimal}${decimal.includes(".") ? "" : "."}${"0".repeat(missing)}`;
}

/** Negative, zero or positive, as the first is less than, equal to or greater than the second. */
export function compareDecimals(a: string, b: string): number {
  const places = Math.max(decimalPlaces(a), decimalPlaces(b));
  const whole = (decimal: string) => BigInt(withPlaces(decimal, places).replace(".", ""));
  const [left, right] = [whole(a), whole(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
