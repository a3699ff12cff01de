import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newRestarts } from "./restarts.ts";
import { keepPglite, startPglite } from "./start-pglite.ts";

let dir: string;
beforeAll(() => void (dir = mkdtempSync(join(tmpdir(), "flow-pglite-"))));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const headers = {
  "neon-connection-string": "postgres://postgres:x@local/postgres",
  "neon-array-mode": "true",
  "neon-raw-text-output": "true",
};
async function ask(port: number, query: string): Promise<string[][]> {
  const response = await fetch(`http://127.0.0.1:${port}/sql`, {
    method: "POST",
    headers,
    body: JSON.stringify({ query, params: [] }),
  });
  if (!response.ok) throw new Error(await response.text());
  return ((await response.json()) as { rows: string[][] }).rows;
}

/**
 * Inserts numbers one after another through the endpoint and prints each number once it was
 * acknowledged.
 */
const writer = `
  const { startPglite } = await import(process.argv[1]);
  const { port } = await startPglite({ dataDir: process.argv[2] });
  const headers = ${JSON.stringify(headers)};
  for (let n = Number(process.argv[3]); ; n++) {
    const body = JSON.stringify({ query: "insert into acked values (" + n + ")", params: [] });
    const response = await fetch("http://127.0.0.1:" + port + "/sql", { method: "POST", headers, body });
    if (!response.ok) throw new Error(await response.text());
    console.log(n);
  }
`;

function startWriter(dataDir: string, first: number) {
  const args = [
    "--input-type=module",
    "--eval",
    writer,
    join(import.meta.dirname, "start-pglite.ts"),
    dataDir,
    String(first),
  ];
  return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
}

describe("the embedded Postgres", () => {
  it("is made aside, closes cleanly and opens again with its data", async () => {
    const dataDir = join(dir, "clean");
    mkdirSync(`${dataDir}.tmp/left-by-a-kill`, { recursive: true });
    writeFileSync(`${dataDir}.tmp/left-by-a-kill/PG_VERSION`, "18");
    const first = await startPglite({ dataDir });
    expect(readdirSync(dir)).toEqual(["clean"]);
    await ask(first.port, "create table kept as select 1 as n");
    const open = Promise.all(Array.from({ length: 5 }, () => ask(first.port, "insert into kept values (2)")));
    await open;
    await first.close();
    expect(await first.ended).toBeUndefined();
    const second = await startPglite({ dataDir });
    expect(await ask(second.port, "select count(*) from kept")).toEqual([["6"]]);
    await second.close();
  }, 120_000);

  it("has every acknowledged row after kill -9", async () => {
    const dataDir = join(dir, "killed");
    const made = await startPglite({ dataDir });
    await ask(made.port, "create table acked (n int primary key)");
    await made.close();
    const acknowledged: number[] = [];
    for (let round = 0; round < 2; round++) {
      // A row may have been written whose answer the kill cut off: leave a gap of one.
      const child = startWriter(dataDir, (acknowledged.at(-1) ?? 0) + 2);
      const killAt = acknowledged.length + 150;
      for await (const line of createInterface(child.stdout)) {
        acknowledged.push(Number(line));
        if (acknowledged.length === killAt) child.kill("SIGKILL");
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      expect(child.signalCode).toBe("SIGKILL");
    }
    const again = await startPglite({ dataDir });
    const kept = new Set((await ask(again.port, "select n from acked")).map(([n]) => Number(n)));
    await again.close();
    expect(acknowledged.filter((n) => !kept.has(n))).toEqual([]);
  }, 240_000);

  it("is whole after kill -9 while it was being made", async () => {
    const dataDir = join(dir, "half");
    const child = startWriter(dataDir, 0);
    while (!existsSync(`${dataDir}.tmp`)) await new Promise((resolve) => setTimeout(resolve, 2));
    child.kill("SIGKILL");
    await once(child, "exit");
    const server = await startPglite({ dataDir });
    expect(await ask(server.port, "select 1")).toEqual([["1"]]);
    await server.close();
  }, 120_000);

  it("is opened again at its port when it broke, with every acknowledged row, until that happens too often", async () => {
    const lines: string[] = [];
    const givenUp = Promise.withResolvers<Error>();
    const server = await keepPglite({
      dataDir: join(dir, "broken"),
      restarts: newRestarts((line) => lines.push(line)),
      onGivenUp: givenUp.resolve,
    });
    const answered = async (query: string) => ask(server.port, query).catch(() => undefined);
    const wal = join(dir, "broken/pg_wal");
    await ask(server.port, "create table kept (n int primary key)");
    for (let n = 1; n <= 6; n++) {
      await ask(server.port, `insert into kept values (${n})`);
      // Postgres panics when it cannot write its log.
      await ask(server.port, "select pg_switch_wal()");
      renameSync(wal, `${wal}-away`);
      await expect(ask(server.port, `insert into kept values (${-n})`)).rejects.toThrow("pg_wal");
      renameSync(`${wal}-away`, wal);
      if (n === 6) break;
      let rows: string[][] | undefined;
      while (!rows) rows = await answered("select count(*) from kept where n > 0");
      expect(rows).toEqual([[String(n)]]);
      expect(lines).toHaveLength(n);
    }
    expect((await givenUp.promise).message).toContain("not started again");
    await server.close();
  }, 120_000);
});
