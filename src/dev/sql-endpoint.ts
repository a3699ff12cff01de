import { createServer, type IncomingHttpHeaders } from "node:http";
import { BodyTooLarge, closeServer, listenOnLoopback, readBody, sendJson } from "./loopback-server.ts";
import type { SqlBackend } from "./sql-backend.ts";
import { BadSqlRequest, parseSqlRequest } from "./sql-request.ts";
import { shapeResult } from "./sql-result.ts";

/** `by` counts requests by the `application_name` they came with. */
export type SqlStats = { requests: number; statements: number; by: Record<string, number> };
export type SqlEndpoint = { port: number; stats(): SqlStats; close(): Promise<void> };

const MAX_BODY_BYTES = 64 * 1024 * 1024;
const ERROR_FIELDS = (
  "severity code detail hint position internalPosition internalQuery where " +
  "schema table column dataType constraint file line routine"
).split(" ");

/**
 * Serves Neon's HTTP protocol (`POST /sql`, single and batch) on 127.0.0.1; `GET /stats` counts what
 * came through.
 */
export async function listenSql({
  backend,
  port = 0,
}: {
  backend: SqlBackend;
  port?: number;
}): Promise<SqlEndpoint> {
  const stats: SqlStats = { requests: 0, statements: 0, by: {} };
  const server = createServer((request, response) => {
    if (request.method === "GET" && request.url === "/stats") return sendJson(response, 200, stats);
    if (request.method !== "POST" || request.url?.split("?")[0] !== "/sql")
      return sendJson(response, 404, { message: "not found" });
    const gone = new AbortController();
    response.once("close", () => {
      if (!response.writableFinished) gone.abort();
    });
    readBody(request, MAX_BODY_BYTES)
      .then((body) => answer(backend, request.headers, body, stats, gone.signal))
      .then(
        (value) => sendJson(response, 200, value),
        (error: unknown) => sendJson(response, ...describeError(error)),
      );
  });
  const taken = await listenOnLoopback(server, port);
  return {
    port: taken,
    stats: () => ({ ...stats }),
    async close() {
      await closeServer(server);
      await backend.close();
    },
  };
}

async function answer(
  backend: SqlBackend,
  headers: IncomingHttpHeaders,
  body: string,
  stats: SqlStats,
  gone: AbortSignal,
) {
  const { login, application, statements, modes, begin } = parseSqlRequest(headers, body);
  stats.requests++;
  stats.by[application] = (stats.by[application] ?? 0) + 1;
  stats.statements += statements.length;
  if (begin === undefined) return shapeResult(await backend.query(login, statements[0]!, gone), modes[0]!);
  const results = await backend.transaction(login, begin, statements, gone);
  return { results: results.map((result, i) => shapeResult(result, modes[i]!)) };
}

/** The driver reads Postgres' fields from a 400 only; any other status is an outage to it. */
function describeError(thrown: unknown): [status: number, body: object] {
  const error = thrown as Error & Record<string, unknown>;
  if (error instanceof BodyTooLarge) return [413, { message: error.message }];
  const { severity, code } = error;
  const isSqlError = typeof severity === "string" && severity !== "PANIC" && !isOutage(String(code));
  if (!isSqlError && !(error instanceof BadSqlRequest))
    return [503, { message: String(error.message || error) }];
  const body: Record<string, unknown> = { message: error.message };
  for (const field of ERROR_FIELDS) body[field] = error[field] ?? null;
  return [400, body];
}

/** Connection lost, out of connections, server going down or coming up. */
function isOutage(code: string): boolean {
  return code.startsWith("08") || code === "53300" || code.startsWith("57P");
}
