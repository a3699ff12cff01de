import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { unpackEmptyDatabase } from "./empty-database.ts";
import type { Restarts } from "./restarts.ts";

export type PgliteServer = {
  port: number;
  /**
   * Settles when the thread is gone: with undefined after `close()`, with the error when it died by
   * itself.
   */
  ended: Promise<Error | undefined>;
  close(): Promise<void>;
};

/**
 * Opens PGlite on `dataDir` in a thread that serves Neon's protocol on 127.0.0.1, making the database
 * first when it is not there. The caller holds the folder's lock: two processes on one folder lose
 * data.
 */
export async function startPglite({
  dataDir,
  port = 0,
}: {
  dataDir: string;
  port?: number;
}): Promise<PgliteServer> {
  if (!existsSync(dataDir)) makeDatabase(dataDir);
  const worker = new Worker(join(import.meta.dirname, "pglite-thread.ts"), {
    workerData: { dataDir, port },
    execArgv: [],
  });
  let isClosing = false;
  const ended = new Promise<Error | undefined>((resolve) => {
    let cause: Error | undefined;
    worker.once("error", (error) => (cause = error as Error));
    // Only then is its port free again.
    worker.once("exit", (code) => resolve(isClosing ? undefined : (cause ?? new Error(`exit code ${code}`))));
  });
  const ready = await Promise.race([
    once(worker, "message").then(([message]) => message as { port: number }),
    ended,
  ]);
  if (!ready || ready instanceof Error)
    throw new Error(`the embedded Postgres did not open (${ready?.message ?? "it was closed"})`);
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

/**
 * The same, reopened on its port when its thread dies; committed data is on disk. `onGivenUp` is called
 * when that happens too often.
 */
export async function keepPglite(options: {
  dataDir: string;
  restarts: Restarts;
  onGivenUp: (error: Error) => void;
}): Promise<Pick<PgliteServer, "port" | "close">> {
  const { dataDir, restarts, onGivenUp } = options;
  let opening = startPglite({ dataDir });
  let isClosing = false;
  const { port } = await opening;
  const watch = async () => {
    for (;;) {
      const error = await opening.then(
        (server) => server.ended,
        (failure: Error) => failure,
      );
      if (isClosing || !error) return;
      restarts.count("The embedded Postgres", error.message);
      opening = startPglite({ dataDir, port });
    }
  };
  void watch().catch(onGivenUp);
  return {
    port,
    async close() {
      isClosing = true;
      await opening.then(
        (server) => server.close(),
        () => {},
      );
    },
  };
}

/**
 * Made aside under a name of its own and renamed when whole, so that a kill in between leaves no half
 * database.
 */
function makeDatabase(dataDir: string): void {
  const aside = `${dataDir}.tmp`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { recursive: true });
  const made = join(aside, randomUUID());
  unpackEmptyDatabase(made);
  renameSync(made, dataDir);
  rmSync(aside, { recursive: true, force: true });
}
