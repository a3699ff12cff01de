import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError, notFound, overQuota } from "../../../core/errors.ts";
import { mayChangeOwners } from "./given-roles.ts";
import { record } from "../events/index.ts";
import { lockQuota } from "../tenants/index.ts";
import type { IssuedKey, Key, NewKey } from "./schemas.ts";

const ALGORITHM = { EC: "ES256", OKP: "EdDSA", RSA: "RS256" } as const;

/** How many keys a tenant trusts: its snapshot holds them all. */
const MAX_KEYS = 50;

/**
 * Trusts the JWTs that the holder of this public key signs: `tid` the tenant's uuid, `aud` flowcms,
 * `scope`, `exp`.
 */
export async function createKey(ctx: Context, { kid, jwk }: NewKey): Promise<IssuedKey> {
  // Whoever holds the key says what they may do, and that they are an owner.
  if (!mayChangeOwners(ctx))
    throw new AppError(
      "FORBIDDEN",
      "access/more-than-yours",
      "The holder of a key can act as anyone, also as owner: only owners can trust a key.",
    );
  const alg = ALGORITHM[jwk.kty];
  const isOurs = sql`exists (select 1 from issuer_keys where tenant_id = ${ctx.tenantId}::uuid and kid = ${kid})`;
  const trusted = sql`(select count(*) from signing_keys
    where tenant_id = ${ctx.tenantId}::uuid and revoked_at is null)`;
  const { results } = await ctx.db.run([
    lockQuota(ctx, "keys"),
    sql`with saved as (insert into signing_keys (tenant_id, kid, alg, public_jwk, created_by)
        select ${ctx.tenantId}::uuid, ${kid}, ${alg}, ${JSON.stringify(jwk)}::jsonb, ${ctx.actor.id}
        where not ${isOurs} and ${trusted} < ${MAX_KEYS}::int returning *),
      ${record(ctx, {
        event: "key.created",
        from: sql`saved`,
        subject: sql`'key:' || saved.kid`,
        payload: sql`jsonb_build_object('id', saved.kid)`,
      })}
      select cms_iso(saved.created_at), (select id::text from event_row), ${isOurs} from (select 1) one left
      join saved on true`,
  ]);
  const [createdAt, outboxId, isTaken] = results[1]![0]!;
  if (isTaken === true)
    throw new AppError(
      "CONFLICT",
      "access/kid-taken",
      "A key of the tenant's own issuer has this kid: choose another.",
      { details: [{ path: "kid", message: "is taken" }] },
    );
  if (outboxId === null)
    throw overQuota("access/too-many-keys", `A tenant can trust at most ${MAX_KEYS} keys.`);
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  return { kid, alg, jwk, tenant: ctx.tenantId, created_at: createdAt as string };
}

/** The public keys the tenant trusts. */
export async function listKeys(ctx: Context): Promise<Key[]> {
  const { rows } = await ctx.db.read(sql`select kid, alg, public_jwk, cms_iso(created_at) from signing_keys
    where tenant_id = ${ctx.tenantId}::uuid and revoked_at is null order by kid`);
  return rows.map(([kid, alg, jwk, createdAt]) => ({
    kid: kid as string,
    alg: alg as Key["alg"],
    jwk: jwk as Key["jwk"],
    created_at: createdAt as string,
  }));
}

/** Stops trusting a key: its JWTs are refused within ten seconds. */
export async function revokeKey(ctx: Context, input: { kid: string }): Promise<void> {
  const { results } = await ctx.db.run([
    sql`with saved as (update signing_keys set revoked_at = now() where tenant_id = ${ctx.tenantId}::uuid
      and kid = ${input.kid} and revoked_at is null returning *),
      ${record(ctx, {
        event: "key.revoked",
        from: sql`saved`,
        subject: sql`'key:' || saved.kid`,
        payload: sql`jsonb_build_object('id', saved.kid)`,
      })}
      select (select id::text from event_row)`,
  ]);
  const outboxId = results[0]![0]![0];
  if (outboxId === null)
    throw notFound("access/no-such-key", `There is no key "${input.kid.slice(0, 100)}" to revoke.`);
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
}
