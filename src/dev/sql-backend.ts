/** One statement's answer: raw text rows, and the types to parse them by. */
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

/**
 * The database behind the endpoint. A batch is one transaction; errors have Postgres' own fields. `gone`
 * fires when the caller has disconnected.
 */
export interface SqlBackend {
  query(login: SqlLogin, statement: SqlStatement, gone?: AbortSignal): Promise<SqlResult>;
  transaction(
    login: SqlLogin,
    begin: string,
    statements: SqlStatement[],
    gone?: AbortSignal,
  ): Promise<SqlResult[]>;
  close(): Promise<void>;
}
