import * as z from "zod";
import { answered, answeredPage } from "../../../core/answers.ts";
import type { Context } from "../../../core/context.ts";
import { declares, type Operation, type OperationGroup } from "../../../core/operation.ts";
import { getDelivery, listDeadLetters, listDeliveries, replayDeliveries, testWebhook } from "./deliveries.ts";
import { EntryEventData } from "./operations-catalogue.ts";
import { getWebhook, listWebhooks } from "./read-webhooks.ts";
import { createWebhook, deleteWebhook, rotateSecret, updateWebhook } from "./save-webhook.ts";
import {
  DeadLetterQuery,
  DEFAULT_RETRIES,
  Delivery,
  DeliveryDetails,
  DeliveryQuery,
  IssuedWebhook,
  NewSecret,
  NewWebhook,
  Replay,
  Replayed,
  Webhook,
  WebhookChange,
} from "./schemas.ts";

export { CATALOGUE } from "./operations-catalogue.ts";

const operation = declares<Context>("webhooks/bad-query");

const webhookId = "whk_01jd3f0b6vfs8t4z9c7q2m5n8x";
const deliveryId = "dlv_01jd3f0b6vfs8t4z9c7q2m5n8x";
const actor = "tok_01jd3f0b6vfs8t4z9c7q2m5n8x";
const at = "2026-01-31T09:30:00.000Z";
const chosen = {
  name: "Website",
  url: "https://example.com/hooks/flow",
  events: ["entry.published", "entry.unpublished"],
};
const shown = {
  id: webhookId,
  ...chosen,
  content_types: null,
  locales: null,
  condition: null,
  fields: null,
  template: null,
  headers: [],
  retries: DEFAULT_RETRIES,
  concurrency: 4,
  coalesce_seconds: 0,
  state: "paused",
  disabled_reason: null,
  health: { failures: 0, failing_since: null, paused_until: null, succeeded_at: null },
  secrets: [{ id: "3f0b6vfs", created_at: at, expires_at: null }],
  version: 1,
  created_at: at,
  created_by: actor,
  updated_at: at,
  updated_by: actor,
};
const delivery = {
  id: deliveryId,
  webhook: webhookId,
  event: "webhook.test",
  event_id: null,
  entry: null,
  state: "pending",
  attempts: 0,
  next_attempt_at: at,
  created_at: at,
  finished_at: null,
};
const params = { id: z.string().describe("`whk_…`") };
const unknown = { 404: ["webhooks/not-found"] } as const;
const unavailable = { 503: ["platform/no-dns", "platform/no-master-key", "webhooks/unavailable"] } as const;

export const webhookOperations: OperationGroup<Operation<Context>> = {
  tag: "Webhooks",
  description:
    "Endpoints that are told of events, signed by Standard Webhooks, and their mailbox: every call with its attempts is kept for 30 days and can be sent again.",
  schemas: {
    Webhook,
    IssuedWebhook,
    NewWebhook,
    Delivery,
    DeliveryDetails,
    Replayed,
    EntryEventData,
  },
  operations: [
    operation({
      method: "post",
      path: "/webhooks",
      operationId: "createWebhook",
      summary: "Create a webhook",
      description:
        "For the environment of the request. Its events can carry every field of every entry, whatever the roles of who creates it: choose `fields` for a receiver that may not see all. The secret is only in this response.",
      permission: "webhooks:write",
      body: NewWebhook,
      invalid: ["webhooks/invalid", "The webhook is not valid."],
      answer: IssuedWebhook,
      statuses: [201],
      errors: { 402: ["webhooks/too-many"], ...unavailable },
      example: { request: { ...chosen, state: "paused" }, response: { ...shown, secret: "whsec_…" } },
      secret: "secret",
      sdk: { call: "webhooks.create" },
      run: async (ctx, { body }) => {
        const made = await createWebhook(ctx, body);
        return answered(made, { status: 201, location: `/api/v3/webhooks/${made.id}` });
      },
    }),
    operation({
      method: "get",
      path: "/webhooks",
      operationId: "listWebhooks",
      summary: "List webhooks",
      description: "All webhooks of the environment, without their secrets.",
      permission: "webhooks:read",
      answer: z.array(Webhook),
      example: { response: [shown] },
      sdk: { call: "webhooks.list" },
      run: (ctx) => listWebhooks(ctx),
    }),
    operation({
      method: "get",
      path: "/webhooks/dead-letters",
      operationId: "listDeadLetters",
      summary: "List dead letters",
      description:
        "Deliveries of which every attempt failed, newest first. Continue with `pagination.next_cursor`.",
      permission: "webhooks:read",
      query: DeadLetterQuery,
      answer: z.array(Delivery),
      isList: true,
      errors: { 422: ["http/bad-cursor"] },
      example: { query: { limit: "20" }, response: [] },
      sdk: { call: "webhooks.deadLetters.list" },
      run: async (ctx, { query }) => {
        const { data, nextCursor } = await listDeadLetters(ctx, query);
        return answeredPage(data, query.limit, nextCursor);
      },
    }),
    operation({
      method: "get",
      path: "/webhooks/{id}",
      operationId: "getWebhook",
      summary: "Get a webhook",
      description: "With its health, without its secrets.",
      permission: "webhooks:read",
      params,
      answer: Webhook,
      errors: unknown,
      example: { params: { id: webhookId }, response: shown },
      sdk: { call: "webhooks.get" },
      run: (ctx, { params: { id } }) => getWebhook(ctx, { id }),
    }),
    operation({
      method: "patch",
      path: "/webhooks/{id}",
      operationId: "updateWebhook",
      summary: "Change a webhook",
      description:
        "Only the given properties change. `state: active` forgets its failures and sends what waits; `headers` without a value keep the secret one of that name. A `url` of another origin needs the values of secret headers again.",
      permission: "webhooks:write",
      params,
      body: WebhookChange,
      invalid: ["webhooks/invalid", "The webhook is not valid."],
      answer: Webhook,
      errors: { ...unknown, 409: ["webhooks/version-conflict"], ...unavailable },
      example: {
        params: { id: webhookId },
        request: { events: ["entry.*"] },
        response: { ...shown, events: ["entry.*"], version: 2 },
      },
      sdk: { call: "webhooks.update" },
      run: (ctx, { params: { id }, body }) => updateWebhook(ctx, { id, ...body }),
    }),
    operation({
      method: "post",
      path: "/webhooks/{id}/secrets",
      operationId: "rotateWebhookSecret",
      summary: "Rotate the secret of a webhook",
      description:
        "Calls are signed with both secrets until the previous one expires. The new one is only in this response.",
      permission: "webhooks:write",
      params,
      body: NewSecret,
      isBodyOptional: true,
      invalid: ["webhooks/invalid", "The request is not valid."],
      answer: IssuedWebhook,
      statuses: [201],
      errors: { ...unknown, 409: ["webhooks/version-conflict"], ...unavailable },
      example: {
        params: { id: webhookId },
        request: { keep_hours: 24 },
        response: { ...shown, events: ["entry.*"], version: 3, secret: "whsec_…" },
      },
      secret: "secret",
      sdk: { call: "webhooks.rotateSecret" },
      run: (ctx, { params: { id }, body }) => rotateSecret(ctx, { id, ...body }),
    }),
    operation({
      method: "post",
      path: "/webhooks/{id}/test",
      operationId: "testWebhook",
      summary: "Test a webhook",
      description: "Sends the event `webhook.test`. Read the delivery for how it went.",
      permission: "webhooks:write",
      params,
      answer: Delivery,
      statuses: [201],
      errors: { ...unknown, 409: ["webhooks/disabled"] },
      example: { params: { id: webhookId }, response: delivery },
      sdk: { call: "webhooks.test" },
      run: (ctx, { params: { id } }) => testWebhook(ctx, { id }),
    }),
    operation({
      method: "get",
      path: "/webhooks/{id}/deliveries",
      operationId: "listDeliveries",
      summary: "List deliveries",
      description: "What was or is to be sent, newest first. Continue with `pagination.next_cursor`.",
      permission: "webhooks:read",
      params,
      query: DeliveryQuery,
      answer: z.array(Delivery),
      isList: true,
      errors: { ...unknown, 422: ["http/bad-cursor"] },
      example: { params: { id: webhookId }, query: { limit: "20" }, response: [delivery] },
      sdk: { call: "webhooks.deliveries.list" },
      run: async (ctx, { params: { id }, query }) => {
        const { data, nextCursor } = await listDeliveries(ctx, { id, ...query });
        return answeredPage(data, query.limit, nextCursor);
      },
    }),
    operation({
      method: "get",
      path: "/webhooks/{id}/deliveries/{delivery}",
      operationId: "getDelivery",
      summary: "Get a delivery",
      description: "What is sent, and every attempt with its response.",
      permission: "webhooks:read",
      params: { ...params, delivery: z.string().describe("`dlv_…`") },
      answer: DeliveryDetails,
      errors: { 404: ["webhooks/no-such-delivery"] },
      example: {
        params: { id: webhookId, delivery: deliveryId },
        response: { ...delivery, body: '{"type":"webhook.test"}', attempt_list: [] },
      },
      sdk: { call: "webhooks.deliveries.get" },
      run: (ctx, { params: { id, delivery: wanted } }) => getDelivery(ctx, { id, delivery: wanted }),
    }),
    operation({
      method: "post",
      path: "/webhooks/{id}/replay",
      operationId: "replayDeliveries",
      summary: "Send deliveries again",
      description:
        "One, those of a range, or all that are dead: the same bytes under the same `webhook-id`, with all retries. 1,000 at once, oldest first.",
      permission: "webhooks:write",
      params,
      body: Replay,
      isBodyOptional: true,
      invalid: ["webhooks/invalid", "The request is not valid."],
      answer: Replayed,
      errors: { 404: ["webhooks/not-found", "webhooks/no-such-delivery"], 409: ["webhooks/disabled"] },
      example: {
        params: { id: webhookId },
        request: { state: "dead" },
        response: { replayed: 0, has_more: false },
      },
      sdk: { call: "webhooks.replay" },
      run: (ctx, { params: { id }, body }) => replayDeliveries(ctx, { id, ...body }),
    }),
    operation({
      method: "delete",
      path: "/webhooks/{id}",
      operationId: "deleteWebhook",
      summary: "Delete a webhook",
      description: "With its deliveries, also those that were not sent yet.",
      permission: "webhooks:write",
      params,
      statuses: [204],
      errors: unknown,
      example: { params: { id: webhookId } },
      sdk: { call: "webhooks.delete" },
      run: (ctx, { params: { id } }) => deleteWebhook(ctx, { id }),
    }),
  ],
};
