import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One statement's answer in the shape of Neon's protocol: raw text rows and the types to parse them by. */
export type SqlResult = {
  command: string;
  rowCount: number | null;
  rowAsArray: boolean;
  rows: unknown[];
  fields: { name: string; dataTypeID: number }[];
};
export type SqlStatement = { query: string; params: (string | null)[] };
/** Whose session a request wants. */
export type SqlLogin = { user: string; password: string; database: string };

/** What stands behind the endpoint. A batch is one transaction; errors carry Postgres' own fields. */
export interface SqlBackend {
  query(login: SqlLogin, statement: SqlStatement): Promise<SqlResult>;
  transaction(login: SqlLogin, begin: string, statements: SqlStatement[]): Promise<SqlResult[]>;
  close(): Promise<void>;
}

const MAX_BYTES = 64 * 1024 * 1024;
const ERROR_FIELDS = ["code", "detail", "hint", "position", "internalPosition", "internalQuery", "severity", "where"];
const MORE_FIELDS = ["table", "column", "schema", "dataType", "constraint", "file", "line", "routine"];
const LEVELS: Record<string, string> = {
  ReadUncommitted: "read uncommitted",
  ReadCommitted: "read committed",
  RepeatableRead: "repeatable read",
  Serializable: "serializable",
};

class BadRequest extends Error {}

export type SqlEndpoint = { port: number; stats(): { requests: number; statements: number }; close(): Promise<void> };

/** Serves Neon's HTTP protocol (`POST /sql`, single and batch) on 127.0.0.1; `GET /stats` counts what came through. */
export async function listenSql({ backend, port = 0 }: { backend: SqlBackend; port?: number }): Promise<SqlEndpoint> {
  const stats = { requests: 0, statements: 0 };
  const server = createServer((request, response) => {
    if (request.method === "GET" && request.url === "/stats") return send(response, 200, stats);
    if (request.method !== "POST" || !request.url?.startsWith("/sql")) return send(response, 404, { message: "not found" });
    readBody(request)
      .then((body) => answer(backend, request.headers, body, stats))
      .then((value) => send(response, 200, value))
      .catch((error: unknown) => sendError(response, error));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stats: () => ({ ...stats }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await backend.close();
    },
  };
}

async function answer(backend: SqlBackend, headers: IncomingHttpHeaders, body: string, stats: { requests: number; statements: number }) {
  const login = readLogin(String(headers["neon-connection-string"] ?? ""));
  const parsed = JSON.parse(body) as { query?: string; params?: unknown[]; queries?: { query: string; params?: unknown[]; arrayMode?: boolean }[]; arrayMode?: boolean };
  const isArrayMode = headers["neon-array-mode"] === "true";
  stats.requests++;
  if (!parsed.queries) {
    stats.statements++;
    const result = await backend.query(login, { query: parsed.query!, params: (parsed.params ?? []).map(toParam) });
    return shape(result, parsed.arrayMode ?? isArrayMode);
  }
  const { queries } = parsed;
  stats.statements += queries.length;
  const statements = queries.map(({ query, params }) => ({ query, params: (params ?? []).map(toParam) }));
  const results = await backend.transaction(login, beginOf(headers), statements);
  return { results: results.map((result, i) => shape(result, queries[i]!.arrayMode ?? isArrayMode)) };
}

function beginOf(headers: IncomingHttpHeaders): string {
  const level = headers["neon-batch-isolation-level"] as string | undefined;
  if (level !== undefined && !LEVELS[level]) throw new BadRequest("invalid isolation level");
  const parts = ["begin"];
  if (level !== undefined) parts.push(`isolation level ${LEVELS[level]}`);
  if (headers["neon-batch-read-only"] === "true") parts.push("read only");
  if (headers["neon-batch-deferrable"] === "true") parts.push("deferrable");
  return parts.join(" ");
}

function readLogin(connection: string): SqlLogin {
  if (!/^postgres(?:ql)?:\/\//.test(connection)) throw new BadRequest("Neon-Connection-String is missing");
  const url = new URL(connection.replace(/^postgres(?:ql)?:/, "http:"));
  return {
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
  };
}

function shape(result: SqlResult, isArrayMode: boolean): SqlResult {
  if (isArrayMode) return result;
  const rows = result.rows.map((row) => Object.fromEntries((row as unknown[]).map((value, i) => [result.fields[i]!.name, value])));
  return { ...result, rowAsArray: false, rows };
}

function toParam(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return value;
  return Array.isArray(value) ? toArray(value) : JSON.stringify(value);
}

function toArray(value: unknown): string {
  if (value === null) return "NULL";
  if (Array.isArray(value)) return `{${value.map(toArray).join(",")}}`;
  return JSON.stringify(typeof value === "object" ? JSON.stringify(value) : String(value));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new BadRequest("the request is larger than 64 MB");
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]!.toString() : Buffer.concat(chunks).toString();
}

function sendError(response: ServerResponse, error: unknown): void {
  const fields = error as Record<string, unknown>;
  if (fields["severity"] || error instanceof BadRequest || error instanceof SyntaxError) {
    const rest = Object.fromEntries([...ERROR_FIELDS, ...MORE_FIELDS].map((name) => [name, fields[name] ?? null]));
    send(response, 400, { message: (error as Error).message, ...rest });
  } else send(response, 503, { message: String((error as Error).message ?? error) });
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}
