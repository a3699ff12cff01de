import { migrate, setPassword, type WorkerRole } from "../db/migrate.ts";
import { readMigrations } from "./read-migrations.ts";

/**
 * `npm run migrate`: brings the database of DATABASE_OWNER_URL up to date. Where DATABASE_URL and
 * IDENTITY_DATABASE_URL are set too, their passwords become those of the Workers' roles.
 */
export async function migrateFromEnvironment(): Promise<void> {
  const ownerUrl = process.env["DATABASE_OWNER_URL"];
  if (!ownerUrl)
    throw new Error("DATABASE_OWNER_URL is not set: the connection string of the database's owner.");
  const applied = await migrate(ownerUrl, readMigrations());
  console.log(applied.length > 0 ? `Applied ${applied.join(", ")}.` : "The schema is up to date.");
  await takePassword(ownerUrl, "DATABASE_URL", "cms_app");
  await takePassword(ownerUrl, "IDENTITY_DATABASE_URL", "cms_identity");
}

async function takePassword(ownerUrl: string, setting: string, role: WorkerRole): Promise<void> {
  const url = process.env[setting];
  if (!url) return;
  const { username, password } = new URL(url);
  if (username !== role) throw new Error(`${setting} must log in as ${role}, not as "${username}".`);
  await setPassword(ownerUrl, role, decodeURIComponent(password));
  console.log(`The role ${role} logs in with the password of ${setting}.`);
}

if (process.argv[1]?.endsWith("migrate.ts")) {
  await migrateFromEnvironment().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
