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
 * What stands behind the endpoint. A batch is one transaction; errors carry Postgres' own fields.
 * `gone` fires when nobody waits for the answer any more.
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
