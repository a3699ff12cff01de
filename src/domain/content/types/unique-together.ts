import type { ErrorDetail } from "../../../core/errors.ts";
import { addDetail } from "../../../core/nearest.ts";
import { ownValue } from "../../../core/own-value.ts";
import { kindOf, MAX_INDEXED_LENGTH } from "./field-kinds/index.ts";
import type { Field, ResolvedType } from "./schemas.ts";

/** The field types besides those of which single values can be unique. */
const ALSO = ["enum", "boolean", "reference", "media"];

/** Checks the lists of fields that are unique together; problems are added to `issues`. */
export function checkUniqueTogether({ unique = [], fields }: ResolvedType, issues: ErrorDetail[]): void {
  const byId = new Map(fields.map((field) => [field.id, field]));
  const names = unique.map(nameOfSet);
  unique.forEach((ids, i) => {
    if (names.indexOf(names[i]!) !== i) addDetail(issues, `unique[${i}]`, "is given twice");
    ids.forEach((id, j) => {
      const at = `unique[${i}][${j}]`;
      const field = byId.get(id);
      if (!field)
        addDetail(issues, at, `there is no field "${id}".`, { written: id, valid: () => byId.keys() });
      else if (field.multiple || !(kindOf(field).canBeUnique || ALSO.includes(field.type)))
        addDetail(
          issues,
          at,
          `"${id}" is of type ${field.multiple ? "list" : field.type}, which cannot be unique`,
        );
      if (ids.indexOf(id) !== j) addDetail(issues, at, `"${id}" is used twice`);
    });
  });
}

/** How the side table names a list of fields: no field is called so. */
export const nameOfSet = (ids: readonly string[]): string => ids.join(",");

/** The values of unique fields together, as the side table has them: one for each locale, if they differ by it. */
export type UniqueRow = { f: string; l: string; o: 0; u: string };

/**
 * The rows of an entry's unique lists of fields. Where a value is missing, nothing is unique. `shared`
 * and `localized` values are those of the whole entry.
 */
export function uniqueRows(
  definition: Pick<ResolvedType, "unique" | "fields">,
  data: Readonly<Record<string, unknown>>,
): UniqueRow[] {
  return (definition.unique ?? []).flatMap((ids) => {
    const fields = ids.map((id) => definition.fields.find((field) => field.id === id)!);
    const locales = new Set(
      fields.filter((field) => field.localized).flatMap(({ id }) => Object.keys(Object(ownValue(data, id)))),
    );
    const isLocalized = fields.some((field) => field.localized);
    return (isLocalized ? [...locales] : [""]).flatMap((locale): UniqueRow[] => {
      const values = fields.map((field) => valueIn(field, data, locale));
      if (values.some((value) => value === null || value === undefined || value === "")) return [];
      const u = JSON.stringify(
        values.map((value, i) => kindOf(fields[i]!).identity?.(value) ?? String(value)),
      );
      return [{ f: nameOfSet(ids), l: locale, o: 0, u }];
    });
  });
}

/** Rows that are too long for the index that keeps values unique. */
export const tooLongRow = (rows: readonly UniqueRow[]): UniqueRow | undefined =>
  rows.find(({ u }) => u.length > MAX_INDEXED_LENGTH);

function valueIn(field: Field, data: Readonly<Record<string, unknown>>, locale: string): unknown {
  const value = ownValue(data, field.id);
  return field.localized ? ownValue(Object(value) as Record<string, unknown>, locale) : value;
}
