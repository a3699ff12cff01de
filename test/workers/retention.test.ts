import { sql } from "drizzle-orm";
import { describe, expect, inject, it } from "vitest";
import type { Context, StoragePort } from "../../src/core/context.ts";
import { newRequestId } from "../../src/core/ids.ts";
import { connect, tenantDatabase } from "../../src/db/client.ts";
import { expireKeys } from "../../src/db/idempotency.ts";
import { expireTokens } from "../../src/domain/tenant/access/index.ts";
import { expireFiles } from "../../src/domain/media/assets/index.ts";
import { webhooksPort } from "../../src/platform/webhooks-port.ts";
import { NO_QUOTA } from "../../src/platform/quota/quota-port.ts";
import { putAsset } from "../../src/domain/media/assets/save-asset.ts";
import { expireAuditLog, expireEvents } from "../../src/domain/tenant/events/index.ts";
import { sweepTenants } from "../../src/domain/tenant/tenants/index.ts";
import { asOwner, newTenant, type Tenant } from "../support/tenant.ts";

/** A bucket whose keys can be seen, and that can be made to wait. */
function newBucket() {
  const files = new Map<string, ArrayBuffer>();
  const bucket = { whileDeleting: async () => {} };
  const storage: StoragePort = {
    put: async (key, bytes) => void files.set(key, bytes),
    get: async () => undefined,
    has: async (key) => files.has(key),
    async delete(keys) {
      await bucket.whileDeleting();
      for (const key of keys) files.delete(key);
    },
  };
  return { files, storage, bucket };
}

async function contextOf(tenant: Tenant, storage: StoragePort): Promise<Context> {
  const [environments] = await asOwner(
    tenant,
    sql`select id::text from environments where tenant_id = ${tenant.tenantId}::uuid and is_default`,
  );
  const environmentId = environments![0]![0] as string;
  return {
    tenantId: tenant.tenantId,
    environmentId,
    actor: { kind: "system", id: "test", scopes: ["admin"] },
    requestId: newRequestId(),
    db: tenantDatabase(connect(inject("appUrl")), tenant.tenantId, environmentId),
    outbox: { poke() {}, receipt: () => undefined },
    storage,
    quota: NO_QUOTA,
    webhooks: webhooksPort(undefined, tenant.tenantId, () => {}),
    now: () => new Date(),
    isFrom: () => true,
    waitUntil() {},
  };
}

const upload = (ctx: Context, id: string, text: string) =>
  putAsset(ctx, { id, asset: { file: new File([text], "a.txt", { type: "text/plain" }), facts: {} } });
const idOf = (n: number) => `ast_01jd3f0b6vfs8t4z9c7q2m5n${n}x`;
const age = (tenant: Tenant, interval: string) =>
  asOwner(
    tenant,
    sql`update unused_files set since = now() - ${interval}::interval
      where tenant_id = ${tenant.tenantId}::uuid`,
  );

describe("the bytes of assets", () => {
  it("go 30 days after the last asset that had them, and not while one has them", async () => {
    const tenant = await newTenant();
    const { files, storage } = newBucket();
    const ctx = await contextOf(tenant, storage);
    await upload(ctx, idOf(1), "shared");
    await upload(ctx, idOf(2), "shared");
    await upload(ctx, idOf(3), "replaced");
    await upload(ctx, idOf(3), "replacement");
    await upload(ctx, idOf(4), "comes back");
    expect(files.size).toBe(4);
    const remove = (n: number) => tenant.delete(`/assets/${idOf(n)}`);
    expect((await remove(1)).status).toBe(204);
    expect((await remove(4)).status).toBe(204);
    await age(tenant, "29 days");
    expect(await expireFiles(ctx)).toBe(0);
    await upload(ctx, idOf(4), "comes back");
    await age(tenant, "31 days");
    expect(await expireFiles(ctx)).toBe(1);
    expect(files.size).toBe(3);
    expect((await remove(2)).status).toBe(204);
    await age(tenant, "31 days");
    expect(await expireFiles(ctx)).toBe(1);
    expect(files.size).toBe(2);
    expect(await expireFiles(ctx)).toBe(0);
  });

  it("are there for an asset that comes to have them while they are being deleted", async () => {
    const tenant = await newTenant();
    const { files, storage, bucket } = newBucket();
    const ctx = await contextOf(tenant, storage);
    await upload(ctx, idOf(1), "wanted again");
    await tenant.delete(`/assets/${idOf(1)}`);
    await age(tenant, "31 days");
    let uploaded: Promise<unknown> | undefined;
    bucket.whileDeleting = async () => {
      uploaded = upload(ctx, idOf(2), "wanted again");
      await new Promise((resolve) => setTimeout(resolve, 150));
    };
    expect(await expireFiles(ctx)).toBe(1);
    expect(await uploaded).toMatchObject({ outcome: "created" });
    expect(files.size).toBe(1);
    await age(tenant, "31 days");
    expect(await expireFiles(ctx)).toBe(0);
  });

  it("are deleted the next time where deleting failed", async () => {
    const tenant = await newTenant();
    const { files, storage } = newBucket();
    const ctx = await contextOf(tenant, storage);
    await upload(ctx, idOf(1), "stays for now");
    await tenant.delete(`/assets/${idOf(1)}`);
    await age(tenant, "31 days");
    const broken = { ...storage, delete: () => Promise.reject(new Error("the bucket is away")) };
    await expect(expireFiles({ ...ctx, storage: broken })).rejects.toThrow("away");
    expect(await expireFiles(ctx)).toBe(1);
    expect(files.size).toBe(0);
  });
});

describe("what is kept for a time", () => {
  it("goes after it, and nothing else does", async () => {
    const [tenant, other] = [await newTenant(), await newTenant()];
    const ctx = await contextOf(tenant, newBucket().storage);
    const id = sql`${tenant.tenantId}::uuid`;
    const count = async (table: string) => {
      const [rows] = await asOwner(
        tenant,
        sql`select count(*)::int from ${sql.raw(table)} where tenant_id = ${id}`,
      );
      return rows![0]![0] as number;
    };
    await asOwner(
      tenant,
      sql`insert into audit_log (tenant_id, at, actor_kind, actor_id, action, subject, request_id)
        select ${id}, now() - make_interval(days => days), 'system', 'x', 'test', 'x', 'x'
        from unnest(array[500, 401, 399, 1]) days`,
      sql`insert into outbox (tenant_id, environment_id, event, payload, done_at, failure)
        select ${id}, gen_random_uuid(), 'test', '{}', now() - make_interval(days => days), failure
        from (values (8, null), (6, null), (91, 'x'), (89, 'x')) given (days, failure)`,
      sql`insert into idempotency_keys (tenant_id, key, fingerprint, request_id, created_at)
        values (${id}, 'old', 'x', 'x', now() - interval '25 hours'), (${id}, 'new', 'x', 'x', now())`,
      sql`insert into api_tokens (tenant_id, id, name, scopes, secret_hash, created_by, expires_at,
        revoked_at)
        select ${id}, 'tok_' || n, 'x', '{read}', 'x', 'x', expires_at, revoked_at
        from (values (1, now() - interval '91 days', null), (2, null, now() - interval '91 days'),
          (3, now() - interval '89 days', null), (4, now() + interval '1 day', null)) given (n, expires_at,
            revoked_at)`,
    );
    const tables = ["audit_log", "outbox", "idempotency_keys", "api_tokens"];
    const before = await Promise.all(tables.map(count));
    expect(await expireAuditLog(await contextOf(other, newBucket().storage))).toBe(0);
    expect(await expireAuditLog(ctx)).toBe(2);
    await expireEvents(ctx.db, tenant.tenantId);
    await ctx.db.run([expireKeys(tenant.tenantId)]);
    await expireTokens(ctx);
    const after = await Promise.all(tables.map(count));
    expect(after.map((one, i) => before[i]! - one)).toEqual([2, 2, 1, 2]);
    await expect(ctx.db.run([sql`delete from audit_log where tenant_id = ${id}`])).rejects.toMatchObject({
      reason: "db/forbidden",
    });
  });

  it("is looked for in every tenant once an hour", async () => {
    const client = connect(inject("appUrl"));
    const all = await sweepTenants(client);
    const minutes = await Promise.all(
      Array.from({ length: 60 }, (_, minute) => sweepTenants(client, minute)),
    );
    expect(minutes.flat().toSorted()).toEqual(all.toSorted());
  });
});
