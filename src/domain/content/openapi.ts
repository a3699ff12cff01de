import * as z from "zod";
import type { OperationFacts, OperationGroup } from "../../core/operation.ts";
import { DEFAULT_LIMIT, MAX_LIMIT } from "./list-query.ts";
import { BulkInput, DeleteQuery, PublishInput, UnpublishInput, WriteQuery } from "./openapi-inputs.ts";
import {
  Aggregate,
  BulkAnswer,
  Can,
  CanEach,
  Entry,
  EntryInput,
  EntryPatch,
  entryParams,
  EntryId,
  Facets,
  Highlights,
  missing,
  WriteNotes,
  type,
} from "./openapi-schemas.ts";
import { versionOperations, versionSchemas } from "./openapi-versions.ts";
import * as examples from "./openapi-examples.ts";
import { OPERATORS } from "../grants/index.ts";

const names = z.string().regex(/^[^,]+(,[^,]+)*$/);
const ViewQuery = z.strictObject({
  perspective: z
    .enum(["published", "draft"])
    .default("published")
    .describe("`draft` shows working copies and needs `content:read-draft`."),
  locale: z
    .string()
    .optional()
    .describe(
      "The locale to show, the default one when absent; a missing value is taken from the fallbacks. `*` shows drafts in all locales, each localised value as an object.",
    ),
  fields: names.optional().describe("Only these fields, with commas between them."),
  include: names
    .optional()
    .describe(
      "Reference and media fields to fill in, and components and blocks with such inside, as paths up to three deep: `author,author.avatar`.",
    ),
  rich_text: z.enum(["json", "html", "text"]).default("json").describe("How rich text is shown."),
  environment: z.string().optional().describe("As the header X-Flow-Environment."),
});
const matching = {
  q: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe("Words to find, best first. A word may be begun only; slips are forgiven."),
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
  min: names.optional().describe("Up to ten fields with numbers or times: the smallest value of each."),
  max: names.optional().describe("Up to ten such fields: the largest value of each."),
  avg: names.optional().describe("Up to ten fields with numbers: the average of each."),
  sum: names.optional().describe("Up to ten fields with numbers: the sum of each."),
  ...matching,
  perspective: ViewQuery.shape.perspective,
  locale: ViewQuery.shape.locale,
  environment: ViewQuery.shape.environment,
});
const badWrite = ["content/bad-query", "content/invalid-entry", "content/unknown-locale"];
const badBody = [...badWrite, "content/broken-reference", "content/bad-version"];

const reading: OperationFacts[] = [
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
    beside: { can: CanEach, facets: Facets, highlights: Highlights },
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
    query: ViewQuery.extend({
      version: z.int().min(1).optional().describe("Shows this version, as a working copy."),
    }),
    answer: Entry,
    beside: { can: Can },
    hasEtag: true,
    errors: {
      400: ["content/bad-query"],
      404: ["content/not-found", "content/no-such-version", "content/unknown-type"],
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
];

const writing: OperationFacts[] = [
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
    beside: { notes: WriteNotes },
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
      "Under an id that you choose, so that it is safe to repeat: an equal entry changes nothing and answers `X-Flow-Unchanged: true`. Fields and locales that are not given lose their values.",
    permission: "content:write",
    params: entryParams,
    query: WriteQuery,
    isConditional: true,
    body: EntryInput,
    answer: Entry,
    beside: { notes: WriteNotes },
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
    beside: { notes: WriteNotes },
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
      "Out of delivery and into the trash, from where it can be restored for 30 days; with `for_good=true` it is gone at once, with its versions. What is scheduled for it is cancelled. When other entries refer to it that is a conflict that lists them, unless `on_reference` says what becomes of them.",
    permission: "content:delete",
    params: entryParams,
    query: DeleteQuery,
    isConditional: true,
    statuses: [204],
    errors: {
      400: ["content/bad-query", "http/bad-if-match"],
      404: ["content/not-found", "content/unknown-type"],
      409: [
        "content/version-conflict",
        "content/referenced",
        "content/too-many-references",
        "content/reference-required",
      ],
      422: ["content/bad-query"],
    },
    example: examples.remove,
  },
];

const bulk: OperationFacts = {
  method: "post",
  path: "/content/bulk",
  operationId: "bulkEntries",
  summary: "Do up to 500 operations at once",
  description:
    "In one transaction and in their order: `create`, `put`, `update`, `publish`, `unpublish`, `delete`. When `atomic` (the default) all succeed or none, and the first that fails is the error, its index in `details`; otherwise each item says what became of it. Entries may refer to ones that come before them.",
  permission: "content:write",
  body: BulkInput,
  answer: BulkAnswer,
  errors: {
    400: ["content/not-an-object"],
    404: ["content/not-found", "content/unknown-type"],
    409: [
      "content/version-conflict",
      "content/slug-taken",
      "content/not-unique",
      "content/id-taken",
      "content/referenced",
      "content/changed-meanwhile",
    ],
    422: ["content/bad-bulk", "content/incomplete", "content/published-at-in-future", ...badBody],
  },
  example: examples.bulk,
};

const publishing: OperationFacts[] = [
  {
    method: "post",
    path: "/content/publish",
    operationId: "publishEntry",
    summary: "Publish an entry",
    description:
      "Puts the working copy into delivery, in every locale or in `locales` only. With `version`, of any number of racing calls exactly one wins; without it, publishing again changes nothing. A type with `review.publish_from` refuses entries in other stages.",
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
        "content/not-reviewed",
      ],
      422: [
        "content/bad-publish",
        "content/incomplete",
        "content/published-at-in-future",
        "content/unknown-locale",
      ],
    },
    example: examples.publish,
  },
  {
    method: "post",
    path: "/content/unpublish",
    operationId: "unpublishEntry",
    summary: "Unpublish an entry",
    description:
      "Takes it out of delivery, in every locale or in `locales` only, and keeps the working copy. When published entries refer to it that is a conflict that lists them, unless `on_reference` is `keep` (they show it as unavailable until it is published again), `null` (they lose the reference), `cascade` (they go too) or `repoint:{id}`. What was planned to publish it, whether it is published yet or not, is not planned for these locales any more; plans without others are cancelled and named in `cancelled_schedules`; `remaining_schedules` are still to come.",
    permission: "content:publish",
    body: UnpublishInput,
    answer: Entry,
    beside: {
      cancelled_schedules: z.array(z.string()).describe("`sch_…`"),
      remaining_schedules: z.array(z.string()).describe("`sch_…`"),
    },
    errors: {
      400: ["content/bad-query"],
      ...missing,
      409: [
        "content/version-conflict",
        "content/referenced",
        "content/too-many-references",
        "content/reference-required",
      ],
      422: ["content/bad-publish", "content/unknown-locale"],
    },
    example: examples.unpublish,
  },
];

export const contentOperations: OperationGroup = {
  tag: "Content",
  description:
    "Entries have a working copy and a published one. Every save is a version; nothing reaches readers before it is published.",
  schemas: { Aggregate, BulkAnswer, Entry, EntryId, EntryInput, EntryPatch, ...versionSchemas },
  operations: [...writing, ...publishing, ...reading, bulk, ...versionOperations],
};
