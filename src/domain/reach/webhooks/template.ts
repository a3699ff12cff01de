import { ownValue } from "../../../core/own-value.ts";

const WHOLE = /^\{\{\s*([\w.-]+)\s*\}\}$/;
const PARTS = /\{\{\s*([\w.-]+)\s*\}\}/g;

/**
 * A template filled from a payload: a string that is nothing but `{{path}}` becomes the value itself,
 * inside other text it is written into it, as JSON unless it is a string. What is not there is null, or
 * empty text.
 */
export function fillTemplate(template: unknown, payload: unknown): unknown {
  if (typeof template === "string") {
    const [, whole] = WHOLE.exec(template) ?? [];
    if (whole !== undefined) return valueAt(payload, whole) ?? null;
    return template.replace(PARTS, (_, path: string) => textOf(valueAt(payload, path)));
  }
  if (Array.isArray(template)) return template.map((one) => fillTemplate(one, payload));
  if (typeof template !== "object" || template === null) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) => [key, fillTemplate(value, payload)]),
  );
}

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
