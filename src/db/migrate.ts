import { neonConfig } from "@neondatabase/serverless";
import { connect } from "./client.ts";
import { postgresError } from "./errors.ts";

/** One migration: its file name and its statements, in order. */
export type Migration = { name: string; statements: string[] };

const LOCK = "select pg_advisory_xact_lock(727274)";

/**
 * Applies missing migrations in order. Each is one transaction that takes the runners' lock and writes
 * its own journal row, so concurrent runners apply each once and a failing one leaves nothing behind.
 * `url` is the owner's. Returns the names of the applied migrations.
 */
export async function migrate(url: string, migrations: Migration[]): Promise<string[]> {
  const client = connect(url);
  neonConfig.disableWarningInBrowsers = true;
  await client.transaction([
    client.query(LOCK),
    client.query("create schema if not exists flow"),
    client.query(
      "create table if not exists flow.migrations (name text primary key, applied_at timestamptz not null default now())",
    ),
  ]);
  const { rows } = await client.query("select name from flow.migrations");
  const done = new Set(rows.map((row) => (row as unknown[])[0] as string));
  const applied: string[] = [];
  for (const { name, statements } of migrations) {
    if (done.has(name)) continue;
    try {
      await client.transaction([
        client.query(LOCK),
        client.query("insert into flow.migrations (name) values ($1)", [name]),
        ...statements.map((statement) => client.query(statement)),
      ]);
      applied.push(name);
    } catch (error) {
      const { code, constraint } = postgresError(error) ?? {};
      if (code === "23505" && constraint === "migrations_pkey") continue;
      throw new Error(`Migration ${name} failed and left nothing behind: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
  return applied;
}

/** The roles that Workers log in as: IDENTITY as the second, all others as the first. */
export type WorkerRole = "cms_app" | "cms_identity";

/** Lets a Workers' role log in with this password (16 or more letters and digits). Needs the owner's URL. */
export async function setPassword(url: string, role: WorkerRole, password: string): Promise<void> {
  if (!/^[A-Za-z0-9]{16,}$/.test(password))
    throw new Error(`The password of ${role} must be 16 or more letters and digits.`);
  await connect(url).query(`alter role ${role} with login password '${password}'`);
}

/**
 * Splits a migration file at semicolons that end a statement, outside of quotes, dollar quotes and
 * comments.
 */
export function splitStatements(text: string): string[] {
  const statements: string[] = [];
  let current = "";
  const token = /--[^\n]*|'(?:[^']|'')*'|\$(\w*)\$[\s\S]*?\$\1\$|;|[^;'$-]+|[\s\S]/g;
  for (const [piece] of text.matchAll(token)) {
    if (piece.startsWith("--")) continue;
    if (piece === ";") {
      if (current.trim() !== "") statements.push(current.trim());
      current = "";
    } else current += piece;
  }
  if (current.trim() !== "") statements.push(current.trim());
  return statements;
}
