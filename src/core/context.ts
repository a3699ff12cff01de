import type { SQL } from "drizzle-orm";
import type { Scope } from "./permissions.ts";

/** Who asks. `id` is a token id, a person's id or a worker's name; it is what versions and the audit log record. */
export type Actor = { kind: "token" | "person" | "system"; id: string; scopes: readonly Scope[] };

/** What the gateway established about a request and hands to CONTENT in the header `x-flow-context`, as JSON. */
export type EdgeContext = {
  tenantId: string;
  environmentId: string;
  actor: Actor;
  requestId: string;
  /** Whether the answer is for the edge cache, and so depends on nobody who asks. */
  isForEdge?: boolean;
};

/** One result row: the column values in the order of the select list, parsed by column type. */
export type Row = unknown[];

/** The database port: everything runs inside one tenant's wall. */
export interface TenantDatabase {
  /**
   * One round trip, one transaction: opens the tenant scope, then runs the statements in order.
   * `schemaVersion` is null when the environment does not exist. Throws AppError for database errors.
   */
  run(
    statements: SQL[],
    options?: { write?: boolean },
  ): Promise<{ schemaVersion: number | null; results: Row[][] }>;
  /** Queues a read so that all reads asked for in the same turn travel as one round trip. */
  read(statement: SQL): Promise<{ schemaVersion: number | null; rows: Row[] }>;
}

/** Says after commit that these outbox rows wait; delivery happens behind the answer. */
export interface OutboxPort {
  poke(tenantId: string, outboxIds: readonly string[]): void;
}

/** What a verb may use. Built once per request or message; nothing reads globals. */
export interface Context extends EdgeContext {
  db: TenantDatabase;
  outbox: OutboxPort;
  now(): Date;
  waitUntil(work: Promise<unknown>): void;
}
