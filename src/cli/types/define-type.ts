type FieldBase = {
  /** Lower-case letters, digits and single underscores. */
  id: string;
  name?: string;
  help?: string;
  required?: boolean;
  /** One value per locale. */
  localized?: boolean;
};
type Bounds = { min?: number; max?: number };
type Text = Bounds & { pattern?: string; default?: string };
type Many = { multiple?: boolean };
type Unique = { unique?: boolean };

/** A field of a content type; what else it may have depends on its `type`. */
export type FieldDefinition = FieldBase &
  (
    | ({ type: "short_text" | "email" | "url" } & Unique &
        Many &
        Omit<Text, "default"> & { default?: string | string[] })
    | ({ type: "long_text" | "markdown" } & Text)
    | ({ type: "slug" } & Unique & Text)
    | ({ type: "integer" | "number" } & Bounds & Unique & { default?: number })
    | { type: "boolean"; default?: boolean }
    | ({ type: "date" | "datetime" | "color" } & Unique & { default?: string })
    | ({ type: "enum"; options: string[]; default?: string | string[] } & Bounds & Unique & Many)
    | { type: "rich_text" | "json" | "location"; default?: unknown }
    | ({ type: "media" } & Bounds & Many)
    | ({ type: "reference"; to?: string[] } & Bounds & Many)
    | { type: "component"; fields: FieldDefinition[] }
    | ({ type: "blocks"; components: { id: string; name?: string; fields: FieldDefinition[] }[] } & Bounds)
  );

/** A content type as a file of the project describes it. */
export type TypeDefinition = {
  id: string;
  name: string;
  description?: string;
  /** The field that names an entry in lists. */
  display_field?: string;
  fields: FieldDefinition[];
  review?: {
    stages: { id: string; name?: string; from?: string[]; by?: string[] }[];
    publish_from?: string[];
  };
};

/**
 * Describes a content type, checked by the compiler.
 *
 * @example
 * export default defineType({ id: "page", name: "Page", fields: [{ id: "title", type: "short_text",
 * required: true }] });
 */
export function defineType<const T extends TypeDefinition>(definition: T): T {
  return definition;
}
