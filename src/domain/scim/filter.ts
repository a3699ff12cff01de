import { invalid } from "../../core/errors.ts";

/** What a list may be narrowed by: one attribute that equals one value. */
export type Filter<Name extends string> = { name: Name; value: string };

/** Reads `userName eq "ada@acme.com"`; attribute names are case-insensitive. Throws INVALID `scim/invalid-filter` for all else. */
export function readFilter<Name extends string>(
  text: string | undefined,
  names: Record<string, Name>,
): Filter<Name> | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const [, attribute = "", quoted = ""] = /^\s*([^"]+?)\s+eq\s+("(?:[^"\\]|\\.)*")\s*$/i.exec(text) ?? [];
  const name = names[attribute.toLowerCase()];
  if (name === undefined)
    throw invalid(
      "scim/invalid-filter",
      `A filter is one of ${Object.keys(names).join(", ")}, then eq, then a text in quotes.`,
      [],
      400,
    );
  return { name, value: unquote(quoted) };
}

function unquote(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    throw invalid("scim/invalid-filter", "The text of the filter is not a JSON string.", [], 400);
  }
}
