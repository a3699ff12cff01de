import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockDataDir } from "./data-lock.ts";

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "flow-lock-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const hold = `
  const { lockDataDir } = await import(process.argv[1]);
  try {
    lockDataDir(process.argv[2]);
    console.log("held");
  } catch (error) {
    console.log(error.message);
  }
  process.stdin.resume();
`;

async function startHolder() {
  const args = ["--input-type=module", "--eval", hold, join(import.meta.dirname, "data-lock.ts"), dir];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "ignore"] });
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  const kill = async () => {
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return { pid: child.pid!, said: String(said).trim(), kill };
}

describe("the data folder's lock", () => {
  it("refuses a second start, naming the process and the folder, until the first lets go", async () => {
    const first = lockDataDir(dir);
    const second = await startHolder();
    await second.kill();
    expect(second.said).toContain(`process ${process.pid}`);
    expect(second.said).toContain(dir);
    expect(() => lockDataDir(dir)).toThrow(/already runs/);
    first.release();
    lockDataDir(dir).release();
  });

  it("is taken over from a process that was killed, and not before", async () => {
    const holder = await startHolder();
    expect(holder.said).toBe("held");
    expect(() => lockDataDir(dir)).toThrow(`process ${holder.pid}`);
    await holder.kill();
    lockDataDir(dir).release();
  });

  it.runIf(process.platform === "linux")(
    "is taken over when its pid belongs to another process by now",
    () => {
      writeFileSync(join(dir, "lock.7"), JSON.stringify({ pid: process.pid, started: "1" }));
      lockDataDir(dir).release();
    },
  );

  it("is taken over when its file is damaged", () => {
    writeFileSync(join(dir, "lock.1"), "");
    lockDataDir(dir).release();
  });

  it("lets one of many processes take over a dead one's lock", async () => {
    writeFileSync(join(dir, "lock.1"), JSON.stringify({ pid: 2 ** 22 + 1, started: null }));
    const holders = await Promise.all(Array.from({ length: 6 }, startHolder));
    await Promise.all(holders.map((holder) => holder.kill()));
    expect(holders.filter((holder) => holder.said === "held")).toHaveLength(1);
    expect(readdirSync(dir).filter((name) => name.startsWith("lock."))).toHaveLength(1);
  });
});
