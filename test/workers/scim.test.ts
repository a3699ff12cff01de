import { beforeAll, describe, expect, it } from "vitest";
import { sql } from "drizzle-orm";
import { newOwner, newVisitor } from "../support/person.ts";
import { PATCH, scimOf, USER } from "../support/scim.ts";
import { connectSaml, newSamlIdp, signInBySaml, verifiedDomain } from "../support/sso.ts";
import { asOwner, eventually, newTenant, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;
let domain: string;
let directory: ReturnType<typeof scimOf>;

const scim: (typeof directory)["send"] = (...args) => directory.send(...args);
/** The header of a caller with that token; of one without any for an empty one. */
const bearer = (token: string): Record<string, string> => ({
  authorization: token === "" ? "" : `Bearer ${token}`,
});
const patch = (...Operations: object[]) => ({ schemas: [PATCH], Operations });
const newUser = (name: string, more: object = {}) =>
  directory.newUser(name, {
    externalId: `ext-${name}`,
    name: { givenName: name, familyName: "Lovelace" },
    active: true,
    ...more,
  });

beforeAll(async () => {
  tenant = await newTenant();
  domain = await verifiedDomain(tenant);
  directory = scimOf(tenant, domain);
});

describe("SCIM", () => {
  it("says what it can do", async () => {
    const config = await scim("GET", "/ServiceProviderConfig");
    expect([config.status, config.headers.get("content-type")]).toEqual([200, "application/scim+json"]);
    expect(config.body).toMatchObject({ patch: { supported: true }, filter: { supported: true } });
    expect((await scim("GET", "/ResourceTypes")).body.totalResults).toBe(2);
    expect((await scim("GET", `/Schemas/${USER}`)).body.id).toBe(USER);
  });

  it("needs an admin's token of this tenant, and answers errors in its own form", async () => {
    const other = await newTenant();
    for (const [token, status] of [
      ["", 401],
      ["flow_admin_nonsense", 401],
      [other.tokens.admin, 401],
      [tenant.tokens.write, 403],
    ] as const) {
      const refused = await scim("GET", "/Users", undefined, bearer(token));
      expect(refused.status, refused.text).toBe(status);
      expect(refused.body).toMatchObject({
        schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
        status: String(status),
      });
      expect(refused.headers.get("content-type")).toBe("application/scim+json");
    }
    expect(
      (await scim("POST", "/Users", { userName: `x@${domain}` }, bearer(tenant.tokens.write))).status,
    ).toBe(403);
    expect((await scim("GET", "/Nothing")).status).toBe(404);
  });

  it("makes a member, finds and pages them", async () => {
    const made = await scim("POST", "/Users", {
      userName: `Ada@${domain}`,
      externalId: "00u1",
      displayName: "Ada L",
    });
    expect(made.status, made.text).toBe(201);
    expect(made.headers.get("location")).toBe(made.body.meta.location);
    expect(made.body).toMatchObject({
      userName: `ada@${domain}`,
      externalId: "00u1",
      active: true,
      displayName: "Ada L",
    });
    const { id } = made.body;
    expect((await scim("GET", `/Users/${id}`)).body).toEqual(made.body);
    for (const filter of [
      `userName eq "ADA@${domain}"`,
      'externalId eq "00u1"',
      `username Eq "ada@${domain}"`,
    ]) {
      const found = await directory.find("Users", filter);
      expect(found.body, filter).toMatchObject({ totalResults: 1, Resources: [{ id }] });
    }
    const none = await directory.find("Users", 'userName eq "no\\"body"');
    expect(none.body).toMatchObject({ totalResults: 0, Resources: [] });
    const bad = await directory.find("Users", 'userName is "a"');
    expect([bad.status, bad.body.scimType]).toEqual([400, "invalidFilter"]);
    await newUser("page1");
    await newUser("page2");
    const page = await scim("GET", "/Users?startIndex=2&count=1");
    expect(page.body).toMatchObject({ startIndex: 2, itemsPerPage: 1 });
    expect(page.body.totalResults).toBeGreaterThanOrEqual(3);
    expect((await scim("GET", "/Users?count=0")).body.Resources).toEqual([]);
  });

  it("refuses who is there already, who is of another domain, and what is no user", async () => {
    await newUser("twice");
    const again = await scim("POST", "/Users", { userName: `twice@${domain}` });
    expect([again.status, again.body.scimType]).toEqual([409, "uniqueness"]);
    const same = await scim("POST", "/Users", { userName: `thrice@${domain}`, externalId: "ext-twice" });
    expect([same.status, same.body.reason]).toEqual([409, "scim/external-id-taken"]);
    const foreign = await scim("POST", "/Users", { userName: "boss@gmail.example" });
    expect([foreign.status, foreign.body.reason]).toEqual([403, "scim/domain-not-verified"]);
    for (const body of [{}, { userName: "no address" }, { userName: 5 }, []]) {
      const bad = await scim("POST", "/Users", body);
      expect([bad.status, bad.body.scimType], JSON.stringify(body)).toEqual([400, "invalidValue"]);
    }
    await asOwner(
      tenant,
      sql`insert into people (id, email) values ('usr_squatter', ${`squatter@${domain}`})`,
    );
    const squatted = await scim("POST", "/Users", { userName: `squatter@${domain}` });
    expect([squatted.status, squatted.body.reason]).toEqual([409, "scim/address-unproved"]);
  });

  it.each([
    ["Okta", { op: "replace", value: { active: false } }, { op: "replace", value: { active: true } }],
    [
      "Entra ID",
      { op: "Replace", path: "active", value: "False" },
      { op: "Replace", path: "active", value: "True" },
    ],
  ])("keeps somebody out as %s says it, and what they hold is refused", async (vendor, off, on) => {
    const name = vendor.replaceAll(" ", "").toLowerCase();
    const { id } = await newUser(name);
    const idp = await newSamlIdp();
    const connection = await connectSaml(tenant, idp, { domains: [domain] });
    const visitor = newVisitor(tenant);
    const come = () => signInBySaml(visitor, connection, idp, { subject: name, email: `${name}@${domain}` });
    expect((await come()).status).toBe(303);
    const token = JSON.parse((await visitor.post("/session/token", {})).text).data.access_token as string;
    expect((await tenant.get("/access/me", { token })).status).toBe(200);
    const barred = await directory.patch(id, off);
    expect([barred.status, barred.body.active], barred.text).toEqual([200, false]);
    await eventually(async () => (await tenant.get("/access/me", { token })).status === 401, 10_000);
    expect((await visitor.post("/session/token", {}, { accept: "application/json" })).status).toBe(401);
    expect((await come()).status).toBe(403);
    expect((await directory.patch(id, on)).body.active).toBe(true);
    expect((await come()).status).toBe(303);
  });

  it("changes names and external ids, and passes over what is not kept", async () => {
    const { id } = await newUser("nina");
    const changed = await directory.patch(
      id,
      { op: "Add", path: "name.familyName", value: "Byron" },
      { op: "replace", value: { externalId: "new-id", title: "Countess" } },
      {
        op: "Add",
        path: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        value: "Poetry",
      },
    );
    expect(changed.body, changed.text).toMatchObject({
      externalId: "new-id",
      name: { formatted: "nina Byron", familyName: "Byron" },
    });
    const replaced = await scim("PUT", `/Users/${id}`, {
      userName: `nina@${domain}`,
      displayName: "N",
      active: true,
    });
    expect(replaced.body.name.formatted).toBe("N");
    expect(replaced.body.externalId).toBeUndefined();
    const renamed = await scim("PUT", `/Users/${id}`, { userName: `other@${domain}` });
    expect([renamed.status, renamed.body.scimType]).toEqual([400, "mutability"]);
    expect((await scim("DELETE", `/Users/${id}`)).status).toBe(204);
    expect((await scim("GET", `/Users/${id}`)).status).toBe(404);
    expect((await tenant.get(`/members/${id}`)).status).toBe(404);
    const log = await tenant.get("/audit-logs?limit=100");
    const actions = log.body.data.map(({ action }: { action: string }) => action);
    expect(actions).toEqual(
      expect.arrayContaining(["scim.user_created", "scim.user_updated", "scim.user_deleted"]),
    );
  });

  it("touches no owner, and nobody of another domain or tenant", async () => {
    const own = await newTenant();
    const owner = await newOwner(own);
    const { send: as } = scimOf(own, await verifiedDomain(own));
    const [boss] = (await own.get("/members")).body.data;
    for (const [method, body] of [
      ["PATCH", patch({ op: "replace", value: { active: false } })],
      ["PUT", { userName: owner.email, active: false }],
      ["DELETE", undefined],
    ] as const) {
      const refused = await as(method, `/Users/${boss.id}`, body);
      expect([refused.status, refused.body.reason], method).toEqual([403, "scim/owner"]);
    }
    expect((await own.get(`/members/${boss.id}`)).body.data).toMatchObject({
      suspended: false,
      roles: ["owner"],
    });
    await asOwner(
      own,
      sql`insert into people (id, email, email_verified_at)
        values ('usr_guest', 'guest@gmail.example', now())`,
      sql`insert into members (tenant_id, person_id, email, source, created_by)
        values (${own.tenantId}::uuid, 'usr_guest', 'guest@gmail.example', 'invitation', 'test')`,
    );
    expect((await as("GET", "/Users/usr_guest")).status).toBe(404);
    expect((await as("DELETE", "/Users/usr_guest")).status).toBe(404);
    const { id } = await newUser("foreigner");
    expect((await as("DELETE", `/Users/${id}`)).status).toBe(404);
    const team = await own.post("/teams", { name: "Owners", roles: ["owner"] });
    const joined = await as(
      "PATCH",
      `/Groups/${team.body.data.id}`,
      patch({ op: "add", path: "members", value: [{ value: boss.id }] }),
    );
    expect([joined.status, joined.body.reason]).toEqual([403, "scim/owner"]);
    expect((await as("DELETE", `/Groups/${team.body.data.id}`)).status).toBe(403);
  });
});

describe("SCIM groups", () => {
  it("are teams: made, found, filled and emptied", async () => {
    const [ann, bob, cid] = await Promise.all(["ann", "bob", "cid"].map((name) => newUser(name)));
    const made = await scim("POST", "/Groups", {
      displayName: "Editors",
      externalId: "g1",
      members: [{ value: ann!.id }],
    });
    expect(made.status, made.text).toBe(201);
    const { id } = made.body;
    const members = async () =>
      (await scim("GET", `/Groups/${id}`)).body.members.map(({ value }: { value: string }) => value).sort();
    const change = async (...operations: object[]) => {
      const changed = await scim("PATCH", `/Groups/${id}`, patch(...operations));
      expect(changed.status, changed.text).toBe(200);
      return members();
    };
    const sorted = (...users: ({ id: string } | undefined)[]) => users.map((one) => one!.id).sort();
    expect(await members()).toEqual(sorted(ann));
    expect(await change({ op: "Add", path: "members", value: [{ value: bob!.id }] })).toEqual(
      sorted(ann, bob),
    );
    expect(await change({ op: "remove", path: `members[value eq "${ann!.id}"]` })).toEqual(sorted(bob));
    expect(await change({ op: "Remove", path: "members", value: [{ value: bob!.id }] })).toEqual([]);
    expect(
      await change({ op: "replace", value: { members: [{ value: cid!.id }, { value: ann!.id }] } }),
    ).toEqual(sorted(ann, cid));
    expect(await change({ op: "replace", path: "displayName", value: "Writers" })).toEqual(sorted(ann, cid));
    const found = await directory.find("Groups", 'displayName eq "Writers"', "&excludedAttributes=members");
    expect(found.body.Resources).toMatchObject([{ id, externalId: "g1" }]);
    expect(found.body.Resources[0].members).toBeUndefined();
    expect((await scim("GET", `/Users/${cid!.id}`)).body.groups).toEqual([{ value: id, display: "Writers" }]);
    const put = await scim("PUT", `/Groups/${id}`, { displayName: "Writers", members: [{ value: bob!.id }] });
    expect(put.body.members).toEqual([{ value: bob!.id, display: bob!.userName, type: "User" }]);
    const stranger = await scim(
      "PATCH",
      `/Groups/${id}`,
      patch({ op: "add", path: "members", value: [{ value: "usr_nobody" }] }),
    );
    expect([stranger.status, stranger.body.scimType]).toEqual([400, "invalidValue"]);
    const path = await scim("PATCH", `/Groups/${id}`, patch({ op: "add", path: "nonsense", value: 1 }));
    expect([path.status, path.body.scimType]).toEqual([400, "invalidPath"]);
    expect((await scim("POST", "/Groups", { displayName: "Writers" })).status).toBe(409);
    expect(await change({ op: "remove", path: "members" })).toEqual([]);
    expect((await scim("DELETE", `/Groups/${id}`)).status).toBe(204);
    expect((await scim("GET", `/Groups/${id}`)).status).toBe(404);
  });

  it("give their roles, and take them: tokens of who goes are refused", async () => {
    const idp = await newSamlIdp();
    const connection = await connectSaml(tenant, idp, { domains: [domain] });
    const { id } = await newUser("gina");
    const group = await scim("POST", "/Groups", { displayName: "Publishers", members: [{ value: id }] });
    await tenant.patch(`/teams/${group.body.id}`, { roles: ["editor"] });
    const visitor = newVisitor(tenant);
    await signInBySaml(visitor, connection, idp, { subject: "gina", email: `gina@${domain}` });
    const mint = async () =>
      JSON.parse((await visitor.post("/session/token", {})).text).data.access_token as string;
    const rolesIn = (token: string) =>
      JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()).roles;
    let token = "";
    const isTaken = async () => {
      token = await mint();
      return (await tenant.get("/access/me", { token })).status === 200;
    };
    await eventually(isTaken);
    expect(rolesIn(token)).toEqual(["editor"]);
    await scim(
      "PATCH",
      `/Groups/${group.body.id}`,
      patch({ op: "remove", path: `members[value eq "${id}"]` }),
    );
    await eventually(async () => (await tenant.get("/access/me", { token })).status === 401, 10_000);
    expect(rolesIn(await mint())).toEqual([]);
  });
});
