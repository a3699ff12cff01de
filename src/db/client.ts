import { neon, neonConfig, types, type NeonQueryFunction } from "@neondatabase/serverless";
import { sql, type SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { claimStatements, type Once } from "./idempotency.ts";
import type { ReadOptions, Row, TenantDatabase, WorkKind } from "../core/context.ts";
import { withinShare } from "./costly-share.ts";
import { isHeld, isRetryable, toAppError } from "./errors.ts";
import { retryRead } from "./retry-reads.ts";
import { longestOf, WORK_KINDS } from "./work-kinds.ts";

const dialect = new PgDialect();
const TRIES = 3;
const TIMESTAMPTZ = 1184;
/** Postgres ends a statement that takes too long; a transaction is not waited for longer than two of them. */
const WAIT_FACTOR = 2;
/** How long is waited before it is seen whether writers are held no more, in ms: anything between the two. */
const HELD_PAUSE_MS = [20, 120] as const;

/** A client for one connection string. Loopback hosts are called over plain HTTP at their own port. */
export type DatabaseClient = NeonQueryFunction<true, true>;

/**
 * Opens a client; it holds no socket. The URL alone picks Neon or a local endpoint; `through` is the
 * way there when it is not the open network.
 */
export function connect(url: string, through?: { fetch: typeof fetch }): DatabaseClient {
  // Options of one transaction come along in `init`: how long it may take in all is `timeoutMs`.
  if (through) neonConfig.fetchFunction = (to: string, init: RequestInit) => through.fetch(to, init);
  neonConfig.fetchEndpoint = (host, port) =>
    host === "127.0.0.1" || host === "localhost"
      ? `http://${host}:${port}/sql`
      : `https://${host.replace(/^[^.]+\./, "api.")}/sql`;
  return neon(url, { arrayMode: true, fullResults: true, types: { getTypeParser } as typeof types });
}

/** Moments stay the text Postgres wrote, so that microseconds survive in cursors; int8 becomes a number. */
const getTypeParser = ((oid: number, format?: "text") => {
  if (oid === TIMESTAMPTZ) return (value: string) => value;
  if (oid === 20) return Number;
  return types.getTypeParser(oid, format);
}) as typeof types.getTypeParser;

/**
 * Runs statements in one transaction and one round trip; throws AppError; retries what Postgres says
 * to retry, and waits for writers that are held as long as for a lock. With `isSnapshot` all of them see
 * the data of one moment.
 */
export async function runBatch(
  client: DatabaseClient,
  statements: SQL[],
  kind?: WorkKind,
  { isSnapshot = false } = {},
): Promise<Row[][]> {
  const queries = statements.map((statement) => {
    const { sql: text, params } = dialect.sqlToQuery(statement);
    return client.query(text, params);
  });
  const limits = {
    ...(kind ? { fetchOptions: { timeoutMs: WAIT_FACTOR * WORK_KINDS[kind].timeoutMs } } : {}),
    ...(isSnapshot ? { isolationLevel: "RepeatableRead" as const } : {}),
  };
  const heldUntil = Date.now() + WORK_KINDS[kind ?? "write"].lockMs;
  for (let attempt = 1; ;) {
    try {
      const results = await client.transaction(queries, limits);
      return results.map((result) => result.rows as Row[]);
    } catch (error) {
      if (isHeld(error) && Date.now() < heldUntil) {
        const [least, most] = HELD_PAUSE_MS;
        await new Promise((resolve) => setTimeout(resolve, least + Math.random() * (most - least)));
      } else if (attempt++ >= TRIES || !isRetryable(error)) throw toAppError(error, kind);
    }
  }
}

/** As `runBatch`, for statements that change nothing: they are tried again when they did not get through. */
export const readBatch = (client: DatabaseClient, statements: SQL[], kind?: WorkKind): Promise<Row[][]> =>
  retryRead(() => runBatch(client, statements, kind));

type Pending = {
  statement: SQL;
  options: ReadOptions;
  resolve: (answer: { schemaVersion: number | null; rows: Row[] }) => void;
  reject: (error: unknown) => void;
};

/** The database as one tenant's request sees it: every batch opens the tenant's scope first. */
export function tenantDatabase(
  client: DatabaseClient,
  tenantId: string,
  environmentId: string,
  once?: Once,
  release?: string,
): TenantDatabase {
  let pending: Pending[] = [];

  const runAs = async (
    kind: WorkKind,
    statements: SQL[],
    options?: { write?: boolean; isRead?: boolean; isSnapshot?: boolean },
  ) => {
    const { timeoutMs, lockMs } = WORK_KINDS[kind];
    // The limits come first: opening the scope of a write waits for a lock.
    const scope = sql`select cms_scope(${tenantId}, ${environmentId},
      ${options?.write === true ? "true" : "false"})
      from (select set_config('statement_timeout', ${String(timeoutMs)}, true),
        set_config('lock_timeout', ${String(lockMs)}, true)${release === undefined ? sql`` : previewing(environmentId, release)}
        offset 0) limits`;
    const claim = once && statements.length > 0 && !options?.isRead ? claimStatements(tenantId, once) : [];
    const [opened, ...answers] = await runBatch(client, [scope, ...claim, ...statements], kind, options);
    const results = answers.slice(claim.length);
    return { schemaVersion: opened![0]![0] as number | null, results };
  };

  const run: TenantDatabase["run"] = (statements, options) => {
    const work = () => runAs(options?.kind ?? (options?.isRead ? "editing" : "write"), statements, options);
    return statements.length === 0 ? retryRead(work) : work();
  };

  const flush = async () => {
    const batch = pending;
    pending = [];
    const kind = longestOf(batch.map(({ options }) => options.kind ?? "delivery"));
    const costly = batch.flatMap(({ options }) => options.cost ?? []);
    const statements = batch.map((one) => one.statement);
    // What the schema was at is what is read: types may be renamed in between.
    const ask = () => retryRead(() => runAs(kind, statements, { isRead: true, isSnapshot: true }));
    try {
      const [worst] = costly.sort((a, b) => b.trials - a.trials);
      const { schemaVersion, results } = worst ? await withinShare(tenantId, worst, ask) : await ask();
      batch.forEach((one, i) => one.resolve({ schemaVersion, rows: results[i]! }));
    } catch (error) {
      for (const one of batch) one.reject(error);
    }
  };

  return {
    run,
    asAfter: (wanted) => tenantDatabase(client, tenantId, environmentId, undefined, wanted),
    read(statement, options = {}) {
      return new Promise((resolve, reject) => {
        pending.push({ statement, options, resolve, reject });
        if (pending.length === 1)
          void Promise.resolve()
            .then(() => Promise.resolve())
            .then(flush);
      });
    },
  };
}

/** `, …`: from here on the batch finds the views of a release under the names of tables. */
const previewing = (environmentId: string, release: string): SQL =>
  sql`, set_config('search_path', 'flow_preview, public', true), set_config('app.environment', ${environmentId}, true),
    set_config('app.release', ${release}, true)`;

/** Throws UNAVAILABLE unless the database answers. */
export async function connectivity(client: DatabaseClient): Promise<void> {
  await runBatch(client, [sql`select 1`]);
}
