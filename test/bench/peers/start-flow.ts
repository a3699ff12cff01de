import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { startStack } from "../../../src/dev/stack.ts";
import { connect } from "../../../src/db/client.ts";
import { rebuildReadModel } from "../../../src/domain/content/entries/index.ts";
import { createType } from "../../../src/domain/content/types/index.ts";
import { contextOf } from "../../support/system-context.ts";
import type { Peer } from "./peer.ts";
import { postOf } from "./post-of.ts";

/** FlowCMS in a process of its own, so that only its work is counted; it says where it is. */
const AUTHORS = 20;
const POSTS = 10_000;
const databaseUrl = process.env["DATABASE_URL"]!;
const dataDir = mkdtempSync(join(tmpdir(), "flow-peers-"));
const vars = { RATE_LIMIT_PER_MINUTE: "100000000" };
const stack = await startStack({ dataDir, port: 0, databaseUrl, isQuiet: true, vars });
const tenant = await stack.newTenant(`peers-${crypto.randomUUID().slice(0, 8)}`, "Peers");
const ctx = contextOf(stack.databases.appUrl, tenant);
const title = { id: "title", type: "short_text", required: true };
const slug = { id: "slug", type: "slug", required: true };
const price = { id: "price", type: "number" };
const body = { id: "body", type: "long_text" };
const author = { id: "author", type: "reference", to: ["author"] };
await createType(ctx, { definition: { id: "author", name: "Author", fields: [title] } });
await createType(ctx, {
  definition: { id: "post", name: "Post", fields: [title, slug, price, body, author] },
});
await publishAll("author", AUTHORS, (n) => ({ title: `Author ${n}` }));
await publishAll("post", POSTS, (n) => ({ ...postOf(n), author: idOf("author", 1 + (n % AUTHORS)) }));
await connect(stack.databases.ownerUrl).query("analyze");

const self: Peer = {
  name: "FlowCMS",
  adapter: "flowcms",
  url: stack.url,
  authorization: `Bearer ${tenant.tokens.write}`,
  // With `Cache-Control: no-cache` nothing is taken from the cache, which only who may write can ask for.
  readAuthorization: `Bearer ${tenant.tokens.write}`,
  author: idOf("author", 1),
  pids: [process.pid],
  database: new URL(databaseUrl).pathname.slice(1),
};
if (process.send) process.send(self);
else console.log(JSON.stringify(self));
process.once("disconnect", stop).once("SIGTERM", stop);

async function stop(): Promise<void> {
  await stack.close();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Writes published entries in bulk and has the product render and index them. */
async function publishAll(type: string, count: number, dataOf: (n: number) => object): Promise<void> {
  const mine = sql`${tenant.tenantId}::uuid, ${tenant.environmentId}::uuid`;
  for (let from = 1; from <= count; from += 1000) {
    const size = Math.min(1000, count - from + 1);
    const entries = Array.from({ length: size }, (_, i) => [idOf(type, from + i), dataOf(from + i)]);
    const rows = sql`jsonb_array_elements(${JSON.stringify(entries)}::jsonb) with ordinality as rows(entry, n)`;
    await ctx.db.run([
      sql`insert into entries (tenant_id, environment_id, id, type, published_version, published_at, data,
        created_by, updated_by)
        select ${mine}, entry->>0, ${type}, 1, now() - make_interval(secs => n), entry->1, 'bench', 'bench' from ${rows}`,
      sql`insert into entry_versions (tenant_id, environment_id, entry_id, version, type, data, created_by)
        select ${mine}, entry->>0, 1, ${type}, entry->1, 'bench' from ${rows}`,
    ]);
  }
  for (let after: string | undefined = ""; after !== undefined;)
    after = (await rebuildReadModel(ctx, { type, after })).next;
}

function idOf(type: string, n: number): string {
  return `cnt_01${type === "author" ? "jb" : "jd"}${String(n).padStart(22, "0")}`;
}
