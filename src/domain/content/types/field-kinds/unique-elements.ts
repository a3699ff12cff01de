import { ownValue } from "../../../../core/own-value.ts";
import type { Field } from "../schemas.ts";
import { fail, join, type Check, type FieldKind } from "./field-kind.ts";

type Element = { fields: readonly Field[]; value: unknown; path: string; group: string };

/** Checks that the values of unique fields differ among the elements of a list, each kind of block by itself. */
export function checkUniqueElements(
  elements: readonly Element[],
  check: Check,
  identityOf: (field: Field) => FieldKind["identity"],
): void {
  const seen = new Map<string, string>();
  for (const { fields, value, path, group } of elements)
    for (const field of fields) {
      if (!field.unique) continue;
      const own = ownValue(Object(value) as Record<string, unknown>, field.id);
      if (own === null || own === undefined || own === "") continue;
      const key = JSON.stringify([group, field.id, identityOf(field)?.(own) ?? String(own)]);
      const first = seen.get(key);
      if (first === undefined) seen.set(key, path);
      else fail(check, join(path, field.id), `must be unique in this list: ${first} has the same value`);
    }
}
