import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { unaccent } from "@electric-sql/pglite/contrib/unaccent";

/** What migrations may `create extension` of. */
export const PGLITE_EXTENSIONS = { pg_trgm, unaccent };
