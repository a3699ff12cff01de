import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const START = fileURLToPath(new URL("../../src/dev/start.ts", import.meta.url));
const children: ChildProcess[] = [];

export type Ready = {
  url: string;
  tenant: string;
  admin: { email: string; password: string };
  tokens: { read: string; write: string; admin: string };
};

/** Runs what `npm start` runs, as a process of its own on a data folder below `cwd`. */
export function npmStart(cwd: string, port: number, env: Record<string, string> = {}) {
  const child = spawn(
    process.execPath,
    [START, "--json", "--port", String(port), "--data", join(cwd, "data")],
    { cwd, env: { ...process.env, ...env } },
  );
  children.push(child);
  let err = "";
  let log = "";
  child.stderr.on("data", (part) => (err += part));
  const ready = new Promise<Ready>((resolve) =>
    child.stdout.once("data", (line) => {
      resolve(JSON.parse(String(line)) as Ready);
      child.stdout.on("data", (part) => (log += part));
    }),
  );
  const ended = new Promise<{ code: number | null; err: string }>((resolve) =>
    child.on("exit", (code) => resolve({ code, err })),
  );
  /** What it wrote since it was ready, and all that went to standard error. */
  const written = () => log + err;
  return { child, ready, ended, written };
}

/** Ends what a test left running. */
export function killStarted(): void {
  for (const child of children.splice(0)) child.kill("SIGKILL");
}
