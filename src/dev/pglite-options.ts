import { btree_gin } from "@electric-sql/pglite/contrib/btree_gin";
import { fuzzystrmatch } from "@electric-sql/pglite/contrib/fuzzystrmatch";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { unaccent } from "@electric-sql/pglite/contrib/unaccent";

/** What migrations may `create extension` of. */
export const PGLITE_EXTENSIONS = { btree_gin, fuzzystrmatch, pg_trgm, unaccent };
