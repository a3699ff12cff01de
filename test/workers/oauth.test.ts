import * as oauth from "oauth4webapi";
import * as client from "openid-client";
import { beforeAll, describe, expect, it } from "vitest";
import { joinedMember, newOwner, newVisitor, type Visitor } from "../support/person.ts";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

const REDIRECT = "http://127.0.0.1:4999/callback";
const DEVICE = "urn:ietf:params:oauth:grant-type:device_code";
let tenant: Tenant;
let owner: Visitor & { email: string };
let app: { id: string; secret: string };
let phone: { id: string };

beforeAll(async () => {
  tenant = await newTenant();
  owner = await newOwner(tenant);
  app = await newClient({
    grants: ["authorization_code", "refresh_token", "client_credentials"],
    redirect_uris: [REDIRECT],
    scopes: ["read", "write", "offline_access"],
    roles: ["editor"],
  });
  phone = await newClient({
    confidential: false,
    grants: ["authorization_code", "refresh_token"],
    redirect_uris: [REDIRECT],
    scopes: ["read"],
  });
});

async function newClient(wanted: object) {
  const made = await tenant.post("/oauth/clients", { name: "App", ...wanted });
  expect(made.status, made.text).toBe(201);
  return made.body.data;
}

const discover = (clientId: string, secret?: string) =>
  client.discovery(new URL(owner.issuer), clientId, secret, secret ? undefined : client.None(), {
    algorithm: "oauth2",
    execute: [client.allowInsecureRequests],
  });

/** Goes through sign-in and consent as the owner; answers where the client is called back. */
async function authorized(url: URL): Promise<URL> {
  const asked = await owner.send(url.href);
  if (asked.status === 303) return new URL(asked.location!);
  expect(asked.status, asked.text).toBe(200);
  const fields = [...asked.text.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(
    ([, name, value]) => [name!, value!.replaceAll("&amp;", "&")],
  );
  const allowed = await owner.post("/oauth/authorize", { ...Object.fromEntries(fields), decision: "allow" });
  expect(allowed.status, allowed.text).toBe(303);
  return new URL(allowed.location!);
}

const authorizationUrl = async (config: client.Configuration, redirect: string) =>
  client.buildAuthorizationUrl(config, {
    redirect_uri: redirect,
    code_challenge: await client.calculatePKCECodeChallenge(client.randomPKCECodeVerifier()),
    code_challenge_method: "S256",
  });

async function codeGrant(config: client.Configuration, scope?: string, redirect = REDIRECT) {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: redirect,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    ...(scope === undefined ? {} : { scope }),
  });
  const back = await authorized(url);
  return {
    back,
    redeem: () =>
      client.authorizationCodeGrant(config, back, { pkceCodeVerifier: verifier, expectedState: state }),
  };
}

const whoami = (token: string) => tenant.get("/types", { token });

describe("openid-client", () => {
  it("gets a token for a client that acts for itself, and the API takes it", async () => {
    const config = await discover(app.id, app.secret);
    const tokens = await client.clientCredentialsGrant(config, { scope: "write" });
    expect(tokens).toMatchObject({ token_type: "bearer", expires_in: 300, scope: "write" });
    expect((await whoami(tokens.access_token)).status).toBe(200);
    expect(tokens.refresh_token).toBeUndefined();
  });

  it("goes through sign-in, consent and code with PKCE, refreshes, introspects and revokes", async () => {
    const config = await discover(app.id, app.secret);
    const { redeem } = await codeGrant(config, "read write");
    const tokens = await redeem();
    expect((await whoami(tokens.access_token)).status).toBe(200);
    const next = await client.refreshTokenGrant(config, tokens.refresh_token!);
    expect(next.refresh_token).not.toBe(tokens.refresh_token);
    const told = await client.tokenIntrospection(config, next.access_token);
    expect(told).toMatchObject({
      active: true,
      client_id: app.id,
      tid: tenant.tenantId,
      scope: "read write",
    });
    expect(told["roles"]).toEqual(["owner"]);
    await client.tokenRevocation(config, next.refresh_token!);
    expect(await client.tokenIntrospection(config, next.refresh_token!)).toEqual({ active: false });
    await expect(client.refreshTokenGrant(config, next.refresh_token!)).rejects.toMatchObject({
      error: "invalid_grant",
    });
    const took = await eventually(async () => (await whoami(next.access_token)).status === 401, 10_000);
    expect(took).toBeLessThan(10_000);
  });

  it("is disconnected on the account page, which forgets the consent", async () => {
    const config = await discover(app.id, app.secret);
    const tokens = await (await codeGrant(config, "read")).redeem();
    const shown = (await owner.get("/account")).text;
    const id = /name="id" value="(grt_\w+)"/.exec(shown)![1]!;
    const other = await joinedMember(tenant, []);
    expect((await other.post("/account/applications/end", { id })).status).toBe(404);
    expect((await owner.post("/account/applications/end", { id })).location).toContain("done=application");
    await expect(client.refreshTokenGrant(config, tokens.refresh_token!)).rejects.toMatchObject({
      error: "invalid_grant",
    });
    const asked = await owner.get(
      `/oauth/authorize?${new URLSearchParams({ client_id: app.id, redirect_uri: REDIRECT, response_type: "code", scope: "read", code_challenge: "x".repeat(43), code_challenge_method: "S256" })}`,
    );
    expect(asked.text).toContain("Allow App?");
  });

  it("lets a public client in by PKCE alone", async () => {
    const { redeem } = await codeGrant(await discover(phone.id));
    expect((await redeem()).scope).toBe("read");
  });

  it("asks for consent each time where another program may be in the client's place", async () => {
    const { id } = await newClient({
      confidential: false,
      grants: ["authorization_code"],
      redirect_uris: [REDIRECT, "com.example.app:/callback"],
      scopes: ["read"],
    });
    const config = await discover(id);
    for (const redirect of [REDIRECT, "com.example.app:/callback"]) {
      expect((await (await codeGrant(config, undefined, redirect)).redeem()).scope).toBe("read");
      const url = await authorizationUrl(config, redirect);
      expect((await owner.send(url.href)).text).toContain("Allow App?");
      url.searchParams.set("prompt", "none");
      const back = new URL((await owner.send(url.href)).location!).searchParams;
      expect([back.get("error"), back.get("code")]).toEqual(["consent_required", null]);
    }
    const otherPort = await authorizationUrl(config, REDIRECT.replace("4999", "6666"));
    expect((await owner.send(otherPort.href)).text).toContain("Allow App?");
  });

  it("tells the client of a stranger neither a code nor their address", async () => {
    const stranger = await joinedMember(await newTenant(), ["viewer"]);
    const url = await authorizationUrl(await discover(app.id, app.secret), REDIRECT);
    for (const prompt of ["none", "login"]) {
      url.searchParams.set("prompt", prompt);
      const { location } = await stranger.send(url.href);
      expect(new URL(location!).searchParams.get("error")).toBe("access_denied");
      expect(decodeURIComponent(location!)).not.toContain(stranger.email.split("@")[0]);
    }
  });

  it("connects a device", async () => {
    const config = await discover("flow-cli");
    const started = await client.initiateDeviceAuthorization(config, { scope: "read offline_access" });
    await expect(
      client.genericGrantRequest(config, DEVICE, { device_code: started.device_code }),
    ).rejects.toMatchObject({ error: "authorization_pending" });
    await expect(
      client.genericGrantRequest(config, DEVICE, { device_code: started.device_code }),
    ).rejects.toMatchObject({ error: "slow_down" });
    const shown = await owner.post("/device", { user_code: started.user_code.toLowerCase() });
    expect(shown.text).toContain("Connect FlowCMS command line?");
    const answer = await owner.post("/device", { user_code: started.user_code, decision: "allow" });
    expect(answer.text).toContain("The device is connected");
    const tokens = await client.genericGrantRequest(config, DEVICE, { device_code: started.device_code });
    expect((await whoami(tokens.access_token)).status).toBe(200);
    await expect(
      client.genericGrantRequest(config, DEVICE, { device_code: started.device_code }),
    ).rejects.toMatchObject({ error: "invalid_grant" });
  });
});

describe("oauth4webapi", () => {
  it("validates metadata, answers and the signature of the access token", async () => {
    const issuer = new URL(owner.issuer);
    const options = { [oauth.allowInsecureRequests]: true, algorithm: "oauth2" } as const;
    const server = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, options),
    );
    const one: oauth.Client = { client_id: app.id };
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      one,
      oauth.ClientSecretBasic(app.secret),
      new URLSearchParams({ scope: "read" }),
      options,
    );
    const { access_token } = await oauth.processClientCredentialsResponse(server, one, response);
    const request = new Request("https://api.example.com/", {
      headers: { authorization: `Bearer ${access_token}` },
    });
    const claims = await oauth.validateJwtAccessToken(server, request, "flowcms", options);
    expect(claims).toMatchObject({
      sub: app.id,
      client_id: app.id,
      scope: "read",
      tid: tenant.tenantId,
      roles: ["editor"],
    });
    expect(claims.exp - claims.iat).toBe(300);
  });
});

describe("what is refused", () => {
  const post = async (path: string, form: Record<string, string>, headers: Record<string, string> = {}) => {
    const response = await fetch(owner.issuer + path, {
      method: "POST",
      body: new URLSearchParams(form),
      headers,
    });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as { error: string },
    };
  };

  it("twelve at once get exactly one successor, and a replay after the grace ends the family", async () => {
    const config = await discover(app.id, app.secret);
    const { redeem } = await codeGrant(config, "read");
    const { refresh_token } = await redeem();
    const all = await Promise.all(
      Array.from({ length: 12 }, () => client.refreshTokenGrant(config, refresh_token!)),
    );
    expect(new Set(all.map((tokens) => tokens.refresh_token)).size).toBe(1);
  });

  it("a code works once, and shown again takes its tokens along", async () => {
    const config = await discover(app.id, app.secret);
    const { redeem } = await codeGrant(config, "read");
    const tokens = await redeem();
    await expect(redeem()).rejects.toMatchObject({ error: "invalid_grant" });
    await expect(client.refreshTokenGrant(config, tokens.refresh_token!)).rejects.toMatchObject({
      error: "invalid_grant",
    });
  });

  it("a code with another verifier, another client or another redirect", async () => {
    const config = await discover(app.id, app.secret);
    const { back } = await codeGrant(config, "read");
    const code = back.searchParams.get("code")!;
    const form = { grant_type: "authorization_code", code, redirect_uri: REDIRECT };
    const wrong = await post("/oauth/token", {
      ...form,
      client_id: app.id,
      client_secret: app.secret,
      code_verifier: "x".repeat(43),
    });
    expect(wrong).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    const other = await post("/oauth/token", { ...form, client_id: phone.id, code_verifier: "x".repeat(43) });
    expect(other).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  });

  it("plain PKCE, no PKCE, an unknown redirect or scope, an unknown client", async () => {
    const at = (params: Record<string, string>) =>
      owner.get(
        `/oauth/authorize?${new URLSearchParams({ client_id: app.id, redirect_uri: REDIRECT, response_type: "code", state: "s", ...params })}`,
      );
    const plain = await at({ code_challenge: "x".repeat(43), code_challenge_method: "plain" });
    expect(plain.location).toContain("error=invalid_request");
    expect(plain.location).toContain("state=s");
    expect((await at({})).location).toContain("error=invalid_request");
    const pkce = { code_challenge: "x".repeat(43), code_challenge_method: "S256" };
    expect((await at({ ...pkce, scope: "admin" })).location).toContain("error=invalid_scope");
    expect((await at({ ...pkce, response_type: "token" })).location).toContain(
      "error=unsupported_response_type",
    );
    for (const redirect_uri of [
      `${REDIRECT}/more`,
      "https://evil.example/",
      `${REDIRECT}#x`,
      "javascript:alert(1)",
    ])
      expect(await at({ ...pkce, redirect_uri })).toMatchObject({ status: 400, location: null });
    expect(await at({ ...pkce, client_id: "cli_nobody" })).toMatchObject({ status: 400, location: null });
    const stranger = newVisitor(tenant);
    const asked = await stranger.get(
      `/oauth/authorize?${new URLSearchParams({ client_id: app.id, redirect_uri: REDIRECT, response_type: "code", ...pkce, prompt: "none" })}`,
    );
    expect(asked.location).toContain("error=login_required");
  });

  it("a consent that another site sends", async () => {
    const params = {
      client_id: app.id,
      redirect_uri: REDIRECT,
      response_type: "code",
      code_challenge: "x".repeat(43),
      code_challenge_method: "S256",
      scope: "write",
      decision: "allow",
    };
    expect((await owner.post("/oauth/authorize", params, { origin: "https://evil.example" })).status).toBe(
      403,
    );
    expect((await owner.post("/oauth/authorize", params, { "sec-fetch-site": "cross-site" })).status).toBe(
      403,
    );
  });

  it("wrong secrets, unknown grants, bodies that are no form, another tenant's client", async () => {
    const wrong = await post("/oauth/token", {
      grant_type: "client_credentials",
      client_id: app.id,
      client_secret: "no",
    });
    expect(wrong).toMatchObject({ status: 401, body: { error: "invalid_client" } });
    const basic = await post(
      "/oauth/token",
      { grant_type: "client_credentials" },
      { authorization: `Basic ${btoa(`${app.id}:no`)}` },
    );
    expect(basic.headers.get("www-authenticate")).toContain("Basic");
    expect(await post("/oauth/token", { grant_type: "client_credentials" })).toMatchObject({ status: 401 });
    expect(await post("/oauth/token", { grant_type: "password", client_id: app.id })).toMatchObject({
      status: 400,
      body: { error: "unsupported_grant_type" },
    });
    expect(await post("/oauth/token", { client_id: app.id })).toMatchObject({
      body: { error: "invalid_request" },
    });
    expect(
      await post("/oauth/token", { grant_type: "client_credentials" }, { authorization: "Basic %%%" }),
    ).toMatchObject({ status: 401 });
    const json = await fetch(`${owner.issuer}/oauth/token`, {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json" },
    });
    expect(json.status).toBe(415);
    const other = await newTenant();
    const stolen = await fetch(`${owner.origin}/t/${other.slug}/oauth/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: app.id,
        client_secret: app.secret,
      }),
    });
    expect(stolen.status).toBe(401);
  });

  it("a token whose session has ended, everywhere within ten seconds", async () => {
    const visitor = newVisitor(tenant);
    const signedIn = await visitor.post("/sign-in", {
      email: owner.email,
      password: "correct horse battery",
    });
    expect(signedIn.status, signedIn.text).toBe(303);
    const answer = await visitor.post("/session/token", {}, { accept: "application/json" });
    const { access_token: token } = JSON.parse(answer.text).data;
    expect((await whoami(token)).status).toBe(200);
    await visitor.post("/sign-out", {});
    await eventually(async () => (await whoami(token)).status === 401, 10_000);
    expect((await visitor.post("/session/token", {}, { accept: "application/json" })).status).toBe(401);
  });

  it("a deleted client's tokens", async () => {
    const made = await newClient({ grants: ["client_credentials"], scopes: ["read"] });
    const config = await discover(made.id, made.secret);
    const { access_token } = await client.clientCredentialsGrant(config);
    expect((await whoami(access_token)).status).toBe(200);
    expect((await tenant.delete(`/oauth/clients/${made.id}`)).status).toBe(204);
    await eventually(async () => (await whoami(access_token)).status === 401, 10_000);
    await expect(client.clientCredentialsGrant(config)).rejects.toMatchObject({ error: "invalid_client" });
  });
});
