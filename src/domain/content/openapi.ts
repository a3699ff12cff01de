import * as z from "zod";
import type { Operation, OperationGroup } from "../../core/operation.ts";
import { DEFAULT_LIMIT, MAX_LIMIT } from "./list-query.ts";
import { PublishInput, VersionsQuery, WriteQuery } from "./schemas.ts";
import * as examples from "./openapi-examples.ts";
import { OPERATORS } from "./where.ts";

const EntryId = z
  .string()
  .regex(/^cnt_[0-7][0-9a-hjkmnp-tv-z]{25}$/)
  .describe("`cnt_` and 26 characters of base 32; sorts by time.");
const Version = z.int().describe("Goes up with every save.");
const Entry = z
  .looseObject({
    id: EntryId,
    type: z.string().optional(),
    locale: z.string().optional(),
    version: Version.optional(),
    status: z.enum(["draft", "published", "changed"]).optional(),
    published_version: z.int().nullish(),
    published_at: z.iso.datetime().nullish(),
    created_at: z.iso.datetime().optional(),
    created_by: z.string().optional(),
    updated_at: z.iso.datetime().optional(),
    updated_by: z.string().optional(),
  })
  .describe(
    "What every entry has; the fields of its type stand beside. With `fields=` only `id` is certain. `status` is `changed` when the working copy is ahead of what is published.",
  );
const EntryInput = z
  .looseObject({
    id: EntryId.optional().describe("An id of your own; a new one when absent."),
    version: z.int().min(1).optional().describe("The version that you read; a stale one is a conflict."),
    created_at: z.iso.datetime({ offset: true }).optional().describe("For imports."),
  })
  .describe("The fields of the type at the top level, beside what steers the write.");
const EntryPatch = z
  .looseObject({
    version: z.int().min(1).optional().describe("The version that you read; a stale one is a conflict."),
  })
  .describe("The fields to change; all others stay as they are. `null` removes a value.");
const EntryVersion = z.object({
  version: Version,
  created_by: z.string(),
  created_at: z.iso.datetime(),
  data: z.record(z.string(), z.unknown()).describe("The fields as stored, localised ones by locale."),
});
const names = z.string().regex(/^[^,]+(,[^,]+)*$/);
const ViewQuery = z.strictObject({
  perspective: z
    .enum(["published", "draft"])
    .default("published")
    .describe("`draft` shows working copies and needs `content:read-draft`."),
  locale: z.string().optional().describe("The default locale when absent; missing values follow fallbacks."),
  fields: names.optional().describe("Only these fields, with commas between them."),
  include: names
    .optional()
    .describe("Reference and media fields to fill in, as paths up to three deep: `author,author.avatar`."),
  rich_text: z.enum(["json", "html", "text"]).default("json").describe("How rich text is shown."),
  environment: z.string().optional().describe("As the header X-Flow-Environment."),
});
const matching = {
  q: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe("Words to find: best first, beginnings and slips allowed."),
  filter: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      `\`filter[field][operator]=value\`, up to 50 conditions; without an operator \`eq\` is meant. Operators: ${OPERATORS.map((one) => `\`${one}\``).join(" ")}. \`filter[or][0][kind]=news\`, \`filter[not][…]\`, \`filter[author][name]=Ann\`; or all of it as one JSON object in \`filter=\`.`,
    ),
};
const ListQuery = ViewQuery.extend({
  page: z.int().min(1).default(1).describe("Reaches to entry 10,000; `cursor` has no end."),
  limit: z.int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT).describe("How many for each page."),
  cursor: z.string().optional().describe("`pagination.next_cursor` of the answer before."),
  sort: names
    .optional()
    .describe(
      "Up to five fields, `-` before one turns it round, `:nulls_first` or `:nulls_last` after it places entries without a value: `-published_at,title`. With `q`, `-_score` is the default.",
    ),
  ...matching,
  highlight: z.enum(["true", "false"]).optional().describe("Marks the words of `q` where they were found."),
  facets: names
    .optional()
    .describe("Up to ten fields whose values are counted over everything that matches."),
});
const AggregateQuery = z.strictObject({
  group_by: names.optional().describe("Up to three fields with one value; the largest groups come first."),
  min: names.optional().describe("Up to ten numbers or times, and so for the others."),
  max: names.optional(),
  avg: names.optional(),
  sum: names.optional(),
  ...matching,
  perspective: ViewQuery.shape.perspective,
  locale: ViewQuery.shape.locale,
  environment: ViewQuery.shape.environment,
});
const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const Aggregate = z.object({
  count: z.int(),
  group: z.record(z.string(), Scalar).optional().describe("The values of `group_by`."),
  min: z.record(z.string(), Scalar).optional(),
  max: z.record(z.string(), Scalar).optional(),
  avg: z.record(z.string(), Scalar).optional(),
  sum: z.record(z.string(), Scalar).optional(),
});
const Facets = z
  .record(z.string(), z.array(z.object({ value: Scalar, count: z.int() })))
  .describe("By field the values that occur, most frequent first, at most fifty.");
const Highlights = z
  .record(z.string(), z.record(z.string(), z.string()))
  .describe("By entry and field a piece of text as HTML, with `<mark>` round what was found.");

const type = z.string().max(63).describe("The id of a content type, such as `blog_post`.");
const entryParams = { type, id: EntryId };
const badWrite = ["content/bad-query", "content/invalid-entry", "content/unknown-locale"];
const badBody = [...badWrite, "content/broken-reference", "content/bad-version"];
const missing = { 404: ["content/not-found"] } as const;

const reading: Operation[] = [
  {
    method: "get",
    path: "/content/{type}",
    operationId: "listEntries",
    summary: "List entries",
    description:
      "The published entries of a type, kept at the edge until one of them changes. Unknown parameters, fields and operators are refused with the nearest valid name.",
    permission: "content:read",
    params: { type },
    query: ListQuery,
    answer: z.array(Entry),
    isList: true,
    beside: { facets: Facets, highlights: Highlights },
    hasEtag: true,
    errors: {
      400: ["content/bad-query"],
      404: ["content/unknown-type"],
      422: ["content/unknown-locale", "http/bad-cursor"],
    },
    example: examples.list,
  },
  {
    method: "get",
    path: "/content/{type}/{id}",
    operationId: "getEntry",
    summary: "Get an entry by id or slug",
    description: "A slug may hold slashes, which can stand in the path as they are.",
    permission: "content:read",
    params: { type, id: z.string().describe("The entry's id or slug.") },
    query: ViewQuery,
    answer: Entry,
    hasEtag: true,
    errors: {
      400: ["content/bad-query"],
      404: ["content/not-found", "content/unknown-type"],
      422: ["content/unknown-locale"],
    },
    example: examples.get,
  },
  {
    method: "get",
    path: "/aggregate/{type}",
    operationId: "aggregateEntries",
    summary: "Count and compute over entries",
    description:
      "How many entries match, and min, max, avg and sum of fields, over all of them or for each group (at most 1,000).",
    permission: "content:read",
    params: { type },
    query: AggregateQuery,
    answer: z.array(Aggregate),
    hasEtag: true,
    errors: {
      400: ["content/bad-query"],
      404: ["content/unknown-type"],
      422: ["content/unknown-locale"],
    },
    example: examples.aggregate,
  },
  {
    method: "get",
    path: "/content/{type}/{id}/versions",
    operationId: "listVersions",
    summary: "List the versions of an entry",
    description: "Every save, newest first: who made it, when, and the data as stored.",
    permission: "content:read-draft",
    params: entryParams,
    query: VersionsQuery,
    answer: z.array(EntryVersion),
    errors: { ...missing, 422: ["content/bad-query"] },
    example: examples.versions,
  },
];

const writing: Operation[] = [
  {
    method: "post",
    path: "/content/{type}",
    operationId: "createEntry",
    summary: "Create an entry",
    description:
      "As a draft. `locale` says where values of localised fields go; with `locale=*` they are objects by locale.",
    permission: "content:write",
    params: { type },
    query: WriteQuery,
    body: EntryInput,
    answer: Entry,
    statuses: [201],
    hasEtag: true,
    errors: {
      400: ["content/not-an-object"],
      404: ["content/unknown-type"],
      409: ["content/slug-taken", "content/not-unique", "content/id-taken"],
      422: [...badBody, "content/bad-id", "content/bad-created-at"],
    },
    example: examples.create,
  },
  {
    method: "put",
    path: "/content/{type}/{id}",
    operationId: "putEntry",
    summary: "Create or replace an entry",
    description:
      "Under an id that you choose, so that it is safe to repeat: an equal entry changes nothing and answers `X-Flow-Unchanged: true`.",
    permission: "content:write",
    params: entryParams,
    query: WriteQuery,
    isConditional: true,
    body: EntryInput,
    answer: Entry,
    statuses: [200, 201],
    hasEtag: true,
    errors: {
      400: ["content/not-an-object", "http/bad-if-match"],
      404: ["content/unknown-type", "content/not-found"],
      409: ["content/version-conflict", "content/slug-taken", "content/not-unique"],
      422: [...badBody, "content/bad-id", "content/bad-created-at"],
    },
    example: examples.put,
  },
  {
    method: "patch",
    path: "/content/{type}/{id}",
    operationId: "updateEntry",
    summary: "Change fields of an entry",
    description:
      "Give `version` or `If-Match` to be told when somebody else was faster: the answer is then a conflict, and nothing is lost.",
    permission: "content:write",
    params: entryParams,
    query: WriteQuery,
    isConditional: true,
    body: EntryPatch,
    answer: Entry,
    hasEtag: true,
    errors: {
      400: ["content/not-an-object", "http/bad-if-match"],
      404: ["content/not-found", "content/unknown-type"],
      409: ["content/version-conflict", "content/slug-taken", "content/not-unique"],
      422: badBody,
    },
    example: examples.update,
  },
  {
    method: "delete",
    path: "/content/{type}/{id}",
    operationId: "deleteEntry",
    summary: "Delete an entry",
    description:
      "With its versions and what is published of it. References to it stay and show as unavailable.",
    permission: "content:delete",
    params: entryParams,
    isConditional: true,
    statuses: [204],
    errors: { 400: ["http/bad-if-match"], ...missing, 409: ["content/version-conflict"] },
    example: examples.remove,
  },
];

const publishing: Operation[] = [
  {
    method: "post",
    path: "/content/publish",
    operationId: "publishEntry",
    summary: "Publish an entry",
    description:
      "Puts the working copy into delivery in every locale. With `version`, of any number of racing calls exactly one wins; without it, publishing again changes nothing. `published_at` backdates.",
    permission: "content:publish",
    body: PublishInput,
    answer: Entry,
    errors: {
      ...missing,
      409: [
        "content/version-conflict",
        "content/already-published",
        "content/slug-taken",
        "content/not-unique",
      ],
      422: ["content/bad-publish", "content/incomplete", "content/published-at-in-future"],
    },
    example: examples.publish,
  },
  {
    method: "post",
    path: "/content/unpublish",
    operationId: "unpublishEntry",
    summary: "Unpublish an entry",
    description: "Takes it out of delivery and keeps the working copy.",
    permission: "content:publish",
    body: PublishInput.omit({ published_at: true }),
    answer: Entry,
    errors: { ...missing, 409: ["content/version-conflict"], 422: ["content/bad-publish"] },
    example: examples.unpublish,
  },
];

export const contentOperations: OperationGroup = {
  tag: "Content",
  description:
    "Entries have a working copy and a published one. Every save is a version; nothing reaches readers before it is published.",
  schemas: { Aggregate, Entry, EntryId, EntryInput, EntryPatch, EntryVersion },
  operations: [...writing, ...publishing, ...reading],
};
