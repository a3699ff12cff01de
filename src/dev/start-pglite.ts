import { spawn } from "node:child_process";
import { existsSync, renameSync, rmSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

/**
 * Opens PGlite on `dataDir` in a thread that serves Neon's protocol on 127.0.0.1, making the database first when it is
 * not there. The caller holds the folder's lock: two processes on one folder would lose data.
 */
export async function startPglite({ dataDir, port = 0 }: { dataDir: string; port?: number }): Promise<{ port: number; close(): Promise<void> }> {
  if (!existsSync(dataDir)) await makeDatabase(dataDir);
  const worker = new Worker(new URL("./pglite-thread.ts", import.meta.url), { workerData: { dataDir, port } });
  const ready = await new Promise<{ port: number }>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  return {
    port: ready.port,
    close: () =>
      new Promise((resolve) => {
        worker.once("exit", () => resolve());
        worker.postMessage("close");
      }),
  };
}

/** Made aside and renamed, so that a kill in between leaves no half database. */
async function makeDatabase(dataDir: string): Promise<void> {
  const aside = `${dataDir}.new`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(dirname(dataDir), { recursive: true });
  const script = fileURLToPath(new URL("./pglite-init.ts", import.meta.url));
  const child = spawn(process.execPath, [script, aside], { stdio: ["ignore", "inherit", "inherit"] });
  const code = await new Promise((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new Error(`The embedded Postgres could not be made in ${aside} (exit code ${String(code)}).`);
  renameSync(aside, dataDir);
}
