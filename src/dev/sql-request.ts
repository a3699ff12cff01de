import type { IncomingHttpHeaders } from "node:http";
import type { SqlLogin, SqlStatement } from "./sql-backend.ts";

export class BadSqlRequest extends Error {}

/** How the client wants one statement's rows. */
export type RowMode = { isArray: boolean; isRaw: boolean };
/** `begin` is set for a batch: the statement that opens its transaction. */
export type SqlRequest = {
  login: SqlLogin;
  /** `application_name` of the connection string. */
  application: string;
  statements: SqlStatement[];
  modes: RowMode[];
  begin?: string;
};

type StatementBody = { query?: unknown; params?: unknown; arrayMode?: boolean };

const MAX_LOGINS = 100;
const LEVELS = new Map([
  ["ReadUncommitted", "read uncommitted"],
  ["ReadCommitted", "read committed"],
  ["RepeatableRead", "repeatable read"],
  ["Serializable", "serializable"],
]);
type Connection = { login: SqlLogin; application: string };
const connections = new Map<string, Connection>();

export function parseSqlRequest(headers: IncomingHttpHeaders, text: string): SqlRequest {
  const { login, application } = readConnection(headers["neon-connection-string"]);
  const body = readJson(text);
  const isArray = headers["neon-array-mode"] === "true";
  const isRaw = headers["neon-raw-text-output"] === "true";
  const bodies = Array.isArray(body.queries) ? (body.queries as StatementBody[]) : [body];
  const statements = bodies.map(readStatement);
  const modes = bodies.map((one) => ({ isArray: one.arrayMode ?? isArray, isRaw }));
  return bodies[0] === body
    ? { login, application, statements, modes }
    : { login, application, statements, modes, begin: readBegin(headers) };
}

function readJson(text: string): StatementBody & { queries?: unknown } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new BadSqlRequest("the body is not JSON");
  }
  if (typeof body !== "object" || body === null) throw new BadSqlRequest("the body is not an object");
  return body;
}

function readStatement(body: StatementBody): SqlStatement {
  const params = body?.params ?? [];
  if (typeof body?.query !== "string" || !Array.isArray(params))
    throw new BadSqlRequest("a query needs text and params");
  return { query: body.query, params: params.map(toParam) };
}

function readBegin(headers: IncomingHttpHeaders): string {
  const words = ["begin"];
  const level = headers["neon-batch-isolation-level"];
  if (level !== undefined) {
    const known = LEVELS.get(String(level));
    if (!known) throw new BadSqlRequest(`invalid isolation level "${String(level)}"`);
    words.push("isolation level", known);
  }
  if (headers["neon-batch-read-only"] === "true") words.push("read only");
  if (headers["neon-batch-deferrable"] === "true") words.push("deferrable");
  return words.join(" ");
}

function readConnection(header: string | string[] | undefined): Connection {
  const text = String(header ?? "");
  const known = connections.get(text);
  if (known) return known;
  const connection = parseConnection(text);
  if (connections.size >= MAX_LOGINS) connections.clear();
  connections.set(text, connection);
  return connection;
}

function parseConnection(connection: string): Connection {
  const http = connection.replace(/^postgres(?:ql)?:\/\//, "http://");
  if (http === connection || !URL.canParse(http))
    throw new BadSqlRequest("Neon-Connection-String is not a Postgres URL");
  const url = new URL(http);
  const [user, password, database] = [url.username, url.password, url.pathname.slice(1)].map(decodePart);
  if (!user || !database) throw new BadSqlRequest("Neon-Connection-String needs a user and a database");
  const login = { user, password: password!, database };
  return { login, application: url.searchParams.get("application_name") ?? "" };
}

function decodePart(part: string): string {
  if (/%(?![0-9a-f]{2})/i.test(part)) throw new BadSqlRequest("Neon-Connection-String is not well encoded");
  return decodeURIComponent(part);
}

/** Postgres' text form; the driver sends strings and nulls, other clients may send any JSON. */
function toParam(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return null;
  return Array.isArray(value) ? toArrayText(value) : JSON.stringify(value);
}

function toArrayText(value: unknown): string {
  if (value === null) return "NULL";
  if (Array.isArray(value)) return `{${value.map(toArrayText).join(",")}}`;
  if (typeof value === "object") return JSON.stringify(JSON.stringify(value));
  return JSON.stringify(value);
}
