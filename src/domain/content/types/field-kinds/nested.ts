import { fail, inRange, isFull, MAX_ELEMENTS, misnamed, range, type FieldKind } from "./field-kind.ts";

export const COMPONENT: FieldKind = {
  filter: "none",
  expects: () => "an object",
  canBeMultiple: true,
  check: (field, value, path, check, inner) => inner(field.fields!, value, path, check),
};

export const BLOCKS: FieldKind = {
  filter: "none",
  expects: ({ components = [] }) =>
    `a list of blocks, each with its type: ${components.map(({ id }) => id).join(", ")}`,
  check(field, value, path, check, inner) {
    if (!Array.isArray(value)) return fail(check, path, `must be ${BLOCKS.expects(field)}`);
    if (value.length > MAX_ELEMENTS || !inRange(field, value.length))
      fail(check, path, `must have ${range(field)} blocks`);
    const components = new Map(field.components!.map((component) => [component.id, component]));
    return value.slice(0, MAX_ELEMENTS).map((block: unknown, i) => {
      if (isFull(check)) return null;
      const at = `${path}[${i}]`;
      const type =
        typeof block === "object" && block !== null ? (block as { type?: unknown }).type : undefined;
      const written = typeof type === "string" ? type : "";
      const component = components.get(written);
      if (!component)
        return misnamed(check, `${at}.type`, "must name a block.", written, () => components.keys());
      return inner(component.fields, block, at, check, ["type"]);
    });
  },
};
