import type { CompiledType } from "./compile-type.ts";
import { kindOf, partOf, type Column } from "./field-kinds/index.ts";
import type { Field } from "./schemas.ts";

const MAX_STEPS = 24;
const found = new WeakMap<CompiledType, Map<string, Column>>();

/**
 * A field of a type, a part of one, or one inside components and blocks, by its path: `price`,
 * `price.amount`, `seo.title`, `page.hero.text`. `page.hero` are the blocks of that kind.
 */
export function fieldAt(type: CompiledType, path: string): Column | undefined {
  const own = type.fields.get(path);
  if (own || !path.includes(".")) return own;
  let known = found.get(type);
  if (!known) found.set(type, (known = new Map()));
  let column = known.get(path);
  if (column) return column;
  const [id, ...steps] = path.split(".", MAX_STEPS) as [string, ...string[]];
  column = steps.reduce<Column | undefined>((at, step) => at && columnIn(at, step), type.fields.get(id));
  if (column) known.set(path, column);
  return column;
}

/** A part of a column's values, a field inside its components, or one kind of its blocks. */
export function columnIn(column: Column, name: string): Column | undefined {
  if (column.place !== undefined) return undefined;
  if (kindOf(column).parts) return partOf(column, name);
  if (column.type === "component") {
    const field = column.fields?.find(({ id }) => id === name);
    return field && insideOf(column, field, levelsIn(column));
  }
  const block = column.components?.find(({ id }) => id === name);
  if (!block) return undefined;
  const { fields } = block;
  const like = { id: name, type: "component", fields, multiple: false } as Field;
  return insideOf(column, like, levelsIn(column), true);
}

/** The names that `columnIn` finds. */
export const namesIn = (column: Column): string[] =>
  column.place !== undefined
    ? []
    : [
        ...Object.keys(kindOf(column).parts ?? {}),
        ...(column.fields ?? column.components ?? []).map(({ id }) => id),
      ];

/** Whether there are fields inside a column that queries find. */
export const hasInside = ({ fields, components }: Field): boolean =>
  fields !== undefined || components !== undefined;

/** The digits of one list or of blocks in the place of an element. */
export const PLACE_DIGITS = 3;

/** How many lists and blocks are around what is inside a column. */
export function levelsIn(column: Column): number {
  const isList = column.inner ? column.inner.isList : column.multiple;
  return (column.inner?.levels ?? 0) + (isList || column.type !== "component" ? 1 : 0);
}

/** Whether conditions inside a column are about one of several elements. */
export const hasElements = (column: Column): boolean =>
  column.type === "component" &&
  (column.inner ? column.inner.isList || column.inner.isBlock : column.multiple);

function insideOf(owner: Column, field: Field, levels: number, isBlock = false): Column {
  return {
    ...field,
    id: `${owner.id}.${field.id}`,
    localized: owner.localized,
    multiple: field.multiple || levels > 0,
    required: false,
    unique: false,
    inner: { root: owner.inner?.root ?? owner.id, levels, isList: field.multiple, isBlock },
  };
}

/** The paths of all columns of a type for which something holds, with those of parts and inner fields. */
export function columnsWhere(type: CompiledType, holds: (column: Column) => boolean): string[] {
  const paths: string[] = [];
  const visit = (column: Column, path: string): void => {
    if (holds(column)) paths.push(path);
    for (const name of namesIn(column)) {
      const inner = columnIn(column, name);
      if (inner && paths.length < MAX_NAMES) visit(inner, `${path}.${name}`);
    }
  };
  for (const field of type.fields.values()) visit(field, field.id);
  return paths;
}

/** Suggestions look at no more. */
const MAX_NAMES = 500;
