import type { Definition } from "./lines.ts";

type Field = Definition["fields"][number];
type Part = string | { id: string; fields: Field[] };
const MAX_DEPTH = 8;

/** A definition with the fields of reusable components in their places, as values have them. */
export function placeComponents(
  definition: Definition,
  components: ReadonlyMap<string, Definition>,
): Definition {
  const fieldsOf = (id: string, depth: number): Field[] =>
    depth > MAX_DEPTH ? [] : (components.get(id)?.fields ?? []).map((field) => placed(field, depth));
  const placed = (field: Field, depth: number): Field => {
    const {
      component,
      fields,
      components: parts,
    } = field as Field & {
      component?: string;
      fields?: Field[];
      components?: Part[];
    };
    const inner =
      component === undefined ? fields?.map((one) => placed(one, depth + 1)) : fieldsOf(component, depth + 1);
    const blocks = parts?.map((part) =>
      typeof part === "string"
        ? { id: part, fields: fieldsOf(part, depth + 1) }
        : { ...part, fields: part.fields.map((one) => placed(one, depth + 1)) },
    );
    return { ...field, ...(inner ? { fields: inner } : {}), ...(blocks ? { components: blocks } : {}) };
  };
  return { ...definition, fields: definition.fields.map((field) => placed(field, 1)) };
}
