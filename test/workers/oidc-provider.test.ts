import { sql } from "drizzle-orm";
import * as client from "openid-client";
import * as oauth from "oauth4webapi";
import { beforeAll, describe, expect, it } from "vitest";
import { joinedMember, newOwner, newVisitor, type Visitor } from "../support/person.ts";
import { asOwner, newTenant, type Tenant } from "../support/tenant.ts";

const REDIRECT = "https://app.example.com/back";
let tenant: Tenant;
let owner: Visitor & { email: string };
let app: { id: string; secret: string };

const newClient = async (wanted: object = {}) =>
  (
    await tenant.post("/oauth/clients", {
      name: "Shop",
      grants: ["authorization_code", "refresh_token"],
      redirect_uris: [REDIRECT],
      scopes: ["openid", "profile", "email", "read", "offline_access"],
      ...wanted,
    })
  ).body.data;

beforeAll(async () => {
  tenant = await newTenant();
  owner = await newOwner(tenant);
  app = await newClient();
});

const discover = ({ id, secret } = app) =>
  client.discovery(new URL(owner.issuer), id, secret, undefined, { execute: [client.allowInsecureRequests] });
const PKCE = { code_challenge: "x".repeat(43), code_challenge_method: "S256" };
const ask = (query: string | Record<string, string> | string[][], visitor: Visitor = owner) =>
  visitor.get(`/oauth/authorize?${new URLSearchParams(query as Record<string, string>)}`);
const request = (more: Record<string, string> = {}) => ({
  client_id: app.id,
  redirect_uri: REDIRECT,
  response_type: "code",
  scope: "openid",
  state: "s",
  ...PKCE,
  ...more,
});
const errorAt = (location: string | null) => new URL(location!).searchParams.get("error");

/** Signs in with the tenant as a library does it. */
async function signIn(scope: string, visitor: Visitor = owner, wanted = app) {
  const config = await discover(wanted);
  const [verifier, nonce, state] = [
    client.randomPKCECodeVerifier(),
    client.randomNonce(),
    client.randomState(),
  ];
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT,
    scope,
    nonce,
    state,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  const asked = await visitor.send(url.href);
  let back = asked.location;
  if (asked.status === 200) {
    const fields = [...asked.text.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)];
    const form = Object.fromEntries(
      fields.map(([, name, value]) => [name!, value!.replaceAll("&amp;", "&")]),
    );
    back = (await visitor.post("/oauth/authorize", { ...form, decision: "allow" })).location;
  }
  const tokens = await client.authorizationCodeGrant(config, new URL(back!), {
    pkceCodeVerifier: verifier,
    expectedNonce: nonce,
    expectedState: state,
    idTokenExpected: true,
    maxAge: 3600,
  });
  return { config, tokens, asked };
}

describe("sign-in with the CMS (OpenID Connect)", () => {
  it("names no error of a token that nobody sent, and describes errors in the characters for that", async () => {
    const asked = await fetch(`${owner.issuer}/oauth/userinfo`);
    expect([asked.status, asked.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="flowcms"']);
    const form = new URLSearchParams({ grant_type: 'x"\n<…' });
    const refused = await fetch(`${owner.issuer}/oauth/token`, { method: "POST", body: form });
    const { error_description: said } = (await refused.json()) as { error_description: string };
    expect(said).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
  });

  it("is found, and gives an ID token and userinfo that openid-client takes", async () => {
    const { config, tokens, asked } = await signIn("openid profile email read");
    expect(asked.text).toContain("See your email address");
    const claims = tokens.claims()!;
    const { sub, ...told } = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
    expect(claims).toMatchObject({ iss: owner.issuer, sub, aud: app.id, amr: ["pwd"] });
    expect(claims["auth_time"]).toBeTypeOf("number");
    expect(claims).not.toHaveProperty("email");
    expect(told).toEqual({ email: owner.email, email_verified: false, name: "Olga Owner" });
    expect((await tenant.get("/types", { token: tokens.access_token })).status).toBe(200);
    const next = await client.refreshTokenGrant(config, tokens.refresh_token!);
    expect(next.claims()).toMatchObject({ sub, aud: app.id });
  });

  it("tells what the scopes allow, and to no API", async () => {
    const { config, tokens } = await signIn("openid");
    expect(await client.fetchUserInfo(config, tokens.access_token, tokens.claims()!.sub)).toEqual({
      sub: tokens.claims()!.sub,
    });
    expect((await tenant.get("/types", { token: tokens.access_token })).status).toBe(401);
    // An ID token is no access token, here and at the API.
    expect((await tenant.get("/types", { token: tokens.id_token! })).status).toBe(401);
    const headers = { authorization: `Bearer ${tokens.id_token!}` };
    expect((await fetch(`${owner.issuer}/oauth/userinfo`, { headers })).status).toBe(401);
    const posted = await fetch(`${owner.issuer}/oauth/userinfo`, {
      method: "POST",
      body: new URLSearchParams({ access_token: tokens.access_token }),
    });
    expect(posted.status).toBe(200);
  });

  it("is signed by keys that oauth4webapi finds, with what it demands of the documents", async () => {
    const issuer = new URL(owner.issuer);
    const options = { [oauth.allowInsecureRequests]: true } as const;
    const server = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, options),
    );
    expect(server).toMatchObject({
      issuer: owner.issuer,
      userinfo_endpoint: `${owner.issuer}/oauth/userinfo`,
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["ES256"],
    });
    const { tokens } = await signIn("openid email");
    const one: oauth.Client = { client_id: app.id };
    const response = await oauth.userInfoRequest(server, one, tokens.access_token, options);
    const told = await oauth.processUserInfoResponse(server, one, tokens.claims()!.sub, response);
    expect(told["email"]).toBe(owner.email);
  });

  it("ends with the session, the grant and the membership", async () => {
    const member = await joinedMember(tenant, ["viewer"]);
    const { config, tokens } = await signIn("openid email", member);
    const told = () =>
      fetch(config.serverMetadata().userinfo_endpoint!, {
        headers: { authorization: `Bearer ${tokens.access_token}` },
      });
    expect((await told()).status).toBe(200);
    await client.tokenRevocation(config, tokens.refresh_token!);
    const refused = await told();
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toContain(
      'Bearer realm="flowcms", error="invalid_token"',
    );
    const again = await signIn("openid", member);
    await asOwner(tenant, sql`update members set suspended_at = now() where person_id = ${member.id}`);
    await expect(
      client.fetchUserInfo(again.config, again.tokens.access_token, again.tokens.claims()!.sub),
    ).rejects.toMatchObject({ status: 401 });
  });

  it("is refused to tokens without openid, and to nobody's", async () => {
    const machine = await newClient({
      grants: ["client_credentials"],
      scopes: ["read", "openid"],
      roles: ["viewer"],
    });
    const config = await discover(machine);
    const tokens = await client.clientCredentialsGrant(config);
    expect(tokens.scope).toBe("read");
    expect(tokens).not.toHaveProperty("id_token");
    await expect(client.clientCredentialsGrant(config, { scope: "openid" })).rejects.toMatchObject({
      error: "invalid_scope",
    });
    const ask = (token: string) =>
      fetch(`${owner.issuer}/oauth/userinfo`, { headers: { authorization: token } });
    const refused = await ask(`Bearer ${tokens.access_token}`);
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([
      403,
      'Bearer realm="flowcms", error="insufficient_scope"',
    ]);
    expect((await ask("Bearer x.y.z")).status).toBe(401);
    expect((await ask("Basic eDp5")).status).toBe(401);
  });
});

describe("parameters of /oauth/authorize", () => {
  it.each(["state", "scope", "response_type", "code_challenge", "prompt", "nonce", "whatever"])(
    "%s twice is refused by redirect",
    async (name) => {
      const pairs = [
        ...Object.entries(request({ nonce: "n", whatever: "1", prompt: "login" })),
        [name, "other"],
      ];
      const { status, location } = await ask(pairs);
      expect([status, errorAt(location)]).toEqual([303, "invalid_request"]);
      expect(new URL(location!).searchParams.get("state")).toBe(name === "state" ? null : "s");
    },
  );

  it.each(["client_id", "redirect_uri"])("%s twice sends nobody anywhere", async (name) => {
    for (const value of [request()[name as "client_id"], "https://evil.example/"]) {
      const refused = await ask([...Object.entries(request()), [name, value]]);
      expect([refused.status, refused.location]).toEqual([400, null]);
    }
  });

  it.each<[string, Record<string, string>, string]>([
    ["no response_type", { response_type: "" }, "invalid_request"],
    ["another response_type", { response_type: "token" }, "unsupported_response_type"],
    ["another response_mode", { response_mode: "fragment" }, "invalid_request"],
    ["prompt=none beside another", { prompt: "none login" }, "invalid_request"],
    ["a request object", { request: "eyJ" }, "request_not_supported"],
    ["a request_uri", { request_uri: "urn:x" }, "request_uri_not_supported"],
    ["max_age that is none", { max_age: "soon" }, "invalid_request"],
  ])("%s", async (_what, more, word) => {
    const { location } = await ask(request(more));
    expect(errorAt(location)).toBe(word);
  });

  it("prompt is a list", async () => {
    const stranger = newVisitor(tenant);
    expect(errorAt((await ask(request({ prompt: "none" }), stranger)).location)).toBe("login_required");
    const asked = await ask(request({ prompt: "login consent", scope: "openid" }));
    expect([asked.status, asked.text.includes("Allow Shop?")]).toEqual([200, true]);
    await asOwner(
      tenant,
      sql`update sessions set authenticated_at = now() - interval '5 minutes'
        where person_id in (select person_id from members where tenant_id = ${tenant.tenantId}::uuid
        and email = ${owner.email})`,
    );
    const stale: Record<string, string>[] = [
      { prompt: "login consent" },
      { prompt: "consent login" },
      { max_age: "100" },
    ];
    for (const more of stale) expect((await ask(request(more))).location).toContain("/sign-in?continue=");
    expect((await ask(request({ prompt: "consent", max_age: "1000" }))).status).toBe(200);
    expect(errorAt((await ask(request({ prompt: "none", max_age: "100" }))).location)).toBe("login_required");
  });
});

describe("the endpoints", () => {
  const post = async (path: string, body: string | Record<string, string>) => {
    const response = await fetch(owner.issuer + path, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(body).toString(),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? {} : (JSON.parse(text) as { error?: string }) };
  };

  it.each(["/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/device"])(
    "%s takes no parameter twice",
    async (path) => {
      const form = `client_id=${app.id}&client_secret=${app.secret}&grant_type=refresh_token&refresh_token=x&token=x`;
      for (const name of ["token", "client_id", "client_secret", "grant_type", "whatever"]) {
        const refused = await post(path, `${form}&whatever=1&${name}=x`);
        expect([name, refused.status, refused.body.error]).toEqual([name, 400, "invalid_request"]);
      }
    },
  );

  it("need the redirect URI for a code where it was named, and the same", async () => {
    const verifier = "v".repeat(43);
    const challenge = await client.calculatePKCECodeChallenge(verifier);
    const code = async (named: boolean) => {
      const { redirect_uri: uri, ...rest } = request({ code_challenge: challenge });
      const params = { ...rest, ...(named ? { redirect_uri: uri } : {}), decision: "allow" };
      const { location } = await owner.post("/oauth/authorize", params);
      return new URL(location!).searchParams.get("code")!;
    };
    const redeem = (one: string, redirect?: string) =>
      post("/oauth/token", {
        grant_type: "authorization_code",
        client_id: app.id,
        client_secret: app.secret,
        code: one,
        code_verifier: verifier,
        ...(redirect === undefined ? {} : { redirect_uri: redirect }),
      });
    const named = await code(true);
    expect((await redeem(named)).body.error).toBe("invalid_grant");
    expect((await redeem(named, "")).body.error).toBe("invalid_grant");
    expect((await redeem(named, `${REDIRECT}/`)).body.error).toBe("invalid_grant");
    expect((await redeem(named, REDIRECT)).status).toBe(200);
    expect((await redeem(await code(false))).status).toBe(200);
    expect((await redeem(await code(false), "https://evil.example/")).body.error).toBe("invalid_grant");
  });
});
