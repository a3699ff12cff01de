import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../src/core/context.ts";
import { connect } from "../../src/db/client.ts";
import { createEntry, publishEntry, updateEntry } from "../../src/domain/content/entries/index.ts";
import { createPolicy } from "../../src/domain/content/policies/policies.ts";
import { createRole } from "../../src/domain/content/policies/roles.ts";
import { readSnapshot } from "../../src/domain/tenant/tenants/index.ts";
import { findPostgres, openPostgres, type RealPostgres } from "../support/postgres.ts";

const isReachable = await findPostgres();

describe.runIf(isReachable)("grants on a real Postgres", () => {
  let postgres: RealPostgres;
  beforeAll(async () => {
    postgres = await openPostgres();
  });
  afterAll(() => postgres.close());

  const narrowed = (ctx: Context): Context => ({
    ...ctx,
    actor: {
      kind: "token",
      id: "tok_narrow",
      scopes: ["write"],
      grants: [
        { id: "read", effect: "allow", actions: ["content:read-draft"] },
        {
          id: "open",
          effect: "allow",
          actions: ["content:write", "content:publish"],
          conditions: { title: { starts_with: "open" } },
        },
      ],
    },
  });

  it("let no write through that began before the entry went out of reach", async () => {
    const ctx = await postgres.newContext();
    const mine = narrowed(ctx);
    const {
      entry: { id },
    } = await createEntry(ctx, { type: "note", body: { title: "open" } });
    const settled = await Promise.allSettled(
      Array.from({ length: 120 }, (_, i) =>
        i % 3 === 0
          ? updateEntry(ctx, { type: "note", id, body: { title: i % 2 ? "open" : "closed" } })
          : i % 3 === 1
            ? updateEntry(mine, { type: "note", id, body: { slug: `s-${i}` } })
            : publishEntry(mine, { id }),
      ),
    );
    const reasons = settled.flatMap((one) => (one.status === "rejected" ? [one.reason.reason] : []));
    expect(
      reasons.every(
        (one) =>
          one === "access/not-granted" ||
          one === "content/version-conflict" ||
          one === "content/already-published",
      ),
      [...new Set(reasons)].join(),
    ).toBe(true);
    expect(settled.filter((one) => one.status === "fulfilled").length).toBeGreaterThan(40);
    const versions = (
      await ctx.db.run([
        sql`select version, data ->> 'title', created_by from entry_versions where entry_id = ${id}
          order by version`,
      ])
    ).results[0]!;
    const own = versions.filter(([, , by]) => by === "tok_narrow");
    expect(own.length).toBeGreaterThan(0);
    for (const [version, title] of own) {
      expect(title, `version ${version as number}`).toBe("open");
      const before = versions.find(([one]) => one === (version as number) - 1)!;
      expect(before[1], `before version ${version as number}`).toBe("open");
    }
  });

  it("keep roles and policies behind the tenant's wall, and bring them to the edge", async () => {
    const [own, other] = [await postgres.newContext(), await postgres.newContext()];
    const policy = await createPolicy(own, {
      name: "P",
      grants: [{ effect: "allow", actions: ["content:read"] }],
    });
    await createRole(own, { name: "reader", policies: [policy.id] });
    await expect(createRole(other, { name: "thief", policies: [policy.id] })).rejects.toMatchObject({
      reason: "access/invalid-role",
    });
    for (const table of ["policies", "roles", "role_policies"]) {
      const count = async (ctx: Context) =>
        (await ctx.db.run([sql`select count(*)::int from ${sql.raw(table)}`])).results[0]![0]![0];
      expect([table, await count(own), await count(other)]).toEqual([table, 1, 0]);
    }
    const snapshot = await readSnapshot(connect(postgres.appUrl), own.tenantId);
    expect(snapshot!.roles).toEqual([{ name: "reader", policies: [policy.id] }]);
    expect(snapshot!.policies?.[policy.id]).toMatchObject([{ id: "grant-1", effect: "allow" }]);
  });
});
