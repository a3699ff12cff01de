import * as z from "zod";
import { answered, answeredPage } from "../../../core/answers.ts";
import { notFound } from "../../../core/errors.ts";
import { answeredRestored, missing, ofAddress, ofEntry, operation, patterns } from "./declare-operation.ts";
import * as examples from "./examples.ts";
import {
  diffVersions,
  duplicateEntry,
  eraseEntry,
  listTrash,
  listVersions,
  nameVersion,
  readVersion,
  restoreFromTrash,
  restoreVersion,
} from "./versions/index.ts";
import { readKept } from "./write/index.ts";
import { listReferences } from "./read/index.ts";
import {
  Difference,
  DiffQuery,
  DuplicateInput,
  Entry,
  EntryId,
  EntryRelease,
  EntryVersion,
  EraseQuery,
  LeftOut,
  Reference,
  ReferencesQuery,
  RestoreInput,
  TrashedEntry,
  TrashQuery,
  VersionName,
  VersionQuery,
  VersionsQuery,
  WriteNotes,
} from "./schemas.ts";

const ofVersion = {
  ...ofEntry,
  version: z.coerce.number().int().min(1).max(999_999_999).describe("The number of a version."),
};
const noVersion = { 404: ["content/not-found", "content/no-such-version"] } as const;

function readNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw notFound("content/no-such-version", `There is no version "${text.slice(0, 20)}".`);
}

/** Versions, duplicates, references and the trash. */
export const versionOperations = [
  ofAddress(
    operation({
      method: "get",
      path: "/content/{type}/{id}/versions",
      patterns,
      operationId: "listVersions",
      summary: "List the versions of an entry",
      description:
        "Every version of the last 365 days, newest first: its author, datetime and stored data. Older versions are kept when they have a name, are published or are the working copy. For the next page, pass the lowest number of the page as `before`.",
      permission: "content:read-draft",
      params: ofEntry,
      query: VersionsQuery,
      answer: z.array(EntryVersion),
      errors: missing,
      example: examples.versions,
      graphql: { field: "versions" },
      run: (ctx, { params, query: { rich_text: richText, ...page } }) =>
        listVersions(ctx, { ...params, ...page, richText }),
    }),
  ),
  ofAddress(
    operation({
      method: "get",
      path: "/content/{type}/{id}/versions/{version}",
      patterns,
      operationId: "getVersion",
      summary: "Get a version of an entry",
      description: "The stored data of one version.",
      permission: "content:read-draft",
      params: ofVersion,
      query: VersionQuery,
      answer: EntryVersion,
      errors: noVersion,
      example: examples.getVersion,
      graphql: { field: "version", mayBeNull: true },
      run: (ctx, { params, query }) =>
        readVersion(ctx, { ...params, version: readNumber(params.version), richText: query.rich_text }),
    }),
  ),
  ofAddress(
    operation({
      method: "put",
      path: "/content/{type}/{id}/versions/{version}",
      patterns,
      operationId: "nameVersion",
      summary: "Name a version",
      description:
        "Versions with a name are kept without a time limit, others for 365 days. `null` removes the name.",
      permission: "content:write",
      params: ofVersion,
      body: VersionName,
      invalid: ["content/bad-name", "The name is not valid."],
      answer: EntryVersion,
      errors: noVersion,
      example: examples.nameVersion,
      graphql: { field: "nameVersion" },
      run: (ctx, { params, body }) =>
        nameVersion(ctx, { ...params, version: readNumber(params.version), name: body.name }),
    }),
  ),
  ofAddress(
    operation({
      method: "get",
      path: "/content/{type}/{id}/diff",
      patterns,
      operationId: "diffVersions",
      summary: "Compare two versions",
      description:
        "The differences between two versions, value by value; in lists, the elements that were added, removed or changed.",
      permission: "content:read-draft",
      params: ofEntry,
      query: DiffQuery,
      answer: z.array(Difference),
      errors: noVersion,
      example: examples.diff,
      graphql: { field: "diff" },
      run: (ctx, { params, query: { from, to, rich_text: richText } }) =>
        diffVersions(ctx, { ...params, from, to, richText }),
    }),
  ),
  ofAddress(
    operation({
      method: "post",
      path: "/content/{type}/{id}/restore",
      patterns,
      operationId: "restoreVersion",
      summary: "Restore a version",
      description:
        "Saves the data of a version as a new version; the published version does not change. Values that are no longer valid are left out, at every depth, and listed in `left_out`: removed fields, blocks and locales, values that violate a rule, references to deleted entries, unique values that another entry has.",
      permission: "content:write",
      params: ofEntry,
      isConditional: true,
      body: RestoreInput,
      invalid: ["content/bad-restore", "The request is not valid."],
      answer: Entry,
      beside: { left_out: z.array(LeftOut) },
      hasEtag: true,
      errors: {
        400: ["http/bad-if-match"],
        404: ["content/not-found", "content/no-such-version", "content/unknown-type"],
        409: ["content/version-conflict", "content/slug-taken", "content/not-unique"],
        422: ["content/invalid-entry", "content/broken-reference"],
      },
      example: examples.restore,
      graphql: { field: "restoreVersion" },
      run: async (ctx, { params, body, precondition, ifVersion }) => {
        const how = { ...params, ...body, precondition, current: ifVersion };
        return answeredRestored(await restoreVersion(ctx, how));
      },
    }),
  ),
  ofAddress(
    operation({
      method: "post",
      path: "/content/{type}/{id}/duplicate",
      patterns,
      operationId: "duplicateEntry",
      summary: "Duplicate an entry",
      description:
        "Creates a draft from the working copy; `fields` replace its values. The slug gets the suffix `-copy`; other unique values are left empty. Values that are no longer valid are left out and listed in `left_out`.",
      permission: "content:write",
      params: ofEntry,
      body: DuplicateInput,
      isBodyOptional: true,
      invalid: ["content/bad-duplicate", "The request is not valid.", "fields"],
      answer: Entry,
      beside: { left_out: z.array(LeftOut), notes: WriteNotes },
      statuses: [201],
      hasEtag: true,
      errors: {
        404: ["content/not-found", "content/unknown-type"],
        409: ["content/id-taken", "content/slug-taken", "content/not-unique", "content/singleton-taken"],
        422: ["content/invalid-entry", "content/broken-reference"],
      },
      example: examples.duplicate,
      graphql: { field: "duplicate" },
      run: async (ctx, { params, body: { id: newId, fields } }) =>
        answeredRestored(await duplicateEntry(ctx, { ...params, newId, fields }), { status: 201 }),
    }),
  ),
  ofAddress(
    operation({
      method: "get",
      path: "/content/{type}/{id}/references",
      patterns,
      operationId: "listReferences",
      summary: "List the references to an entry",
      description:
        "The entries that refer to it, with field and locale, as drafts and published. Includes references inside components, blocks and rich text. `releases` are those that have it and are not published.",
      permission: "content:read-draft",
      params: ofEntry,
      query: ReferencesQuery,
      answer: z.array(Reference),
      beside: {
        releases: z.array(EntryRelease).describe("The releases that have it and are not published."),
      },
      errors: missing,
      example: examples.references,
      graphql: { field: "references" },
      run: async (ctx, { params, query: { limit } }) => {
        const { references, releases } = await listReferences(ctx, { ...params, limit });
        return answered(references, { beside: { releases } });
      },
    }),
  ),
  operation({
    method: "get",
    path: "/trash",
    operationId: "listTrash",
    summary: "List the trash",
    description: "Deleted entries, the latest first. They are erased after 30 days.",
    permission: "content:read-draft",
    query: TrashQuery,
    answer: z.array(TrashedEntry),
    isList: true,
    errors: { 422: ["http/bad-cursor"] },
    example: examples.trash,
    graphql: { field: "trash" },
    run: async (ctx, { query: { rich_text: richText, ...page } }) => {
      const { data, nextCursor } = await listTrash(ctx, { ...page, richText });
      return answeredPage(data, page.limit, nextCursor);
    },
  }),
  operation({
    method: "post",
    path: "/trash/{id}/restore",
    operationId: "restoreFromTrash",
    summary: "Restore a deleted entry",
    description:
      "As a draft with its id and versions; restoring creates the next version. Its creator does not change. You must be allowed to read all of it. Values that are no longer valid, such as a slug that another entry has, are left out and listed in `left_out`.",
    permission: "content:write",
    params: { id: EntryId },
    answer: Entry,
    beside: { left_out: z.array(LeftOut) },
    hasEtag: true,
    errors: {
      404: ["content/not-in-trash", "content/unknown-type"],
      409: ["content/slug-taken", "content/not-unique", "content/id-taken", "content/singleton-taken"],
      422: ["content/broken-reference"],
    },
    example: examples.restoreTrash,
    graphql: { field: "restoreFromTrash" },
    run: async (ctx, { params }) => answeredRestored(await restoreFromTrash(ctx, params)),
  }),
  operation({
    method: "delete",
    path: "/trash/{id}",
    operationId: "eraseEntry",
    summary: "Erase a deleted entry",
    description:
      "Permanently, with all its versions. `DELETE` of an entry with `for_good=true` erases it without the trash. If entries refer to it, also entries in the trash, that is a conflict that lists them, unless `on_reference` is `keep`: entries that are restored later lose the reference.",
    permission: "content:delete",
    params: { id: EntryId },
    query: EraseQuery,
    statuses: [204],
    errors: {
      400: ["content/bad-query"],
      404: ["content/not-in-trash"],
      409: ["content/referenced"],
    },
    example: examples.erase,
    graphql: { field: "eraseEntry" },
    run: (ctx, { params, query }) => eraseEntry(ctx, { ...params, isKept: readKept(query.on_reference) }),
  }),
];
