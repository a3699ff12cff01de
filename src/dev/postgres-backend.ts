import { createHash } from "node:crypto";
import pg from "pg";
import { PostgresClient, type PostgresAddress } from "./postgres-client.ts";
import type { SqlBackend, SqlLogin, SqlResult, SqlStatement } from "./sql-backend.ts";
import { changesSession } from "./sql-result.ts";

const MAX_CONNECTIONS = 20;
/** A text seen this often is prepared under a name, which saves planning it again. */
const PREPARE_AFTER = 3;
const MAX_PREPARED_TEXTS = 200;
/** Prepared statements live as long as their connection: renewing it drops unused ones. */
const MAX_USES = 10_000;
/** "cached plan must not change result type", "prepared statement does not exist". */
const STALE_PLAN = new Set(["0A000", "26000"]);
const ENDS_TRANSACTION = new Set(["COMMIT", "ROLLBACK"]);
const rawText = { getTypeParser: () => (value: string) => value };

export type PostgresTarget = { url: string } | PostgresAddress;
type Failure = Error & { code?: string; severity?: string };
/** `isLost`: Postgres ended the connection, or it broke. */
type Answers = { results: SqlResult[]; error?: Failure; isLost: boolean };
type Attempt = Answers & { hasNames: boolean };
type Batch = { login: SqlLogin; statements: SqlStatement[]; begin?: string; gone?: AbortSignal };
type QueryConfig = { text: string; values?: (string | null)[]; name?: string };

/** A real Postgres behind the endpoint. `target` says where it is; who logs in comes with each request. */
export function postgresBackend(target: PostgresTarget): SqlBackend {
  const address = "url" in target ? addressOf(target.url) : target;
  const pools = new Map<string, pg.Pool>();
  const nameOf = preparedNames();

  const poolOf = (login: SqlLogin): pg.Pool => {
    const key = JSON.stringify([login.user, login.password, login.database]);
    let pool = pools.get(key);
    if (!pool) {
      const options = {
        ...address,
        ...login,
        max: MAX_CONNECTIONS,
        maxUses: MAX_USES,
        connectionTimeoutMillis: 10_000,
        idleTimeoutMillis: 60_000,
        pipeline: true,
        Client: PostgresClient,
      };
      pool = new pg.Pool(options as pg.PoolConfig);
      pool.on("error", () => {});
      pools.set(key, pool);
    }
    return pool;
  };

  const attempt = async ({ login, statements, begin, gone }: Batch, isNamed: boolean): Promise<Attempt> => {
    const client = (await poolOf(login).connect()) as PostgresClient & pg.PoolClient;
    if (gone?.aborted) {
      client.release();
      throw new Error("the caller has gone");
    }
    const asked = statements.map(({ query, params }) => ({
      text: query,
      values: params,
      name: isNamed ? nameOf(query) : undefined,
    }));
    const configs: QueryConfig[] =
      begin === undefined ? asked : [{ text: begin }, ...asked, { text: "commit" }];
    const stopCancelling = gone && client.cancelOn(gone);
    const done = await pipeline(client, configs);
    stopCancelling?.();
    const hasNames = asked.some(({ name }) => name !== undefined);
    const results = begin === undefined ? done.results : done.results.slice(1, -1);
    const answered = { ...done, results, hasNames };
    client.release(gone?.aborted || mustDestroy(client, statements, answered));
    return answered;
  };

  const run = async (batch: Batch): Promise<SqlResult[]> => {
    let done = await attempt(batch, true);
    // A failed batch was rolled back, unless one of its statements ended the transaction.
    const isUndone = !done.results.some((result) => result && ENDS_TRANSACTION.has(result.command));
    if (isStale(done) && isUndone) done = await attempt(batch, false);
    if (done.error) throw done.error;
    return done.results;
  };

  return {
    query: async (login, statement, gone) => (await run({ login, statements: [statement], gone }))[0]!,
    transaction: (login, begin, statements, gone) => run({ login, statements, begin, gone }),
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.end()));
    },
  };
}

function isStale({ error, hasNames }: Attempt): boolean {
  return hasNames && error?.code !== undefined && STALE_PLAN.has(error.code);
}

/**
 * Writes every statement at once and reads the answers as they come; after a failure the rest fail
 * too, commit rolls back.
 */
function pipeline(client: pg.PoolClient, configs: QueryConfig[]): Promise<Answers> {
  return new Promise((resolve) => {
    const results: SqlResult[] = [];
    let error: Failure | undefined;
    let isLost = false;
    let waiting = configs.length;
    configs.forEach((config, i) => {
      const settle = (failure: Failure | null, result: pg.QueryArrayResult) => {
        if (failure) {
          error ??= failure;
          isLost ||= failure.severity !== "ERROR";
        } else results[i] = toSqlResult(result);
        if (--waiting === 0) resolve({ results, error, isLost });
      };
      const full = { ...config, rowMode: "array", types: rawText, queryMode: "extended" };
      (client.query as (config: object, done: typeof settle) => void)(full, settle);
    });
  });
}

function toSqlResult({ command, rowCount, rows, fields }: pg.QueryArrayResult): SqlResult {
  return { command, rowCount, rowAsArray: true, rows, fields };
}

function mustDestroy(client: pg.PoolClient, statements: SqlStatement[], done: Attempt): boolean {
  if (done.isLost || isStale(done)) return true;
  if (done.results.some((result, i) => result && changesSession(statements[i]!, result))) return true;
  // After a failure the status still on its way can only be idle: the connection was, and commit ended
  // the batch.
  return !done.error && client.getTransactionStatus() !== "I";
}

/** A name for a text that keeps coming back; the 200 most recent texts are remembered. */
function preparedNames(): (query: string) => string | undefined {
  const texts = new Map<string, { times: number; name?: string }>();
  return (query) => {
    const text = texts.get(query) ?? { times: 0 };
    texts.delete(query);
    if (texts.size >= MAX_PREPARED_TEXTS) texts.delete(texts.keys().next().value!);
    texts.set(query, text);
    if (++text.times >= PREPARE_AFTER)
      text.name ??= createHash("sha256").update(query).digest("base64url").slice(0, 22);
    return text.name;
  };
}

function addressOf(url: string): PostgresAddress {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port || 5432) };
}
