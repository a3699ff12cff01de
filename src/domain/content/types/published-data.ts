import { sql } from "drizzle-orm";

/**
 * What is published of the row `entry` of `entries`, the version published being the row `kept`: of the
 * newest version it is the working copy, from which changed types take values away that the version
 * keeps.
 */
export const PUBLISHED_DATA = sql.raw(`coalesce(entry.published_data,
  case when entry.published_version = entry.version then entry.data else kept.data end)`);
