import { protocol, type PGlite } from "@electric-sql/pglite";
import type { SqlBackend, SqlLogin, SqlResult, SqlStatement } from "./sql-backend.ts";
import { changesSession, readTag } from "./sql-result.ts";

const { serialize } = protocol;
const SUPERUSER = "postgres";
const SYNC = serialize.sync();
const DESCRIBE = serialize.describe({ type: "P" });
const EXECUTE = serialize.execute({});
const ENDS_SERVER = new Set(["FATAL", "PANIC"]);

type Field = {
  name: string;
  dataTypeID: number;
  tableID: number;
  columnID: number;
  dataTypeSize: number;
  dataTypeModifier: number;
};
type Message = { name: string; fields?: unknown; text?: string };

/**
 * PGlite behind the endpoint: one session, so requests are queued. `onBroken` is called when it cannot
 * continue: committed data is on disk, and a new instance must be opened on it.
 */
export function pgliteBackend(db: PGlite, onBroken: (error: Error) => void = () => {}): SqlBackend {
  let tail: Promise<unknown> = Promise.resolve();
  let currentUser = SUPERUSER;

  const exec = async (bytes: Uint8Array): Promise<Message[]> =>
    (await db.execProtocol(bytes, { throwOnError: true, syncToFs: false })).messages as unknown as Message[];

  /** Everything up to one Sync: after a failure the server skips the rest, and the first error is thrown. */
  const ask = async (statements: SqlStatement[]): Promise<SqlResult[]> => {
    const parts = statements.flatMap(({ query, params }) => [
      serialize.parse({ text: query }),
      serialize.bind({ values: params }),
      DESCRIBE,
      EXECUTE,
    ]);
    return readResults(await exec(Buffer.concat([...parts, SYNC])));
  };

  const becomeUser = async (user: string) => {
    if (user === currentUser) return;
    await exec(serialize.query(`set session authorization "${user.replaceAll('"', '""')}"`));
    currentUser = user;
  };

  const resetSession = async () => {
    // After an error PGlite resets to the current user, so the superuser is named explicitly.
    await exec(serialize.query(`set session authorization ${SUPERUSER}`));
    currentUser = SUPERUSER;
    await exec(serialize.query("discard all"));
  };

  const inLine = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = tail.then(work);
    tail = turn.catch(() => {});
    return turn;
  };

  const orBroken = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      onBroken(error as Error);
      throw error;
    }
  };

  const run = (login: SqlLogin, statements: SqlStatement[], gone?: AbortSignal): Promise<SqlResult[]> =>
    inLine(async () => {
      if (gone?.aborted) throw new Error("the caller has gone");
      // After a failure it is not known what ran before it, nor whether the transaction it ran in has ended.
      let isDirty = true;
      let isFailed = true;
      try {
        await becomeUser(login.user);
        const results = await ask(statements);
        isDirty = results.some((result, i) => changesSession(statements[i]!, result));
        isFailed = false;
        return results;
      } catch (error) {
        // A real server would terminate here; PGlite continues with a state that its log on disk does
        // not have.
        if (ENDS_SERVER.has(String((error as { severity?: string }).severity))) onBroken(error as Error);
        throw error;
      } finally {
        await orBroken(async () => {
          if (isFailed || db.isInTransaction()) await exec(serialize.query("rollback"));
          if (isDirty) await resetSession();
          await db.syncToFs();
        });
      }
    });

  return {
    query: async (login, statement, gone) => (await run(login, [statement], gone))[0]!,
    transaction: async (login, begin, statements, gone) =>
      (await run(login, [bare(begin), ...statements, bare("commit")], gone)).slice(1, -1),
    async close() {
      await inLine(() => db.close());
    },
  };
}

function bare(query: string): SqlStatement {
  return { query, params: [] };
}

function readResults(messages: Message[]): SqlResult[] {
  const results: SqlResult[] = [];
  let next = emptyResult();
  for (const message of messages) {
    if (message.name === "rowDescription") next.fields = (message.fields as Field[]).map(toField);
    else if (message.name === "dataRow") next.rows.push(message.fields);
    else if (message.name === "commandComplete" || message.name === "emptyQuery") {
      readTag(next, message.text ?? "");
      results.push(next);
      next = emptyResult();
    }
  }
  return results;
}

function emptyResult(): SqlResult {
  return { command: "", rowCount: null, rowAsArray: true, rows: [], fields: [] };
}

function toField(field: Field): SqlResult["fields"][number] {
  const { name, dataTypeID, tableID, columnID, dataTypeSize, dataTypeModifier } = field;
  return {
    name,
    tableID,
    columnID,
    dataTypeID,
    dataTypeSize,
    dataTypeModifier,
    format: "text",
  } as SqlResult["fields"][number];
}
