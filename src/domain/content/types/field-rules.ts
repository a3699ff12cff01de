import { RE2JS } from "re2js";
import type { Field } from "./schemas.ts";

/** What the fields of a type, a component or a block come to, worked out once for each definition. */
export type Shape = {
  byId: ReadonlyMap<string, { field: Field; place: number }>;
  /** Fields that are looked at also when they are not given. */
  required: readonly Field[];
  defaulted: readonly Field[];
};

const shapes = new WeakMap<readonly Field[], Shape>();
const patterns = new WeakMap<Field, { pattern: RE2JS; steps: number }>();
const options = new WeakMap<Field, ReadonlyMap<string | number, string | undefined>>();
const sizes = new WeakMap<Field, number>();

export function shapeOf(fields: readonly Field[]): Shape {
  let shape = shapes.get(fields);
  if (!shape) {
    shape = {
      byId: new Map(fields.map((field, place) => [field.id, { field, place }])),
      required: fields.filter((field) => field.required),
      defaulted: fields.filter((field) => field.default !== undefined && field.default !== null),
    };
    shapes.set(fields, shape);
  }
  return shape;
}

/**
 * The relevant fields of a value, in the order of the definition: given ones, those with a default, and,
 * when requested, required ones. Absent fields cost nothing.
 */
export function fieldsToCheck(shape: Shape, given: Iterable<string>, asksRequired: boolean): Field[] {
  if (shape.defaulted.length === 0 && !(asksRequired && shape.required.length > 0)) {
    const found: { field: Field; place: number }[] = [];
    for (const id of given) {
      const one = shape.byId.get(id);
      if (one) found.push(one);
    }
    return inOrder(found);
  }
  const wanted = new Map<string, { field: Field; place: number }>();
  const add = (id: string) => {
    const found = shape.byId.get(id);
    if (found) wanted.set(id, found);
  };
  for (const id of given) add(id);
  for (const field of shape.defaulted) add(field.id);
  if (asksRequired) for (const field of shape.required) add(field.id);
  return inOrder([...wanted.values()]);
}

const inOrder = (found: { field: Field; place: number }[]): Field[] =>
  found.sort((a, b) => a.place - b.place).map(({ field }) => field);

/** A field's pattern, compiled, and how many steps it takes for each character at most. */
export function patternOf(field: Field): { pattern: RE2JS; steps: number } {
  let found = patterns.get(field);
  if (!found) {
    const pattern = RE2JS.compile(field.pattern!);
    patterns.set(field, (found = { pattern, steps: pattern.programSize() }));
  }
  return found;
}

/** The values of an enum in their order, each with its label if it has one. */
export function optionsOf(field: Field): ReadonlyMap<string | number, string | undefined> {
  let known = options.get(field);
  if (!known) {
    const pairs = (field.options ?? []).map((option) =>
      typeof option === "object" ? ([option.value, option.label] as const) : ([option, undefined] as const),
    );
    options.set(field, (known = new Map(pairs)));
  }
  return known;
}

/** Whether the options of an enum are numbers. */
export const isNumeric = ({ options: [first] = [] }: Field): boolean =>
  typeof (typeof first === "object" ? first.value : first) === "number";

/** The characters of a field's default as JSON. */
export function sizeOfDefault(field: Field): number {
  let size = sizes.get(field);
  if (size === undefined) sizes.set(field, (size = JSON.stringify(field.default).length));
  return size;
}
