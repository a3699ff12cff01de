import { sql } from "drizzle-orm";
import * as z from "zod";
import type { Context } from "../../core/context.ts";
import { AppError, notFound, overQuota } from "../../core/errors.ts";
import { parseInput } from "../../core/parse-input.ts";
import { requirePermission } from "../../core/permissions.ts";
import { mayChangeOwners } from "./given-roles.ts";
import { record } from "../events/index.ts";
import { lockQuota } from "../tenants/index.ts";

const Base64Url = z
  .string()
  .regex(/^[\w-]+$/)
  .max(2000);
const Public = z.discriminatedUnion("kty", [
  z.strictObject({ kty: z.literal("EC"), crv: z.literal("P-256"), x: Base64Url, y: Base64Url }),
  z.strictObject({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: Base64Url }),
  z.strictObject({
    kty: z.literal("RSA"),
    n: Base64Url.min(340, "must be 2,048 bits or more"),
    e: Base64Url,
  }),
]);
const ALGORITHM = { EC: "ES256", OKP: "EdDSA", RSA: "RS256" } as const;

/** Named as the keys are that IDENTITY signs with: what is signed with one of those is never the tenant's own. */
const OURS = /^k-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
export const NewKey = z.strictObject({
  kid: z
    .string()
    .regex(/^[\w.-]{1,100}$/)
    .refine((kid) => !OURS.test(kid), "must not be named as the keys of the tenant's own issuer are"),
  jwk: Public,
});
/** How many keys a tenant trusts: its snapshot holds them all. */
const MAX_KEYS = 50;

/** Trusts the JWTs that the holder of this public key signs: `tid` the tenant's uuid, `aud` flowcms, `scope`, `exp`. */
export async function createKey(ctx: Context, input: { key: unknown }) {
  requirePermission(ctx, "keys:write");
  // Whoever holds the key says what they may do, and that they are an owner.
  if (!mayChangeOwners(ctx))
    throw new AppError(
      "FORBIDDEN",
      "access/more-than-yours",
      "A key speaks for whoever its holder says, owners too: only owners trust one.",
    );
  const { kid, jwk } = parseInput(
    NewKey,
    input.key,
    "access/invalid-key",
    "The key is not a public JWK of ours.",
  );
  const alg = ALGORITHM[jwk.kty];
  const isOurs = sql`exists (select 1 from issuer_keys where tenant_id = ${ctx.tenantId}::uuid and kid = ${kid})`;
  const trusted = sql`(select count(*) from signing_keys where tenant_id = ${ctx.tenantId}::uuid and revoked_at is null)`;
  const { results } = await ctx.db.run([
    lockQuota(ctx, "keys"),
    sql`with saved as (insert into signing_keys (tenant_id, kid, alg, public_jwk, created_by)
        select ${ctx.tenantId}::uuid, ${kid}, ${alg}, ${JSON.stringify(jwk)}::jsonb, ${ctx.actor.id} where not ${isOurs} and ${trusted} < ${MAX_KEYS}::int returning *),
      ${record(ctx, { event: "key.created", from: sql`saved`, subject: sql`'key:' || saved.kid`, payload: sql`jsonb_build_object('id', saved.kid)` })}
      select cms_iso(saved.created_at), (select id::text from event_row), ${isOurs} from (select 1) one left join saved on true`,
  ]);
  const [createdAt, outboxId, isTaken] = results[1]![0]!;
  if (isTaken === true)
    throw new AppError(
      "CONFLICT",
      "access/kid-taken",
      "A key of the tenant's own issuer has this kid: choose another.",
    );
  if (outboxId === null) throw overQuota("access/too-many-keys", `A tenant trusts at most ${MAX_KEYS} keys.`);
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  return { kid, alg, jwk, tenant: ctx.tenantId, created_at: createdAt as string };
}

/** The public keys the tenant trusts. */
export async function listKeys(ctx: Context) {
  requirePermission(ctx, "keys:read");
  const { rows } = await ctx.db.read(sql`select kid, alg, public_jwk, cms_iso(created_at) from signing_keys
    where tenant_id = ${ctx.tenantId}::uuid and revoked_at is null order by kid`);
  return rows.map(([kid, alg, jwk, createdAt]) => ({ kid, alg, jwk, created_at: createdAt }));
}

/** Stops trusting a key: its JWTs are refused within ten seconds. */
export async function revokeKey(ctx: Context, input: { kid: string }): Promise<void> {
  requirePermission(ctx, "keys:write");
  const { results } = await ctx.db.run([
    sql`with saved as (update signing_keys set revoked_at = now() where tenant_id = ${ctx.tenantId}::uuid and kid = ${input.kid} and revoked_at is null returning *),
      ${record(ctx, { event: "key.revoked", from: sql`saved`, subject: sql`'key:' || saved.kid`, payload: sql`jsonb_build_object('id', saved.kid)` })}
      select (select id::text from event_row)`,
  ]);
  const outboxId = results[0]![0]![0];
  if (outboxId === null)
    throw notFound("access/no-such-key", `There is no key "${input.kid.slice(0, 100)}" to revoke.`);
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
}
