import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";

export type PgliteServer = {
  port: number;
  /** Settles when the thread is gone: with undefined after `close()`, with the error when it died by itself. */
  ended: Promise<Error | undefined>;
  close(): Promise<void>;
};

/**
 * Opens PGlite on `dataDir` in a thread that serves Neon's protocol on 127.0.0.1, making the database first when it is
 * not there. The caller holds the folder's lock: two processes on one folder lose data.
 */
export async function startPglite({
  dataDir,
  port = 0,
}: {
  dataDir: string;
  port?: number;
}): Promise<PgliteServer> {
  if (!existsSync(dataDir)) await makeDatabase(dataDir);
  const worker = new Worker(join(import.meta.dirname, "pglite-thread.ts"), {
    workerData: { dataDir, port },
    execArgv: [],
  });
  let isClosing = false;
  const ended = new Promise<Error | undefined>((resolve) => {
    worker.once("error", (error) => resolve(error as Error));
    worker.once("exit", (code) =>
      resolve(isClosing ? undefined : new Error(`The Postgres thread ended (exit code ${code}).`)),
    );
  });
  const ready = await Promise.race([
    once(worker, "message").then(([message]) => message as { port: number }),
    ended,
  ]);
  if (!ready || ready instanceof Error) throw ready ?? new Error("The Postgres thread ended while starting.");
  return {
    port: ready.port,
    ended,
    async close() {
      isClosing = true;
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage("close");
      await ended;
    },
  };
}

/** Made aside under a name of its own and renamed when whole, so that a kill in between leaves no half database. */
async function makeDatabase(dataDir: string): Promise<void> {
  const aside = `${dataDir}.tmp`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { recursive: true });
  const made = join(aside, randomUUID());
  const child = fork(join(import.meta.dirname, "pglite-init.ts"), [made], { execArgv: [] });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0)
    throw new Error(`The embedded Postgres could not be made in ${made} (exit code ${String(code)}).`);
  renameSync(made, dataDir);
  rmSync(aside, { recursive: true, force: true });
}
