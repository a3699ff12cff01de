import { cutText } from "../../../core/cut-text.ts";
import { ownValue } from "../../../core/own-value.ts";
import { renderText } from "../rich-text/index.ts";
import {
  customIn,
  kindOf,
  optionsOf,
  type CompiledType,
  type EnvironmentSchema,
  type Field,
} from "../types/index.ts";

/**
 * What is searched of an entry in one locale: its name, its short texts, the rest, and what is no
 * language but found as it is written.
 */
export type EntryText = { locale: string; name: string; short: string; long: string; exact: string };

/** How much of each part is searched. */
const MOST_CHARS = { name: 10_000, short: 50_000, long: 100_000, exact: 50_000 };
type Values = Record<string, unknown>;

/** The texts of an entry's data, once per locale, or once under `''` when the type localises nothing. */
export function entryTexts(schema: EnvironmentSchema, type: CompiledType, data: Values): EntryText[] {
  if (!type.hasLocalized) return [textIn(type, data, "", [])];
  return [...schema.chains].map(([locale, chain]) => textIn(type, data, locale, chain));
}

function textIn(type: CompiledType, data: Values, locale: string, chain: string[]): EntryText {
  const texts: EntryText = { locale, name: "", short: "", long: "", exact: "" };
  for (const field of type.fields.values()) {
    const stored = ownValue(data, field.id);
    const value = field.localized ? resolve(stored as Values | undefined, chain) : stored;
    if (value === null || value === undefined) continue;
    const part = field === type.displayField ? "name" : field.type === "short_text" ? "short" : "long";
    eachText(field, value, (text, isExact) => {
      texts[isExact ? "exact" : part] += `${text}\n`;
    });
  }
  return {
    locale,
    name: cutText(texts.name, MOST_CHARS.name),
    short: cutText(texts.short, MOST_CHARS.short),
    long: cutText(texts.long, MOST_CHARS.long),
    exact: cutText(texts.exact, MOST_CHARS.exact),
  };
}

/** The words of one value; empty for fields that hold none. */
export function textOf(field: Field, value: unknown): string {
  const texts: string[] = [];
  eachText(field, value, (text) => texts.push(text));
  return texts.join("\n");
}

/** Each text in a value, at whatever depth; `isExact` for those that typos are not forgiven by. */
function eachText(field: Field, value: unknown, see: (text: string, isExact: boolean) => void): void {
  if (value === null || value === undefined) return;
  if (Array.isArray(value) && field.type !== "blocks") {
    for (const one of value) eachText(field, one, see);
    return;
  }
  if (field.type === "rich_text")
    for (const { fields, attrs } of customIn(field, value)) inside(fields, attrs);
  const { searched } = kindOf(field);
  if (searched) return see(wordsOf(field, value), searched === "exact");
  if (field.type === "component") return inside(field.fields!, value as Values);
  if (field.type !== "blocks") return;
  for (const block of value as (Values & { type: string })[])
    inside(field.components!.find(({ id }) => id === block.type)?.fields ?? [], block);

  function inside(fields: Field[], owner: Values): void {
    for (const inner of fields) eachText(inner, ownValue(owner, inner.id), see);
  }
}

function wordsOf(field: Field, value: unknown): string {
  if (field.type === "rich_text") return renderText(value as never);
  const label = field.type === "enum" ? optionsOf(field).get(value as string) : undefined;
  return label === undefined ? String(value) : `${String(value)}\n${label}`;
}

function resolve(byLocale: Values | undefined, chain: string[]): unknown {
  for (const code of chain) {
    const value = byLocale?.[code];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}
