import { beforeAll, describe, expect, it } from "vitest";
import { atHost, newHost } from "../support/at-host.ts";
import { joinedMember, linkTo, newOwner, newVisitor, PASSWORD, type Visitor } from "../support/person.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

/** The tenant with a host of its own, and another, whose people it has no business with. */
let tenant: Tenant;
let other: Tenant;
let host: string;
let owner: Visitor & { email: string };
let stranger: Awaited<ReturnType<typeof joinedMember>>;

beforeAll(async () => {
  [tenant, other] = [await newTenant(), await newTenant()];
  owner = await newOwner(tenant);
  await newOwner(other);
  stranger = await joinedMember(other, ["admin"]);
  host = await newHost(tenant);
});

const home = () => `http://127.0.0.1/t/${tenant.slug}`;
/** The cookie of a session that is opened at the tenant's host. */
async function cookieAtHost(email: string): Promise<string> {
  const { cookies } = await atHost(host, "/sign-in", { form: { email, password: PASSWORD } });
  return cookies.find((one) => one.startsWith("__Host-flow_session="))!.split(";")[0]!;
}

describe("letters that are asked for at a tenant's own host", () => {
  it.each([
    ["/reset", "Choose a new password", "/reset/confirm"],
    ["/sign-in/link", "Sign in to", "/sign-in/link/confirm"],
  ])("%s lead to the installation's", async (path, subject, page) => {
    const asked = await atHost(host, path, { form: { email: stranger.email } });
    expect(asked.status).toBe(200);
    expect(await linkTo(stranger.email, subject)).toMatch(`${home()}${page}?token=`);
  });

  it("invite to the installation's", async () => {
    const email = `guest-${crypto.randomUUID().slice(0, 8)}@example.com`;
    const invited = await atHost(host, "/api/v3/invitations", {
      token: tenant.tokens.admin,
      json: { email, roles: ["viewer"] },
    });
    expect(invited.status).toBe(201);
    expect(await linkTo(email, "invites you")).toMatch(`${home()}/invitation?token=`);
  });
});

describe("a session of a tenant's own host", () => {
  it("counts at that tenant, and at no other site", async () => {
    const cookie = await cookieAtHost(owner.email);
    expect((await atHost(host, "/account", { cookie })).text).toContain("you are owner");
    const token = await atHost(host, "/session/token", { cookie, form: {} });
    expect(token.status).toBe(200);

    const taken = await cookieAtHost(stranger.email);
    expect((await atHost(host, "/account", { cookie: taken })).text).toContain("You are not a member of");
    const visitor = newVisitor(other);
    visitor.cookies.set("__Host-flow_session", taken.split("=")[1]!);
    expect((await visitor.get("/account")).location).toContain("/sign-in");
    expect((await visitor.post("/session/token", {}, { accept: "application/json" })).status).toBe(401);
  });

  it.each([
    ["/account/name", { name: "Mallory" }],
    ["/account/email", { email: "mallory@example.com", current: PASSWORD }],
    ["/account/password", { current: PASSWORD, password: "a new password of mine" }],
    ["/account/totp", {}],
    ["/account/totp/confirm", { code: "123456", secret: "" }],
    ["/account/totp/remove", {}],
    ["/account/passkeys/remove", { id: "x" }],
    ["/account/delete", { email: "", current: PASSWORD }],
    ["/account/tenants/new", { slug: "mallorys", name: "Mallory's" }],
    ["/setup", { code: "x" }],
  ])("changes nothing of the account: %s", async (path, form) => {
    const cookie = await cookieAtHost(owner.email);
    const refused = await atHost(host, path, { cookie, form });
    expect(refused.status).toBe(403);
    expect(refused.text).toContain("signed in at the tenant");
    // At the installation's host the same cookie counts no more.
    const visitor = newVisitor(tenant);
    visitor.cookies.set("__Host-flow_session", cookie.split("=")[1]!);
    expect((await visitor.post(path, form)).status).toBe(403);
  });

  it("adds no passkey", async () => {
    const cookie = await cookieAtHost(owner.email);
    const refused = await atHost(host, "/passkeys/begin", { cookie, form: {} });
    expect(refused.status).toBe(403);
    expect(refused.text).toContain("signed in at the tenant");
  });

  it("says where the account is changed, and neither sees nor ends other sessions", async () => {
    const cookie = await cookieAtHost(owner.email);
    const page = await atHost(host, "/account", { cookie });
    expect(page.text).toContain(`<a href="${home()}/account">`);
    expect(page.text).not.toContain("New password");
    expect(page.text).not.toContain("Delete the account");
    await atHost(host, "/account/sessions/end-others", { cookie, form: {} });
    expect((await owner.get("/account")).text).toContain("New password");
  });
});

describe("a host without a dot", () => {
  it("is no tenant's, though the tenant's slug be the same", async () => {
    const { status, text } = await atHost(tenant.slug, "/reset", { form: { email: owner.email } });
    expect(status).toBe(404);
    expect(text).toContain("This host is unknown");
  });
});
