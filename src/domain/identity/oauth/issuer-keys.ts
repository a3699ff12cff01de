import { sql } from "drizzle-orm";
import { exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import { BoundedCache } from "../../../core/bounded-cache.ts";
import { AppError } from "../../../core/errors.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { record } from "../../tenant/events/index.ts";
import { OUTLIVES_TOKENS } from "../../tenant/tenants/index.ts";
import type { IssuerKey } from "./schemas.ts";

export const ALGORITHM = "ES256";
const PURPOSE = "issuer-key";
/** How long a key must have been published before it signs, so that every cache of the JWKS has it. */
const PUBLISHED_HOURS = 24;
const REMEMBER_MS = 60_000;
const KEY_BYTES = 1024;

type SigningKey = { kid: string; key: CryptoKey };
const remembered = new BoundedCache<SigningKey & { until: number }>(500 * KEY_BYTES);

/** The active signing key; the tenant's first keys are created on first use. */
export async function activeKey(ctx: IdentityContext): Promise<SigningKey> {
  const kept = remembered.get(ctx.tenantId);
  if (kept && kept.until > Date.now()) return kept;
  const read = sql`select kid, sealed_private_key from issuer_keys where tenant_id = ${ctx.tenantId}::uuid
    and state = 'active'`;
  let row = (await ctx.db.read(read)).rows[0];
  if (!row) {
    const [active, next] = await Promise.all([newKey(ctx), newKey(ctx)]);
    await ctx.db.run([
      sql`insert into issuer_keys (tenant_id, kid, alg, public_jwk, sealed_private_key, state, active_at)
        values (${ctx.tenantId}::uuid, ${active.kid}, ${ALGORITHM}, ${active.jwk}::jsonb, ${active.sealed},
          'active', now()),
          (${ctx.tenantId}::uuid, ${next.kid}, ${ALGORITHM}, ${next.jwk}::jsonb, ${next.sealed}, 'next',
            null)
        on conflict do nothing`,
    ]);
    ctx.changed.snapshot = true;
    row = (await ctx.db.read(read)).rows[0]!;
  }
  const [kid, sealed] = row as [string, string];
  const jwk = JSON.parse(await ctx.vault.open(ctx.tenantId, PURPOSE, sealed)) as JWK;
  const found = { kid, key: (await importJWK(jwk, ALGORITHM)) as CryptoKey, until: Date.now() + REMEMBER_MS };
  remembered.set(ctx.tenantId, found, KEY_BYTES);
  return found;
}

/** The public keys: those that sign, will sign, or signed what has not expired yet. */
export async function publicKeys(ctx: IdentityContext): Promise<JWK[]> {
  const { rows } = await ctx.db
    .read(sql`select kid, alg, public_jwk from issuer_keys where tenant_id = ${ctx.tenantId}::uuid
    and (state <> 'retired' or retired_at > now() - ${OUTLIVES_TOKENS}) order by created_at, kid`);
  return rows.map(([kid, alg, jwk]) => ({
    ...(jwk as JWK),
    kid: kid as string,
    alg: alg as string,
    use: "sig",
  }));
}

/** The tenant's issuer keys with their states, the newest last. */
export async function listIssuerKeys(ctx: IdentityContext): Promise<IssuerKey[]> {
  const { rows } = await ctx.db
    .read(sql`select kid, alg, state, cms_iso(created_at), cms_iso(active_at), cms_iso(retired_at)
    from issuer_keys where tenant_id = ${ctx.tenantId}::uuid order by created_at, kid`);
  return rows.map(([kid, alg, state, created_at, active_at, retired_at]) => ({
    kid,
    alg,
    state,
    created_at,
    active_at,
    retired_at,
  })) as IssuerKey[];
}

/**
 * Activates the next key, retires the active one, and publishes a new next one. Throws CONFLICT
 * `oauth/key-too-young` when the next key was published less than a day ago, unless `isForced`: for an
 * active key that may have leaked.
 */
export async function rotateIssuerKeys(
  ctx: IdentityContext,
  input: { isForced: boolean },
): Promise<IssuerKey[]> {
  await activeKey(ctx);
  const fresh = await newKey(ctx);
  const isOld = sql`(${String(input.isForced)}::boolean
    or created_at < now() - make_interval(hours => ${PUBLISHED_HOURS}::int))`;
  const { results } = await ctx.db.run([
    sql`select kid from issuer_keys where tenant_id = ${ctx.tenantId}::uuid and state = 'next'
      and ${isOld} for update`,
    sql`update issuer_keys set state = 'retired', retired_at = now() where tenant_id = ${ctx.tenantId}::uuid
      and state = 'active'
      and exists (select 1 from issuer_keys where tenant_id = ${ctx.tenantId}::uuid and state = 'next'
      and ${isOld})`,
    sql`update issuer_keys set state = 'active', active_at = now() where tenant_id = ${ctx.tenantId}::uuid
      and state = 'next' and ${isOld}`,
    sql`with saved as (insert into issuer_keys (tenant_id, kid, alg, public_jwk, sealed_private_key, state)
        select ${ctx.tenantId}::uuid, ${fresh.kid}, ${ALGORITHM}, ${fresh.jwk}::jsonb, ${fresh.sealed},
          'next'
        where not exists (select 1 from issuer_keys where tenant_id = ${ctx.tenantId}::uuid
        and state = 'next') returning *),
      ${record(ctx, {
        event: "key.rotated",
        from: sql`saved`,
        subject: sql`'key:' || saved.kid`,
        payload: sql`jsonb_build_object('id', saved.kid)`,
      })}
      select (select id::text from event_row)`,
  ]);
  remembered.delete(ctx.tenantId);
  const outboxId = results[3]![0]![0] as string | null;
  if (results[0]!.length === 0 || outboxId === null)
    throw new AppError(
      "CONFLICT",
      "oauth/key-too-young",
      `The next key must be published for ${PUBLISHED_HOURS} hours before it signs: wait, or use force.`,
    );
  ctx.outbox.poke(ctx.tenantId, [outboxId]);
  return listIssuerKeys(ctx);
}

async function newKey(ctx: IdentityContext) {
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const kid = `k-${crypto.randomUUID()}`;
  const secret = JSON.stringify(await exportJWK(privateKey));
  return {
    kid,
    jwk: JSON.stringify(await exportJWK(publicKey)),
    sealed: await ctx.vault.seal(ctx.tenantId, PURPOSE, secret),
  };
}
