import * as z from "zod";

export const FIELD_TYPES = [
  "short_text",
  "long_text",
  "rich_text",
  "markdown",
  "integer",
  "number",
  "boolean",
  "date",
  "datetime",
  "slug",
  "enum",
  "email",
  "url",
  "color",
  "json",
  "location",
  "media",
  "reference",
  "component",
  "blocks",
] as const;

export const FieldType = z.enum(FIELD_TYPES);
export type FieldType = z.infer<typeof FieldType>;

/** Names of verbs that stand where a type's id stands in a path. */
export const RESERVED_TYPE_IDS = ["publish", "unpublish", "schedule", "bulk"];

/** Words of the filter grammar; a field cannot be called so. */
export const RESERVED_WORDS = ["and", "or", "not"];

/** Names that every entry has by itself; a field cannot be called so. */
export const RESERVED_FIELD_IDS = [
  "id",
  "type",
  "version",
  "status",
  "locale",
  "environment",
  "created_at",
  "created_by",
  "updated_at",
  "updated_by",
  "published_at",
  "published_version",
] as const;

const Identifier = z
  .string()
  .max(63, "at most 63 characters")
  .regex(
    /^[a-z](?:_?[a-z0-9])*$/,
    "lower-case letters, digits and single underscores, beginning with a letter",
  );
const Label = z.string().max(200);

const FieldBase = z.strictObject({
  id: Identifier,
  type: FieldType,
  name: Label.optional(),
  help: z.string().max(2000).optional(),
  required: z.boolean().default(false),
  unique: z.boolean().default(false),
  localized: z.boolean().default(false),
  /** Shortest text, smallest number, fewest elements. */
  min: z.number().optional(),
  max: z.number().optional(),
  /** RE2 syntax; the whole value must match. */
  pattern: z.string().max(500).optional(),
  default: z.json().optional(),
  options: z.array(z.string().min(1).max(200)).min(1).max(500).optional(),
  multiple: z.boolean().default(false),
  /** Ids of the content types a reference may point to; any when absent. */
  to: z.array(Identifier).min(1).max(50).optional(),
});

export type Field = z.infer<typeof FieldBase> & {
  fields?: Field[] | undefined;
  components?: { id: string; name?: string | undefined; fields: Field[] }[] | undefined;
};

const MAX_FIELDS = 200;

export const Field: z.ZodType<Field> = FieldBase.extend({
  get fields() {
    return z.array(Field).min(1).max(MAX_FIELDS).optional();
  },
  get components() {
    return z
      .array(
        z.strictObject({
          id: Identifier,
          name: Label.optional(),
          fields: z.array(Field).min(1).max(MAX_FIELDS),
        }),
      )
      .min(1)
      .max(100)
      .optional();
  },
}) as unknown as z.ZodType<Field>;

/** How entries are reviewed: stages in their order, who may move an entry into each, and from where it may be published. */
const Review = z.strictObject({
  stages: z
    .array(
      z.strictObject({
        id: Identifier,
        name: Label.optional(),
        /** Stages an entry may come from; any when absent. */
        from: z.array(Identifier).max(20).optional(),
        /** Scopes or actor ids that may move an entry here; everyone who may write when absent. */
        by: z.array(z.string().min(1).max(100)).min(1).max(50).optional(),
      }),
    )
    .min(2)
    .max(20),
  /** Stages from which an entry may be published; any when absent. */
  publish_from: z.array(Identifier).min(1).max(20).optional(),
});

export const TypeDefinition = z.strictObject({
  id: Identifier,
  name: Label.min(1),
  description: z.string().max(2000).optional(),
  /** The field that names an entry in lists; by default `title`, `name` or the first short text. */
  display_field: Identifier.optional(),
  fields: z.array(Field).min(1).max(MAX_FIELDS),
  review: Review.optional(),
});
export type TypeDefinition = z.infer<typeof TypeDefinition>;

/** A type as the API answers it. */
export type ContentType = TypeDefinition & { version: number; created_at: string; updated_at: string };
