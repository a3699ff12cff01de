import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { pgliteBackend } from "./pglite-backend.ts";
import { PGLITE_EXTENSIONS } from "./pglite-options.ts";
import { listenSql } from "./sql-endpoint.ts";

const { dataDir, port } = workerData as { dataDir: string; port: number };
const db = await PGlite.create({ dataDir, extensions: PGLITE_EXTENSIONS });
const endpoint = await listenSql({ backend: pgliteBackend(db), port });
parentPort!.once("message", async () => {
  await endpoint.close();
  process.exit(0);
});
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort!.postMessage({ port: endpoint.port });
