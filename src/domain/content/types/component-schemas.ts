import * as z from "zod";
import { ComponentHints } from "./editor-hints.ts";
import { Identifier, Label } from "./identifier.ts";
import { Rules } from "./rule-schemas.ts";
import { AuthoredField, MAX_FIELDS } from "./schemas.ts";

/** A group of fields that content types and other components use by its id. */
export const ComponentDefinition = z.strictObject({
  id: Identifier,
  name: Label.min(1),
  description: z.string().max(2000).optional().describe("A description for editors."),
  fields: z.array(AuthoredField).min(1).max(MAX_FIELDS),
  rules: Rules.optional().describe("Conditions in CEL that its values have to meet, wherever it is used."),
  editor: ComponentHints.optional(),
});
export type ComponentDefinition = z.infer<typeof ComponentDefinition>;

/** A component as the API answers it. */
export const Component = ComponentDefinition.loose().extend({
  version: z.int().describe("Increases with every change."),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  usage: z
    .object({ types: z.array(z.string()), components: z.array(z.string()) })
    .describe("Ids of the content types and components that use it, also through other components."),
});
export type Component = z.infer<typeof Component>;
