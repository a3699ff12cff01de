import * as z from "zod";
import { answered, answeredPut } from "../../../core/answers.ts";
import {
  addressOf,
  besideOf,
  bulkEntries,
  createEntry,
  deleteEntry,
  placeEntry,
  publishEntry,
  putEntry,
  readOnReference,
  unpublishEntry,
  updateEntry,
} from "./write/index.ts";
import {
  answeredEntry,
  missing,
  ofAddress,
  ofEntry,
  operation,
  patterns,
  type,
} from "./declare-operation.ts";
import * as examples from "./examples.ts";
import { BulkAnswer, BulkInput } from "./bulk-schemas.ts";
import {
  DeleteQuery,
  Entry,
  EntryInput,
  EntryPatch,
  PlaceInput,
  PublishInput,
  UnpublishInput,
  WriteNotes,
  WriteQuery,
} from "./schemas.ts";

const deleteOperation = operation({
  method: "delete",
  path: "/content/{type}/{id}",
  operationId: "deleteEntry",
  summary: "Delete an entry",
  description:
    "Out of delivery and into the trash, from where it can be restored for 30 days; with `for_good=true` it is gone at once, with its versions. What is scheduled for it is cancelled. When other entries refer to it that is a conflict that lists them, unless `on_reference` says what becomes of them.",
  permission: "content:delete",
  params: ofEntry,
  query: DeleteQuery,
  isConditional: true,
  statuses: [204],
  errors: {
    400: ["content/bad-query", "http/bad-if-match"],
    404: ["content/not-found", "content/unknown-type", "content/not-singleton"],
    409: [
      "content/version-conflict",
      "content/referenced",
      "content/too-many-references",
      "content/reference-required",
    ],
  },
  example: examples.remove,
  run: (ctx, { params, query, precondition }) =>
    deleteEntry(ctx, {
      ...params,
      precondition,
      onReference: readOnReference(query.on_reference),
      isForGood: query.for_good === "true",
    }),
});

const missingAny = { 404: [...missing[404], "content/unknown-type", "content/not-singleton"] } as const;
const badWrite = ["content/invalid-entry", "content/unknown-locale"];
const badBody = [...badWrite, "content/broken-reference", "content/bad-version"];
const howToWrite = (query: z.infer<typeof WriteQuery>) => ({
  locale: query.locale,
  allowIncomplete: query.allow_incomplete === "true",
});

export const writingOperations = [
  operation({
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
    isBodyOpen: true,
    answer: Entry,
    beside: { notes: WriteNotes },
    statuses: [201],
    hasEtag: true,
    errors: {
      400: ["content/not-an-object"],
      404: ["content/unknown-type"],
      409: ["content/slug-taken", "content/not-unique", "content/id-taken", "content/singleton-taken"],
      422: [...badBody, "content/bad-id", "content/bad-created-at"],
    },
    example: examples.create,
    run: async (ctx, { params, query, json }) => {
      const { entry, notes } = await createEntry(ctx, {
        ...params,
        ...howToWrite(query),
        body: await json(),
      });
      return answeredEntry(entry, { status: 201, beside: besideOf(notes) });
    },
  }),
  operation({
    method: "put",
    path: "/content/{type}/{id}",
    operationId: "putEntry",
    summary: "Create or replace an entry",
    description:
      "With an id that you choose, so it is safe to repeat: an identical entry changes nothing and the response has `X-Flow-Unchanged: true`. Fields and locales that are not in the body lose their values. `-` in place of the id is the only entry of a singleton.",
    permission: "content:write",
    params: ofEntry,
    query: WriteQuery,
    isConditional: true,
    body: EntryInput,
    isBodyOpen: true,
    answer: Entry,
    beside: { notes: WriteNotes },
    statuses: [200, 201],
    hasEtag: true,
    errors: {
      400: ["content/not-an-object", "http/bad-if-match"],
      404: ["content/unknown-type", "content/not-found", "content/not-singleton"],
      409: [
        "content/version-conflict",
        "content/slug-taken",
        "content/not-unique",
        "content/singleton-taken",
      ],
      422: [...badBody, "content/bad-id", "content/bad-created-at"],
    },
    example: examples.put,
    run: async (ctx, { params, query, precondition, json }) => {
      const how = { ...params, ...howToWrite(query), precondition };
      const { entry, outcome, notes } = await putEntry(ctx, { ...how, body: await json() });
      return answeredPut(entry, outcome, besideOf(notes));
    },
  }),
  operation({
    method: "patch",
    path: "/content/{type}/{id}",
    operationId: "updateEntry",
    summary: "Change fields of an entry",
    description:
      "Send `version` or `If-Match` to detect concurrent changes: then the response is a conflict and nothing is overwritten.",
    permission: "content:write",
    params: ofEntry,
    query: WriteQuery,
    isConditional: true,
    body: EntryPatch,
    isBodyOpen: true,
    answer: Entry,
    beside: { notes: WriteNotes },
    hasEtag: true,
    errors: {
      400: ["content/not-an-object", "http/bad-if-match"],
      404: ["content/not-found", "content/unknown-type", "content/not-singleton"],
      409: ["content/version-conflict", "content/slug-taken", "content/not-unique"],
      422: badBody,
    },
    example: examples.update,
    run: async (ctx, { params, query, precondition, json }) => {
      const how = { ...params, ...howToWrite(query), precondition };
      const { entry, notes } = await updateEntry(ctx, { ...how, body: await json() });
      return answeredEntry(entry, { beside: besideOf(notes) });
    },
  }),
  ofAddress(deleteOperation),
];

export const placingOperation = ofAddress(
  operation({
    method: "post",
    path: "/content/{type}/{id}/move",
    patterns,
    operationId: "placeEntry",
    summary: "Move an entry in the order of its type",
    description:
      "Of an `ordered` type. The order is no part of a version: the move is live at once, also for readers of what is published.",
    permission: "content:write",
    params: ofEntry,
    isConditional: true,
    body: PlaceInput,
    invalid: ["content/bad-move", "The move is not valid."],
    answer: Entry,
    hasEtag: true,
    errors: {
      400: ["http/bad-if-match"],
      404: ["content/not-found", "content/unknown-type", "content/not-singleton"],
      409: ["content/version-conflict", "content/changed-meanwhile"],
      422: ["content/bad-move", "content/not-ordered", "content/broken-reference"],
    },
    example: examples.place,
    graphql: { field: "placeEntry" },
    run: async (ctx, { params, body, precondition }) =>
      answeredEntry(await placeEntry(ctx, { ...params, ...body, precondition })),
  }),
);

export const publishingOperations = [
  operation({
    method: "post",
    path: "/content/publish",
    operationId: "publishEntry",
    summary: "Publish an entry",
    description:
      "Publishes the working copy, in every locale or only in `locales`. With `version`, exactly one of several concurrent calls succeeds; without it, publishing again changes nothing. A type with `review.publish_from` rejects entries in other stages.",
    permission: "content:publish",
    body: PublishInput,
    invalid: ["content/bad-publish", "The request is not valid."],
    answer: Entry,
    errors: {
      ...missingAny,
      409: [
        "content/version-conflict",
        "content/already-published",
        "content/slug-taken",
        "content/not-unique",
        "content/not-reviewed",
      ],
      422: ["content/incomplete", "content/published-at-in-future", "content/unknown-locale"],
    },
    example: examples.publish,
    graphql: { field: "publish" },
    run: async (ctx, { body: { published_at: publishedAt, type, ...body } }) =>
      publishEntry(ctx, { ...body, id: await addressOf(ctx, { type, id: body.id }), publishedAt }),
  }),
  operation({
    method: "post",
    path: "/content/unpublish",
    operationId: "unpublishEntry",
    summary: "Unpublish an entry",
    description:
      "Removes it from delivery, in every locale or only in `locales`, and keeps the working copy. If published entries refer to it, that is a conflict that lists them, unless `on_reference` is `keep` (they show it as unavailable until it is published again), `null` (the references are removed), `cascade` (they are unpublished too) or `repoint:{id}`. Pending schedules that would publish it lose these locales; schedules without other locales are cancelled and listed in `cancelled_schedules`; `remaining_schedules` are still pending.",
    permission: "content:publish",
    body: UnpublishInput,
    invalid: ["content/bad-publish", "The request is not valid."],
    answer: Entry,
    beside: {
      cancelled_schedules: z.array(z.string()).describe("`sch_…`"),
      remaining_schedules: z.array(z.string()).describe("`sch_…`"),
    },
    errors: {
      400: ["content/bad-query"],
      ...missingAny,
      409: [
        "content/version-conflict",
        "content/referenced",
        "content/too-many-references",
        "content/reference-required",
      ],
      422: ["content/unknown-locale"],
    },
    example: examples.unpublish,
    graphql: { field: "unpublish" },
    run: async (ctx, { body: { type, ...body } }) => {
      const onReference = readOnReference(body.on_reference);
      const id = await addressOf(ctx, { type, id: body.id });
      const { entry, cancelled, remaining } = await unpublishEntry(ctx, { ...body, id, onReference });
      return answered(entry, { beside: { cancelled_schedules: cancelled, remaining_schedules: remaining } });
    },
  }),
];

export const bulkOperation = operation({
  method: "post",
  path: "/content/bulk",
  operationId: "bulkEntries",
  summary: "Run up to 500 operations in one request",
  description:
    "In one transaction and in their order: `create`, `put`, `update`, `publish`, `unpublish`, `delete`, `move`. When `atomic` (the default) all succeed or none, and the first that fails is the error, its index in `details`; otherwise each item says what became of it. Entries may refer to ones that come before them.",
  permission: "content:write",
  body: BulkInput,
  invalid: ["content/bad-bulk", "The request is not valid.", "fields"],
  answer: BulkAnswer,
  errors: {
    400: ["content/not-an-object"],
    404: ["content/not-found", "content/unknown-type", "content/not-singleton"],
    409: [
      "content/version-conflict",
      "content/slug-taken",
      "content/not-unique",
      "content/id-taken",
      "content/singleton-taken",
      "content/referenced",
      "content/changed-meanwhile",
      "content/not-sibling",
    ],
    422: [
      "content/incomplete",
      "content/published-at-in-future",
      "content/bad-move",
      "content/not-ordered",
      ...badBody,
    ],
  },
  example: examples.bulk,
  graphql: { field: "bulk" },
  writes: ({ operations }) => operations.length,
  run: (ctx, { body }) => bulkEntries(ctx, body),
});
