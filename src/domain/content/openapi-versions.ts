import * as z from "zod";
import type { OperationFacts } from "../../core/operation.ts";
import { Entry, entryParams, EntryId, EntryVersion, missing, WriteNotes } from "./openapi-schemas.ts";
import * as examples from "./openapi-examples.ts";
import {
  DiffQuery,
  DuplicateInput,
  PageQuery,
  RestoreInput,
  VersionName,
  VersionQuery,
  VersionsQuery,
} from "./openapi-inputs.ts";
import { EraseQuery, LimitQuery } from "./schemas.ts";

const Difference = z.object({
  path: z.string().describe("Such as `body.content[2]` or `title.fr`."),
  change: z.enum(["added", "removed", "changed"]),
  from: z.unknown().optional().describe("The value before; absent when it was added."),
  to: z.unknown().optional().describe("The value after; absent when it was removed."),
});
const Reference = z.object({
  id: EntryId.describe("The entry that refers."),
  type: z.string().describe("Its content type."),
  field: z.string().describe("The field at its top level that holds the reference."),
  locale: z.string().nullable().describe("`null` when the field is not localised."),
  perspective: z
    .enum(["draft", "published", "trash"])
    .describe("Whether the working copy refers, what is published, or an entry in the trash."),
});
const LeftOut = z.object({
  path: z.string().describe("Such as `seo.title`, `title.fr` or `blocks[0].text`."),
  reason: z.enum([
    "field-removed",
    "block-removed",
    "locale-removed",
    "value-invalid",
    "target-missing",
    "value-taken",
  ]),
  message: z.string(),
});
const TrashedEntry = z.object({
  id: EntryId,
  type: z.string(),
  version: z.int().describe("The last one; restoring makes the next."),
  deleted_at: z.iso.datetime(),
  deleted_by: z.string().describe("A person's or token's id."),
  data: z.record(z.string(), z.unknown()).describe("The fields as stored, localised ones by locale."),
});
const versionParams = {
  ...entryParams,
  version: z
    .string()
    .regex(/^[1-9]\d{0,8}$/)
    .describe("The number of a version."),
};
const noVersion = { 404: ["content/not-found", "content/no-such-version"] } as const;
const badQuery = { 422: ["content/bad-query"] } as const;
const noTrash = { 404: ["content/not-in-trash"] } as const;

export const versionSchemas = { Difference, EntryVersion, LeftOut, Reference, TrashedEntry };

/** Versions, copies, references and the trash. */
export const versionOperations: OperationFacts[] = [
  {
    method: "get",
    path: "/content/{type}/{id}/versions",
    operationId: "listVersions",
    summary: "List the versions of an entry",
    description:
      "Every save of the last 365 days, newest first: who made it, when, and the data as stored. Older ones are there when they have a name, are published or are the working copy. `before` goes on from a page: the smallest number of it.",
    permission: "content:read-draft",
    params: entryParams,
    query: VersionsQuery,
    answer: z.array(EntryVersion),
    errors: { ...missing, 422: ["content/bad-query"] },
    example: examples.versions,
  },
  {
    method: "get",
    path: "/content/{type}/{id}/versions/{version}",
    operationId: "getVersion",
    summary: "Get a version of an entry",
    description: "The data as it was stored by one save.",
    permission: "content:read-draft",
    params: versionParams,
    query: VersionQuery,
    answer: EntryVersion,
    errors: { ...noVersion, ...badQuery },
    example: examples.getVersion,
  },
  {
    method: "put",
    path: "/content/{type}/{id}/versions/{version}",
    operationId: "nameVersion",
    summary: "Name a version",
    description: "Versions with a name are kept for good, others for 365 days. `null` takes the name away.",
    permission: "content:write",
    params: versionParams,
    body: VersionName,
    answer: EntryVersion,
    errors: { ...noVersion, 422: ["content/bad-name"] },
    example: examples.nameVersion,
  },
  {
    method: "get",
    path: "/content/{type}/{id}/diff",
    operationId: "diffVersions",
    summary: "Compare two versions",
    description:
      "What changed from one version to another, value by value; in lists, what was put in, taken out or changed.",
    permission: "content:read-draft",
    params: entryParams,
    query: DiffQuery,
    answer: z.array(Difference),
    errors: { ...noVersion, ...badQuery },
    example: examples.diff,
  },
  {
    method: "post",
    path: "/content/{type}/{id}/restore",
    operationId: "restoreVersion",
    summary: "Go back to a version",
    description:
      "Saves the data of a version as a new one; what is published stays as it is. What has no place any more (fields, blocks and locales that were removed, values that rules forbid now, references to what is gone, unique values that another entry took) is left out at every depth and named in `left_out`.",
    permission: "content:write",
    params: entryParams,
    isConditional: true,
    body: RestoreInput,
    answer: Entry,
    beside: { left_out: z.array(LeftOut) },
    hasEtag: true,
    errors: {
      400: ["http/bad-if-match"],
      404: ["content/not-found", "content/no-such-version", "content/unknown-type"],
      409: ["content/version-conflict", "content/slug-taken", "content/not-unique"],
      422: ["content/bad-restore", "content/invalid-entry", "content/broken-reference"],
    },
    example: examples.restore,
  },
  {
    method: "post",
    path: "/content/{type}/{id}/duplicate",
    operationId: "duplicateEntry",
    summary: "Duplicate an entry",
    description:
      "Makes a draft of the working copy, with `fields` in place of its values. A slug gets `-copy` behind it; other values that must be unique are left empty. What has no place any more is left out and named in `left_out`.",
    permission: "content:write",
    params: entryParams,
    body: DuplicateInput,
    answer: Entry,
    beside: { left_out: z.array(LeftOut), notes: WriteNotes },
    statuses: [201],
    hasEtag: true,
    errors: {
      404: ["content/not-found", "content/unknown-type"],
      409: ["content/id-taken", "content/slug-taken", "content/not-unique"],
      422: ["content/bad-duplicate", "content/invalid-entry", "content/broken-reference"],
    },
    example: examples.duplicate,
  },
  {
    method: "get",
    path: "/content/{type}/{id}/references",
    operationId: "listReferences",
    summary: "List where an entry is used",
    description:
      "Which entries refer to it, in which field and locale, as drafts and as published. References inside components, blocks and rich text count.",
    permission: "content:read-draft",
    params: entryParams,
    query: LimitQuery,
    answer: z.array(Reference),
    errors: { ...missing, ...badQuery },
    example: examples.references,
  },
  {
    method: "get",
    path: "/trash",
    operationId: "listTrash",
    summary: "List the trash",
    description: "Deleted entries, the last one first. After 30 days they are gone.",
    permission: "content:read-draft",
    query: PageQuery,
    answer: z.array(TrashedEntry),
    isList: true,
    errors: { 422: ["content/bad-query", "http/bad-cursor"] },
    example: examples.trash,
  },
  {
    method: "post",
    path: "/trash/{id}/restore",
    operationId: "restoreFromTrash",
    summary: "Restore a deleted entry",
    description:
      "As a draft under its id, with its versions; the restored one is the next. It stays its maker's, and who restores it must be able to read all of it. What has no place any more, such as a slug that another entry took, is left out and named in `left_out`.",
    permission: "content:write",
    params: { id: EntryId },
    answer: Entry,
    beside: { left_out: z.array(LeftOut) },
    hasEtag: true,
    errors: {
      404: ["content/not-in-trash", "content/unknown-type"],
      409: ["content/slug-taken", "content/not-unique", "content/id-taken"],
      422: ["content/broken-reference"],
    },
    example: examples.restoreTrash,
  },
  {
    method: "delete",
    path: "/trash/{id}",
    operationId: "eraseEntry",
    summary: "Erase a deleted entry",
    description:
      "For good, with all of its versions. `DELETE` of an entry with `for_good=true` does so without the trash. When entries refer to it, in the trash or with a reference that was kept, that is a conflict that lists them, unless `on_reference` is `keep`: what is restored later comes without it.",
    permission: "content:delete",
    params: { id: EntryId },
    query: EraseQuery,
    statuses: [204],
    errors: {
      400: ["content/bad-query"],
      ...noTrash,
      409: ["content/referenced"],
      422: ["content/bad-query"],
    },
    example: examples.erase,
  },
];
