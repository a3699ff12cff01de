import { createHash } from "node:crypto";
import pg from "pg";
import type { SqlBackend, SqlLogin, SqlResult, SqlStatement } from "./sql-endpoint.ts";

const MAX_CONNECTIONS = 20;
/** Statements seen this often are prepared under a name, which saves planning them again. */
const PREPARE_AFTER = 3;
const MAX_PREPARED = 200;
const STALE_PLAN = new Set(["0A000", "26000"]);
const rawText = { getTypeParser: () => (value: string) => value };

type PgError = Error & { code?: string; severity?: string };

/** A real Postgres behind the endpoint. `target` says where it is; who logs in comes with each request. */
export function postgresBackend(target: { host: string; port: number }): SqlBackend {
  const pools = new Map<string, pg.Pool>();
  const seen = new Map<string, number>();

  const poolOf = ({ user, password, database }: SqlLogin): pg.Pool => {
    const key = `${user}:${password}@${database}`;
    let pool = pools.get(key);
    if (!pool) {
      pool = new pg.Pool({ ...target, user, password, database, max: MAX_CONNECTIONS });
      pool.on("error", () => {});
      pools.set(key, pool);
    }
    return pool;
  };

  const nameOf = (query: string): string | undefined => {
    const times = (seen.get(query) ?? 0) + 1;
    if (times === 1 && seen.size >= MAX_PREPARED) seen.delete(seen.keys().next().value!);
    seen.set(query, times);
    return times >= PREPARE_AFTER ? createHash("md5").update(query).digest("base64url") : undefined;
  };

  const ask = async (client: pg.PoolClient, { query, params }: SqlStatement, isNamed: boolean): Promise<SqlResult> => {
    const name = isNamed ? nameOf(query) : undefined;
    const config = { text: query, values: params, rowMode: "array", types: rawText, queryMode: "extended", ...(name ? { name } : {}) };
    const result = (await client.query(config as never)) as unknown as pg.QueryArrayResult<unknown[]>;
    return {
      command: result.command,
      rowCount: result.rowCount,
      rowAsArray: true,
      rows: result.rows,
      fields: result.fields as SqlResult["fields"],
    };
  };

  const withClient = async <T>(login: SqlLogin, work: (client: pg.PoolClient, isNamed: boolean) => Promise<T>): Promise<T> => {
    const client = await poolOf(login).connect();
    let broken: Error | undefined;
    try {
      return await work(client, true);
    } catch (error) {
      if (STALE_PLAN.has((error as PgError).code ?? "")) return await work(client, false);
      if (!(error as PgError).severity || (error as PgError).severity === "FATAL") broken = error as Error;
      throw error;
    } finally {
      client.release(broken);
    }
  };

  return {
    query: (login, statement) => withClient(login, (client, isNamed) => ask(client, statement, isNamed)),
    transaction: (login, begin, statements) =>
      withClient(login, async (client, isNamed) => {
        // All of it is queued at once; a failure fails what follows it, and the commit then rolls back.
        const opened = client.query(begin);
        const asked = statements.map((statement) => ask(client, statement, isNamed));
        const closed = client.query("commit");
        const settled = await Promise.allSettled([opened, ...asked, closed]);
        const failed = settled.find((one) => one.status === "rejected");
        if (failed) {
          await client.query("rollback");
          throw failed.reason;
        }
        return settled.slice(1, -1).map((one) => (one as PromiseFulfilledResult<SqlResult>).value);
      }),
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.end()));
    },
  };
}
