import { createHash } from "node:crypto";
import pg from "pg";
import type { Answers, NamedStatement } from "./postgres-batch.ts";
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

export type PostgresTarget = { url: string } | PostgresAddress;
type Attempt = Answers & { hasNames: boolean };
type Batch = { login: SqlLogin; statements: SqlStatement[]; begin?: string; gone?: AbortSignal };

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
    const named = (query: SqlStatement): NamedStatement =>
      isNamed ? { ...query, name: nameOf(query.query) } : query;
    const asked = statements.map(named);
    const stopCancelling = gone && client.cancelOn(gone);
    const done = await client.run(
      begin === undefined ? asked : [named(bare(begin)), ...asked, named(bare("commit"))],
    );
    stopCancelling?.();
    const hasNames = asked.some(({ name }) => name !== undefined);
    const results = begin === undefined ? done.results : done.results.slice(1, statements.length + 1);
    const answered = { ...done, results, hasNames };
    const isOver = gone?.aborted || mustDestroy(client, statements, answered);
    const isUsable = !isOver && (!done.error || begin === undefined || (await isRolledBack(client)));
    client.release(!isUsable);
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

/** After a failure the server has skipped the commit. */
const isRolledBack = (client: pg.PoolClient): Promise<boolean> =>
  client.query("rollback").then(
    () => true,
    () => false,
  );

function bare(query: string): SqlStatement {
  return { query, params: [] };
}

function mustDestroy(client: pg.PoolClient, statements: SqlStatement[], done: Attempt): boolean {
  if (done.isLost || isStale(done)) return true;
  if (done.results.some((result, i) => result && changesSession(statements[i]!, result))) return true;
  // After a failure the status is still on its way.
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
