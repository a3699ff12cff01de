import { sql } from "drizzle-orm";
import { connect } from "../../src/db/client.ts";
import type { Stack } from "../../src/dev/stack.ts";
import { rebuildReadModel } from "../../src/domain/content/entries/index.ts";
import { createType } from "../../src/domain/content/types/index.ts";
import { contextOf } from "../support/system-context.ts";

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

export type BenchTenant = Awaited<ReturnType<typeof seedBench>>;

/**
 * A tenant with `count` published entries of 2 KB, written in bulk and then indexed by the product
 * itself.
 */
export async function seedBench(stack: Stack, count: number) {
  const tenant = await stack.newTenant(`bench-${crypto.randomUUID().slice(0, 8)}`, "Bench");
  const ctx = contextOf(stack.databases.appUrl, tenant);
  await createType(ctx, { definition: TYPE });
  const id = sql`'cnt_01jd' || lpad(n::text, 22, '0')`;
  const data = sql`jsonb_build_object('title', 'Entry number ' || n, 'slug', 'entry-' || n, 'price',
    n % 1000, 'body', repeat(md5(n::text), 56))`;
  const mine = sql`${tenant.tenantId}::uuid, ${tenant.environmentId}::uuid`;
  for (let from = 1; from <= count; from += 2500) {
    const numbers = sql`generate_series(${from}::int, ${Math.min(count, from + 2499)}::int) n`;
    await ctx.db.run([
      sql`insert into entries (tenant_id, environment_id, id, type, published_version, published_at, data,
        created_by, updated_by)
        select ${mine}, ${id}, 'bench', 1, now() - make_interval(secs => n), ${data}, 'bench', 'bench'
        from ${numbers}`,
      sql`insert into entry_versions (tenant_id, environment_id, entry_id, version, type, data, created_by)
        select ${mine}, ${id}, 1, 'bench', ${data}, 'bench' from ${numbers}`,
    ]);
  }
  for (let after: string | undefined = ""; after !== undefined;)
    after = (await rebuildReadModel(ctx, { type: "bench", after })).next;
  await connect(stack.databases.ownerUrl).query("analyze");
  return { ...tenant, ctx, idOf: (n: number) => `cnt_01jd${String(n).padStart(22, "0")}` };
}
