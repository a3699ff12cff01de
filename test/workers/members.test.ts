import { beforeAll, describe, expect, inject, it } from "vitest";
import { connect } from "../../src/db/client.ts";
import { atHost } from "../support/at-host.ts";
import {
  joinedMember,
  emailsTo,
  linkTo,
  newOwner,
  newVisitor,
  PASSWORD,
  pageToken,
  tokenOf,
  type Visitor,
} from "../support/person.ts";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;
let owner: Visitor & { email: string };

beforeAll(async () => {
  tenant = await newTenant();
  owner = await newOwner(tenant);
});

const asOwner = (text: string, params: unknown[] = []) => connect(inject("ownerUrl")).query(text, params);
const newMember = (roles: string[], to: Tenant = tenant) => joinedMember(to, roles);
const signIn = (visitor: Visitor, email: string) => visitor.post("/sign-in", { email, password: PASSWORD });

describe("members", () => {
  it("come by an invitation for one address, and leave with what they hold", async () => {
    const member = await newMember(["editor"]);
    expect((await member.get("/account")).text).toContain("you are editor");
    const token = (await pageToken(member))!;
    expect((await tenant.get("/types", { token })).status).toBe(200);
    expect((await tenant.delete(`/members/${member.id}`)).status).toBe(204);
    await eventually(async () => (await tenant.get("/types", { token })).status === 401, 10_000);
    expect(await pageToken(member)).toBeUndefined();
    expect((await tenant.get(`/members/${member.id}`)).body.error.reason).toBe("members/no-such-member");
  });

  it("belong to several tenants with one account", async () => {
    const other = await newTenant();
    const member = await newMember(["editor"]);
    await other.post("/invitations", { email: member.email, roles: ["viewer"] });
    const emails = await eventually(async () => (await emailsTo(member.email)).length === 2);
    expect(emails).toBeGreaterThan(0);
    const link = (await emailsTo(member.email))[0]!.text.match(/https?:\/\/\S+/)![0];
    const there = newVisitor(other);
    expect((await there.get(`/invitation?token=${tokenOf(link)}`)).text).toContain(
      "There is an account for this address",
    );
    await signIn(there, member.email);
    expect((await there.post("/invitation", { token: tokenOf(link) })).status).toBe(303);
    expect((await there.get("/account")).text).toContain("you are viewer");
    expect((await other.get("/members")).body.data).toHaveLength(1);
    // The token of one tenant is nothing in the other.
    const token = (await pageToken(there))!;
    expect((await other.get("/types", { token })).status).toBe(200);
    expect((await other.get("/types", { token, headers: { "x-flow-tenant": tenant.slug } })).status).toBe(
      401,
    );
  });

  it("are invited only by who may, and the email of another is no use", async () => {
    const visitor = newVisitor(tenant);
    const denied = await tenant.post(
      "/invitations",
      { email: "x@example.com", roles: [] },
      { token: tenant.tokens.write },
    );
    expect(denied.status).toBe(403);
    expect((await tenant.post("/invitations", { email: owner.email, roles: [] })).body.error.reason).toBe(
      "members/already-a-member",
    );
    const email = `once-${crypto.randomUUID().slice(0, 8)}@example.com`;
    await tenant.post("/invitations", { email, roles: ["viewer"] });
    const token = tokenOf(await linkTo(email, "invites you"));
    const stranger = await newMember([]);
    expect((await stranger.post("/invitation", { token })).status).toBe(403);
    const open = (await tenant.get("/invitations")).body.data.find(
      (one: { email: string }) => one.email === email,
    );
    expect((await tenant.delete(`/invitations/${open.id}`)).status).toBe(204);
    expect((await visitor.post("/invitation", { token, name: "N", password: PASSWORD })).status).toBe(400);
    expect((await visitor.get(`/invitation?token=${token}`)).status).toBe(400);
  });

  it("leave at least one owner, whom only owners change", async () => {
    const own = await newTenant();
    const first = await newOwner(own);
    const [{ id }] = (await own.get("/members")).body.data;
    expect((await own.delete(`/members/${id}`)).body.error.reason).toBe("members/last-owner");
    expect((await own.patch(`/members/${id}`, { roles: ["editor"] })).body.error.reason).toBe(
      "members/last-owner",
    );
    expect((await own.patch(`/members/${id}`, { suspended: true })).body.error.reason).toBe(
      "members/last-owner",
    );
    const admin = await newMember(["admin"], own);
    const token = (await pageToken(admin))!;
    const raised = await own.patch(`/members/${admin.id}`, { roles: ["owner"] }, { token });
    expect(raised.body.error.reason).toBe("members/owners-only");
    expect((await own.delete(`/members/${id}`, { token })).body.error.reason).toBe("members/owners-only");
    const ownerToken = (await pageToken(first))!;
    expect(
      (await own.patch(`/members/${admin.id}`, { roles: ["owner"] }, { token: ownerToken })).status,
    ).toBe(200);
    expect((await own.delete(`/members/${id}`)).status).toBe(204);
  });

  it("have roles that exist, and get none that who gives them does not have", async () => {
    const own = await newTenant();
    const policy = await own.post("/policies", { name: "People", grants: [{ actions: ["members:*"] }] });
    await own.post("/roles", { name: "hr", policies: [policy.body.data.id] });
    const [hr, admin, viewer] = [
      await newMember(["hr"], own),
      await newMember(["admin"], own),
      await newMember([], own),
    ];
    const token = (await pageToken(hr))!;
    const reasonOf = async (answer: Promise<{ body: any }>) => (await answer).body.error?.reason;
    expect((await own.get("/members", { token })).status).toBe(200);
    expect(await reasonOf(own.get("/tokens", { token }))).toBe("access/not-granted");
    for (const [path, body] of [
      [`/members/${viewer.id}`, { roles: ["editor"] }],
      [`/members/${hr.id}`, { roles: ["hr", "admin"] }],
      [`/members/${admin.id}`, { suspended: true }],
    ] as const)
      expect(await reasonOf(own.patch(path, body, { token })), path).toBe("access/more-than-yours");
    expect(await reasonOf(own.delete(`/members/${admin.id}`, { token }))).toBe("access/more-than-yours");
    const invitation = { email: "x@example.com", roles: ["admin"] };
    expect(await reasonOf(own.post("/invitations", invitation, { token }))).toBe("access/more-than-yours");
    expect(await reasonOf(own.post("/teams", { name: "T", roles: ["admin"] }, { token }))).toBe(
      "access/more-than-yours",
    );
    expect((await own.patch(`/members/${viewer.id}`, { roles: ["hr"] }, { token })).status).toBe(200);
    // Who looks after sign-in alone gives no role by any way: it would be more than they have.
    const made = await own.post("/tokens", { name: "SSO", scope: "sso_admin" });
    const sso = made.body.data.token as string;
    const oidc = { issuer: "https://idp.example.com", client_id: "x" };
    const connection = { type: "oidc", name: "I", oidc, default_roles: ["editor"] };
    expect(await reasonOf(own.post("/sso/connections", connection, { token: sso }))).toBe(
      "access/more-than-yours",
    );
    expect(await reasonOf(own.post("/invitations", invitation, { token: sso }))).toBe(
      "access/more-than-yours",
    );
    expect(
      (
        await own.post(
          "/sso/connections",
          { ...connection, default_roles: [], enabled: false },
          { token: sso },
        )
      ).status,
    ).toBe(201);
    expect((await own.get("/audit-logs", { token: sso })).status).toBe(200);
    expect((await own.get("/types", { token: sso })).status).toBe(403);
    for (const [method, path, body] of [
      ["PATCH", `/members/${viewer.id}`, { roles: ["edittor"] }],
      ["POST", "/invitations", { email: "y@example.com", roles: ["edittor"] }],
      ["POST", "/teams", { name: "T", roles: ["edittor"] }],
      ["POST", "/oauth/clients", { name: "C", grants: ["client_credentials"], roles: ["edittor"] }],
    ] as const) {
      const refused = await own.call(method, path, { body });
      expect(refused.body.error?.reason, path).toBe("access/unknown-role");
      expect(refused.body.error.details[0].message).toContain("editor");
    }
    expect(await reasonOf(own.delete("/roles/hr"))).toBe("access/role-in-use");
    const explained = await own.get(`/access/explain?subject=user:${hr.id}&action=members:write`);
    expect(explained.body.data).toMatchObject({ allowed: true, decided_by: { by: "grant", role: "hr" } });
    const refused = await own.get(
      `/access/explain?subject=user:${hr.id}&action=content:write&resource=type:article`,
    );
    expect(refused.status === 404 || refused.body.data.allowed === false).toBe(true);
  });

  it("act by their roles: an author writes what is their own, a viewer nothing", async () => {
    await tenant.put("/types/article", {
      id: "article",
      name: "Article",
      fields: [{ id: "title", type: "short_text" }],
    });
    const [author, viewer] = [await newMember(["author"]), await newMember(["viewer"])];
    const [asAuthor, asViewer] = [(await pageToken(author))!, (await pageToken(viewer))!];
    const made = await tenant.post("/content/article", { title: "Mine" }, { token: asAuthor });
    expect(made.body.data.created_by).toBe(author.id);
    const theirs = await tenant.post("/content/article", { title: "Another's" });
    expect(
      (await tenant.patch(`/content/article/${made.body.data.id}`, { title: "M" }, { token: asAuthor }))
        .status,
    ).toBe(200);
    expect(
      (await tenant.patch(`/content/article/${theirs.body.data.id}`, { title: "M" }, { token: asAuthor }))
        .status,
    ).toBe(403);
    expect((await tenant.post("/content/article", { title: "No" }, { token: asViewer })).status).toBe(403);
    expect((await tenant.get("/members", { token: asViewer })).status).toBe(403);
    expect((await tenant.patch(`/members/${viewer.id}`, { roles: ["author"] })).status).toBe(200);
    await eventually(async () => (await tenant.get("/types", { token: asViewer })).status === 401, 10_000);
    const again = (await pageToken(viewer))!;
    expect((await tenant.post("/content/article", { title: "Yes" }, { token: again })).status).toBe(201);
  });

  it("are kept out while they are suspended", async () => {
    const member = await newMember(["editor"]);
    const token = (await pageToken(member))!;
    expect((await tenant.patch(`/members/${member.id}`, { suspended: true })).body.data.suspended).toBe(true);
    await eventually(async () => (await tenant.get("/types", { token })).status === 401, 10_000);
    expect(await pageToken(member)).toBeUndefined();
    await tenant.patch(`/members/${member.id}`, { suspended: false });
    expect(await pageToken(member)).toBeDefined();
  });

  it("have the roles of their teams too", async () => {
    const member = await newMember([]);
    const team = (await tenant.post("/teams", { name: "Writers", roles: ["author"] })).body.data;
    expect((await tenant.post("/teams", { name: "Writers" })).body.error.reason).toBe(
      "members/team-name-taken",
    );
    expect((await tenant.put(`/teams/${team.id}/members/${member.id}`, undefined)).status).toBe(204);
    expect((await member.get("/account")).text).toContain("you are author");
    expect((await tenant.get(`/members/${member.id}`)).body.data.teams).toMatchObject([{ name: "Writers" }]);
    expect((await tenant.delete(`/teams/${team.id}/members/${member.id}`)).status).toBe(204);
    expect((await member.get("/account")).text).toContain("a member without a role");
    expect((await tenant.put(`/teams/${team.id}/members/usr_none`, undefined)).status).toBe(404);
    expect((await tenant.delete(`/teams/${team.id}`)).status).toBe(204);
  });
});

describe("tenants", () => {
  it("are made in one step by an owner, and not by others", async () => {
    const slug = `new-${crypto.randomUUID().slice(0, 8)}`;
    const made = await owner.post("/account/tenants/new", { slug, name: "New" });
    expect(made.location).toBe(`/t/${slug}/account`);
    expect((await owner.send(`/t/${slug}/account`)).text).toContain("you are owner");
    const again = await owner.post("/account/tenants/new", { slug, name: "New" });
    expect(again.status).toBe(409);
    const { rows } = await asOwner("select count(*)::int from tenants where slug = $1", [slug]);
    expect(rows[0]).toEqual([1]);
    const member = await newMember(["admin"]);
    expect((await member.post("/account/tenants/new", { slug: `${slug}-2`, name: "No" })).status).toBe(403);
  });

  it("no page stands at a host that is not ours", async () => {
    expect((await atHost("evil.example", `${owner.prefix}/reset`)).status).toBe(404);
    expect((await fetch(`${inject("url")}/sign-in`)).status).toBe(404);
    expect((await fetch(`${inject("url")}/t/nobody/sign-in`)).status).toBe(404);
  });
});

describe("domains", () => {
  it("are the tenant's only once DNS says so", async () => {
    const name = `${crypto.randomUUID().slice(0, 8)}.example.com`;
    const added = await tenant.post("/domains", { domain: name, serves: true });
    expect(added.body.data).toMatchObject({
      verified: false,
      record: { name: `_flowcms.${name}`, type: "TXT" },
    });
    expect((await tenant.post(`/domains/${name}/verify`, undefined)).body.data.verified).toBe(false);
    await fetch(
      `${inject("dnsUrl")}/set?name=_flowcms.${name}&value=${encodeURIComponent(added.body.data.record.value)}`,
    );
    expect((await tenant.post(`/domains/${name}/verify`, undefined)).body.data.verified).toBe(true);
    const { rows } = await asOwner("select tenant_id::text from tenant_domains where host = $1", [name]);
    expect(rows[0]).toEqual([tenant.tenantId]);
    const other = await newTenant();
    const page = await atHost(name, "/sign-in");
    expect(page.status).toBe(200);
    expect(page.text).toContain(`<header>${tenant.slug}</header>`);
    expect(JSON.parse((await atHost(name, "/.well-known/oauth-authorization-server")).text).issuer).toBe(
      `http://${name}`,
    );
    expect((await atHost(name, `/t/${other.slug}/sign-in`)).status).toBe(404);
    expect((await atHost(name, "/api/v3/types", { token: tenant.tokens.read })).status).toBe(200);
    const foreign = await atHost(name, "/api/v3/types", { token: other.tokens.read });
    expect(JSON.parse(foreign.text).error.reason).toBe("access/wrong-tenant");
    const theirs = await other.post("/domains", { domain: name });
    await fetch(
      `${inject("dnsUrl")}/set?name=_flowcms.${name}&value=${encodeURIComponent(theirs.body.data.record.value)}`,
    );
    expect((await other.post(`/domains/${name}/verify`, undefined)).body.error.reason).toBe("domains/taken");
    expect((await tenant.delete(`/domains/${name}`)).status).toBe(204);
    expect((await tenant.post("/domains", { domain: "not a domain" })).status).toBe(422);
  });
});
