import { parseArgs } from "node:util";
import pg from "pg";
import { connect } from "../../../src/db/client.ts";
import { migrate, setPassword } from "../../../src/db/migrate.ts";
import { postgresBackend } from "../../../src/dev/postgres-backend.ts";
import { readMigrations } from "../../../src/dev/read-migrations.ts";
import { listenSql } from "../../../src/dev/sql-endpoint.ts";
import {
  createEntry,
  listEntries,
  parseListQuery,
  rebuildReadModel,
} from "../../../src/domain/content/entries/index.ts";
import {
  createType,
  putComponent,
  putType,
  createComponent,
} from "../../../src/domain/content/types/index.ts";
import { provisionTenant } from "../../../src/domain/tenant/tenants/index.ts";
import { contextOf } from "../../support/system-context.ts";
import { seedArticles } from "./seed.ts";

const HELP = `How long a change of a content type keeps readers and writers waiting:
DATABASE_URL=postgres://… node test/bench/type-changes/main.ts [--entries 100000]`;
const { values } = parseArgs({ options: { entries: { type: "string", default: "100000" } } });
const given = process.env["DATABASE_URL"];
if (!given) throw new Error(HELP);
const server = new URL(given);
const entries = Number(values.entries);
/** What the articles are called. */
let type = "article";
const name = `flow_changes_${crypto.randomUUID().slice(0, 8)}`;

const text = (id: string, more: object = {}) => ({ id, type: "short_text", ...more });
const seo = (...ids: string[]) => ({ id: "seo", name: "SEO", fields: ids.map((id) => text(id)) });
type Definition = { id: string; name: string; fields: object[] };
const article = (title: string, more: object[] = [], number: object = { type: "integer" }): Definition => ({
  id: "article",
  name: "Article",
  fields: [
    text(title),
    text("code", { unique: true }),
    { id: "n", ...number },
    { id: "body", type: "long_text" },
    { id: "seo", type: "component", component: "seo" },
    ...more,
  ],
});

const admin = new pg.Client({ connectionString: new URL("/postgres", server).toString() });
await admin.connect();
await admin.query(`create database ${name}`);
const endpoint = await listenSql({
  backend: postgresBackend({ host: server.hostname, port: Number(server.port || 5432) }),
});
try {
  await run();
} finally {
  await endpoint.close();
  await admin.query(`drop database ${name} with (force)`);
  await admin.end();
}
process.exit(0);

async function run(): Promise<void> {
  const at = `127.0.0.1:${endpoint.port}/${name}`;
  const ownerUrl = `postgres://${server.username || "postgres"}:${server.password || "x"}@${at}`;
  const appUrl = `postgres://cms_app:benchmarkpassword@${at}`;
  await migrate(ownerUrl, readMigrations());
  await setPassword(ownerUrl, "cms_app", "benchmarkpassword");
  const scope = await provisionTenant(connect(ownerUrl), {
    slug: "bench",
    name: "bench",
    hosts: ["bench.example.com"],
  });
  const newContext = () => contextOf(appUrl, scope);
  await createComponent(newContext(), { definition: seo("title", "note") });
  await createType(newContext(), { definition: article("name") });
  await createType(newContext(), { definition: { id: "other", name: "Other", fields: [text("title")] } });
  const owner = new pg.Client({ connectionString: new URL(`/${name}`, server).toString() });
  await owner.connect();
  const since = performance.now();
  await seedArticles(owner, scope, entries);
  await owner.end();
  console.log(`${entries} entries, published, made in ${seconds(since)}`);
  const put = (definition: object) =>
    putType(newContext(), { id: "article", definition, allowDataLoss: false });

  await measured("rename a field", newContext, () =>
    put({ ...article("title"), renames: { name: "title" } }),
  );
  const moved = article("title");
  moved.fields[0] = { id: "head", type: "component", fields: [text("title")] };
  await measured("move it into a new component", newContext, () =>
    put({ ...moved, renames: { title: "head.title" } }),
  );
  await measured("move it back", newContext, () =>
    put({ ...article("title"), renames: { "head.title": "title" } }),
  );
  await measured("rename a field of a component", newContext, () =>
    putComponent(newContext(), {
      id: "seo",
      definition: { ...seo("heading", "note"), renames: { title: "heading" } },
      allowDataLoss: false,
      dryRun: false,
    }),
  );
  await measured("integers become decimals", newContext, () =>
    put(article("title", [], { type: "decimal", scale: 2 })),
  );
  await measured("an optional field more", newContext, () =>
    put(article("title", [text("extra")], { type: "decimal", scale: 2 })),
  );
  type = "story";
  await measured("rename the type", newContext, () =>
    putType(newContext(), {
      id: "story",
      definition: { ...article("title", [text("extra")], { type: "decimal", scale: 2 }), id: "story" },
      from: "article",
      allowDataLoss: false,
    }),
  );
  const decimal = { type: "decimal", scale: 2 };
  const localized = { ...article("title", [text("extra")], decimal), id: "story" };
  localized.fields[0] = text("title", { localized: true });
  await measured("a field becomes localised", newContext, () =>
    putType(newContext(), {
      id: "story",
      definition: localized,
      allowDataLoss: false,
      localize: "default",
    }),
  );
  const rebuilt = performance.now();
  for (let after: string | undefined = ""; after !== undefined;)
    after = (await rebuildReadModel(newContext(), { type, after })).next;
  console.log(`rebuild of the read model: ${seconds(rebuilt)}`);
}

/** Runs a change with a reader of what is published, two writers of the type and two of another one. */
async function measured(
  what: string,
  newContext: () => ReturnType<typeof contextOf>,
  change: () => Promise<unknown>,
) {
  const state = { isRunning: true };
  const longest = { read: 0, write: 0, other: 0 };
  const failed = new Map<string, number>();
  const counts = { written: 0 };
  const keepOn = async (kind: keyof typeof longest, work: () => Promise<unknown>) => {
    while (state.isRunning) {
      const since = performance.now();
      await work().catch((error: { reason?: string }) => {
        const what = `${kind}: ${error.reason ?? String(error)}`;
        failed.set(what, (failed.get(what) ?? 0) + 1);
      });
      longest[kind] = Math.max(longest[kind], performance.now() - since);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const query = parseListQuery(new URLSearchParams("perspective=published&limit=10"));
  const write = async () => {
    const body = { code: crypto.randomUUID() };
    await createEntry(newContext(), { type, body });
    counts.written++;
  };
  const writeOther = () => createEntry(newContext(), { type: "other", body: { title: "t" } });
  const others = [
    keepOn("read", () => listEntries(newContext(), { type, query })),
    ...[1, 2].map(() => keepOn("write", write)),
    ...[1, 2].map(() => keepOn("other", writeOther)),
  ];
  const since = performance.now();
  const outcome = await change().then(
    () => "done",
    (error: { reason?: string }) => `refused: ${error.reason ?? String(error)}`,
  );
  const took = seconds(since);
  state.isRunning = false;
  await Promise.all(others);
  const ms = (one: number) => `${Math.round(one)} ms`;
  console.log(
    `${what}: ${outcome} in ${took}; longest read ${ms(longest.read)}, write of the type ${ms(longest.write)} (${counts.written} done), of another one ${ms(longest.other)}${failed.size > 0 ? `; failed: ${[...failed].map((one) => one.join(" × ")).join(", ")}` : ""}`,
  );
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
