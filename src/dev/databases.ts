import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toAppError } from "../db/errors.ts";
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
  /** Whether Postgres was away at this start, on a folder that has been started on before. */
  isAway: boolean;
  /** Fulfilled when the schema is up to date: at once unless Postgres is away. */
  upToDate: Promise<void>;
  sqlStats(): Promise<{ requests: number; statements: number }>;
  redisStats(): Promise<{ commands: number }>;
  close(): Promise<void>;
};

const AGAIN_MS = 250;
/** Stands in a data folder whose database has been up to date once. */
const WAS_UP = "was-up";

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
  const urlOf = (role: WorkerRole) => {
    const url = new URL(sql.ownerUrl);
    url.username = role;
    url.password = keptSecret(join(options.dataDir, PASSWORDS[role]), () => randomBytes(24).toString("hex"));
    return url.toString();
  };
  const [appUrl, identityUrl] = [urlOf("cms_app"), urlOf("cms_identity")];
  const closing = new AbortController();
  const { isAway, upToDate } = await bringUp(
    async () => {
      await migrate(sql.ownerUrl, readMigrations());
      for (const url of [appUrl, identityUrl].map((one) => new URL(one)))
        await setPassword(sql.ownerUrl, url.username as WorkerRole, url.password);
      writeFileSync(join(options.dataDir, WAS_UP), "");
    },
    existsSync(join(options.dataDir, WAS_UP)),
    closing.signal,
  );
  upToDate.catch(options.onGivenUp);
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
    isAway,
    upToDate,
    async close() {
      closing.abort();
      await redis.close();
      await sql.close();
    },
  };
}

const PASSWORDS: Record<WorkerRole, string> = {
  cms_app: "app-password",
  cms_identity: "identity-password",
};

/**
 * Brings the schema up to date. Where Postgres is away and has been there on an earlier start, that is
 * done as soon as it is back, and the Workers run meanwhile on what they keep.
 */
async function bringUp(work: () => Promise<void>, wasThere: boolean, closing: AbortSignal) {
  const isAway = (error: unknown) => toAppError(error).reason === "db/unreachable";
  const tryIt = () =>
    work().then(
      () => true,
      (error: unknown) => {
        if (!isAway(error)) throw error;
        return false;
      },
    );
  if (!wasThere) {
    await work();
    return { isAway: false, upToDate: Promise.resolve() };
  }
  if (await tryIt()) return { isAway: false, upToDate: Promise.resolve() };
  console.warn("Postgres is away: answers of the last day are shown until it is back.");
  const untilDone = async () => {
    do await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    while (!closing.aborted && !(await tryIt()));
  };
  return { isAway: true, upToDate: untilDone() };
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
