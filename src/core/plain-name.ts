import * as z from "zod";

/** Control characters, line ends of every kind, and marks that turn the direction of the text after them. */
const UNPRINTED = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const UNPRINTED_RUNS = new RegExp(`(?:${UNPRINTED.source}|\\s)+`, "gu");

/**
 * The name of a person or thing as others read it, also in headers of emails: one line of at most 200
 * characters.
 */
export const PlainName = z
  .string()
  .trim()
  .max(200, "must have 200 characters or fewer")
  .refine((name) => !UNPRINTED.test(name), "must be one line without control characters");

/**
 * One line of at most `max` characters of a text that others gave: what ends lines or turns their
 * direction is a blank.
 */
export function plainLine(text: string, max = 200): string {
  const line = text.slice(0, 10_000).replaceAll(UNPRINTED_RUNS, " ").trim();
  const characters = [...line];
  return characters.length <= max
    ? line
    : `${characters
        .slice(0, max - 1)
        .join("")
        .trimEnd()}…`;
}
