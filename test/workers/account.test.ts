import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { joinedMember, linkTo, newVisitor, type Visitor } from "../support/person.ts";
import { asOwner } from "../support/sso.ts";

import { newTenant, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;

beforeAll(async () => {
  tenant = await newTenant();
});

type Noted = { action: string; subject: string; meta: object };
const auditOf = async (id: string, action: string, of = tenant): Promise<Noted[]> =>
  (await of.get("/audit-logs?limit=100")).body.data.filter(
    (row: Noted) => row.action === action && row.subject === `person:${id}`,
  );
const tokenOf = (link: string) => new URL(link).searchParams.get("token")!;
type Joined = Awaited<ReturnType<typeof joinedMember>>;

/** The same person as a member of another tenant, and as a visitor there. */
async function alsoIn(other: Tenant, member: Joined, roles: string[]): Promise<Visitor> {
  await other.post("/invitations", { email: member.email, roles });
  const there = newVisitor(other);
  for (const [name, value] of member.cookies) there.cookies.set(name, value);
  const token = tokenOf(await linkTo(member.email, `to ${other.slug}`));
  expect((await there.post("/invitation", { token })).status).toBe(303);
  return there;
}

describe("a name", () => {
  it("is changed for every tenant but those whose provisioning says it, and each notes it", async () => {
    const [other, provisioned] = [await newTenant(), await newTenant()];
    const member = await joinedMember(tenant, ["viewer"]);
    await alsoIn(other, member, []);
    await alsoIn(provisioned, member, []);
    await asOwner(
      provisioned,
      sql`update members set source = 'scim' where person_id = ${member.id} and tenant_id = ${provisioned.tenantId}::uuid`,
    );
    const done = await member.post("/account/name", { name: "  Mira <b>Married</b> " });
    expect(done.location).toContain("done=name");
    expect((await member.get("/account?done=name")).text).toContain("Mira &lt;b&gt;Married&lt;/b&gt;");
    const nameIn = async (at: Tenant) => (await at.get(`/members/${member.id}`)).body.data.name;
    expect(await nameIn(tenant)).toBe("Mira <b>Married</b>");
    expect(await nameIn(other)).toBe("Mira <b>Married</b>");
    expect(await nameIn(provisioned)).toBe("Mira Member");
    for (const at of [tenant, other, provisioned])
      expect(await auditOf(member.id, "person.renamed", at), at.slug).toHaveLength(1);
  });

  it("that is the same tells nobody, and one that is too long is refused", async () => {
    const member = await joinedMember(tenant, []);
    expect((await member.post("/account/name", { name: "Mira Member" })).status).toBe(303);
    const long = await member.post("/account/name", { name: "x".repeat(201) });
    expect(long.status).toBe(422);
    expect(long.text).toContain("200 characters or fewer");
    expect(await auditOf(member.id, "person.renamed")).toEqual([]);
    const stranger = await newVisitor(tenant).post("/account/name", { name: "Nobody" });
    expect(stranger.location).toContain("/sign-in");
  });
});
