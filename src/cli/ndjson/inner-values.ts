import type { Values } from "../import/entry-state.ts";
import type { Definition } from "./lines.ts";

type Field = Definition["fields"][number];
type Inner = { fields?: Field[]; components?: { id: string; fields: Field[] }[] };

/**
 * An entry's values with null for each field that has none: no default takes its place, at the top or
 * inside.
 */
export function withNulls(fields: Field[], values: Values): Values {
  const { isComputed, others } = byComputed(fields);
  const known = Object.fromEntries(
    others.map((field) => {
      const value = values[field.id] ?? null;
      if (!field.localized || value === null) return [field.id, filled(field, value)];
      const byLocale = Object.entries(value).map(([code, one]) => [code, filled(field, one)]);
      return [field.id, Object.fromEntries(byLocale)];
    }),
  );
  const given = Object.entries(values).filter(([id]) => !isComputed.has(id));
  return { ...Object.fromEntries(given), ...known };
}

/** Computed fields, which cannot be written, and the others. */
function byComputed(fields: Field[]) {
  const isComputed = new Set(fields.filter((field) => "computed" in field).map(({ id }) => id));
  return { isComputed, others: fields.filter(({ id }) => !isComputed.has(id)) };
}

function filled(field: Field, value: unknown): unknown {
  const { fields, components } = field as Inner;
  if (Array.isArray(value) && fields) return value.map((one) => filled(field, one));
  if (Array.isArray(value) && components)
    return value.map((block: Values) => inside(fieldsOf(components, block["type"]), block));
  if (field.type === "rich_text" && components)
    return withParts(value, (type, attrs) => inside(fieldsOf(components, type), attrs));
  return fields && typeof value === "object" && value !== null ? inside(fields, value as Values) : value;
}

const fieldsOf = (components: NonNullable<Inner["components"]>, type: unknown): Field[] =>
  components.find(({ id }) => id === type)?.fields ?? [];

/** A document with other values in its nodes and marks, at every depth. */
function withParts(value: unknown, change: (type: unknown, attrs: Values) => Values): unknown {
  if (Array.isArray(value)) return value.map((one) => withParts(one, change));
  if (typeof value !== "object" || value === null) return value;
  const { type, attrs, marks, content } = value as Values;
  return {
    ...value,
    ...(attrs ? { attrs: change(type, attrs as Values) } : {}),
    ...(marks ? { marks: withParts(marks, change) } : {}),
    ...(content ? { content: withParts(content, change) } : {}),
  };
}

function inside(fields: Field[], owner: Values): Values {
  const out = { ...owner };
  for (const field of fields) {
    if ("computed" in field) delete out[field.id];
    else if (owner[field.id] !== undefined) out[field.id] = filled(field, owner[field.id]);
    else if ("default" in field) out[field.id] = null;
  }
  return out;
}

/** A stored value without what its field has no place for any more: fields of components, and blocks. */
export function knownValue(field: Field, value: unknown): unknown {
  const { fields, components } = field as Inner;
  const known = (inner: Field[], owner: Values): Values =>
    Object.fromEntries(
      Object.entries(owner).flatMap(([id, one]) => {
        const own = inner.find((other) => other.id === id);
        return own ? [[id, knownValue(own, one)]] : [];
      }),
    );
  if (fields && Array.isArray(value)) return value.map((one) => knownValue(field, one));
  if (fields && typeof value === "object" && value !== null) return known(fields, value as Values);
  if (field.type === "rich_text" && components)
    return withParts(value, (type, attrs) => {
      const component = components.find(({ id }) => id === type);
      return component ? known(component.fields, attrs) : attrs;
    });
  if (!components || !Array.isArray(value)) return value;
  return (value as Values[]).flatMap((block) => {
    const component = components.find(({ id }) => id === block["type"]);
    return component ? [{ type: block["type"], ...known(component.fields, block) }] : [];
  });
}
