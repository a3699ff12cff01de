import { withCustom, withKnownKinds, type CompiledType, type Field } from "../../types/index.ts";
import type { Access } from "../../grants/index.ts";

type Values = Record<string, unknown>;

/** Who reads, and what of a type they may read. */
export type Reading = { access: Access; type: CompiledType; may(path: string): boolean };

/**
 * What of a value may be read; undefined for nothing. What is inside components, blocks and rich text is
 * decided by its path, such as `seo.title` and `page.hero.text`; elements of which nothing may be read go,
 * and blocks and marks of a kind that the field does not have.
 */
export function readablePart(reading: Reading, field: Field, value: unknown, path = field.id): unknown {
  const { access, type, may } = reading;
  const isMine = may(path);
  if (access.namedBelow(type, path).length === 0) return isMine ? value : undefined;
  if (field.type === "rich_text")
    return isMine
      ? withCustom(field, withKnownKinds(field, value), (part) => partOf(reading, part, path))
      : undefined;
  const isShown = isMine || isAnyShown(reading, field, path);
  if (!isShown || value === null || value === undefined) return isShown ? value : undefined;
  if (Array.isArray(value)) return value.flatMap((one) => elementOf(reading, field, one, path) ?? []);
  return elementOf(reading, field, value, path);
}

/** One component, or one block. */
function elementOf(reading: Reading, field: Field, value: unknown, path: string): Values | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const owner = value as Values;
  if (field.fields) return insideOf(reading, field.fields, owner, path);
  const block = field.components?.find(({ id }) => id === owner["type"]);
  if (!block) return undefined;
  const at = `${path}.${block.id}`;
  const isShown =
    reading.may(path) || block.fields.some((one) => isAnyShown(reading, one, `${at}.${one.id}`));
  return isShown ? { type: block.id, ...insideOf(reading, block.fields, owner, at) } : undefined;
}

function insideOf(reading: Reading, fields: readonly Field[], owner: Values, path: string): Values {
  const shown: Values = {};
  for (const field of fields) {
    if (!Object.hasOwn(owner, field.id)) continue;
    const part = readablePart(reading, field, owner[field.id], `${path}.${field.id}`);
    if (part !== undefined) shown[field.id] = part;
  }
  return shown;
}

/** The values of a component in rich text. */
const partOf = (
  reading: Reading,
  { type, fields, attrs }: { type: string; fields: Field[]; attrs: Values },
  path: string,
): Values => insideOf(reading, fields, attrs, `${path}.${type}`);

/** Whether something of a field may be read, whatever its value. */
export function isAnyShown({ access, type, may }: Reading, field: Field, path = field.id): boolean {
  return [path, ...access.namedBelow(type, path)].some(may);
}
