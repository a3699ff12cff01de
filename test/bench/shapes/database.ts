import pg from "pg";
import { connect } from "../../../src/db/client.ts";
import { migrate, setPassword } from "../../../src/db/migrate.ts";
import { postgresBackend } from "../../../src/dev/postgres-backend.ts";
import { readMigrations } from "../../../src/dev/read-migrations.ts";
import { listenSql } from "../../../src/dev/sql-endpoint.ts";
import { createType } from "../../../src/domain/content/types/index.ts";
import { updateEnvironment } from "../../../src/domain/tenant/tenants/environments.ts";
import { provisionTenant } from "../../../src/domain/tenant/tenants/index.ts";
import { seedShapes, TYPES } from "./seed.ts";
import { contextOf } from "../../support/system-context.ts";

const SLUG = "bench-shapes";

/** A database with `entries` articles, made when it is not there, behind an endpoint as the Workers ask it. */
export async function openShapes(server: URL, entries: number, log: (line: string) => void) {
  const name = `flow_shapes_${entries}`;
  const admin = new pg.Client({ connectionString: new URL("/postgres", server).toString() });
  await admin.connect();
  const { rowCount } = await admin.query("select 1 from pg_database where datname = $1", [name]);
  if (rowCount === 0) await admin.query(`create database ${name}`);
  await admin.end();
  const endpoint = await listenSql({
    backend: postgresBackend({ host: server.hostname, port: Number(server.port || 5432) }),
  });
  const at = `127.0.0.1:${endpoint.port}/${name}`;
  const ownerUrl = `postgres://${server.username || "postgres"}:${server.password || "x"}@${at}`;
  const appUrl = `postgres://cms_app:benchmarkpassword@${at}`;
  await migrate(ownerUrl, readMigrations());
  await setPassword(ownerUrl, "cms_app", "benchmarkpassword");
  const owner = new pg.Client({ connectionString: new URL(`/${name}`, server).toString() });
  await owner.connect();
  const found = await owner.query<{ tenant_id: string; id: string }>(
    `select environments.tenant_id, environments.id from environments join tenants using (tenant_id)
     where slug = $1 and environments.name = 'main'`,
    [SLUG],
  );
  const made = found.rows[0];
  const scope = made
    ? { tenantId: made.tenant_id, environmentId: made.id }
    : await provisionTenant(connect(ownerUrl), { slug: SLUG, name: SLUG, hosts: [`${SLUG}.example.com`] });
  const { tenantId, environmentId } = scope;
  const newContext = () => contextOf(appUrl, scope);
  if (!made) {
    const locales = [{ code: "en" }, { code: "de", fallback: "en" }];
    await updateEnvironment(newContext(), { name: "main", change: { locales } });
    for (const definition of TYPES) await createType(newContext(), { definition });
    await seedShapes(owner, { tenantId, environmentId, entries }, log);
    // The rows stand as a rebuild of the new types would leave them: none is to be made on the first start.
    await owner.query("update outbox set done_at = now() where tenant_id = $1", [tenantId]);
  }
  return {
    databaseUrl: new URL(`/${name}`, server).toString(),
    ownerUrl,
    appUrl,
    tenantId,
    environmentId,
    newContext,
    owner,
    async close() {
      await owner.end();
      await endpoint.close();
    },
  };
}
