import { protocol, type PGlite } from "@electric-sql/pglite";
import type { SqlBackend, SqlLogin, SqlResult, SqlStatement } from "./sql-endpoint.ts";

const { serialize } = protocol;
type Message = { name: string; fields?: unknown; text?: string };

/** PGlite behind the endpoint: one session for everybody, so requests stand in one line. */
export function pgliteBackend(db: PGlite): SqlBackend {
  let tail: Promise<unknown> = Promise.resolve();
  let currentUser = "postgres";
  let isDirty = false;

  const exec = async (bytes: Uint8Array): Promise<Message[]> =>
    (await db.execProtocol(bytes, { throwOnError: true, syncToFs: false })).messages as unknown as Message[];

  const ask = async ({ query, params }: SqlStatement): Promise<SqlResult> => {
    const messages = await exec(
      Buffer.concat([
        serialize.parse({ text: query }),
        serialize.bind({ values: params }),
        serialize.describe({ type: "P" }),
        serialize.execute({}),
        serialize.sync(),
      ]),
    );
    const result: SqlResult = { command: "", rowCount: null, rowAsArray: true, rows: [], fields: [] };
    for (const message of messages) {
      if (message.name === "rowDescription") result.fields = (message.fields as SqlResult["fields"]).map(describe);
      else if (message.name === "dataRow") result.rows.push(message.fields);
      else if (message.name === "commandComplete") {
        const words = message.text!.split(" ");
        result.command = words[0]!;
        const count = Number(words.at(-1));
        result.rowCount = words.length > 1 && Number.isInteger(count) ? count : null;
      }
    }
    if (result.command === "SET") isDirty = true;
    return result;
  };

  const inLine = <T>(login: SqlLogin, work: () => Promise<T>): Promise<T> => {
    const turn = tail.then(async () => {
      await becomeUser(login.user);
      try {
        return await work();
      } finally {
        if (db.isInTransaction()) await ask({ query: "rollback", params: [] });
        if (isDirty) await reset();
        await db.syncToFs();
      }
    });
    tail = turn.catch(() => {});
    return turn;
  };

  const becomeUser = async (user: string) => {
    if (user === currentUser || user === "") return;
    await exec(serialize.query(`set session authorization "${user.replaceAll('"', '""')}"`));
    currentUser = user;
  };

  const reset = async () => {
    await exec(serialize.query("reset session authorization"));
    await exec(serialize.query("discard all"));
    currentUser = "postgres";
    isDirty = false;
  };

  return {
    query: (login, statement) => inLine(login, () => ask(statement)),
    transaction: (login, begin, statements) =>
      inLine(login, async () => {
        await ask({ query: begin, params: [] });
        const results: SqlResult[] = [];
        for (const statement of statements) results.push(await ask(statement));
        await ask({ query: "commit", params: [] });
        return results;
      }),
    async close() {
      await tail;
      await db.close();
    },
  };
}

function describe(field: SqlResult["fields"][number]): SqlResult["fields"][number] {
  return { ...field, format: "text" } as SqlResult["fields"][number];
}
