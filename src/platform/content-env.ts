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
  /** A shorter way to the database's endpoint, where there is one (self-hosting). */
  DATABASE_ENDPOINT?: Fetcher;
};

/** A message of the queue `flow-events`: outbox ids, or that types of the tenant need a rebuild. */
export type EventMessage = { tenant: string; ids: string[]; rebuilds?: true };

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
  };
}

export type ContentEnv = ReturnType<typeof parseContentEnv>;
