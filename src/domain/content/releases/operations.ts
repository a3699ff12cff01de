import * as z from "zod";
import { answeredPage } from "../../../core/answers.ts";
import type { Context } from "../../../core/context.ts";
import { declares, type Operation, type OperationGroup } from "../../../core/operation.ts";
import * as examples from "./examples.ts";
import { addItems, listItems, removeItems } from "./items.ts";
import { publishingOperations } from "./operations-publishing.ts";
import { changeRelease, createRelease, deleteRelease, listReleases, readRelease } from "./releases.ts";
import {
  DryRun,
  Finding,
  GoneItems,
  ItemsQuery,
  MAX_ITEMS,
  NewItem,
  NewItems,
  NewRelease,
  Release,
  ReleaseChange,
  ReleaseItem,
  ReleasesQuery,
} from "./schemas.ts";

const operation = declares<Context>("releases/bad-query");

const params = { id: z.string().describe("`rel_…`") };
const missing = { 404: ["releases/not-found"] } as const;
const invalid = ["releases/invalid", "The release is not valid."] as const;

export const releaseOperations: OperationGroup<Operation<Context>> = {
  tag: "Releases",
  description:
    "Entries that are published and unpublished together: all of them at once or none, now or at a later time. What a release replaced can be brought back.",
  schemas: { DryRun, Finding, NewItem, NewRelease, Release, ReleaseItem },
  operations: [
    operation({
      method: "post",
      path: "/releases",
      operationId: "createRelease",
      summary: "Create a release",
      description: "Without entries. An environment has at most 200 that are not published.",
      permission: "releases:write",
      body: NewRelease,
      invalid,
      answer: Release,
      statuses: [201],
      errors: { 402: ["releases/too-many"] },
      example: { request: { name: "Spring", allow_broken_references: true }, response: examples.shown },
      sdk: { call: "releases.create" },
      run: (ctx, { body }) => createRelease(ctx, body),
    }),
    operation({
      method: "get",
      path: "/releases",
      operationId: "listReleases",
      summary: "List releases",
      description: "The newest first.",
      permission: "releases:read",
      query: ReleasesQuery,
      answer: z.array(Release),
      isList: true,
      errors: { 422: ["http/bad-cursor"] },
      example: { query: { state: "open" }, response: [examples.shown] },
      sdk: { call: "releases.list" },
      run: async (ctx, { query }) => {
        const { data, nextCursor } = await listReleases(ctx, query);
        return answeredPage(data, query.limit, nextCursor);
      },
    }),
    operation({
      method: "get",
      path: "/releases/{id}",
      operationId: "getRelease",
      summary: "Get a release",
      description: "What is said of it, and what became of it.",
      permission: "releases:read",
      params,
      answer: Release,
      errors: missing,
      example: { params: examples.params, response: examples.shown },
      sdk: { call: "releases.get" },
      run: (ctx, { params }) => readRelease(ctx, params),
    }),
    operation({
      method: "patch",
      path: "/releases/{id}",
      operationId: "changeRelease",
      summary: "Change a release",
      description: "Not while it is scheduled, nor once it is published.",
      permission: "releases:write",
      params,
      body: ReleaseChange,
      invalid,
      answer: Release,
      errors: { ...missing, 409: ["releases/version-conflict", "releases/wrong-state"] },
      example: {
        params: examples.params,
        request: { description: "Prices and pictures" },
        response: { ...examples.shown, version: 2, description: "Prices and pictures" },
      },
      sdk: { call: "releases.change" },
      run: (ctx, { params, body }) => changeRelease(ctx, { ...body, ...params }),
    }),
    operation({
      method: "post",
      path: "/releases/{id}/items",
      operationId: "addReleaseItems",
      summary: "Add entries to a release",
      description: `Up to 1,000 with one request and ${MAX_ITEMS.toLocaleString("en")} in a release, all of them or none. For an entry that is in it already, this replaces what happens to it.`,
      permission: "releases:write",
      params,
      body: NewItems,
      invalid: ["releases/invalid", "The entries are not valid."],
      answer: Release,
      errors: {
        402: ["releases/too-many-items"],
        404: ["releases/not-found", "content/not-found"],
        409: ["releases/wrong-state"],
      },
      example: {
        params: examples.params,
        request: { items: [examples.item] },
        response: { ...examples.shown, version: 3, items: 1 },
      },
      sdk: { call: "releases.items.add", body: "items" },
      run: (ctx, { params, body }) => addItems(ctx, { ...params, ...body }),
    }),
    operation({
      method: "get",
      path: "/releases/{id}/items",
      operationId: "listReleaseItems",
      summary: "List the entries of a release",
      description: "Those that you may read, by their ids.",
      permission: "releases:read",
      params,
      query: ItemsQuery,
      answer: z.array(ReleaseItem),
      isList: true,
      errors: { ...missing, 422: ["http/bad-cursor"] },
      example: { params: examples.params, query: { limit: "20" }, response: [examples.shownItem] },
      sdk: { call: "releases.items.list" },
      run: async (ctx, { params, query }) => {
        const { data, nextCursor } = await listItems(ctx, { ...params, ...query });
        return answeredPage(data, query.limit, nextCursor);
      },
    }),
    ...publishingOperations,
    operation({
      method: "delete",
      path: "/releases/{id}",
      operationId: "deleteRelease",
      summary: "Delete a release",
      description: "Its entries stay as they are. Not while it is scheduled.",
      permission: "releases:write",
      params,
      statuses: [204],
      errors: { ...missing, 409: ["releases/wrong-state"] },
      example: { params: examples.params },
      sdk: { call: "releases.delete" },
      run: (ctx, { params }) => deleteRelease(ctx, params),
    }),
    operation({
      method: "delete",
      path: "/releases/{id}/items",
      operationId: "removeReleaseItems",
      summary: "Take entries out of a release",
      description: "Ids of entries that are not in it change nothing.",
      permission: "releases:write",
      params,
      query: GoneItems,
      answer: Release,
      errors: { ...missing, 409: ["releases/wrong-state"] },
      example: {
        params: examples.params,
        query: { entries: examples.item.entry },
        response: { ...examples.published, version: 8, state: "rolled_back", items: 0 },
      },
      sdk: { call: "releases.items.remove" },
      run: (ctx, { params, query }) => removeItems(ctx, { ...params, ...query }),
    }),
  ],
};
