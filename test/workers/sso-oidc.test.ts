import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import Provider from "oidc-provider";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isAllowed } from "../../src/platform/outside.ts";
import {
  startOidc,
  callBack,
  CLIENT,
  connectOidc,
  newOidcProvider,
  signInByOidc,
  type Claims,
  type OidcProvider,
} from "../support/oidc.ts";
import { newVisitor, type Visitor } from "../support/person.ts";
import { verifiedDomain } from "../support/sso.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;
let domain: string;
let provider: OidcProvider;
let connection: { id: string; oidc: Record<string, unknown> };
const reasonOf = ({ text }: { text: string }) =>
  text === "" ? undefined : (JSON.parse(text).error?.reason as string);
const hasSession = (visitor: Visitor) => visitor.cookies.has("__Host-flow_session");
const claims = (text: string) =>
  JSON.parse(Buffer.from(JSON.parse(text).data.access_token.split(".")[1], "base64url").toString());
const pageToken = (visitor: Visitor) => visitor.post("/session/token", {}, { accept: "application/json" });
const ada = (more: Claims = {}): Claims => ({
  sub: "ada-1",
  email: `ada@${domain}`,
  email_verified: true,
  name: "Ada",
  ...more,
});

beforeAll(async () => {
  tenant = await newTenant();
  domain = await verifiedDomain(tenant);
  provider = await newOidcProvider();
  connection = await connectOidc(tenant, provider.issuer, {
    domains: [domain],
    default_roles: ["viewer"],
    role_mapping: { editors: ["editor"] },
  });
});
afterAll(() => provider.close());

describe("signing in by OpenID Connect", () => {
  it("makes a member of who comes from a verified domain, with the roles of their groups", async () => {
    const visitor = newVisitor(tenant);
    const done = await signInByOidc(visitor, connection, provider, {
      claims: ada({ groups: ["editors", "x"] }),
    });
    expect([done.status, done.location], done.text).toEqual([303, `${visitor.prefix}/account`]);
    const token = await pageToken(visitor);
    expect(claims(token.text)).toMatchObject({ roles: ["editor", "viewer"], amr: ["fed"] });
  });

  it("asks with PKCE, a state and a nonce, and keeps the client's secret to itself", async () => {
    const started = await startOidc(newVisitor(tenant), connection);
    const { searchParams } = new URL(started.location!);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: "code",
      code_challenge_method: "S256",
      client_id: CLIENT.id,
    });
    for (const name of ["state", "nonce", "code_challenge"])
      expect(searchParams.get(name)!.length, name).toBeGreaterThan(30);
    const shown = await tenant.get(`/sso/connections/${connection.id}`);
    expect(shown.body.data.oidc.has_secret).toBe(true);
    expect(shown.text + (await tenant.get("/audit-logs")).text).not.toContain(CLIENT.secret);
  });

  it("knows people by subject, and asks the provider for an address that the ID token lacks", async () => {
    const visitor = newVisitor(tenant);
    const moved = ada({ email: "ada@elsewhere.example", email_verified: false });
    expect((await signInByOidc(visitor, connection, provider, { claims: moved })).status).toBe(303);
    const first = claims((await pageToken(visitor)).text).sub;
    const { email, email_verified, ...bare } = ada({ sub: "bea-1", email: `bea@${domain}` });
    const bea = newVisitor(tenant);
    const done = await signInByOidc(bea, connection, provider, {
      claims: bare,
      userinfo: { email, email_verified },
    });
    expect(done.status, done.text).toBe(303);
    expect(claims((await pageToken(bea)).text).sub).not.toBe(first);
  });

  it.each([
    ["an address that is not verified", { email_verified: false }],
    ["a word in place of true", { email_verified: "true" }],
    ["no word on it", { email_verified: undefined }],
    ["another domain", { email: "eve@gmail.example" }],
    ["no address", { email: undefined }],
  ])("makes nobody a member by %s", async (_name, more) => {
    const visitor = newVisitor(tenant);
    const refused = await signInByOidc(visitor, connection, provider, {
      claims: ada({ sub: crypto.randomUUID(), ...more }),
    });
    expect([refused.status, reasonOf(refused), hasSession(visitor)]).toEqual([
      403,
      "sso/domain-not-covered",
      false,
    ]);
  });

  it("takes an address without a word on it where the connection trusts the provider, and no other", async () => {
    const trusting = await connectOidc(tenant, provider.issuer, {
      domains: [domain],
      oidc: { trusts_email: true },
    });
    const come = (more: Claims) =>
      signInByOidc(newVisitor(tenant), trusting, provider, {
        claims: ada({ sub: crypto.randomUUID(), email_verified: undefined, ...more }),
      });
    expect((await come({ email: `entra@${domain}` })).status).toBe(303);
    expect((await come({ email: `said@${domain}`, email_verified: false })).status).toBe(403);
    expect((await come({ email: "eve@gmail.example" })).status).toBe(403);
    expect((await come({ email: undefined })).status).toBe(403);
  });
});

describe("an answer", () => {
  const later = () => Math.floor(Date.now() / 1000);
  const stranger = generateKeyPair("RS256");
  it.each<[string, Claims, ((claims: Claims) => Promise<string>)?]>([
    ["with another nonce", { nonce: "another" }],
    ["for another client", { aud: "another" }],
    ["of another issuer", { iss: "https://other.example" }],
    ["that has expired", { exp: later() - 600 }],
    [
      "signed by a stranger",
      {},
      async (all) =>
        new SignJWT(all).setProtectedHeader({ alg: "RS256", kid: "k1" }).sign((await stranger).privateKey),
    ],
    ["signed by nobody", {}, async (all) => new UnsecuredJWT(all).encode()],
    [
      "signed with the client's secret",
      {},
      async (all) =>
        new SignJWT(all).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(CLIENT.secret)),
    ],
  ])("%s is refused", async (_name, more, forge) => {
    const visitor = newVisitor(tenant);
    const refused = await signInByOidc(visitor, connection, provider, {
      claims: ada(more),
      ...(forge && { forge }),
    });
    expect([refused.status, reasonOf(refused), hasSession(visitor)], refused.text).toEqual([
      401,
      "sso/oidc-answer",
      false,
    ]);
  });

  it("works once, in the browser that began", async () => {
    Object.assign(provider.behaviour, { claims: ada(), forge: undefined });
    const [visitor, victim] = [newVisitor(tenant), newVisitor(tenant)];
    const { query } = provider.authorize((await startOidc(visitor, connection)).location!);
    await startOidc(victim, connection);
    const planted = await callBack(victim, connection, query);
    expect([planted.status, reasonOf(planted), hasSession(victim)]).toEqual([
      401,
      "sso/unknown-attempt",
      false,
    ]);
    expect((await callBack(visitor, connection, query)).status).toBe(303);
    expect(reasonOf(await callBack(visitor, connection, query))).toBe("sso/unknown-attempt");
    for (const garbage of ["", "?state=x", "?error=access_denied", `?${"x".repeat(9000)}`])
      expect((await callBack(visitor, connection, garbage)).status, garbage.slice(0, 20)).toBeLessThan(500);
  });

  it("of a provider that says no is told to the person", async () => {
    const visitor = newVisitor(tenant);
    const started = await startOidc(visitor, connection);
    const state = new URL(started.location!).searchParams.get("state")!;
    const query = `?${new URLSearchParams({ error: "access_denied", state, iss: provider.issuer })}`;
    const refused = await callBack(visitor, connection, query);
    expect([refused.status, reasonOf(refused)]).toEqual([401, "sso/oidc-answer"]);
    expect(refused.text).toContain("access_denied");
  });

  it("is good for the connection and the tenant that asked", async () => {
    const other = await newTenant();
    const [visitor, theirs] = [newVisitor(tenant), await connectOidc(other, provider.issuer)];
    const sibling = await connectOidc(tenant, provider.issuer, { domains: [domain] });
    const { query } = provider.authorize((await startOidc(visitor, connection)).location!);
    expect(reasonOf(await callBack(visitor, sibling, query))).toBe("sso/unknown-attempt");
    const there = await visitor.send(`/t/${other.slug}/sso/oidc/${theirs.id}/callback${query}`, {
      headers: { accept: "application/json" },
    });
    expect(reasonOf(there)).toBe("sso/unknown-attempt");
  });
});

describe("addresses that a tenant gives", () => {
  it("must be public and https", async () => {
    for (const issuer of [
      "http://idp.example",
      "ftp://idp.example",
      "https://user:pw@idp.example",
      "https://10.0.0.1",
    ]) {
      const refused = await tenant.post("/sso/connections", {
        type: "oidc",
        name: "x",
        oidc: { issuer, client_id: "x" },
      });
      expect([refused.status, refused.body.error.reason], issuer).toEqual([422, "sso/address-not-allowed"]);
    }
    const metadata = await tenant.post("/sso/connections", {
      type: "saml",
      name: "x",
      saml: { metadata_url: "https://169.254.169.254/latest" },
    });
    expect([metadata.status, metadata.body.error.reason]).toEqual([422, "sso/address-not-allowed"]);
  });

  it("get the secret of another issuer from who knows it only", async () => {
    const made = await tenant.post("/sso/connections", {
      type: "oidc",
      name: "moves",
      oidc: { issuer: "https://idp.example", client_id: "x", client_secret: "known to the first only" },
    });
    const path = `/sso/connections/${made.body.data.id}`;
    const moved = await tenant.patch(path, { oidc: { issuer: "https://other.example" } });
    expect([moved.status, moved.body.error.details[0].path]).toEqual([422, "oidc.client_secret"]);
    expect((await tenant.get(path)).body.data.oidc.issuer).toBe("https://idp.example");
    expect((await tenant.patch(path, { oidc: { issuer: "https://idp.example/realm" } })).status).toBe(200);
    const oidc = { issuer: "https://other.example", client_secret: "new" };
    expect((await tenant.patch(path, { oidc })).status).toBe(200);
  });

  it("are checked again when discovery leads on", async () => {
    const own = await newOidcProvider();
    const one = await connectOidc(tenant, own.issuer, { domains: [domain] });
    const refused = await signInByOidc(newVisitor(tenant), one, own, {
      claims: ada(),
      discovery: { token_endpoint: "https://metadata.google.internal/token" },
    });
    expect([refused.status, reasonOf(refused)]).toEqual([422, "sso/address-not-allowed"]);
    await own.close();
    const gone = await connectOidc(tenant, own.issuer);
    const unreachable = await startOidc(newVisitor(tenant), gone);
    expect([unreachable.status, reasonOf(unreachable)]).toEqual([503, "sso/provider-unreachable"]);
  });

  it.each([
    ["https://login.example.com/x", true],
    ["https://8.8.8.8/", true],
    ["http://login.example.com/", false],
    ["https://localhost/", false],
    ["https://127.0.0.1/", false],
    ["https://2130706433/", false],
    ["https://0x7f.1/", false],
    ["https://10.1.2.3/", false],
    ["https://192.168.0.1/", false],
    ["https://169.254.169.254/", false],
    ["https://100.64.0.1/", false],
    ["https://[::1]/", false],
    ["https://[fd00::1]/", false],
    ["https://[::ffff:10.0.0.1]/", false],
    ["https://metadata.google.internal/", false],
    ["https://metadata/", false],
    ["https://x.localhost./", false],
    ["https://a:b@login.example.com/", false],
  ])("%s: %s", (address, isFine) => {
    expect(isAllowed(new URL(address), false)).toBe(isFine);
  });
});

it("signs people in by oidc-provider", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const one = await connectOidc(tenant, issuer, { domains: [domain], default_roles: ["viewer"] });
  const real = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [one.oidc["redirect_uri"] as string],
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    conformIdTokenClaims: false,
    findAccount: (_ctx: unknown, id: string) => ({
      accountId: id,
      claims: async () => ({ sub: id, email: `${id}@${domain}`, email_verified: true, name: id }),
    }),
  } as never);
  server.on("request", real.callback());
  const cookies = new Map<string, string>();
  const browse = async (address: string, form?: Record<string, string>) => {
    const response = await fetch(new URL(address, issuer), {
      method: form ? "POST" : "GET",
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
      body: form ? new URLSearchParams(form) : null,
      redirect: "manual",
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
      cookies.set(name!, value!);
    }
    return { location: response.headers.get("location"), text: await response.text() };
  };
  const visitor = newVisitor(tenant);
  let { location: at } = await startOidc(visitor, one);
  for (let steps = 0; steps < 10 && !at!.includes("/callback"); steps++) {
    const page = await browse(at!);
    if (page.location !== null) at = page.location;
    else {
      const prompt = /name="prompt" value="(\w+)"/.exec(page.text)![1]!;
      ({ location: at } = await browse(at!, { prompt, login: "linus", password: "x" }));
    }
  }
  const done = await callBack(visitor, one, new URL(at!).search);
  expect(done.status, done.text).toBe(303);
  expect(claims((await pageToken(visitor)).text)).toMatchObject({ roles: ["viewer"], amr: ["fed"] });
  await new Promise((resolve) => server.close(resolve));
});
