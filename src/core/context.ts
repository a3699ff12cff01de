import type { SQL } from "drizzle-orm";
import type { Grant } from "./grants.ts";
import type { Identity } from "./live.ts";
import type { Scope } from "./permission-names.ts";
import type { BucketName, PlanName, Quotas } from "./plans.ts";

/**
 * The caller. `id` is the id of a token or person or the name of a worker; versions and the audit log
 * record it.
 */
export type Actor = {
  kind: "token" | "person" | "system";
  id: string;
  scopes: readonly Scope[];
  /**
   * The id of the only environment it may touch; what belongs to the whole tenant is then out of its
   * reach.
   */
  boundTo?: string;
  /** The names of its roles; absent when it has everything that its scopes hold. */
  roles?: readonly string[];
  /** What its roles grant in this environment; absent when nothing narrows its scopes. */
  grants?: readonly Grant[];
  /** What conditions may ask of who acts, as `$actor.…`. */
  attributes?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
};

/**
 * What the gateway established about a request and hands to CONTENT in the header `x-flow-context`, as
 * JSON.
 */
export type EdgeContext = {
  tenantId: string;
  environmentId: string;
  actor: Actor;
  requestId: string;
  /** The caller's address, null when the gateway does not know it. */
  ip?: string | null;
  /** Whether the response is for the edge cache, and so must not depend on the caller. */
  isForEdge?: boolean;
  /** What the tenant's plan grants; absent for work that nobody asked for. */
  quotas?: Quotas | undefined;
  /** Which plan that is. */
  plan?: PlanName | undefined;
  /** What the credential was found to be, and the environment as it was named: for who makes a ticket of it. */
  identity?: Identity | undefined;
  environmentName?: string | null;
};

/** One result row: the column values in the order of the select list, parsed by column type. */
export type Row = unknown[];

/** The kinds of work that a database does for a request; each has its own limit of time. */
export type WorkKind = "delivery" | "editing" | "aggregate" | "write" | "rebuild";

/**
 * How a read is limited: its kind (`delivery` when absent), and what it costs when it looks at many
 * entries.
 */
export type ReadOptions = { kind?: WorkKind; cost?: { subject: string; trials: number } | undefined };

/** The database port: everything runs inside one tenant's wall. */
export interface TenantDatabase {
  /**
   * One round trip, one transaction: opens the tenant scope, then runs the statements in order. `write`
   * shares the environment's lock; without `isRead` it counts as the write of the idempotency key.
   * `kind` selects the time limits, by default those of a write or an editor's read. `schemaVersion` is
   * null when the environment does not exist. Throws AppError for database errors.
   */
  run(
    statements: SQL[],
    options?: { write?: boolean; isRead?: boolean; kind?: WorkKind },
  ): Promise<{ schemaVersion: number | null; results: Row[][] }>;
  /** Queues a read: all reads of the same turn share one round trip. */
  read(statement: SQL, options?: ReadOptions): Promise<{ schemaVersion: number | null; rows: Row[] }>;
  /** The same with what a release makes of its entries in place of what is published of them; only to read. */
  asAfter(release: string): TenantDatabase;
}

/** What makes a write happen once however often it is sent: the caller's key, and what it must come with. */
export type IdempotencyKey = { key: string; fingerprint: string };

/** Says after commit that these outbox rows wait; delivery happens behind the answer. */
export interface OutboxPort {
  poke(tenantId: string, outboxIds: readonly string[]): void;
  /** The receipt of what this request has poked of its own tenant; undefined for nothing. */
  receipt(): string | undefined;
}

/** Calls of webhooks, by the Worker that makes them and that alone opens their secrets. */
export interface WebhooksPort {
  /**
   * Seals secrets, in their order; `refusal` says why a URL must not be called. Throws UNAVAILABLE when
   * nobody can say, or where no Worker makes calls.
   */
  prepare(wanted: { url?: string; secrets: string[] }): Promise<{ refusal: string | null; sealed: string[] }>;
  /** Sends what is due at endpoints, behind the answer. */
  send(webhookIds: readonly string[]): void;
}

/** A stored file or the requested part of it. `size` is that of the whole file, in bytes. */
export type StoredFile = {
  body: ReadableStream;
  size: number;
};

/** Where the bytes of assets are. Keys begin with the tenant's id. */
export interface StoragePort {
  put(key: string, bytes: ArrayBuffer, contentType: string): Promise<void>;
  /** Undefined when there is no such file; `range` lies inside it. */
  get(key: string, range?: { offset: number; length: number }): Promise<StoredFile | undefined>;
  has(key: string): Promise<boolean>;
  delete(keys: string[]): Promise<void>;
}

/** The quotas of the tenant, as one request takes from them. */
export interface QuotaPort {
  /**
   * Takes tokens before the work is done. Throws RATE_LIMITED `quota/…` when they are not there, and
   * QUOTA_EXCEEDED when they never can be at once.
   */
  take(bucket: BucketName, tokens: number): Promise<void>;
  /** What is left, as members of the header `RateLimit`; undefined when that is not known. */
  figures(): string | undefined;
}

/** What a verb may use. Built once per request or message; nothing reads globals. */
export interface Context extends EdgeContext {
  db: TenantDatabase;
  outbox: OutboxPort;
  storage: StoragePort;
  quota: QuotaPort;
  webhooks: WebhooksPort;
  now(): Date;
  /** Whether the caller's address lies in one of the CIDR ranges. */
  isFrom(ranges: readonly string[]): boolean;
  waitUntil(work: Promise<unknown>): void;
}
