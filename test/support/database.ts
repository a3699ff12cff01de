import pg from "pg";
import { eventually } from "./eventually.ts";

/** The Postgres server of the tests. */
export const SERVER = new URL(
  process.env["FLOW_TEST_DATABASE_URL"] ?? "postgres://postgres:postgres@127.0.0.1:5432/postgres",
);

/** Whether a real Postgres answers; throws where one is required. */
export async function findPostgres(): Promise<boolean> {
  const client = new pg.Client({ connectionString: SERVER.toString(), connectionTimeoutMillis: 2000 });
  const isReachable = await client.connect().then(
    () => client.end().then(() => true),
    () => false,
  );
  if (isReachable) return true;
  if (process.env["FLOW_REQUIRE_POSTGRES"])
    throw new Error(`Postgres must be reachable at ${SERVER.host} here, and is not.`);
  console.warn(
    `\n*** SKIPPED: no Postgres at ${SERVER.host}; isolation and races were NOT proved in this run. ***\n`,
  );
  return false;
}

/** An empty database of its own. */
export async function newDatabase() {
  const name = `flow_test_${crypto.randomUUID().slice(0, 8)}`;
  await asOwner(`create database ${name}`);
  return {
    name,
    url: new URL(`/${name}`, SERVER),
    drop: () => asOwner(`drop database ${name} with (force)`),
  };
}

/** Waits until the edge has been told of all that was written: it purges nothing any more. */
export async function quiet(database: URL): Promise<void> {
  const client = new pg.Client({ connectionString: database.href });
  await client.connect();
  await eventually(async () => {
    const { rows } = await client.query("select count(*)::int as n from outbox where done_at is null");
    return (rows[0] as { n: number }).n === 0;
  });
  await client.end();
}

async function asOwner(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: SERVER.toString() });
  await client.connect();
  await client.query(statement);
  await client.end();
}
