import * as z from "zod";
import { MAX_EXPRESSION_CHARS } from "../../../core/expressions/index.ts";

/** An expression in CEL over the values of an entry or component. */
export const ExpressionText = z.string().trim().min(1).max(MAX_EXPRESSION_CHARS);

const Rule = z.strictObject({
  expression: ExpressionText.describe("A condition in CEL that the values have to meet."),
  message: z.string().min(1).max(500).describe("What writers are told whose values do not."),
  level: z
    .enum(["error", "warning"])
    .optional()
    .describe("`warning` is told beside the answer to a write, and forbids nothing."),
});

export const Rules = z.array(Rule).min(1).max(50);

/** The options of a field that are expressions. */
export const FIELD_EXPRESSIONS = {
  required_if: ExpressionText.optional().describe("A condition in CEL under which a value is required."),
  visible_if: ExpressionText.optional().describe(
    "A condition in CEL under which editors are shown the field; while it is hidden no value is required.",
  ),
  rules: Rules.optional().describe("Conditions in CEL, told at this field."),
  computed: ExpressionText.optional().describe(
    "An expression in CEL whose value is stored with each write; the field cannot be written then.",
  ),
};

/** Fields whose values must be unique together. */
export const UniqueTogether = z
  .array(z.array(z.string().min(1).max(63)).min(2).max(8))
  .min(1)
  .max(10);
