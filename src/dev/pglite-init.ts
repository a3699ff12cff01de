import { PGlite } from "@electric-sql/pglite";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { unaccent } from "@electric-sql/pglite/contrib/unaccent";

// Runs in a process of its own: initdb needs over 1 GB for a moment, which the server need not keep.
const db = await PGlite.create({ dataDir: process.argv[2]!, extensions: { pg_trgm, unaccent } });
await db.close();
