import * as z from "zod";
import { described } from "../../core/described.ts";
import * as schemas from "./schemas.ts";

const version = "The version that you read; another one is a conflict.";
const richText = "How rich text is shown.";
const locales = "Every locale when absent.";
const [save, publishing, remove] = schemas.BulkOperation.options;

export const PublishInput = described(schemas.PublishInput, {
  id: "The entry to publish.",
  version,
  locales,
  published_at: "When it was published first, for imports; not in the future.",
});
export const UnpublishInput = described(schemas.UnpublishInput, {
  id: "The entry to take out of delivery.",
  version,
  locales,
  on_reference:
    "What becomes of published entries that refer to it: `keep` (they show it as unavailable), `null`, `cascade` or `repoint:{id}`.",
});
const BulkOperation = z.discriminatedUnion("op", [
  described(save, {
    op: "As POST, PUT and PATCH of one entry.",
    type: "The id of the entry's content type.",
    id: "A new one when absent; `update` needs it.",
    version,
    locale: "Where values of localised fields go; `*` when they are objects by locale.",
    allow_incomplete: "Saves a draft that lacks required values.",
    fields: "The values by field.",
  }),
  described(publishing, {
    id: "The entry; one that the same bulk makes is fine.",
    version,
    locales,
    published_at: "With `publish`: when it was published first.",
  }),
  described(remove, {
    type: "The id of the entry's content type.",
    id: "The entry that goes to the trash.",
    version,
  }),
]);
export const BulkInput = z.strictObject({
  atomic: schemas.BulkInput.shape.atomic.describe("Whether nothing is done when one operation fails."),
  operations: z.array(BulkOperation).min(1).max(500).describe("Done in this order."),
});
export const WriteQuery = described(schemas.WriteQuery, {
  locale:
    "The locale that values of localised fields are for, the default one when absent; `*` when they are objects by locale.",
  allow_incomplete: "`true` saves a draft that lacks required values.",
});
export const DeleteQuery = described(schemas.DeleteQuery, {
  on_reference:
    "What becomes of entries that refer to it: `null` (they lose the reference), `cascade` (they are deleted too, 100 at most) or `repoint:{id}` (they refer to that entry from then on).",
  for_good: "`true` goes past the trash.",
});
export const VersionsQuery = described(schemas.VersionsQuery, {
  before: "Only versions with a lower number.",
  rich_text: richText,
});
export const DiffQuery = described(schemas.DiffQuery, {
  from: "The number of a version.",
  to: "The number of another, older or newer.",
  rich_text: richText,
});
export const VersionQuery = described(schemas.VersionQuery, { rich_text: richText });
export const RestoreInput = described(schemas.RestoreInput, { version: "The version to go back to." });
export const VersionName = described(schemas.VersionName, {
  name: "Such as `As launched`; `null` takes it away.",
});
export const DuplicateInput = described(schemas.DuplicateInput, {
  id: "The copy's id; a new one when absent.",
  fields: "Values in place of the original's; localised ones as objects by locale.",
});
export const PageQuery = described(schemas.PageQuery, {
  type: "Only entries of this content type.",
  rich_text: richText,
});
