/**
 * Only combining marks that belong to letters; a joiner must be between two letters. Invisible and
 * enclosing marks are not allowed.
 */
const CHARACTERS =
  /^(?:[[\p{L}\p{N}]--[\p{Lu}\p{Lt}\p{DI}]]|(?<=[\p{L}\p{M}\p{N}\p{Join_C}])[\p{M}--[\p{Me}\p{DI}]]|(?<=[\p{L}\p{M}\p{N}])\p{Join_C}(?=[\p{L}\p{M}\p{N}])|[_.~\/\-])+$/v;
const HAS_LETTER = /[\p{L}\p{N}]/u;
/** A path whose first step looks so is taken for an entry's id. */
const LOOKS_LIKE_ID = /^(?:cnt_[0-9a-z]+|[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}|-)(?:[/]|$)/;
export const MAX_SLUG_CHARS = 200;

/**
 * A slug, or what it is compared with, in the one form that is stored: composed characters (NFC).
 * Lists: each of them.
 */
export function slugForm<T>(value: T): T {
  if (Array.isArray(value)) return value.map(slugForm) as T;
  return (typeof value === "string" ? value.normalize("NFC") : value) as T;
}

/** What keeps a text in that form from being a slug: every slug can be read by its path. */
export function slugProblem(slug: string): string | undefined {
  if (!CHARACTERS.test(slug)) return SLUG_EXPECTATION;
  if (!HAS_LETTER.test(slug)) return "a slug with a letter or digit in it";
  if (LOOKS_LIKE_ID.test(slug)) return "a slug that does not look like an id";
  if (slug.split("/").some((step) => step === "" || step === "." || step === ".."))
    return "a slug without segments that are empty, . or ..";
  return undefined;
}

/** In words, and loosely as a pattern of JSON Schema. */
export const SLUG_EXPECTATION =
  "a slug: lower-case letters of any script with their marks, digits and - _ . ~ /";
export const SLUG_PATTERN = `^(?!${LOOKS_LIKE_ID.source})(?:(?![\\p{Lu}\\p{Lt}])[\\p{L}\\p{M}\\p{N}\\u200c\\u200d_.~/-])+$`;
