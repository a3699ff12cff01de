import { ownValue } from "../../../../core/own-value.ts";
import {
  customIn,
  filterKind,
  hasInside,
  kindOf,
  PLACE_DIGITS,
  type Cell,
  type Field,
} from "../../types/index.ts";
import type { FieldRow } from "./field-row.ts";

/** How many rows the values inside one field have, in one locale; those behind them are not found. */
export const MAX_INNER_ROWS = 2000;

type Values = Record<string, unknown>;
type Writer = { rows: FieldRow[]; locale: string; left: number; ordinals: Map<string, number> };

const placeOf = (i: number): string => i.toString(36).padStart(PLACE_DIGITS, "0");

/**
 * The side rows of what is inside components and blocks, by path: `seo.title`, `page.hero.text`. `x`
 * says in which element of lists and blocks a row is. Each component and each block has a row without
 * a value, and so has a value that is not indexed.
 */
export function addInnerRows(rows: FieldRow[], field: Field, locale: string, value: unknown): void {
  if (!hasInside(field)) return;
  const writer: Writer = { rows, locale, left: MAX_INNER_ROWS, ordinals: new Map() };
  visit(writer, field, field.id, "", value);
}

function put(writer: Writer, path: string, element: string, cells: readonly Cell[] = [{}]): void {
  if (writer.left <= 0) return;
  const first = writer.ordinals.get(path) ?? 0;
  writer.ordinals.set(path, first + cells.length);
  writer.left -= cells.length;
  cells.forEach((cell, i) =>
    writer.rows.push({
      f: path,
      l: writer.locale,
      o: first + i,
      x: element,
      ...cell,
    }),
  );
}

function visit(writer: Writer, field: Field, path: string, element: string, value: unknown): void {
  if (value === null || value === undefined || writer.left <= 0) return;
  if (field.type === "component") visitComponents(writer, field, path, element, value);
  else if (hasInside(field)) {
    put(writer, path, element);
    blocksIn(field, value).forEach(({ type, fields, values }, i) =>
      visitFields(writer, fields, `${path}.${type}`, element + placeOf(i), values),
    );
  } else visitValue(writer, field, path, element, value);
}

function visitComponents(writer: Writer, field: Field, path: string, element: string, value: unknown): void {
  if (!field.multiple) return visitFields(writer, field.fields!, path, element, value);
  const list = [value].flat();
  // A list that is empty is a value, and no element of its own.
  if (list.length === 0) put(writer, path, element);
  list.forEach((one, i) => visitFields(writer, field.fields!, path, element + placeOf(i), one));
}

function visitFields(
  writer: Writer,
  fields: readonly Field[],
  path: string,
  element: string,
  values: unknown,
): void {
  put(writer, path, element);
  for (const inner of fields)
    visit(writer, inner, `${path}.${inner.id}`, element, ownValue(Object(values) as Values, inner.id));
}

function visitValue(writer: Writer, field: Field, path: string, element: string, value: unknown): void {
  const list = Array.isArray(value) ? (value as unknown[]) : [value];
  const kind = filterKind(field);
  const { cells } = kindOf(field);
  if (kind === "none" || list.length === 0) put(writer, path, element);
  else if (kind === "reference") for (const id of list) put(writer, path, element, [{ t: String(id) }]);
  else for (const one of list) put(writer, path, element, cells?.(one) ?? []);
}

function blocksIn(field: Field, value: unknown): { type: string; fields: Field[]; values: Values }[] {
  if (field.type === "rich_text")
    return (Object(value) as Values)["type"] === "doc"
      ? customIn(field, value).map(({ type, fields, attrs }) => ({ type, fields, values: attrs }))
      : [];
  if (!Array.isArray(value)) return [];
  return (value as Values[]).flatMap((block) => {
    const component = field.components!.find(({ id }) => id === block?.["type"]);
    return component ? [{ type: component.id, fields: component.fields, values: block }] : [];
  });
}
