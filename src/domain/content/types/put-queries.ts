import * as z from "zod";

/** What is said of a definition beside it. */
export const PutQuery = z.strictObject({
  allow_data_loss: z
    .enum(["true", "false"])
    .optional()
    .describe("`true` allows the loss of values whose field or block is removed or changes its type."),
  version: z.coerce
    .number()
    .int()
    .min(0)
    .max(2_000_000_000)
    .optional()
    .describe(
      "The version that you read; if it is outdated, that is a conflict. `0`: it must not exist yet.",
    ),
  rename_from: z
    .string()
    .max(63)
    .optional()
    .describe(
      "The id that it has until now: everything that is stored of it, or names it, follows to the id in the path. One that is renamed already is passed over.",
    ),
  environment: z.string().optional(),
});
/** And of a type. */
export const PutTypeQuery = PutQuery.extend({
  dry_run: z
    .enum(["true", "false"])
    .optional()
    .describe("`true` checks the change and answers the `steps` it consists of, without making it."),
  localize: z
    .enum(["default", "all"])
    .optional()
    .describe(
      "What becomes of the values of fields that become localised: those of the default locale, or of all locales.",
    ),
  unlocalize: z
    .enum(["default"])
    .optional()
    .describe(
      "What becomes of the values of fields that are localised no more: the value of the default locale is kept, or of the first that has one. Other values that differ need `allow_data_loss=true`.",
    ),
});
