/** A condition in CEL that values have to meet, and what writers are told whose values do not. */
type Rule = { expression: string; message: string; level?: "error" | "warning" };
/** A default that is worked out when an entry is made. */
type ByExpression = { expression: string };

type FieldBase = {
  /** Lower-case letters, digits and single underscores. */
  id: string;
  name?: string;
  help?: string;
  required?: boolean;
  /** One value per locale. */
  localized?: boolean;
  /** A condition in CEL under which a value is required. */
  required_if?: string;
  /** A condition in CEL under which editors are shown the field. */
  visible_if?: string;
  rules?: Rule[];
  /** An expression in CEL whose value is stored; the field is not written then. */
  computed?: string;
  /** How the form of an entry shows it. */
  editor?: {
    group?: string;
    width?: "full" | "two_thirds" | "half" | "third" | "quarter";
    order?: number;
    placeholder?: string;
    hidden?: boolean;
    read_only?: boolean;
  };
};
type Groups = { id: string; name: string; help?: string; tab?: boolean }[];
type Bounds = { min?: number; max?: number };
type Text = Bounds & { pattern?: string; default?: string | ByExpression };
type Many = { multiple?: boolean };
type Unique = { unique?: boolean };

/** A value of an enum, with its label if it has one. */
type EnumOption = string | number | { value: string | number; label: string };

/** A field of a content type; what else it may have depends on its `type`. */
export type FieldDefinition = FieldBase &
  (
    | ({ type: "short_text" | "email" | "url" } & Unique &
        Many &
        Omit<Text, "default"> & { default?: string | string[] | ByExpression })
    | ({ type: "long_text" | "markdown" } & Text)
    | ({
        type: "slug";
        /** The fields that it is made of when none is given. */
        from?: string[];
        /** Whether entries are read by the slugs of their parents and this one. */
        path?: boolean;
        /** Whether entries are read by this one of several. */
        primary?: boolean;
      } & Unique &
        Text)
    | ({ type: "integer" | "number" } & Bounds &
        Unique &
        Many & { default?: number | number[] | ByExpression })
    | ({ type: "decimal"; scale?: number; min?: number | string; max?: number | string } & Unique &
        Many & { default?: string | string[] | ByExpression })
    | ({ type: "money"; currencies?: string[]; min?: number | string; max?: number | string } & {
        default?: unknown;
      })
    | ({ type: "date" | "datetime" | "time"; min?: string | number; max?: string | number } & Unique &
        Many & { default?: string | string[] | ByExpression })
    | {
        type: "date_range" | "datetime_range";
        open_ends?: ("from" | "to")[];
        min?: string;
        max?: string;
        default?: unknown;
      }
    | ({ type: "number_range"; open_ends?: ("from" | "to")[]; default?: unknown } & Bounds)
    | { type: "boolean"; default?: boolean | ByExpression }
    | ({ type: "color" } & Bounds & Unique & Many & { default?: string | string[] | ByExpression })
    | ({
        type: "enum";
        options: EnumOption[];
        default?: string | number | (string | number)[] | ByExpression;
      } & Bounds &
        Unique &
        Many)
    | {
        type: "rich_text";
        nodes?: string[];
        marks?: string[];
        headings?: number[];
        links?: { to?: string[]; protocols?: string[] };
        embeds?: string[];
        /** The components that are marks: they annotate a text, and are no blocks. */
        annotations?: string[];
        components?: (string | { id: string; name?: string; fields: FieldDefinition[]; rules?: Rule[] })[];
        default?: unknown;
      }
    | { type: "json"; schema?: Record<string, unknown>; default?: unknown }
    | ({ type: "location"; default?: unknown } & Bounds & Many)
    | ({
        type: "media";
        accept?: string[];
        max_bytes?: number;
        min_width?: number;
        max_width?: number;
        min_height?: number;
        max_height?: number;
      } & Bounds &
        Many)
    | ({ type: "reference"; to?: string[] } & Bounds & Many)
    | ({ type: "component" } & Bounds & Many & ({ fields: FieldDefinition[] } | { component: string }))
    | ({
        type: "blocks";
        /** Ids of reusable components, or components of this field alone. */
        components: (string | { id: string; name?: string; fields: FieldDefinition[]; rules?: Rule[] })[];
      } & Bounds)
  );

/** A content type as a file of the project describes it. */
export type TypeDefinition = {
  id: string;
  name: string;
  description?: string;
  /** The field that names an entry in lists. */
  display_field?: string;
  fields: FieldDefinition[];
  /** Former ids or paths of fields with the present ones: `{ seo_title: "seo.title" }`. */
  renames?: Record<string, string>;
  /** Whether there is one entry only. */
  singleton?: boolean;
  /** Whether editors put its entries in an order. */
  ordered?: boolean;
  /** The field that makes a tree of its entries. */
  parent?: string;
  /** Lists of the entries that refer to one of this type by a field. */
  back_references?: { id: string; name?: string; type: string; field: string }[];
  /** Conditions that the values of an entry have to meet. */
  rules?: Rule[];
  /** Lists of fields whose values are unique together. */
  unique?: string[][];
  /** How editors are shown its entries. */
  editor?: { icon?: string; groups?: Groups; order?: number; list_columns?: string[]; preview_url?: string };
  review?: {
    stages: { id: string; name?: string; from?: string[]; by?: string[] }[];
    publish_from?: string[];
  };
};

/** A component as a file of the project describes it. */
export type ComponentDefinition = {
  id: string;
  name: string;
  description?: string;
  fields: FieldDefinition[];
  rules?: Rule[];
  /** Former ids of fields with the present ones. */
  renames?: Record<string, string>;
  editor?: { icon?: string; groups?: Groups };
};

/**
 * Describes a component that several content types use, checked by the compiler.
 *
 * @example
 * export default defineComponent({ id: "seo", name: "SEO", fields: [{ id: "title", type: "short_text" }] });
 */
export function defineComponent<const T extends ComponentDefinition>(definition: T): T {
  return definition;
}

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
