import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { migrate } from "../db/migrate.ts";
import { packEmptyDatabase } from "./empty-database.ts";
import { pgliteBackend } from "./pglite-backend.ts";
import { PGLITE_EXTENSIONS } from "./pglite-options.ts";
import { readMigrations } from "./read-migrations.ts";
import { listenSql } from "./sql-endpoint.ts";

// To be run when PGlite is updated, and now and then for the migrations since: `node
// src/dev/pack-empty-database.ts`.
const folder = mkdtempSync(join(tmpdir(), "flow-pack-"));
const dataDir = join(folder, "postgres");
const db = await PGlite.create({ dataDir, extensions: PGLITE_EXTENSIONS });
const endpoint = await listenSql({ backend: pgliteBackend(db) });
await migrate(`postgres://postgres:postgres@127.0.0.1:${endpoint.port}/postgres`, readMigrations());
await db.exec("vacuum");
await db.exec("checkpoint");
await endpoint.close();
console.log(`${packEmptyDatabase(dataDir)} bytes`);
rmSync(folder, { recursive: true });
