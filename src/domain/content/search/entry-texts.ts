import { cutText } from "../../../core/cut-text.ts";
import { ownValue } from "../../../core/own-value.ts";
import { renderText } from "../rich-text/index.ts";
import type { CompiledType, EnvironmentSchema, Field } from "../types/index.ts";

/** What is searched of an entry in one locale: its name, its short texts, and the rest. */
export type EntryText = { locale: string; name: string; short: string; long: string };

/** How much of each part is searched. */
const MOST_CHARS = { name: 10_000, short: 50_000, long: 100_000 };
type Values = Record<string, unknown>;

/** The texts of an entry's data, once per locale, or once under `''` when the type localises nothing. */
export function entryTexts(schema: EnvironmentSchema, type: CompiledType, data: Values): EntryText[] {
  if (!type.hasLocalized) return [textIn(type, data, "", [])];
  return [...schema.chains].map(([locale, chain]) => textIn(type, data, locale, chain));
}

function textIn(type: CompiledType, data: Values, locale: string, chain: string[]): EntryText {
  const texts: EntryText = { locale, name: "", short: "", long: "" };
  for (const field of type.fields.values()) {
    const stored = ownValue(data, field.id);
    const value = field.localized ? resolve(stored as Values | undefined, chain) : stored;
    if (value === null || value === undefined) continue;
    const text = textOf(field, value);
    if (field === type.displayField) texts.name += `${text}\n`;
    else if (field.type === "short_text" || field.type === "slug") texts.short += `${text}\n`;
    else texts.long += `${text}\n`;
  }
  return {
    locale,
    name: cutText(texts.name, MOST_CHARS.name),
    short: cutText(texts.short, MOST_CHARS.short),
    long: cutText(texts.long, MOST_CHARS.long),
  };
}

/** The words of one value; empty for fields that hold none. */
export function textOf(field: Field, value: unknown): string {
  switch (field.type) {
    case "short_text":
    case "long_text":
    case "markdown":
    case "slug":
    case "email":
    case "enum":
      return Array.isArray(value) ? value.join("\n") : String(value);
    case "rich_text":
      return renderText(value as never);
    case "component":
      return inside(field.fields!, value as Values);
    case "blocks":
      return (value as (Values & { type: string })[])
        .map((block) => inside(field.components!.find(({ id }) => id === block.type)?.fields ?? [], block))
        .join("\n");
    default:
      return "";
  }
}

function inside(fields: Field[], owner: Values): string {
  return fields
    .map((field) => {
      const value = ownValue(owner, field.id);
      return value === null || value === undefined ? "" : textOf(field, value);
    })
    .join("\n");
}

function resolve(byLocale: Values | undefined, chain: string[]): unknown {
  for (const code of chain) {
    const value = byLocale?.[code];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}
