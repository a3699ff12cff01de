import { findAttribute, type ResourceSchema } from "./attributes.ts";
import { badValue } from "./schemas.ts";
import { isObject, type Kept } from "./read-resource.ts";

/** Which attributes an answer shows (RFC 7644, 3.9). */
export type Shown = { attributes?: string | undefined; excludedAttributes?: string | undefined };

const MAX_NAMES = 100;

/**
 * A resource with the attributes that are wanted alone, or without those that are not; `id` and
 * `schemas` are always there, and names that are not known mean nothing. Throws INVALID where both
 * are given.
 */
export function project<Resource extends object>(
  schema: ResourceSchema,
  resource: Resource,
  shown: Shown,
): Resource {
  const [wanted, unwanted] = [namesOf(shown.attributes), namesOf(shown.excludedAttributes)];
  if (wanted && unwanted) throw badValue("attributes and excludedAttributes cannot be combined.");
  if (!wanted && !unwanted) return resource;
  const steps = (wanted ?? unwanted)!.flatMap((name) => {
    const found = findAttribute(schema, name);
    return found ? [found.steps] : [];
  });
  const always = { schemas: (resource as Kept)["schemas"], id: (resource as Kept)["id"] };
  if (!wanted) return { ...without(resource as Kept, steps), ...always } as Resource;
  return { ...always, ...only(resource as Kept, steps) } as Resource;
}

function namesOf(text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  const names = text.split(",", MAX_NAMES + 1).flatMap((name) => name.trim() || []);
  if (names.length > MAX_NAMES) throw badValue(`At most ${MAX_NAMES} attributes can be named.`);
  return names.length === 0 ? undefined : names;
}

function only(value: Kept, paths: string[][]): Kept {
  const out: Kept = {};
  for (const [name, one] of Object.entries(value)) {
    const inner = paths.filter(([first]) => first === name).map(([, ...rest]) => rest);
    if (inner.length === 0) continue;
    out[name] = inner.some((rest) => rest.length === 0) ? one : each(one, (part) => only(part, inner));
  }
  return out;
}

function without(value: Kept, paths: string[][]): Kept {
  const out: Kept = {};
  for (const [name, one] of Object.entries(value)) {
    const inner = paths.filter(([first]) => first === name).map(([, ...rest]) => rest);
    if (inner.some((rest) => rest.length === 0)) continue;
    out[name] = inner.length === 0 ? one : each(one, (part) => without(part, inner));
  }
  return out;
}

const each = (value: unknown, work: (part: Kept) => Kept): unknown =>
  Array.isArray(value)
    ? value.map((one) => (isObject(one) ? work(one) : one))
    : isObject(value)
      ? work(value)
      : value;
