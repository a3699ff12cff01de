import * as z from "zod";
import { CATALOGUE } from "../../domain/reach/webhooks/operations.ts";
import type { JsonSchema } from "./json-schema.ts";

type EventName = keyof typeof CATALOGUE;
const AT = "2026-01-31T09:30:00.000Z";
const KEY = "01jd3f0b6vfs8t4z9c7q2m5n8x";
const PREFIXES: Record<string, string> = {
  entry: "cnt",
  asset: "ast",
  comment: "cmt",
  schedule: "sch",
  person: "usr",
  session: "usr",
  member: "usr",
  token: "tok",
  invitation: "inv",
  team: "tea",
  client: "cli",
  role: "rol",
  policy: "pol",
  sso: "sso",
  scim: "usr",
  webhook: "whk",
  release: "rel",
};
/** What stands for a property in examples. */
const SAMPLES: Record<string, unknown> = {
  type: "article",
  version: 3,
  locales: null,
  fields: { title: "Hello" },
  changes: [{ path: "title", change: "changed", from: "Helo", to: "Hello" }],
  is_truncated: false,
  entry: `cnt_${KEY}`,
  name: "main",
  domain: "cms.example.com",
  slug: "acme",
  session: `ses_${KEY}`,
  from: "post",
  types: ["article"],
  entries: [`cnt_${KEY}`],
  inverse_of: `rel_${KEY}`,
};

/** The payload of an event. */
export const payloadSchema = (name: EventName) =>
  z.object({
    id: z.string().describe("The id of the event: the same in every call that tells of it."),
    type: z.literal(name),
    schema: z.literal(1).describe("The version of this form."),
    timestamp: z.iso.datetime().describe("When it happened."),
    sequence: z.int().describe("Rises with the events; calls may come in another order."),
    fresh_as_of: z.iso.datetime().describe("When reads began to show the change."),
    environment: z.string().nullable().describe("Null of what belongs to the whole tenant."),
    data: CATALOGUE[name].data,
    links: z.object({ entry: z.string().optional(), asset: z.string().optional() }),
  });

/** `webhooks` of the document: what each event calls endpoints with. */
export function describeWebhooks(write: (schema: z.ZodType) => JsonSchema): Record<string, object> {
  const names = (Object.keys(CATALOGUE) as EventName[]).toSorted();
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        post: {
          operationId: `on${name.replace(/(?:^|[._])(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
          tags: ["Webhooks"],
          summary: name,
          description: CATALOGUE[name].description,
          security: [],
          parameters: ["webhook-id", "webhook-timestamp", "webhook-signature"].map((header) => ({
            name: header,
            in: "header",
            required: true,
            schema: { type: "string" },
          })),
          requestBody: {
            required: true,
            content: { "application/json": { schema: write(payloadSchema(name)), example: exampleOf(name) } },
          },
          responses: {
            "2XX": { description: "It arrived." },
            default: { description: "It is tried again." },
          },
        },
      },
    ]),
  );
}

/** An example of a payload. */
export function exampleOf(name: EventName): object {
  const [noun] = name.split(".") as [string];
  const id = PREFIXES[noun] ? `${PREFIXES[noun]}_${KEY}` : noun === "key" ? "website-2026" : "article";
  const shape = CATALOGUE[name].data.shape as Record<string, z.ZodType>;
  const data = Object.fromEntries(
    Object.keys(shape)
      .filter((key) => !shape[key]!.safeParse(undefined).success)
      .map((key) => [
        key,
        key === "id" ? id : key === "locales" && noun === "environment" ? true : SAMPLES[key],
      ]),
  );
  const isOfEnvironment = /^(?:entry|asset|type|component|comment|schedule|release)$/.test(noun);
  return {
    id: "evt_4711",
    type: name,
    schema: 1,
    timestamp: AT,
    sequence: 4711,
    fresh_as_of: AT,
    environment: isOfEnvironment ? "main" : null,
    data,
    links: {},
  };
}
