import * as z from "zod";
import { Renames } from "./renames.ts";

const RenameFrom = z
  .string()
  .max(63)
  .optional()
  .describe(
    "The id that it has until now: everything that is stored of it, or names it, follows to the new id. One that is renamed already is passed over.",
  );
const Localize = z
  .enum(["default", "all"])
  .optional()
  .describe(
    "What becomes of the values of fields that become localised: those of the default locale, or of all locales.",
  );
const Unlocalize = z
  .enum(["default"])
  .optional()
  .describe(
    "What becomes of the values of fields that are localised no more: the value of the default locale is kept, or of the first that has one. Other values that differ need `allow_data_loss=true`.",
  );

/** What is said of one of several definitions, in it. */
export const BESIDE_COMPONENT = {
  rename_from: RenameFrom,
  renames: Renames.optional(),
  if_version: z
    .int()
    .min(0)
    .optional()
    .describe("The version that you read; if it is outdated, that is a conflict."),
};
export const BESIDE_TYPE = { ...BESIDE_COMPONENT, localize: Localize, unlocalize: Unlocalize };

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
  rename_from: RenameFrom,
  environment: z.string().optional(),
});
/** Of several at once. */
export const PutAllQuery = PutQuery.omit({ rename_from: true, version: true }).extend({
  replace: z
    .enum(["true", "false"])
    .optional()
    .describe("`true` also changes those that exist; otherwise an id that is taken is a conflict."),
  dry_run: z
    .enum(["true", "false"])
    .optional()
    .describe("`true` checks the change and answers the `steps` it consists of, without making it."),
});

/** And of a type. */
export const PutTypeQuery = PutQuery.extend({
  dry_run: z
    .enum(["true", "false"])
    .optional()
    .describe("`true` checks the change and answers the `steps` it consists of, without making it."),
  localize: Localize,
  unlocalize: Unlocalize,
});
