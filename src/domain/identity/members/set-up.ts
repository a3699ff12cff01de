import { sql } from "drizzle-orm";
import * as z from "zod";
import { EmailAddress } from "../../../core/email-address.ts";
import { invalid } from "../../../core/errors.ts";
import { newId } from "../../../core/ids.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { parseInput } from "../../../core/parse-input.ts";
import { hashSecret } from "../../../core/tokens.ts";
import { runBatch, type DatabaseClient } from "../../../db/client.ts";
import { asPerson, auditPerson } from "../../tenant/events/index.ts";
import {
  aliveCte,
  PersonName,
  requireGoodPassword,
  requireOwnSession,
  sessionCte,
  type OpenedSession,
  type Person,
} from "../people/index.ts";

export const FirstOwner = z.strictObject({
  code: z.string().max(100),
  email: EmailAddress,
  name: PersonName,
  password: z.string(),
});

/**
 * Makes a tenant's first owner, who is signed in at once. `code` was shown where the tenant was made
 * and works once. Throws INVALID `identity/wrong-setup-code` for any other, and for a person who
 * exists: they sign in and are invited instead.
 */
export async function setUpTenant(ctx: IdentityContext, input: { owner: unknown }): Promise<OpenedSession> {
  const wanted = parseInput(
    FirstOwner,
    input.owner,
    "identity/invalid-owner",
    "The form has invalid values.",
  );
  requireGoodPassword(wanted.password, wanted.email);
  const codeHash = await hashSecret(wanted.code.trim());
  const { rows } = await ctx.db.read(
    sql`select 1 from tenant_setups where tenant_id = ${ctx.tenantId}::uuid and code_hash = ${codeHash}
      and used_at is null`,
  );
  if (rows.length === 0) throw wrongCode();
  const passwordHash = await ctx.passwords.hash(wanted.password);
  const id = newId("usr", ctx.now().getTime());
  const { cte, opened } = await sessionCte(ctx, { from: sql`joined`, amr: ["pwd"] });
  const { results } = await ctx.db.run([
    asPerson(sql`${id}::text`),
    sql`with opened as (update tenant_setups set used_at = now()
        where tenant_id = ${ctx.tenantId}::uuid and code_hash = ${codeHash} and used_at is null
        returning tenant_id),
      person as (insert into people (id, email, name, password_hash, password_changed_at)
        select ${id}, ${wanted.email}, ${wanted.name}, ${passwordHash}, now() from opened
        returning id, email, name),
      joined as (insert into members (tenant_id, person_id, email, name, roles, source, created_by)
        select ${ctx.tenantId}::uuid, id, email, name, array['owner'], 'first', id from person
        returning person_id),
      ${cte} select id from session`,
    auditSetUp(ctx, id),
  ]);
  if (results[1]!.length === 0) throw wrongCode();
  return opened;
}

/** Makes who is signed in the tenant's first owner. Throws INVALID `identity/wrong-setup-code`. */
export async function claimTenant(
  ctx: IdentityContext,
  person: Person,
  input: { code: string },
): Promise<void> {
  requireOwnSession(person);
  const codeHash = await hashSecret(input.code.trim());
  const { results } = await ctx.db.run([
    asPerson(sql`${person.id}::text`),
    sql`with ${aliveCte(person.id)}, opened as (update tenant_setups set used_at = now()
        where tenant_id = ${ctx.tenantId}::uuid and code_hash = ${codeHash} and used_at is null
        and exists (select 1 from alive) returning tenant_id),
      joined as (insert into members as known (tenant_id, person_id, email, name, roles, source, created_by)
        select ${ctx.tenantId}::uuid, ${person.id}, ${person.email}, ${person.name}, array['owner'],
          'first', ${person.id} from opened
        on conflict (tenant_id, person_id) do update set roles = array_append(known.roles, 'owner')
        returning person_id)
      select person_id from joined`,
    auditSetUp(ctx, person.id),
  ]);
  if (results[1]!.length === 0) throw wrongCode();
}

/** In its own statement, since the membership must exist before the tenant is notified. */
const auditSetUp = (ctx: IdentityContext, personId: string) =>
  sql`with joined as (select person_id from members where tenant_id = ${ctx.tenantId}::uuid
    and person_id = ${personId} and 'owner' = any (roles))
    , ${auditPerson(ctx, { event: "tenant.set_up", from: sql`joined`, person: sql`joined.person_id` })}
      select 1`;

/** Whether the tenant still waits for its first owner. */
export async function isWaitingForOwner(ctx: IdentityContext): Promise<boolean> {
  const { rows } = await ctx.db.read(
    sql`select 1 from tenant_setups where tenant_id = ${ctx.tenantId}::uuid and used_at is null`,
  );
  return rows.length > 0;
}

/**
 * Lets `code` set up a tenant without an owner; false when it has one. Only the hash is stored. Needs
 * the database owner's rights, as provisioning does.
 */
export async function issueSetupCode(
  owner: DatabaseClient,
  tenantId: string,
  code: string,
): Promise<boolean> {
  const hash = await hashSecret(code);
  const [, rows] = await runBatch(owner, [
    sql`select set_config('app.tenant_id', ${tenantId}, true)`,
    sql`insert into tenant_setups (tenant_id, code_hash) select ${tenantId}::uuid, ${hash}
      where not exists (select 1 from members where tenant_id = ${tenantId}::uuid and 'owner' = any (roles))
      on conflict (tenant_id) do update set code_hash = excluded.code_hash, created_at = now(),
        used_at = null returning tenant_id`,
  ]);
  return rows!.length > 0;
}

const wrongCode = () =>
  invalid("identity/wrong-setup-code", "The set-up code is wrong or was already used.", [
    { path: "code", message: "must be the code that was shown when the tenant was created" },
  ]);
