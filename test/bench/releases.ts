import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { connect } from "../../src/db/client.ts";
import { migrate, setPassword } from "../../src/db/migrate.ts";
import { postgresBackend } from "../../src/dev/postgres-backend.ts";
import { readMigrations } from "../../src/dev/read-migrations.ts";
import { listenSql } from "../../src/dev/sql-endpoint.ts";
import { startPglite } from "../../src/dev/start-pglite.ts";
import { bulkEntries } from "../../src/domain/content/entries/write/bulk-entries.ts";
import { BulkInput } from "../../src/domain/content/entries/bulk-schemas.ts";
import { listEntries, parseListQuery } from "../../src/domain/content/entries/index.ts";
import {
  addItems,
  createRelease,
  dryRunRelease,
  previewOf,
  publishRelease,
  rollBackRelease,
} from "../../src/domain/content/releases/index.ts";
import { createType } from "../../src/domain/content/types/index.ts";
import { provisionTenant } from "../../src/domain/tenant/tenants/index.ts";
import { contextOf } from "../support/system-context.ts";

const { values: options } = parseArgs({
  options: {
    releases: { type: "boolean" },
    items: { type: "string", default: "1000" },
    /** Published entries that are in no release. */
    entries: { type: "string", default: "500" },
  },
});
const [ITEMS, OTHERS] = [Number(options.items), Number(options.entries)];

const ARTICLE = {
  id: "article",
  name: "Article",
  fields: [
    { id: "title", type: "short_text", required: true },
    { id: "slug", type: "slug", unique: true },
    { id: "kind", type: "short_text" },
    { id: "rank", type: "integer" },
    { id: "at", type: "datetime" },
    { id: "next", type: "reference", to: ["article"] },
    { id: "body", type: "long_text" },
  ],
};

console.log(
  `A release of ${ITEMS} entries of 2 KB beside ${OTHERS} others that are published; ${cpus()[0]!.model}.`,
);
await measure("embedded", await embedded());
if (process.env["DATABASE_URL"])
  await measure("Postgres", await server(new URL(process.env["DATABASE_URL"])));
process.exit(0);

type Database = { ownerUrl: string; appUrl: string; close(): Promise<void> };

async function embedded(): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), "flow-releases-"));
  const { port, close } = await startPglite({ dataDir: join(folder, "postgres") });
  const at = (role: string) => `postgres://${role}@127.0.0.1:${port}/postgres`;
  return {
    ownerUrl: at("postgres:postgres"),
    appUrl: at("cms_app:benchmarkpassword"),
    close: () => close().then(() => rmSync(folder, { recursive: true })),
  };
}

async function server({ hostname, port, username, password, href }: URL): Promise<Database> {
  const name = `flow_releases_${crypto.randomUUID().slice(0, 8)}`;
  const admin = new pg.Client({ connectionString: href });
  await admin.connect();
  await admin.query(`create database ${name}`);
  const endpoint = await listenSql({
    backend: postgresBackend({ host: hostname, port: Number(port || 5432) }),
  });
  const at = `127.0.0.1:${endpoint.port}/${name}`;
  return {
    ownerUrl: `postgres://${username || "postgres"}:${password || "x"}@${at}`,
    appUrl: `postgres://cms_app:benchmarkpassword@${at}`,
    async close() {
      await endpoint.close();
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}

async function measure(name: string, { ownerUrl, appUrl, close }: Database): Promise<void> {
  await migrate(ownerUrl, readMigrations());
  await setPassword(ownerUrl, "cms_app", "benchmarkpassword");
  const hosts = ["bench.example.com"];
  const scope = await provisionTenant(connect(ownerUrl), { slug: "bench", name: "bench", hosts });
  const ctx = contextOf(appUrl, scope);
  await createType(ctx, { definition: ARTICLE });
  const others = await seed(ctx, "o", OTHERS);
  await inBulks(others, (id) => ({ op: "publish", id }), ctx);
  const entries = await seed(ctx, "r", ITEMS);
  const { id } = await createRelease(ctx, { name: "Bench" });
  const time = async (what: string, work: () => Promise<unknown>) => {
    const since = performance.now();
    await work();
    console.log(`${name}: ${what} ${((performance.now() - since) / 1000).toFixed(2)} s`);
  };
  await time("add the entries", async () => {
    for (let i = 0; i < entries.length; i += 1000)
      await addItems(ctx, {
        id,
        items: entries.slice(i, i + 1000).map((entry) => ({ entry, action: "publish" })),
      });
  });
  await time("publish, nothing prepared", () => publishRelease(ctx, { id }));
  await time("roll back", () => rollBackRelease(ctx, { id, changed: "refuse" }));
  await time("dry run", () => dryRunRelease(ctx, { id, changed: "refuse" }));
  await time("dry run again", () => dryRunRelease(ctx, { id, changed: "refuse" }));
  await preview(name, ctx, id);
  await time("publish after a dry run", () => publishRelease(ctx, { id }));
  await close();
}

/** What a list costs in a preview, beside the same list of what is published. */
async function preview(name: string, ctx: ReturnType<typeof contextOf>, id: string): Promise<void> {
  for (const text of [
    "limit=20",
    "limit=20&sort=title",
    "limit=20&filter[kind]=kind 7",
    "limit=20&include=next",
  ]) {
    const query = parseListQuery(new URLSearchParams(text));
    const ms = async (of: () => Promise<typeof ctx>) => {
      const times: number[] = [];
      for (let i = 0; i < 30; i++) {
        const since = performance.now();
        await listEntries(await of(), { type: "article", query });
        times.push(performance.now() - since);
      }
      return times.sort((a, b) => a - b)[15]!;
    };
    const [published, previewed] = [await ms(async () => ctx), await ms(() => previewOf(ctx, id))];
    console.log(
      `${name}: ${text}: ${published.toFixed(1)} ms, in a preview ${previewed.toFixed(1)} ms (× ${(previewed / published).toFixed(1)})`,
    );
  }
}

async function seed(ctx: ReturnType<typeof contextOf>, kind: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  const numbers = Array.from({ length: count }, (_, i) => i);
  for (let i = 0; i < count; i += 500) {
    const operations = numbers.slice(i, i + 500).map((n) => ({
      op: "create",
      type: "article",
      fields: {
        title: `Article ${kind} ${n}`,
        slug: `${kind}-${n}`,
        kind: `kind ${n % 20}`,
        rank: n % 500,
        at: new Date(1_700_000_000_000 + n * 60_000).toISOString(),
        ...(ids.length > 0 ? { next: ids[n % ids.length] } : {}),
        body: `${kind} ${n} words of an article. `.repeat(80).slice(0, 1600),
      },
    }));
    const { items } = await bulkEntries(ctx, BulkInput.parse({ operations }));
    ids.push(...items.map((one) => one.id));
  }
  return ids;
}

async function inBulks(ids: string[], of: (id: string) => object, ctx: ReturnType<typeof contextOf>) {
  for (let i = 0; i < ids.length; i += 500)
    await bulkEntries(ctx, BulkInput.parse({ operations: ids.slice(i, i + 500).map(of) }));
}
