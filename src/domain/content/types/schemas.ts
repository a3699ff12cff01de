import * as z from "zod";
import { FieldHints, TypeHints } from "./editor-hints.ts";
import { Identifier, Label } from "./identifier.ts";
import { FIELD_EXPRESSIONS, Rules, UniqueTogether } from "./rule-schemas.ts";
import { LIMITED_NODES, LINK_PROTOCOLS, MARK_NAMES } from "../rich-text/index.ts";

export const FIELD_TYPES = [
  "short_text",
  "long_text",
  "rich_text",
  "markdown",
  "integer",
  "number",
  "decimal",
  "money",
  "boolean",
  "date",
  "datetime",
  "time",
  "date_range",
  "datetime_range",
  "number_range",
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

/** Verbs that are used in paths at the position of a type's id. */
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
  "published_locales",
  "stage",
  "assignee",
] as const;

/** What queries call the manual order of the entries of a type. */
export const ORDER = "order";
/** What answers call the entries around one in a tree. */
export const RELATIVES = ["ancestors", "children", "descendants"] as const;
/** How many levels a tree has, its roots being the first. */
export const MAX_TREE_LEVELS = 32;
/** What the path of an entry is called, in types that have one. */
export const PATH = "path";

/** A number; for a decimal also as a string. */
const Bound = z.union([z.number(), z.string().max(100)]);

const OptionValue = z.union([z.string().min(1).max(200), z.number()]);
/** A value of an `enum`, and how editors and readers see it. */
const EnumOption = z.union([OptionValue, z.strictObject({ value: OptionValue, label: Label.min(1) })]);

const Pixels = z.int().min(1).max(1_000_000);

const FieldBase = z.strictObject({
  id: Identifier,
  type: FieldType,
  name: Label.optional().describe("Shown to editors."),
  help: z.string().max(2000).optional().describe("Help text for editors."),
  required: z.boolean().default(false).describe("Whether a value is required."),
  unique: z
    .boolean()
    .default(false)
    .describe(
      "Whether the value must be unique among the entries of the type; inside of a list of components or blocks, among those.",
    ),
  localized: z.boolean().default(false).describe("Whether it has a value per locale."),
  min: Bound.optional().describe("The minimum length, number or number of elements."),
  max: Bound.optional().describe("The maximum length, number or number of elements."),
  scale: z
    .int()
    .min(0)
    .max(18)
    .optional()
    .describe("The digits of a `decimal` behind its point; up to 18 when absent."),
  currencies: z
    .array(z.string().length(3))
    .min(1)
    .max(200)
    .optional()
    .describe("The currencies of `money`, by their codes in ISO 4217; any when absent."),
  nodes: z
    .array(z.enum(LIMITED_NODES))
    .max(50)
    .optional()
    .describe("The nodes of `rich_text` besides paragraphs; all when absent."),
  marks: z
    .array(z.enum(MARK_NAMES))
    .max(50)
    .optional()
    .describe("The marks of `rich_text`; all when absent."),
  headings: z.array(z.int().min(1).max(6)).max(6).optional().describe("The levels of headings."),
  links: z
    .strictObject({
      to: z.array(Identifier).min(1).max(50).optional().describe("The types of entries that links lead to."),
      protocols: z
        .array(z.enum(LINK_PROTOCOLS))
        .max(10)
        .optional()
        .describe("`entry` is a link to an entry, `relative` one without a scheme."),
    })
    .optional()
    .describe("Where the links of `rich_text` may lead; anywhere when absent."),
  embeds: z
    .array(Identifier)
    .min(1)
    .max(50)
    .optional()
    .describe("The types of entries that `rich_text` may embed; any when absent."),
  annotations: z.array(Identifier).min(1).max(100).optional().describe("The `components` that are marks."),
  accept: z
    .array(
      z
        .string()
        .max(100)
        .regex(/^(?:\*|[\w.+-]+)\/(?:\*|[\w.+-]+)$/, "a media type such as image/png or image/*"),
    )
    .min(1)
    .max(50)
    .optional()
    .describe("The media types of a `media` field's assets: `image/png`, `image/*`."),
  max_bytes: z.int().min(1).optional().describe("The size of an asset's file."),
  min_width: Pixels.optional().describe("In pixels; an asset whose dimensions are not known is accepted."),
  max_width: Pixels.optional(),
  min_height: Pixels.optional(),
  max_height: Pixels.optional(),
  schema: z
    .record(z.string(), z.json())
    .optional()
    .describe(
      "The JSON Schema of a `json` field's values; references only within it, patterns in RE2 syntax.",
    ),
  open_ends: z
    .array(z.enum(["from", "to"]))
    .max(2)
    .optional()
    .describe("The ends of a range that may be missing; one of them when absent."),
  pattern: z.string().max(500).optional().describe("RE2 syntax; the whole value must match."),
  from: z
    .array(Identifier)
    .min(1)
    .max(5)
    .optional()
    .describe(
      "Of a `slug`: the fields that it is made of when none is given, in their order. It follows them until it is published; null makes it again.",
    ),
  path: z
    .boolean()
    .optional()
    .describe(
      "Whether entries of a type with `parent` are read by their path: the slugs of the entries above them and this one, joined by slashes.",
    ),
  primary: z
    .boolean()
    .optional()
    .describe("Whether entries are read by this `slug` of several; by the first when absent."),
  default: z
    .json()
    .optional()
    .describe(
      'A value, or `{ "expression": … }` in CEL; not for `json` and `component`, which take it as a value.',
    ),
  ...FIELD_EXPRESSIONS,
  options: z
    .array(EnumOption)
    .min(1)
    .max(500)
    .optional()
    .describe("The values of an `enum` in their order: texts or numbers, each with a label if it has one."),
  multiple: z.boolean().default(false).describe("Whether it is a list."),
  to: z
    .array(Identifier)
    .min(1)
    .max(50)
    .optional()
    .describe("Ids of the content types a reference may point to; any when absent."),
  component: Identifier.optional().describe(
    "Of `component`: the id of the reusable component, in place of `fields`.",
  ),
  editor: FieldHints.optional(),
});

type Rules = z.infer<typeof Rules>;
type Inside<F> = { id: string; name?: string | undefined; fields: F[]; rules?: Rules | undefined };

/** A field as it is written: reusable components by their ids. */
export type AuthoredField = z.infer<typeof FieldBase> & {
  fields?: AuthoredField[] | undefined;
  components?: (string | Inside<AuthoredField>)[] | undefined;
};

/** A field with the fields of reusable components in their places; those keep the component's id. */
export type Field = Omit<z.infer<typeof FieldBase>, "editor"> & {
  fields?: Field[] | undefined;
  /** The rules of the reusable component that its fields are of. */
  component_rules?: Rules | undefined;
  components?: (Inside<Field> & { component?: string | undefined })[] | undefined;
};

export const MAX_FIELDS = 200;

export const AuthoredField: z.ZodType<AuthoredField> = FieldBase.extend({
  get fields() {
    return z.array(AuthoredField).min(1).max(MAX_FIELDS).optional();
  },
  get components() {
    return z
      .array(
        z.union([
          Identifier,
          z.strictObject({
            id: Identifier,
            name: Label.optional(),
            fields: z.array(AuthoredField).min(1).max(MAX_FIELDS),
            rules: Rules.optional(),
          }),
        ]),
      )
      .min(1)
      .max(100)
      .optional()
      .describe(
        "Of `blocks`, and of `rich_text` for the components that may be in a document: ids of reusable components, or components of this field alone.",
      );
  },
}) as unknown as z.ZodType<AuthoredField>;

/**
 * The review of entries: stages in order, who may move an entry into each, and from which it may be
 * published.
 */
const Review = z.strictObject({
  stages: z
    .array(
      z.strictObject({
        id: Identifier,
        name: Label.optional(),
        from: z
          .array(Identifier)
          .max(20)
          .optional()
          .describe("Stages an entry may come from; any when absent."),
        by: z
          .array(z.string().min(1).max(100))
          .min(1)
          .max(50)
          .optional()
          .describe(
            "Scopes, or ids of people and tokens, that may move an entry here; everybody with write access when absent.",
          ),
      }),
    )
    .min(2)
    .max(20)
    .describe("In order; an entry starts in the first."),
  publish_from: z
    .array(Identifier)
    .min(1)
    .max(20)
    .optional()
    .describe(
      "Stages from which an entry may be published; any when absent. A change in one of them moves the entry back to the first stage.",
    ),
});

const MAX_BACK_REFERENCES = 20;

/** The entries of a type that refer to an entry by a field, as a list of that entry. */
const BackReference = z.strictObject({
  id: Identifier.describe("The name of the list; no field of the type is called so."),
  name: Label.optional().describe("Shown to editors."),
  type: Identifier.describe("The content type whose entries refer to this one."),
  field: Identifier.describe("A reference field of that type."),
});
export type BackReference = z.infer<typeof BackReference>;

export const TypeDefinition = z.strictObject({
  id: Identifier,
  name: Label.min(1),
  description: z.string().max(2000).optional().describe("A description for editors."),
  display_field: Identifier.optional().describe(
    "The field that is the title of an entry in lists; by default `title`, `name` or the first short text.",
  ),
  fields: z.array(AuthoredField).min(1).max(MAX_FIELDS),
  singleton: z
    .boolean()
    .optional()
    .describe("Whether there is one entry only, which `/content/{type}/-` is about."),
  ordered: z
    .boolean()
    .optional()
    .describe("Whether editors put its entries in an order, by which they are listed: `sort=order`."),
  parent: Identifier.optional().describe(
    "The field that makes a tree of its entries: a single reference to the type itself.",
  ),
  back_references: z
    .array(BackReference)
    .max(MAX_BACK_REFERENCES)
    .optional()
    .describe(
      "Lists of the entries that refer to an entry of this type, such as the `articles` of an author; included and filtered by like fields.",
    ),
  rules: Rules.optional().describe("Conditions in CEL that the values of an entry have to meet."),
  unique: UniqueTogether.optional().describe(
    "Lists of fields whose values must be unique together, in each locale where one of them is localised.",
  ),
  editor: TypeHints.optional(),
  review: Review.optional().describe("The review stages; no review when absent."),
});
export type TypeDefinition = z.infer<typeof TypeDefinition>;

/** A definition with all components in their places, without hints for editors. */
export type ResolvedType = Omit<TypeDefinition, "fields" | "editor"> & {
  fields: Field[];
  /** Ids that fields had before they were renamed, which policies may go on using. */
  former?: Readonly<Record<string, string>>;
};

/** A type as the API answers it. */
export const ContentType = TypeDefinition.loose().extend({
  version: z.int().describe("Increases with every change."),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
export type ContentType = z.infer<typeof ContentType>;

export const WriteNote = z
  .object({
    path: z.string().describe("The field, such as `body` or `parts[0].text`."),
    message: z.string().describe("Such as `dropped <script>`."),
    count: z.int().describe("The number of occurrences."),
    level: z.literal("warning").optional().describe("Of a rule that is not met, or a value not computed."),
    locale: z.string().optional(),
  })
  .describe("What a write did not keep of a value and how often that was, or a warning.");
export type WriteNote = z.infer<typeof WriteNote>;
