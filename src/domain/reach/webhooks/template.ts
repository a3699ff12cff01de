import { ownValue } from "../../../core/own-value.ts";

const WHOLE = /^\{\{\s*([\w.-]+)\s*\}\}$/;
const PARTS = /\{\{\s*([\w.-]+)\s*\}\}/g;

/** The values that a template takes, and how many characters of them there may still be. */
type Source = { payload: unknown; room: number };

/**
 * The JSON that a template makes of a payload: a string that is nothing but `{{path}}` becomes the value
 * itself, inside other text it is written into it, as JSON unless it is a string. What is not there is
 * null, or empty text. Null for more than `maxBytes`, of which no more is made than that.
 */
export function fillTemplate(template: unknown, payload: unknown, maxBytes: number): string | null {
  const source = { payload, room: maxBytes };
  const body = JSON.stringify(filled(template, source));
  return source.room >= 0 && bytesOf(body) <= maxBytes ? body : null;
}

function filled(template: unknown, source: Source): unknown {
  if (typeof template === "string") {
    const [, whole] = WHOLE.exec(template) ?? [];
    if (whole !== undefined) return take(source, whole, (value) => JSON.stringify(value).length);
    return template.replace(PARTS, (_, path: string) =>
      textOf(take(source, path, (value) => textOf(value).length)),
    );
  }
  if (Array.isArray(template)) return template.map((one) => filled(one, source));
  if (typeof template !== "object" || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, filled(value, source)]));
}

/** A value while there is room for it, otherwise null. */
function take(source: Source, path: string, charsOf: (value: unknown) => number): unknown {
  if (source.room < 0) return null;
  const value = valueAt(source.payload, path) ?? null;
  source.room -= charsOf(value);
  return source.room < 0 ? null : value;
}

export const bytesOf = (json: string): number => new TextEncoder().encode(json).byteLength;

/** A value by a path such as `data.fields.title` or `events.0.type`. */
function valueAt(payload: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (at, step) =>
        typeof at === "object" && at !== null ? ownValue(at as Record<string, unknown>, step) : undefined,
      payload,
    );
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
