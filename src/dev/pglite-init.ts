import { PGlite } from "@electric-sql/pglite";
import { PGLITE_EXTENSIONS } from "./pglite-options.ts";

// A process of its own: initdb needs over 1 GB for a moment, which the server need not keep.
process.on("disconnect", () => process.exit(1));
const db = await PGlite.create({ dataDir: process.argv[2]!, extensions: PGLITE_EXTENSIONS });
await db.close();
process.exit(0);
