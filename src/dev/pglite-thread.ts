import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { unaccent } from "@electric-sql/pglite/contrib/unaccent";
import { pgliteBackend } from "./pglite-backend.ts";
import { listenSql } from "./sql-endpoint.ts";

const { dataDir, port } = workerData as { dataDir: string; port: number };
const db = await PGlite.create({ dataDir, extensions: { pg_trgm, unaccent } });
const endpoint = await listenSql({ backend: pgliteBackend(db), port });
parentPort!.on("message", async (message) => {
  if (message !== "close") return;
  await endpoint.close();
  parentPort!.postMessage("closed");
  process.exit(0);
});
parentPort!.postMessage({ port: endpoint.port });
