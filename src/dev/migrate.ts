import { migrate, setAppPassword } from "../db/migrate.ts";
import { readMigrations } from "./read-migrations.ts";

/**
 * `npm run migrate`: brings the database of DATABASE_OWNER_URL up to date. When DATABASE_URL is set too, its password
 * becomes that of the Workers' role cms_app.
 */
export async function migrateFromEnvironment(): Promise<void> {
  const ownerUrl = process.env["DATABASE_OWNER_URL"];
  if (!ownerUrl)
    throw new Error("DATABASE_OWNER_URL is not set: the connection string of the database's owner.");
  const applied = await migrate(ownerUrl, readMigrations());
  console.log(applied.length > 0 ? `Applied ${applied.join(", ")}.` : "The schema is up to date.");
  const appUrl = process.env["DATABASE_URL"];
  if (!appUrl) return;
  const { username, password } = new URL(appUrl);
  if (username !== "cms_app") throw new Error(`DATABASE_URL must log in as cms_app, not as "${username}".`);
  await setAppPassword(ownerUrl, decodeURIComponent(password));
  console.log("The role cms_app logs in with the password of DATABASE_URL.");
}

if (process.argv[1]?.endsWith("migrate.ts")) {
  await migrateFromEnvironment().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
