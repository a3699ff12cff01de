import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IdentityContext } from "../../src/core/identity-context.ts";
import { connect } from "../../src/db/client.ts";
import {
  claimTenant,
  deleteAccount,
  issueSetupCode,
  joinTenant,
  setUpTenant,
} from "../../src/domain/identity/members/index.ts";
import {
  addDomain,
  listDomains,
  removeDomain,
  verifyDomain,
} from "../../src/domain/identity/members/domains.ts";
import { createInvitation } from "../../src/domain/identity/members/invitations.ts";
import { readSession, type Person } from "../../src/domain/identity/people/index.ts";
import { createUser } from "../../src/domain/identity/scim/users.ts";
import { findPostgres, openPostgres, outcomes, type RealPostgres } from "../support/postgres.ts";

const isReachable = await findPostgres();
const PASSWORD = "correct horse battery";

describe.runIf(isReachable)("what no key of one tenant can hold, on a real Postgres:", () => {
  let postgres: RealPostgres;
  beforeAll(async () => {
    postgres = await openPostgres();
  });
  afterAll(() => postgres.close());

  type Tried = IdentityContext & { letters: { text: string }[] };
  const newTenant = async (): Promise<Tried> => postgres.identityOf(await postgres.newContext());
  const asOwner = (text: string, params: unknown[] = []) => connect(postgres.ownerUrl).query(text, params);
  const newCode = async (ctx: Tried) => {
    const code = crypto.randomUUID();
    await issueSetupCode(connect(postgres.ownerUrl), ctx.tenantId, code);
    return code;
  };

  /** Somebody whose tenant would not be left without an owner by their going. */
  async function newPerson(domain = "example.com"): Promise<{ ctx: Tried; person: Person }> {
    const ctx = await newTenant();
    const email = `goer-${crypto.randomUUID().slice(0, 8)}@${domain}`;
    const owner = { code: await newCode(ctx), email, name: "Gerda", password: PASSWORD };
    const { token } = await setUpTenant(ctx, { owner });
    const person = (await readSession(ctx, token))!;
    await asOwner(
      "insert into members (tenant_id, person_id, email, roles, source, created_by) values ($1, 'usr_other', 'other', '{owner}', 'invitation', 'test')",
      [ctx.tenantId],
    );
    await asOwner("insert into people (id, email) values ('usr_other', 'other') on conflict do nothing");
    return { ctx, person };
  }

  const strays = async () =>
    (
      await asOwner(`select (select count(*)::int from members where person_id not in (select id from people)),
        (select count(*)::int from sso_identities where person_id not in (select id from people))`)
    ).rows[0];

  it("an account that goes takes its memberships and identities along, in tenants that it had left as well", async () => {
    const { ctx, person } = await newPerson();
    const [other, left] = [await newTenant(), await newTenant()];
    await asOwner(
      "insert into members (tenant_id, person_id, email, roles, source, created_by) values ($1, $2, 'x', '{viewer}', 'sso', 'test')",
      [other.tenantId, person.id],
    );
    for (const { tenantId } of [ctx, other, left]) {
      await asOwner(
        "insert into sso_connections (tenant_id, id, type, name, config, created_by) values ($1, 'sso_1', 'saml', 'I', '{}', 'test')",
        [tenantId],
      );
      await asOwner(
        "insert into sso_identities (tenant_id, connection_id, issuer, subject, person_id) values ($1, 'sso_1', 'i', $2, $3), ($1, 'sso_1', 'i', 'o', 'usr_other')",
        [tenantId, person.email, person.id],
      );
    }
    await deleteAccount(ctx, person, { email: person.email, current: PASSWORD });
    const { rows } = await asOwner(
      "select (select count(*)::int from members where person_id = $1), (select count(*)::int from sso_identities where person_id = $1), (select count(*)::int from sso_identities)",
      [person.id],
    );
    expect(rows[0]).toEqual([0, 0, 3]);
  });

  it("an account that goes leaves no membership behind that is made meanwhile, ten times over each way", async () => {
    const domain = `${crypto.randomUUID()}.example`;
    for (let round = 0; round < 10; round++) {
      const { ctx, person } = await newPerson(domain);
      await asOwner("update people set email_verified_at = now() where id = $1", [person.id]);
      const [inviting, setUp, provisioning] = [await newTenant(), await newTenant(), await newTenant()];
      await createInvitation(inviting, { invitation: { email: person.email, roles: ["viewer"] } });
      const token = /token=(\w+)/.exec(inviting.letters[0]!.text)![1]!;
      const code = await newCode(setUp);
      await asOwner(
        "insert into domains (tenant_id, domain, challenge, verified_at, created_by) values ($1, $2, 'x', now(), 'test')",
        [provisioning.tenantId, domain],
      );
      const provisioned = createUser(provisioning, {
        user: {
          schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
          userName: person.email,
          name: { formatted: "Gerda" },
        },
      });
      const { reasons } = await outcomes([
        joinTenant(inviting, person, { token }),
        claimTenant(setUp, person, { code }),
        provisioned,
        deleteAccount(ctx, person, { email: person.email, current: PASSWORD }),
      ]);
      // Whoever claims a tenant first is its only owner, and stays.
      expect([...reasons].filter((code) => code !== "INVALID" && code !== "CONFLICT")).toEqual([]);
      expect(await strays()).toEqual([0, 0]);
    }
  });

  it("a domain goes to one of the tenants that prove it at once, and to another once it is given up", async () => {
    const domain = `${crypto.randomUUID()}.example`;
    const tried = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const ctx = await newTenant();
        const { record } = await addDomain(ctx, { domain: { domain, serves: false } });
        return { ...ctx, dns: { txt: async () => [record.value], addresses: async () => [] } } as Tried;
      }),
    );
    const tries = tried.map((ctx) => verifyDomain(ctx, { domain }));
    expect(await outcomes(tries)).toEqual({ won: 1, reasons: new Set(["CONFLICT"]) });
    const isVerified = await Promise.all(tried.map(async (ctx) => (await listDomains(ctx))[0]!.verified));
    const owner = tried[isVerified.indexOf(true)]!;
    const other = tried[isVerified.indexOf(false)]!;
    await expect(verifyDomain(other, { domain })).rejects.toMatchObject({ reason: "domains/taken" });
    await removeDomain(other, { domain });
    await addDomain(other, { domain: { domain, serves: false } });
    await removeDomain(owner, { domain });
    const [again] = await listDomains(other);
    other.dns = { txt: async () => [again!.record.value], addresses: async () => [] };
    expect((await verifyDomain(other, { domain })).verified).toBe(true);
  });
});
