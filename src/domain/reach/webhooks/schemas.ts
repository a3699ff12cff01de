import * as z from "zod";
import { Datetime } from "../../../core/datetimes.ts";
import { PlainName } from "../../../core/plain-name.ts";

/** How many endpoints a tenant has at most, in all its environments. */
export const MAX_WEBHOOKS = 100;
export const MAX_URL_CHARS = 2000;
export const MAX_HEADERS = 20;
export const MAX_HEADER_CHARS = 4000;
export const MAX_TEMPLATE_BYTES = 16 * 1024;
export const MAX_TRIES = 20;
const MAX_RETRY_SECONDS = 86_400;
const MAX_COALESCE_SECONDS = 300;
/** An isolate has six connections at once. */
export const MAX_CONCURRENCY = 6;
export const DEFAULT_CONCURRENCY = 4;

/** The seconds after each failed attempt until the next: twelve attempts within 24 hours. */
export const DEFAULT_RETRIES = [5, 30, 120, 300, 900, 1800, 3600, 7200, 14_400, 21_600, 36_000];

const RESERVED_HEADER =
  /^(?:webhook-.*|cf-.*|x-flow-.*|host|connection|content-length|content-type|content-encoding|transfer-encoding|te|trailer|upgrade|expect|keep-alive|proxy-.*|user-agent)$/i;

const HeaderName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]{0,99}$/, "must be the name of a header")
  .refine((name) => !RESERVED_HEADER.test(name), "is set by FlowCMS");
/** A header as it is written: `is_secret` seals its value, which nobody can read afterwards. */
const NewHeader = z.strictObject({
  name: HeaderName,
  value: z
    .string()
    .max(MAX_HEADER_CHARS)
    .regex(/^[\x20-\x7e]*$/, "must be printable ASCII")
    .optional()
    .describe("Absent to keep the value of a secret header, unless `url` gets another origin."),
  is_secret: z.boolean().default(false).describe("Whether the value is sealed, and never shown again."),
});
const Header = z.object({
  name: z.string(),
  value: z.string().nullable().describe("Null when it is secret."),
  is_secret: z.boolean(),
});

const EventFilter = z
  .string()
  .max(64)
  .regex(/^(?:\*|[a-z_]+\.(?:\*|[a-z_]+))$/, "must be an event such as entry.published, or entry.*");
const Name = z.string().min(1).max(63);
const Path = z.string().min(1).max(200);
const Condition = z.record(z.string(), z.unknown()).describe("As `filter` of a list, in JSON.");

const EntryCondition = z.strictObject({
  before: Condition.optional().describe("What the entry met before the event; false of a new one."),
  after: Condition.optional().describe("What the entry meets after the event; false of a deleted one."),
  changed: z
    .array(Path)
    .min(1)
    .max(50)
    .optional()
    .describe("Fields of which at least one changed, such as `slug` or `seo.title`."),
});

/** What the owner of an endpoint chooses. */
const settings = {
  name: PlainName.min(1).describe("What it is for."),
  url: z.string().min(1).max(MAX_URL_CHARS).describe("A public https URL."),
  events: z
    .array(EventFilter)
    .min(1)
    .max(50)
    .describe("The events it is told of: `entry.published`, `entry.*` or `*`."),
  content_types: z
    .array(Name)
    .min(1)
    .max(50)
    .nullable()
    .describe("Only entries of these types; null for all."),
  locales: z
    .array(Name)
    .min(1)
    .max(50)
    .nullable()
    .describe("Only entries that changed in one of these; the payload has only these. Null for all."),
  condition: EntryCondition.nullable().describe(
    "Only entries that meet it before or after the event. Needs `content_types`.",
  ),
  fields: z
    .array(Path)
    .max(100)
    .nullable()
    .describe("The fields in the payload, such as `title` or `seo.title`; null for all, `[]` for none."),
  template: z
    .unknown()
    .describe(
      "JSON to send in place of the payload; `{{data.fields.title}}` in a string is replaced by a value of it. Null for the payload.",
    ),
  headers: z.array(NewHeader).max(MAX_HEADERS),
  retries: z
    .array(z.int().min(1).max(MAX_RETRY_SECONDS))
    .max(MAX_TRIES - 1)
    .describe("Seconds after each failed attempt until the next, give or take a tenth."),
  concurrency: z.int().min(1).max(MAX_CONCURRENCY).describe("Calls at the same time."),
  coalesce_seconds: z
    .int()
    .min(0)
    .max(MAX_COALESCE_SECONDS)
    .describe(
      "Events within so many seconds are sent in one call, such as those of a release; 0 for one each.",
    ),
};

export const NewWebhook = z.strictObject({
  ...settings,
  content_types: settings.content_types.default(null),
  locales: settings.locales.default(null),
  condition: settings.condition.default(null),
  fields: settings.fields.default(null),
  template: settings.template.default(null),
  headers: settings.headers.default([]),
  retries: settings.retries.default(DEFAULT_RETRIES),
  concurrency: settings.concurrency.default(DEFAULT_CONCURRENCY),
  coalesce_seconds: settings.coalesce_seconds.default(0),
  state: z.enum(["active", "paused"]).default("active"),
});
export type NewWebhook = z.infer<typeof NewWebhook>;

export const WEBHOOK_STATES = ["active", "paused", "disabled"] as const;
export const WebhookChange = z
  .strictObject(settings)
  .partial()
  .extend({
    state: z
      .enum(WEBHOOK_STATES)
      .optional()
      .describe("`paused` collects deliveries and sends none; `disabled` collects none."),
    version: z.int().min(1).optional().describe("A conflict when it is at another version."),
  });
export type WebhookChange = z.infer<typeof WebhookChange>;

/** What is stored of the owner's choices: headers with a value or its seal. */
export type WebhookConfig = Omit<NewWebhook, "state" | "headers"> & {
  headers: { name: string; value?: string | undefined; sealed?: string | undefined }[];
};

const Secret = z.object({
  id: z.string(),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime().nullable().describe("When it stops signing; null for the current one."),
});

export const Webhook = z.object({
  id: z.string().describe("`whk_…`"),
  ...settings,
  headers: z.array(Header),
  state: z.enum(WEBHOOK_STATES),
  disabled_reason: z
    .enum(["owner", "gone", "failing"])
    .nullable()
    .describe("`gone`: it answered 410; `failing`: nothing else but failures for five days."),
  health: z.object({
    failures: z.int().describe("Failed attempts since the last that succeeded."),
    failing_since: z.iso.datetime().nullable(),
    paused_until: z.iso.datetime().nullable().describe("Until then nothing is sent, since it keeps failing."),
    succeeded_at: z.iso.datetime().nullable(),
  }),
  secrets: z.array(Secret).describe("What signs the calls: two of them for some time after a rotation."),
  version: z.int(),
  created_at: z.iso.datetime(),
  created_by: z.string(),
  updated_at: z.iso.datetime(),
  updated_by: z.string(),
});
export type Webhook = z.infer<typeof Webhook>;

export const IssuedWebhook = Webhook.extend({
  secret: z.string().describe("`whsec_…`. Only this response has it."),
});
export type IssuedWebhook = z.infer<typeof IssuedWebhook>;

export const NewSecret = z.strictObject({
  keep_hours: z
    .int()
    .min(0)
    .max(168)
    .default(24)
    .describe("For how long the previous secret signs too; 0 ends it at once."),
});
export type NewSecret = z.infer<typeof NewSecret>;

export const DELIVERY_STATES = ["pending", "succeeded", "dead"] as const;
const filters = {
  event: z.string().max(64).optional().describe("Only of this event."),
  entry: z.string().max(64).optional().describe("Only about this entry."),
  from: Datetime.optional().describe("Only since then."),
  to: Datetime.optional().describe("Only before then."),
};
const page = {
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().optional(),
  environment: z.string().optional(),
};
export const DeliveryQuery = z.strictObject({
  state: z.enum(DELIVERY_STATES).optional(),
  ...filters,
  ...page,
});
export type DeliveryQuery = z.infer<typeof DeliveryQuery>;
export const DeadLetterQuery = z.strictObject({
  webhook: z.string().max(64).optional().describe("Only of this endpoint."),
  ...filters,
  ...page,
});
export type DeadLetterQuery = z.infer<typeof DeadLetterQuery>;

export const Delivery = z.object({
  id: z.string().describe("`dlv_…`, the `webhook-id` of every attempt."),
  webhook: z.string(),
  event: z.string().describe("The event; `batch` of several in one call, `webhook.test` of a test."),
  event_id: z.string().nullable(),
  entry: z.string().nullable().describe("The entry that the event is about."),
  state: z
    .enum(DELIVERY_STATES)
    .describe("`dead`: all attempts failed. It stays for 30 days and can be replayed."),
  attempts: z.int(),
  next_attempt_at: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
  finished_at: z.iso.datetime().nullable(),
});
export type Delivery = z.infer<typeof Delivery>;

export const DeliveryAttempt = z.object({
  number: z.int(),
  at: z.iso.datetime(),
  latency_ms: z.int(),
  status: z.int().nullable().describe("Of the response; null when there was none."),
  failure: z.string().nullable().describe("Why it failed."),
  response_body: z.string().nullable().describe("Its first 16 KiB."),
});
export const DeliveryDetails = Delivery.extend({
  body: z
    .string()
    .nullable()
    .describe(
      "What is sent, byte for byte; null while it still collects events, and when a template made more than fits into a call.",
    ),
  attempt_list: z.array(DeliveryAttempt).describe("The newest first, 100 at most."),
});
export type DeliveryDetails = z.infer<typeof DeliveryDetails>;

export const Replay = z.strictObject({
  delivery: z.string().max(64).optional().describe("Only this one, whatever its state."),
  state: z
    .enum(["dead", "succeeded", "all"])
    .default("dead")
    .describe("Which of them; those that are pending are sent anyway."),
  ...filters,
});
export type Replay = z.infer<typeof Replay>;
export const Replayed = z.object({
  replayed: z.int().describe("How many are sent again."),
  has_more: z.boolean().describe("Whether there are more: call it again."),
});
export type Replayed = z.infer<typeof Replayed>;
