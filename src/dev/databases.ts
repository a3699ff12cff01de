import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { migrate, setPassword, type WorkerRole } from "../db/migrate.ts";
import { postgresBackend } from "./postgres-backend.ts";
import { readMigrations } from "./read-migrations.ts";
import { realRedis } from "./redis-backend.ts";
import { keptSecret } from "./stored-secret.ts";
import { listenRedis } from "./redis-endpoint.ts";
import { embeddedRedis } from "./redis-store.ts";
import { listenSql } from "./sql-endpoint.ts";
import type { Restarts } from "./restarts.ts";
import { keepPglite } from "./start-pglite.ts";

export type Databases = {
  /** What migrations and provisioning log in with. */
  ownerUrl: string;
  /** What the Workers log in with. */
  appUrl: string;
  /** What IDENTITY logs in with. */
  identityUrl: string;
  redisUrl: string;
  redisToken: string;
  kind: { postgres: string; redis: string };
  sqlStats(): Promise<{ requests: number; statements: number }>;
  redisStats(): Promise<{ commands: number }>;
  close(): Promise<void>;
};

type Options = {
  dataDir: string;
  databaseUrl?: string | undefined;
  redisUrl?: string | undefined;
  restarts: Restarts;
  onGivenUp: (error: Error) => void;
};

/**
 * Opens Postgres and Redis for the Workers: embedded in `dataDir`, or the ones that the URLs name,
 * then brings the schema up to date. A Neon URL is used as it is; any other Postgres is served over
 * Neon's protocol.
 */
export async function openDatabases(options: Options): Promise<Databases> {
  const sql = await openSql(options);
  await migrate(sql.ownerUrl, readMigrations());
  const urlOf = async (role: WorkerRole, file: string) => {
    const password = keptSecret(join(options.dataDir, file), () => randomBytes(24).toString("hex"));
    await setPassword(sql.ownerUrl, role, password);
    const url = new URL(sql.ownerUrl);
    url.username = role;
    url.password = password;
    return url.toString();
  };
  const appUrl = await urlOf("cms_app", "app-password");
  const identityUrl = await urlOf("cms_identity", "identity-password");
  const redisToken = randomBytes(16).toString("hex");
  const redis = await listenRedis({
    store: options.redisUrl ? await realRedis(options.redisUrl) : embeddedRedis(),
    token: redisToken,
  });
  const redisUrl = `http://127.0.0.1:${redis.port}`;
  return {
    ownerUrl: sql.ownerUrl,
    appUrl,
    identityUrl,
    redisUrl,
    redisToken,
    kind: { postgres: sql.kind, redis: options.redisUrl ? "redis" : "embedded" },
    sqlStats: async () =>
      sql.statsUrl
        ? ((await (await fetch(sql.statsUrl)).json()) as { requests: number; statements: number })
        : { requests: 0, statements: 0 },
    redisStats: async () => redis.stats(),
    async close() {
      await redis.close();
      await sql.close();
    },
  };
}

async function openSql({ dataDir, databaseUrl, restarts, onGivenUp }: Options) {
  if (databaseUrl === undefined) {
    const embedded = await keepPglite({ dataDir: join(dataDir, "postgres"), restarts, onGivenUp });
    return {
      ownerUrl: `postgres://postgres:postgres@127.0.0.1:${embedded.port}/postgres`,
      statsUrl: `http://127.0.0.1:${embedded.port}/stats`,
      kind: "embedded",
      close: embedded.close,
    };
  }
  const url = new URL(databaseUrl);
  if (url.hostname.endsWith(".neon.tech"))
    return { ownerUrl: databaseUrl, statsUrl: undefined, kind: "neon", close: async () => {} };
  const backend = postgresBackend({ host: url.hostname, port: Number(url.port || 5432) });
  const endpoint = await listenSql({ backend });
  url.host = `127.0.0.1:${endpoint.port}`;
  url.port = String(endpoint.port);
  if (url.password === "") url.password = "trust";
  return {
    ownerUrl: url.toString(),
    statsUrl: `http://127.0.0.1:${endpoint.port}/stats`,
    kind: "postgres",
    close: endpoint.close,
  };
}
