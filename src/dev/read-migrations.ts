import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { splitStatements, type Migration } from "../db/migrate.ts";
import { ROOT } from "./build.ts";

/** The migrations of the folder `migrations`, by number. */
export function readMigrations(): Migration[] {
  const folder = join(ROOT, "migrations");
  const names = readdirSync(folder).filter((name) => /^\d{4}_\w+\.sql$/.test(name));
  return names
    .sort()
    .map((name) => ({ name, statements: splitStatements(readFileSync(join(folder, name), "utf8")) }));
}
