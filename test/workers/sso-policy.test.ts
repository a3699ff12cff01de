import { beforeAll, expect, it } from "vitest";
import { newOwner, newVisitor, type Visitor } from "../support/person.ts";
import { connectSaml, newSamlIdp, signInBySaml, verifiedDomain, type SamlIdp } from "../support/sso.ts";
import { asOwner, eventually, newTenant, type Tenant } from "../support/tenant.ts";
import { sql } from "drizzle-orm";

const DEVICE = "urn:ietf:params:oauth:grant-type:device_code";
let tenant: Tenant;
let owner: Visitor & { email: string };
let domain: string;
let idp: SamlIdp;
let connection: { id: string };

beforeAll(async () => {
  tenant = await newTenant();
  owner = await newOwner(tenant);
  domain = await verifiedDomain(tenant);
  idp = await newSamlIdp();
  connection = await connectSaml(tenant, idp, { domains: [domain], default_roles: ["editor"] });
});

const oauth = async (path: string, form: Record<string, string>) => {
  const response = await fetch(owner.issuer + path, {
    method: "POST",
    body: new URLSearchParams({ client_id: "flow-cli", ...form }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
};
/** Lets a command line in as the visitor; answers the page they saw and the device's code. */
async function allowDevice(visitor: Visitor, scope = "read") {
  const { body } = await oauth("/oauth/device", { scope });
  const page = await visitor.post("/device", { user_code: body["user_code"]!, decision: "allow" });
  return {
    page,
    redeem: () => oauth("/oauth/token", { grant_type: DEVICE, device_code: body["device_code"]! }),
  };
}
const refresh = (token: string) =>
  oauth("/oauth/token", { grant_type: "refresh_token", refresh_token: token });
const demand = async (signIn: object) => {
  const set = await tenant.patch("/tenant", { sign_in: signIn });
  expect(set.status, set.text).toBe(200);
};
const authorize = (visitor: Visitor, more: Record<string, string> = {}) =>
  visitor.get(
    `/oauth/authorize?${new URLSearchParams({ client_id: "flow-cli", redirect_uri: "http://127.0.0.1:4999/callback", response_type: "code", scope: "read", code_challenge: "x".repeat(43), code_challenge_method: "S256", ...more })}`,
  );

it("refuses tokens of sign-ins that the tenant takes no longer, wherever one is made", async () => {
  const early = await allowDevice(owner);
  const kept = await early.redeem();
  expect(kept.status, JSON.stringify(kept.body)).toBe(200);
  const offline = await (await allowDevice(owner, "read offline_access")).redeem();
  const waiting = await allowDevice(owner);

  await demand({ sso: true });
  for (const [what, answer] of [
    ["a refresh", await refresh(kept.body["refresh_token"]!)],
    ["a refresh that outlives its session", await refresh(offline.body["refresh_token"]!)],
    ["a device that was let in before", await waiting.redeem()],
  ] as const) {
    expect([answer.status, answer.body["error"]], what).toEqual([400, "invalid_grant"]);
    expect(answer.body["error_description"], what).toContain("policy");
  }
  const { page, redeem } = await allowDevice(owner);
  expect([page.status, page.text.includes(`/sso/saml/${connection.id}/login`)]).toEqual([403, true]);
  expect((await redeem()).body["error"]).toBe("authorization_pending");
  const asked = await authorize(owner);
  expect([asked.status, asked.location]).toEqual([
    303,
    expect.stringContaining(`/sso/saml/${connection.id}/login?continue=`),
  ]);
  const silent = await authorize(owner, { prompt: "none" });
  expect(new URL(silent.location!).searchParams.get("error")).toBe("login_required");

  await demand({ sso: false });
  expect((await refresh(kept.body["refresh_token"]!)).status).toBe(200);
});

it("takes those of the connection, until it is switched off", async () => {
  await demand({ sso: true });
  const visitor = newVisitor(tenant);
  const goOn = new URL(`http://x${(await authorize(visitor)).location}`).searchParams.get("continue")!;
  const done = await signInBySaml(visitor, connection, idp, { subject: "1", email: `one@${domain}` }, goOn);
  expect([done.status, done.location]).toEqual([303, goOn]);
  expect((await visitor.send(goOn)).text).toContain("Allow FlowCMS command line?");
  const tokens = [
    (await (await allowDevice(visitor)).redeem()).body,
    (await (await allowDevice(visitor, "read offline_access")).redeem()).body,
  ];
  for (const [i, { refresh_token: token }] of tokens.entries()) tokens[i] = (await refresh(token!)).body;
  expect(tokens.every(({ access_token }) => access_token !== undefined)).toBe(true);
  await demand({ sso: false });
  expect((await tenant.patch(`/sso/connections/${connection.id}`, { enabled: false })).status).toBe(200);
  for (const { refresh_token: token, access_token: access } of tokens) {
    expect((await refresh(token!)).body["error"]).toBe("invalid_grant");
    await eventually(async () => (await tenant.get("/types", { token: access! })).status === 401, 10_000);
  }
  expect((await tenant.patch(`/sso/connections/${connection.id}`, { enabled: true })).status).toBe(200);
});

it("demands a second factor of who has none, and says so", async () => {
  await demand({ sso: false, second_factor: true });
  const refused = await authorize(owner);
  expect(new URL(refused.location!).searchParams.get("error_description")).toContain("second factor");
  await asOwner(
    tenant,
    sql`update sessions set amr = '{pwd,otp}'
      where person_id in (select id from people where email = ${owner.email})`,
  );
  expect((await authorize(owner)).text).toContain("Allow FlowCMS command line?");
  await demand({ second_factor: false });
});

it("leaves who is in none of the domains alone, and nobody out when there is no connection", async () => {
  const other = await newTenant();
  const guest = await newOwner(other);
  const own = await verifiedDomain(other, `people.${other.slug}.example`);
  const one = await connectSaml(other, idp, { domains: [own] });
  expect((await other.patch("/tenant", { sign_in: { sso: true } })).status).toBe(200);
  expect((await guest.post("/session/token", {})).status).toBe(200);
  expect((await other.delete(`/sso/connections/${one.id}`)).status).toBe(204);
  expect((await guest.post("/session/token", {})).status).toBe(200);
});
