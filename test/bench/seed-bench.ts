import { sql } from "drizzle-orm";
import { connect, runBatch } from "../../src/db/client.ts";
import type { Stack } from "../../src/dev/stack.ts";
import { rebuildReadModel } from "../../src/domain/content/entries/index.ts";
import { indexEntries } from "../../src/domain/content/search/index.ts";
import { createType } from "../../src/domain/content/types/index.ts";
import { newRandom } from "../support/random.ts";
import { contextOf } from "../support/system-context.ts";
import { bodyText, titleText } from "./text.ts";

const TYPE = {
  id: "bench",
  name: "Bench",
  fields: [
    { id: "title", type: "short_text", required: true },
    { id: "slug", type: "slug" },
    { id: "price", type: "number" },
    { id: "body", type: "long_text" },
  ],
};
const AT_ONCE = 500;
const BODY_CHARACTERS = 1850;

export type BenchTenant = Awaited<ReturnType<typeof seedBench>>;

/** The fields of an entry of 2 KB, the same for the same number. */
export function fieldsOf(n: number) {
  const random = newRandom(n);
  const title = titleText(random);
  return { title, slug: `entry-${n}`, price: random.below(1000), body: bodyText(random, BODY_CHARACTERS) };
}

const idOf = (n: number) => `cnt_01jd${String(n).padStart(22, "0")}`;

/**
 * A tenant with `count` published entries of 2 KB, written in bulk and then rendered and indexed by the
 * product itself; with it, the tables of what is compared: rows to insert, and texts to search by hand.
 */
export async function seedBench(stack: Stack, count: number) {
  const tenant = await stack.newTenant(`bench-${crypto.randomUUID().slice(0, 8)}`, "Bench");
  const ctx = contextOf(stack.databases.appUrl, tenant);
  await createType(ctx, { definition: TYPE });
  const mine = sql`${tenant.tenantId}::uuid, ${tenant.environmentId}::uuid`;
  for (let from = 1; from <= count; from += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, count - from + 1) }, (_, i) => from + i);
    const rows = JSON.stringify(numbers.map((n) => ({ id: idOf(n), n, data: fieldsOf(n) })));
    const given = sql`jsonb_to_recordset(${rows}::jsonb) as given(id text, n int, data jsonb)`;
    await ctx.db.run([
      sql`insert into entries (tenant_id, environment_id, id, type, published_version, published_at, data,
        created_by, updated_by)
        select ${mine}, id, 'bench', 1, now() - make_interval(secs => n), data, 'bench', 'bench'
        from ${given}`,
      sql`insert into entry_versions (tenant_id, environment_id, entry_id, version, type, data, created_by)
        select ${mine}, id, 1, 'bench', data, 'bench' from ${given}`,
    ]);
  }
  for (let after: string | undefined = ""; after !== undefined;) {
    const { ids, next } = await rebuildReadModel(ctx, { type: "bench", after });
    await indexEntries(ctx, { ids });
    after = next;
  }
  const owner = connect(stack.databases.ownerUrl);
  await runBatch(owner, [
    sql`select set_config('app.tenant_id', ${tenant.tenantId}, true)`,
    sql`create table if not exists bench_rows (tenant_id uuid, id text, data jsonb, primary key (tenant_id, id))`,
    sql`create table if not exists bench_texts (tenant_id uuid, entry_id text collate "C", document tsvector,
      primary key (tenant_id, entry_id))`,
    sql`create index if not exists bench_texts_document on bench_texts using gin (document)`,
    sql`insert into bench_texts select tenant_id, entry_id, to_tsvector('simple', doc) from published_entries
      where tenant_id = ${tenant.tenantId}::uuid and type = 'bench'`,
    sql`grant select, insert on bench_rows, bench_texts to cms_app`,
  ]);
  await owner.query("vacuum analyze").catch(() => owner.query("analyze"));
  return { ...tenant, count, idOf };
}
