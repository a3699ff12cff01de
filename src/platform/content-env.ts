import { AppError } from "../core/errors.ts";

/** What the CONTENT and MAINTENANCE Workers are given. */
export type ContentBindings = {
  DATABASE_URL: string;
  REDIS_URL?: string;
  REDIS_TOKEN?: string;
  EVENTS: Queue<EventMessage>;
  /** The bytes of assets: CONTENT shows them, MAINTENANCE takes away those of no asset. */
  ASSETS?: R2Bucket;
  /** What management by GraphQL asks IDENTITY for; CONTENT's alone. */
  IDENTITY?: Fetcher;
  /** What seals the secrets of webhooks and calls them; CONTENT's alone. */
  WEBHOOK_SENDER?: WebhookSender;
  /** A shorter way to the database's endpoint, where there is one (self-hosting). */
  DATABASE_ENDPOINT?: Fetcher;
};

/**
 * A message of a queue of events: outbox ids, or that types of the tenant need a rebuild, or that
 * something is due at webhooks.
 */
export type EventMessage = { tenant: string; ids: string[]; rebuilds?: true; webhooks?: string[] };

/** The entrypoint of WEBHOOKS. */
export type WebhookSender = {
  prepare(
    tenantId: string,
    wanted: { url?: string; secrets: string[] },
  ): Promise<{ refusal: string | null; sealed: string[] } | { error: { reason: string; message: string } }>;
  send(tenantId: string, webhookIds: readonly string[]): Promise<void>;
};

/** The bindings as checked values; throws UNAVAILABLE that names the missing setting. */
export function parseContentEnv(env: ContentBindings) {
  if (!env.DATABASE_URL) {
    throw new AppError(
      "UNAVAILABLE",
      "platform/no-database",
      "DATABASE_URL is not set: `wrangler secret put DATABASE_URL`.",
    );
  }
  return {
    databaseUrl: env.DATABASE_URL,
    databaseEndpoint: env.DATABASE_ENDPOINT,
    redis: env.REDIS_URL && env.REDIS_TOKEN ? { url: env.REDIS_URL, token: env.REDIS_TOKEN } : undefined,
    events: env.EVENTS,
    assets: env.ASSETS,
    identity: env.IDENTITY,
    webhooks: env.WEBHOOK_SENDER,
  };
}

export type ContentEnv = ReturnType<typeof parseContentEnv>;
