import type { ErrorDetail } from "../../../../core/errors.ts";
import { EXACT_WHOLE } from "../../../../core/exact-numbers.ts";
import { didYouMean } from "../../../../core/nearest.ts";

/** The most entries of a list. */
export const MAX_LIMIT = 100;

export function readChoice<T extends string>(
  params: URLSearchParams,
  name: string,
  choices: readonly T[],
  issues: ErrorDetail[],
): T {
  const value = params.get(name) ?? choices[0]!;
  if (choices.includes(value as T)) return value as T;
  issues.push({ path: name, message: `must be ${choices.join(" or ")}.${didYouMean(value, choices)}` });
  return choices[0]!;
}

export function readWhole(
  params: URLSearchParams,
  name: string,
  fallback: number,
  min: number,
  max: number,
  issues: ErrorDetail[],
): number {
  const text = params.get(name);
  if (text === null) return fallback;
  const value = /^\d{1,400}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`;
  const isBeyond = value > Number.MAX_SAFE_INTEGER && max === Number.MAX_SAFE_INTEGER;
  issues.push({
    path: name,
    message: isBeyond ? `must be ${EXACT_WHOLE}` : `must be an integer, ${range}`,
  });
  return fallback;
}

export function readNames(
  params: URLSearchParams,
  name: string,
  most: number,
  issues: ErrorDetail[],
): string[] | undefined {
  const text = params.get(name);
  if (text === null) return undefined;
  // The commas of `place:near(52.5,13.4)` separate no names.
  const names = splitOutside(text).map((one) => one.trim());
  if (names.length > most || names.some((one) => one === "")) {
    issues.push({ path: name, message: `must be 1 to ${most} names, separated by commas` });
  }
  return names;
}

/** Parts between the commas that are in no parentheses. */
function splitOutside(text: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const one of text) {
    if (one === "(") depth++;
    if (one === ")") depth = Math.max(0, depth - 1);
    if (one === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += one;
  }
  return parts;
}
