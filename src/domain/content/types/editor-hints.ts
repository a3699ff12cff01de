import * as z from "zod";
import { Identifier, Label } from "./identifier.ts";

const Groups = z
  .array(
    z.strictObject({
      id: Identifier,
      name: Label.min(1),
      help: z.string().max(2000).optional(),
      tab: z.boolean().optional().describe("Whether it is a tab of its own."),
    }),
  )
  .max(50)
  .optional()
  .describe("Groups of fields, in order.");

/** How editors are shown a field. Stored and checked; FlowCMS itself does not act on it. */
export const FieldHints = z
  .strictObject({
    group: Identifier.optional().describe("One of the `groups` of what the field belongs to."),
    width: z.enum(["full", "two_thirds", "half", "third", "quarter"]).optional(),
    order: z.int().optional().describe("The position among the fields; that of the definition when absent."),
    placeholder: z.string().max(500).optional(),
    hidden: z.boolean().optional(),
    read_only: z.boolean().optional(),
  })
  .describe("Hints for the form of an entry, which do not change what values are valid.");

const Icon = z.string().min(1).max(100).optional().describe("The name of an icon, or an emoji.");

/** How editors are shown a component. */
export const ComponentHints = z
  .strictObject({ icon: Icon, groups: Groups })
  .describe("Hints for editors, which do not change what values are valid.");

/** How editors are shown the entries of a type. */
export const TypeHints = z
  .strictObject({
    icon: Icon,
    groups: Groups,
    order: z.int().optional().describe("The position among the content types."),
    list_columns: z
      .array(z.string().min(1).max(63))
      .min(1)
      .max(20)
      .optional()
      .describe("Fields, or properties such as `updated_at`, that lists of entries show."),
    preview_url: z
      .string()
      .max(2000)
      .optional()
      .describe("Where a draft is previewed, such as `https://example.com/{locale}/{slug}`."),
  })
  .describe("Hints for editors, which do not change what values are valid.");
