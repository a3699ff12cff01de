import { sql, type SQL } from "drizzle-orm";

/**
 * What is published of a row of `entries` under an alias, the version published being the row `kept`: of the
 * newest version it is the working copy, from which changed types take values away that the version
 * keeps.
 */
export const publishedDataOf = (alias: string): SQL =>
  sql.raw(`coalesce(${alias}.published_data,
  case when ${alias}.published_version = ${alias}.version then ${alias}.data else kept.data end)`);

/** What is published of the row `entry`. */
export const PUBLISHED_DATA = publishedDataOf("entry");
