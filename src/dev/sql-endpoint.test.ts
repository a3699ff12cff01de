import { mkdtempSync, rmSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { neon, neonConfig, type NeonDbError, type NeonQueryFunction } from "@neondatabase/serverless";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { postgresBackend } from "./postgres-backend.ts";
import { listenSql } from "./sql-endpoint.ts";
import { startPglite } from "./start-pglite.ts";

type Sql = NeonQueryFunction<false, false>;
type Opened = { port: number; database: string; role: string; close(): Promise<void> };

const suffix = `${process.pid}_${Date.now()}`;
const role = `flow_test_${suffix}`;

async function openPglite(): Promise<Opened> {
  const dir = mkdtempSync(join(tmpdir(), "flow-sql-"));
  const server = await startPglite({ dataDir: join(dir, "postgres") });
  const close = async () => {
    await server.close();
    rmSync(dir, { recursive: true, force: true });
  };
  return { port: server.port, database: "postgres", role, close };
}

async function openPostgres(): Promise<Opened> {
  const database = `flow_test_${suffix}`;
  const admin = new pg.Client("postgres://postgres:postgres@127.0.0.1:5432/postgres");
  await admin.connect();
  await admin.query(`create database ${database}`);
  const endpoint = await listenSql({ backend: postgresBackend({ url: "postgres://127.0.0.1:5432" }) });
  const close = async () => {
    await endpoint.close();
    await admin.query(`drop database ${database} with (force)`);
    await admin.query(`drop role if exists ${role}`);
    await admin.end();
  };
  return { port: endpoint.port, database, role, close };
}

const isPostgresUp = await new Promise<boolean>((resolve) => {
  const socket = connectTcp(5432, "127.0.0.1", () => resolve(!socket.destroy().connecting));
  socket.on("error", () => resolve(false));
});
const servers: [string, () => Promise<Opened>][] = [["PGlite", openPglite]];
if (isPostgresUp) servers.push(["Postgres", openPostgres]);

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => Promise.reject(new Error("it succeeded")),
    (error: unknown) => error as NeonDbError,
  );

describe.each(servers)("Neon's driver on %s", (kind, open) => {
  let opened: Opened;
  let sql: Sql;
  let asRole: Sql;
  const clientOf = (user: string) => neon(`postgres://${user}:postgres@local/${opened.database}`);
  const stats = async () =>
    (await (await fetch(`http://127.0.0.1:${opened.port}/stats`)).json()) as {
      requests: number;
      statements: number;
    };
  const raw = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${opened.port}/sql`, {
      method: "POST",
      headers: {
        "neon-connection-string": `postgres://postgres:postgres@local/${opened.database}`,
        ...headers,
      },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });

  const status = async (body: unknown, headers?: Record<string, string>) => (await raw(body, headers)).status;

  beforeAll(async () => {
    opened = await open();
    // The driver reads its endpoint when it asks, so each suite points it at its own server.
    neonConfig.fetchEndpoint = `http://127.0.0.1:${opened.port}/sql`;
    sql = clientOf("postgres");
    await sql.transaction([
      sql.query(`create role ${role} login password 'postgres'`),
      sql`create table t (id int primary key, name text not null unique, n int check (n > 0))`,
      sql`create table child (id int primary key, t_id int references t deferrable initially deferred)`,
      sql.query(`grant select, insert on t to ${role}`),
      sql`alter table t enable row level security`,
      sql.query(`create policy p on t to ${role} using (id < 1000) with check (id < 1000)`),
    ]);
    asRole = clientOf(role);
  }, 60_000);
  afterAll(() => opened.close());

  it("answers every type as the driver parses it", async () => {
    const [row] =
      await sql`select 1::int as i, 9007199254740993::int8 as big, 1.10::numeric as num, true as b,
      ${{ a: [1] }}::jsonb as j, ${["x", 'y"z', null]}::text[] as list,
        '2026-01-02T03:04:05Z'::timestamptz as at,
      ${Buffer.from([0, 255])}::bytea as bytes, null as nothing, 'ü🙂' as text`;
    expect(row).toEqual({
      i: 1,
      big: "9007199254740993",
      num: "1.10",
      b: true,
      j: { a: [1] },
      list: ["x", 'y"z', null],
      at: new Date("2026-01-02T03:04:05Z"),
      bytes: Buffer.from([0, 255]),
      nothing: null,
      text: "ü🙂",
    });
  });

  it("answers commands, counts and fields, as arrays or objects", async () => {
    const full = await sql.query("select 1 as a union all select 2", [], {
      fullResults: true,
      arrayMode: true,
    });
    expect([full.command, full.rowCount, full.rows, full.fields[0]!.dataTypeID]).toEqual([
      "SELECT",
      2,
      [[1], [2]],
      23,
    ]);
    expect(await sql.query("select 1 as a, 2 as a", [], { arrayMode: true })).toEqual([[1, 2]]);
    const none = await sql.query("insert into t select 1, 'x' where false", [], { fullResults: true });
    expect([none.command, none.rowCount, none.rows]).toEqual(["INSERT", 0, []]);
    const ddl = await sql.query("create temp table if not exists z (id int)", [], { fullResults: true });
    expect([ddl.command, ddl.rows]).toEqual(["CREATE", []]);
  });

  it("reports SQL errors with Postgres' own fields", async () => {
    await sql`insert into t values (1, 'one')`;
    expect(await failure(sql`insert into t values (2, 'one')`)).toMatchObject({
      code: "23505",
      severity: "ERROR",
      table: "t",
      constraint: "t_name_key",
      detail: expect.stringContaining("already exists"),
    });
    const codes = async (...queries: string[]) => {
      const found: (string | undefined)[] = [];
      for (const query of queries) found.push((await failure(sql.query(query))).code);
      return found;
    };
    expect(
      await codes(
        "insert into t values (3, null)",
        "insert into t values (3, 'x', -1)",
        "select nope from t",
        "selec 1",
        "select 1; select 2",
        "select 'x'::int",
        "do $$ begin raise exception 'mine' using errcode = 'P0409', detail = '{}'; end $$",
      ),
    ).toEqual(["23502", "23514", "42703", "42601", "42601", "22P02", "P0409"]);
    expect((await failure(sql.query("select * from nope"))).position).toBe("15");
    expect(await sql`select 1 as ok`).toEqual([{ ok: 1 }]);
  });

  it("runs a batch whole or not at all, and reports its first error", async () => {
    const batch = sql.transaction([sql`insert into t values (10, 'ten')`, sql`select nope`, sql`select 1/0`]);
    expect((await failure(batch)).code).toBe("42703");
    expect(await sql`select * from t where id = 10`).toEqual([]);
    const [first, second] = await sql.transaction([
      sql`insert into t values (11, 'eleven') returning id`,
      sql`select 2 as n`,
    ]);
    expect([first, second]).toEqual([[{ id: 11 }], [{ n: 2 }]]);
  });

  it("reports what fails at commit, and keeps nothing of it", async () => {
    const batch = sql.transaction([
      sql`insert into t values (20, 'twenty')`,
      sql`insert into child values (1, 999)`,
    ]);
    expect(await failure(batch)).toMatchObject({ code: "23503", constraint: "child_t_id_fkey" });
    expect(await sql`select 1 from t where id = 20`).toEqual([]);
  });

  it("opens a batch with the isolation it is asked for", async () => {
    const ask = (options: object) =>
      sql.transaction(
        [
          sql`select current_setting('transaction_isolation') as i,
            current_setting('transaction_read_only') as r`,
        ],
        options,
      );
    expect(await ask({ isolationLevel: "Serializable", readOnly: true, deferrable: true })).toEqual([
      [{ i: "serializable", r: "on" }],
    ]);
    expect(await ask({ isolationLevel: "RepeatableRead" })).toEqual([[{ i: "repeatable read", r: "off" }]]);
    const write = sql.transaction([sql`insert into t values (30, 'thirty')`], { readOnly: true });
    expect((await failure(write)).code).toBe("25006");
    const invalid = await raw(
      { queries: [{ query: "select 1", params: [] }] },
      { "neon-batch-isolation-level": "Chaos" },
    );
    expect(invalid.status).toBe(400);
  });

  it("leaves nothing of a request in the session of the next", async () => {
    const setting = async () => {
      const rows = await Promise.all(
        Array.from({ length: 5 }, () => sql`select coalesce(current_setting('app.tenant', true), '') as v`),
      );
      return new Set(rows.map(([row]) => row!["v"]));
    };
    const [, inside] = await sql.transaction([
      sql`select set_config('app.tenant', ${"a"}, true)`,
      sql`select current_setting('app.tenant') as v`,
    ]);
    expect(inside).toEqual([{ v: "a" }]);
    expect(await setting()).toEqual(new Set([""]));
    await sql`set app.tenant = 'b'`;
    expect(await setting()).toEqual(new Set([""]));
    await sql`select set_config('app.tenant', 'c', false)`;
    expect(await setting()).toEqual(new Set([""]));
    await failure(sql.transaction([sql`set app.tenant = 'd'`, sql`commit`, sql`select nope`]));
    expect(await setting()).toEqual(new Set([""]));
    await sql`begin`;
    await sql`insert into t values (40, 'forty')`;
    expect(await sql`select pg_current_xact_id_if_assigned() as x`).toEqual([{ x: null }]);
    expect(await sql`select id from t where id = 40`).toEqual([{ id: 40 }]);
  });

  it("logs each request in as its own user, under that user's policies", async () => {
    await sql`insert into t values (5000, 'far') on conflict do nothing`;
    const [mine, theirs] = await Promise.all([
      asRole`select current_user as u, session_user as s`,
      sql`select current_user as u`,
    ]);
    expect([mine[0], theirs[0]]).toEqual([{ u: role, s: role }, { u: "postgres" }]);
    expect(await asRole`select id from t where id = 5000`).toEqual([]);
    expect((await failure(asRole`insert into t values (6000, 'no')`)).code).toBe("42501");
    expect((await failure(asRole`delete from t`)).code).toBe("42501");
    expect(await sql`select id from t where id = 5000`).toEqual([{ id: 5000 }]);
  });

  it("keeps answering texts it prepared after the table under them changed", async () => {
    await sql`create table shifting (a int)`;
    await sql`insert into shifting values (1)`;
    const star = () => sql.query("select * from shifting");
    for (let i = 0; i < 6; i++) await star();
    await sql`alter table shifting add b text default 'new'`;
    expect(await Promise.all([star(), star(), star()])).toEqual(
      Array.from({ length: 3 }, () => [{ a: 1, b: "new" }]),
    );
    const insert = () =>
      sql.transaction([
        sql.query("insert into shifting values (2) returning *"),
        sql.query("select * from shifting where a = 1"),
      ]);
    for (let i = 0; i < 4; i++) await insert();
    await sql`alter table shifting add c int default 3`;
    const before = (await sql`select count(*)::int as n from shifting`)[0]!["n"] as number;
    expect((await insert())[1]).toEqual([{ a: 1, b: "new", c: 3 }]);
    expect(await sql`select count(*)::int as n from shifting`).toEqual([{ n: before + 1 }]);
    await sql`deallocate all`;
    expect((await insert())[1]).toEqual([{ a: 1, b: "new", c: 3 }]);
  });

  it("keeps what it prepared in a batch that failed, and nothing else of it", async () => {
    await sql`create table halved (n int)`;
    const halve = (by: number) =>
      sql.transaction([
        sql.query("insert into halved values ($1)", [by]),
        sql.query("select 8 / $1::int as n", [by]),
        sql.query("select count(*)::int as n from halved"),
      ]);
    for (let i = 1; i <= 12; i++) {
      expect((await failure(halve(0))).code).toBe("22012");
      expect((await halve(2)).slice(1)).toEqual([[{ n: 4 }], [{ n: i }]]);
    }
    expect(await sql`select pg_current_xact_id_if_assigned() as x`).toEqual([{ x: null }]);
  });

  it.skipIf(kind === "PGlite")("refuses to copy in, and serves the next", async () => {
    await sql`create table copied (n int)`;
    const copy = "copy copied from stdin";
    expect(await status({ query: copy })).toBe(400);
    expect(await status({ queries: [{ query: copy }, { query: "select 1" }] })).toBe(400);
    expect(await sql`select count(*)::int as n from copied`).toEqual([{ n: 0 }]);
  });

  it("keeps concurrent batches apart", async () => {
    await sql`create table counter (n int)`;
    await sql`insert into counter values (0)`;
    const add = () =>
      sql.transaction([
        sql`update counter set n = n + 1`,
        sql`select n from counter`,
        sql`select ${"x"}::text as x`,
      ]);
    const done = await Promise.all(Array.from({ length: 40 }, add));
    expect(done.every(([, , x]) => x![0]!["x"] === "x")).toBe(true);
    expect(new Set(done.map(([, n]) => n![0]!["n"])).size).toBe(40);
    expect(await sql`select n from counter`).toEqual([{ n: 40 }]);
  });

  it.skipIf(kind === "PGlite")("cancels what nobody waits for any more, and serves the next", async () => {
    const running = async () =>
      (
        (await sql`select count(*)::int as n from pg_stat_activity
          where datname = ${opened.database} and query like 'select pg_sleep%' and state = 'active'`) as {
          n: number;
        }[]
      )[0]!.n;
    const until = async (wanted: number) => {
      while ((await running()) !== wanted) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    const sleep = { query: "select pg_sleep(3600)", params: [] };
    for (const body of [sleep, { queries: [sleep, { query: "select 1", params: [] }] }]) {
      const hangsUp = new AbortController();
      const asked = fetch(`http://127.0.0.1:${opened.port}/sql`, {
        method: "POST",
        headers: { "neon-connection-string": `postgres://postgres:postgres@local/${opened.database}` },
        body: JSON.stringify(body),
        signal: hangsUp.signal,
      }).catch(() => "hung up");
      await until(1);
      hangsUp.abort();
      expect(await asked).toBe("hung up");
      await until(0);
    }
    expect(await sql`select 1 as n`).toEqual([{ n: 1 }]);
  });

  it("counts requests and statements", async () => {
    const before = await stats();
    await sql`select 1`;
    await sql.transaction([sql`select 1`, sql`select 2`, sql`select 3`]);
    const after = await stats();
    expect([after.requests - before.requests, after.statements - before.statements]).toEqual([2, 4]);
  });

  it("answers objects and JSON values to a client that asks for no raw text", async () => {
    const answer = await raw({
      query: "select 1 as i, true as b, '{\"a\":1}'::jsonb as j, 2::int8 as big, $1::text as t",
      params: ["x"],
    });
    expect(((await answer.json()) as { rows: unknown[] }).rows).toEqual([
      { i: 1, b: true, j: { a: 1 }, big: "2", t: "x" },
    ]);
  });

  it("refuses what is no request", async () => {
    expect(await status("{")).toBe(400);
    expect(await status("null")).toBe(400);
    expect(await status({ query: 1 })).toBe(400);
    expect(await status({ queries: [{ params: [] }] })).toBe(400);
    expect(await status({ query: "select 1" }, { "neon-connection-string": "mysql://x" })).toBe(400);
    expect(await status({ query: "select 1" }, { "neon-connection-string": "postgres://a%zz:b@h/d" })).toBe(
      400,
    );
    expect(await status({ queries: [] })).toBe(200);
    expect((await fetch(`http://127.0.0.1:${opened.port}/other`)).status).toBe(404);
    expect(await status("x".repeat(64 * 1024 * 1024 + 1))).toBe(413);
    expect(await sql`select 1 as still`).toEqual([{ still: 1 }]);
  });

  it.runIf(kind === "PGlite")("has the extensions that migrations use", async () => {
    expect(await sql`select unaccent('Ünï') as u, similarity('abc', 'abd') > 0 as s`).toEqual([
      { u: "Uni", s: true },
    ]);
  });
});

describe("an endpoint whose Postgres is away", () => {
  it("answers 503, and the driver an error without a code", async () => {
    const endpoint = await listenSql({ backend: postgresBackend({ host: "127.0.0.1", port: 1 }) });
    neonConfig.fetchEndpoint = `http://127.0.0.1:${endpoint.port}/sql`;
    const error = await neon("postgres://postgres:x@local/postgres")`select 1`.catch(
      (thrown: NeonDbError) => thrown,
    );
    await endpoint.close();
    expect((error as NeonDbError).message).toContain("503");
    expect((error as NeonDbError).code).toBeFalsy();
  });
});
