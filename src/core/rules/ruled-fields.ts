/** A condition that values have to meet, in CEL; a `warning` is told and forbids nothing. */
export type Rule = { expression: string; message: string; level?: "error" | "warning" | undefined };

/** What of a field's definition rules depend on; components are in their places. */
export type RuledField = {
  id: string;
  type: string;
  multiple?: boolean | undefined;
  localized?: boolean | undefined;
  required?: boolean | undefined;
  scale?: number | undefined;
  options?: readonly (string | number | { value: string | number })[] | undefined;
  /** The id of the reusable component that its fields are of. */
  component?: string | undefined;
  fields?: readonly RuledField[] | undefined;
  /** Rules of the component, over its own fields. */
  component_rules?: readonly Rule[] | undefined;
  components?:
    | readonly {
        id: string;
        component?: string | undefined;
        fields: readonly RuledField[];
        rules?: readonly Rule[] | undefined;
      }[]
    | undefined;
  /** The components of rich text that are marks. */
  annotations?: readonly string[] | undefined;
  required_if?: string | undefined;
  visible_if?: string | undefined;
  rules?: readonly Rule[] | undefined;
  computed?: string | undefined;
  default?: unknown;
};

/** A content type as its rules see it. */
export type RuledType = { fields: readonly RuledField[]; rules?: readonly Rule[] | undefined };

/** Names that expressions have besides those of fields; a field that is called so is `entry.now`. */
export const KNOWN_NAMES = ["locale", "actor", "now", "id", "entry", "old"] as const;
export type KnownName = (typeof KNOWN_NAMES)[number];

/** The expression of a default `{ "expression": … }`; a field of JSON has such an object as its value. */
export function defaultExpression({ type, default: given }: RuledField): string | undefined {
  if (type === "json" || type === "component" || typeof given !== "object" || given === null)
    return undefined;
  const { expression, ...others } = given as { expression?: unknown };
  return typeof expression === "string" && Object.keys(others).length === 0 ? expression : undefined;
}
