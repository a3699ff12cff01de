import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { pgliteBackend } from "./pglite-backend.ts";
import { PGLITE_EXTENSIONS } from "./pglite-options.ts";
import { listenSql } from "./sql-endpoint.ts";

const { dataDir, port } = workerData as { dataDir: string; port: number };
// 16 MB of buffers instead of 128: one session on one machine, with the kernel's cache behind it.
const startParams = [...PGlite.defaultStartParams, "-c", "shared_buffers=16MB"];
const db = await PGlite.create({ dataDir, extensions: PGLITE_EXTENSIONS, startParams });
/** Ends the thread; its owner starts another on the same folder. */
const endThread = (error: Error) =>
  setImmediate(() => {
    throw error;
  });
const endpoint = await listenSql({ backend: pgliteBackend(db, endThread), port });
parentPort!.once("message", async () => {
  await endpoint.close();
  process.exit(0);
});
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort!.postMessage({ port: endpoint.port });
