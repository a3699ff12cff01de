import { ownValue } from "../../../core/own-value.ts";
import type { CompiledType } from "../types/index.ts";
import { textOf } from "./entry-texts.ts";

const SNIPPET_CHARS = 160;
const MAX_SNIPPETS = 5;
const WORD = /[\p{L}\p{N}]+/gu;

/**
 * Highlights of an entry: by field, an HTML fragment with each match of `q` in `<mark>`. Ignores accents
 * and case, matches prefixes, and tolerates one typo per five letters.
 */
export function highlightsOf(
  type: CompiledType,
  entry: Record<string, unknown>,
  q: string,
  isEveryLocale = false,
): Record<string, string> {
  const terms = [...fold(q).matchAll(WORD)].map(([word]) => word);
  const found: Record<string, string> = {};
  for (const field of type.fields.values()) {
    const value = ownValue(entry, field.id);
    if (value === null || value === undefined || Object.keys(found).length === MAX_SNIPPETS) continue;
    const values = isEveryLocale && field.localized ? Object.values(value) : [value];
    const text = values.filter((one) => one !== null).map((one) => textOf(field, one));
    const snippet = snippetOf(text.join("\n"), terms);
    if (snippet !== undefined) found[field.id] = snippet;
  }
  return found;
}

function snippetOf(text: string, terms: string[]): string | undefined {
  const words = [...text.matchAll(WORD)];
  const folded = words.map(([word]) => fold(word));
  let hits = words.filter((_, i) => terms.some((term) => folded[i]!.startsWith(term)));
  if (hits.length === 0)
    hits = words.filter((_, i) => terms.some((term) => term.length >= 4 && isNear(folded[i]!, term)));
  const first = hits[0];
  if (!first) return undefined;
  const start = startOf(text, Math.max(0, first.index - SNIPPET_CHARS / 4));
  const end = Math.min(text.length, start + SNIPPET_CHARS);
  let html = start > 0 ? "…" : "";
  let at = start;
  for (const hit of hits) {
    if (hit.index < at || hit.index + hit[0].length > end) continue;
    html += `${escape(text.slice(at, hit.index))}<mark>${escape(hit[0])}</mark>`;
    at = hit.index + hit[0].length;
  }
  return html + escape(text.slice(at, end).toWellFormed()) + (end < text.length ? "…" : "");
}

/** The start of the word at or after `index`. */
function startOf(text: string, index: number): number {
  if (index === 0) return 0;
  const space = text.slice(index).search(/\s/);
  return space === -1 ? index : index + space + 1;
}

const fold = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const escape = (text: string) =>
  text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`).replace(/\s+/g, " ");

/** Whether two words share enough letter pairs that one may be a typo of the other. */
function isNear(a: string, b: string): boolean {
  const pairs = (word: string) =>
    new Set(Array.from({ length: word.length - 1 }, (_, i) => word.slice(i, i + 2)));
  const [first, second] = [pairs(a), pairs(b)];
  const shared = [...first].filter((pair) => second.has(pair)).length;
  return (2 * shared) / (first.size + second.size) >= 0.5;
}
