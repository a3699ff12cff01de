import { neon, neonConfig, types, type NeonQueryFunction } from "@neondatabase/serverless";
import { sql, type SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { claimStatements, type Once } from "./idempotency.ts";
import type { Row, TenantDatabase } from "../core/context.ts";
import { isRetryable, toAppError } from "./errors.ts";

const dialect = new PgDialect();
const TRIES = 3;
const TIMESTAMPTZ = 1184;

/** A client for one connection string. Loopback hosts are asked over plain HTTP at their own port. */
export type DatabaseClient = NeonQueryFunction<true, true>;

/**
 * Opens a client; it holds no socket. The URL alone picks Neon or a local endpoint; `through` is the way there when it
 * is not the open network.
 */
export function connect(url: string, through?: { fetch: typeof fetch }): DatabaseClient {
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

/** Runs statements in one transaction and one round trip; throws AppError; retries what Postgres says to retry. */
export async function runBatch(client: DatabaseClient, statements: SQL[]): Promise<Row[][]> {
  const queries = statements.map((statement) => {
    const { sql: text, params } = dialect.sqlToQuery(statement);
    return client.query(text, params);
  });
  for (let attempt = 1; ; attempt++) {
    try {
      const results = await client.transaction(queries);
      return results.map((result) => result.rows as Row[]);
    } catch (error) {
      if (attempt >= TRIES || !isRetryable(error)) throw toAppError(error);
    }
  }
}

type Pending = {
  statement: SQL;
  resolve: (answer: { schemaVersion: number | null; rows: Row[] }) => void;
  reject: (error: unknown) => void;
};

/** The database as one tenant's request sees it: every batch opens the tenant's scope first. */
export function tenantDatabase(
  client: DatabaseClient,
  tenantId: string,
  environmentId: string,
  once?: Once,
): TenantDatabase {
  let pending: Pending[] = [];

  const run: TenantDatabase["run"] = async (statements, options) => {
    const scope = sql`select cms_scope(${tenantId}, ${environmentId}, ${options?.write === true ? "true" : "false"})`;
    const claim = once && statements.length > 0 && !options?.isRead ? claimStatements(tenantId, once) : [];
    const [opened, ...answers] = await runBatch(client, [scope, ...claim, ...statements]);
    const results = answers.slice(claim.length);
    return { schemaVersion: opened![0]![0] as number | null, results };
  };

  const flush = async () => {
    const batch = pending;
    pending = [];
    try {
      const { schemaVersion, results } = await run(
        batch.map((one) => one.statement),
        { isRead: true },
      );
      batch.forEach((one, i) => one.resolve({ schemaVersion, rows: results[i]! }));
    } catch (error) {
      for (const one of batch) one.reject(error);
    }
  };

  return {
    run,
    read(statement) {
      return new Promise((resolve, reject) => {
        pending.push({ statement, resolve, reject });
        if (pending.length === 1)
          void Promise.resolve()
            .then(() => Promise.resolve())
            .then(flush);
      });
    },
  };
}

/** Throws UNAVAILABLE unless the database answers. */
export async function connectivity(client: DatabaseClient): Promise<void> {
  await runBatch(client, [sql`select 1`]);
}
