import type pg from "pg";
import type { SqlResult, SqlStatement } from "./sql-backend.ts";
import { BadSqlRequest } from "./sql-request.ts";
import { readTag } from "./sql-result.ts";

/** A statement with a name is prepared under it, once per connection. */
export type NamedStatement = SqlStatement & { name?: string | undefined };
export type Failure = Error & { code?: string; severity?: string };
/** `isLost`: Postgres ended the connection, it broke, or it cannot be used any more. */
export type Answers = { results: SqlResult[]; error?: Failure; isLost: boolean };

/**
 * Statements that are written at once, up to one Sync, and so answered at once: after a failure the
 * server skips the rest.
 */
export class PostgresBatch implements pg.Submittable {
  readonly #statements: NamedStatement[];
  readonly #prepared: PreparedStatements;
  readonly #done: (answers: Answers) => void;
  readonly #results: SqlResult[] = [];
  #next = emptyResult();

  constructor(statements: NamedStatement[], prepared: PreparedStatements, done: (answers: Answers) => void) {
    this.#statements = statements;
    this.#prepared = prepared;
    this.#done = done;
  }

  submit(connection: pg.Connection): void {
    connection.stream.cork();
    for (const { query, params, name = "" } of this.#statements) {
      if (this.#prepared.mustParse(name)) connection.parse({ text: query, name, types: [] }, false);
      connection.bind({ statement: name, values: params }, false);
      connection.describe({ type: "P" }, false);
      connection.execute({}, false);
    }
    connection.sync();
    connection.stream.uncork();
  }

  handleRowDescription({ fields }: { fields: SqlResult["fields"] }): void {
    this.#next.fields = fields;
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    this.#next.rows.push(fields);
  }

  handleCommandComplete({ text }: { text: string }): void {
    readTag(this.#next, text);
    this.#results.push(this.#next);
    this.#next = emptyResult();
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete({ text: "" });
  }

  handleReadyForQuery(): void {
    this.#done({ results: this.#results, isLost: false });
  }

  handleError(error: Failure): void {
    this.#prepared.forgetParsing();
    this.#done({ results: this.#results, error, isLost: error.severity !== "ERROR" });
  }

  /** The server takes what was written after it for data. */
  handleCopyInResponse(): void {
    const error = new BadSqlRequest("COPY FROM STDIN has no data here");
    this.#done({ results: this.#results, error, isLost: true });
  }

  handleCopyData(): void {}
}

/** What a connection has prepared. */
export class PreparedStatements {
  readonly #names = new Set<string>();
  /** Names of what is being parsed, in order; empty for a statement without one. */
  #parsing: string[] = [];

  /** Whether a statement must be parsed before it can be bound; if so, it is held to be on its way. */
  mustParse(name: string): boolean {
    if (name !== "" && (this.#names.has(name) || this.#parsing.includes(name))) return false;
    this.#parsing.push(name);
    return true;
  }

  noteParsed(): void {
    const name = this.#parsing.shift();
    if (name) this.#names.add(name);
  }

  /** After a failure the server parses nothing more. */
  forgetParsing(): void {
    this.#parsing = [];
  }
}

function emptyResult(): SqlResult {
  return { command: "", rowCount: null, rowAsArray: true, rows: [], fields: [] };
}
