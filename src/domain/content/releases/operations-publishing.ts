import * as z from "zod";
import type { Context } from "../../../core/context.ts";
import { declares } from "../../../core/operation.ts";
import * as examples from "./examples.ts";
import { publishRelease } from "./publish-release.ts";
import { dryRunRelease, rollBackRelease } from "./rollback.ts";
import { cancelRelease, scheduleRelease } from "./schedule-release.ts";
import { DryRun, NewReleaseSchedule, NewRollback, PublishInput, Release } from "./schemas.ts";

const operation = declares<Context>("releases/bad-query");

const params = { id: z.string().describe("`rel_…`") };
const missing = { 404: ["releases/not-found"] } as const;
const notNow = ["releases/wrong-state", "releases/not-publishable", "content/changed-meanwhile"] as const;

/** What becomes of a release: each is a write, and publishes nothing in part. */
export const publishingOperations = [
  operation({
    method: "post",
    path: "/releases/{id}/dry-run",
    operationId: "dryRunRelease",
    summary: "Try a release",
    description:
      "What would come of publishing it now: missing values and locales, broken rules and references, values that are not unique, reviews, and what you may not publish. Of a published release: what would come of rolling it back. Publishes nothing.",
    permission: "releases:read",
    params,
    body: NewRollback,
    isBodyOptional: true,
    invalid: ["releases/invalid", "The dry run is not valid."],
    answer: DryRun,
    errors: { ...missing, 409: ["releases/too-old"] },
    example: { params: examples.params, request: {}, response: examples.dryRun },
    sdk: { call: "releases.dryRun" },
    run: (ctx, { params, body }) => dryRunRelease(ctx, { ...params, ...body }),
  }),
  operation({
    method: "post",
    path: "/releases/{id}/schedule",
    operationId: "scheduleRelease",
    summary: "Publish a release at a later time",
    description:
      "It is published within a minute of that datetime, with what you may do now; where it cannot be, its state is `failed`, with the reason, and you are notified. Replaces an earlier schedule.",
    permission: "releases:publish",
    params,
    body: NewReleaseSchedule,
    invalid: ["releases/invalid", "The schedule is not valid."],
    answer: Release,
    errors: {
      ...missing,
      409: ["releases/wrong-state"],
      422: ["releases/empty", "schedules/bad-time", "schedules/bad-time-zone", "schedules/in-the-past"],
    },
    example: {
      params: examples.params,
      request: { at: "2099-01-31T09:30", time_zone: "Europe/Paris" },
      response: examples.scheduled,
    },
    sdk: { call: "releases.schedule" },
    run: (ctx, { params, body }) => scheduleRelease(ctx, { ...params, ...body }),
  }),
  operation({
    method: "post",
    path: "/releases/{id}/cancel",
    operationId: "cancelRelease",
    summary: "Cancel the schedule of a release",
    description: "The release is open again.",
    permission: "releases:publish",
    params,
    answer: Release,
    errors: { ...missing, 409: ["releases/not-scheduled"] },
    example: { params: examples.params, response: { ...examples.shown, version: 5, items: 1 } },
    sdk: { call: "releases.cancel" },
    run: (ctx, { params }) => cancelRelease(ctx, params),
  }),
  operation({
    method: "post",
    path: "/releases/{id}/publish",
    operationId: "publishRelease",
    summary: "Publish a release",
    description:
      "All of it at once, or nothing: then the error lists what a dry run finds. Readers see either everything as it was or everything as it is now.",
    permission: "releases:publish",
    params,
    body: PublishInput,
    isBodyOptional: true,
    invalid: ["releases/invalid", "The release is not valid."],
    answer: Release,
    errors: { ...missing, 409: [...notNow, "releases/version-conflict"], 422: ["releases/empty"] },
    example: { params: examples.params, request: {}, response: examples.published },
    sdk: { call: "releases.publish" },
    run: (ctx, { params, body }) => publishRelease(ctx, { ...params, ...body }),
  }),
  operation({
    method: "post",
    path: "/releases/{id}/rollback",
    operationId: "rollBackRelease",
    summary: "Roll a release back",
    description:
      "Publishes what it replaced, and unpublishes what was not published before, by a release that is its inverse, which is the response. Entries that others published or unpublished since are refused, unless `changed` says otherwise; a dry run lists them. The release can be changed and published again.",
    permission: "releases:publish",
    params,
    body: NewRollback,
    isBodyOptional: true,
    invalid: ["releases/invalid", "The rollback is not valid."],
    answer: Release,
    statuses: [201],
    errors: { ...missing, 409: [...notNow, "releases/too-old"], 422: ["releases/empty"] },
    example: { params: examples.params, request: {}, response: examples.inverse },
    sdk: { call: "releases.rollback" },
    run: (ctx, { params, body }) => rollBackRelease(ctx, { ...params, ...body }),
  }),
];
