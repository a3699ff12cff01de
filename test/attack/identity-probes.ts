import type { Caller, Request } from "./caller.ts";
import type { Party } from "./plant.ts";
import type { Probe } from "./rest-probes.ts";

const PASSWORD = "correct horse battery staple";
const REDIRECT = "https://app.example.com/callback";
const VERIFIER = "v".repeat(43);
const CHALLENGE = {
  client_id: "",
  redirect_uri: REDIRECT,
  response_type: "code",
  // Of 43 times the email v.
  code_challenge: "",
  code_challenge_method: "S256",
};

/** What one tenant has of identity: an owner's session, a client, and one of everything that is issued. */
export type Identity = {
  cookie: string;
  email: string;
  sessionId: string;
  personId: string;
  client: { id: string; secret: string };
  accessToken: string;
  refreshToken: string;
  code: string;
  deviceCode: string;
  userCode: string;
};

/**
 * Makes an owner with the tenant's set-up code, a client, and tokens of every kind. `name` stands in
 * all of it.
 */
export async function plantIdentity(
  call: Caller,
  origin: string,
  party: Party,
  name: string,
): Promise<Identity> {
  const site = `/t/${party.slug}`;
  const post = async (path: string, form: Record<string, string>, cookie?: string) => {
    const headers = { origin, ...(cookie === undefined ? {} : { cookie }) };
    const seen = await call({ method: "POST", path: site + path, form, headers, token: null });
    if (seen.status >= 400) throw new Error(`${path}: ${seen.status} ${seen.text.slice(0, 300)}`);
    return seen;
  };
  const email = `${name}@example.com`;
  const made = await post("/setup", { code: party.setupCode, email, name, password: PASSWORD });
  const cookie = /__Host-flow_session=\w+/.exec(made.headers.get("set-cookie") ?? "")![0];
  const client = await create(call, party, "/oauth/clients", {
    name,
    grants: ["authorization_code", "refresh_token", "client_credentials"],
    redirect_uris: [REDIRECT],
    scopes: ["read", "write", "admin"],
  });
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(VERIFIER));
  const challenge = Buffer.from(digest).toString("base64url");
  const authorize = async () => {
    const form = { ...CHALLENGE, client_id: client.id, code_challenge: challenge, decision: "allow" };
    const { headers } = await post("/oauth/authorize", form, cookie);
    return new URL(headers.get("location")!).searchParams.get("code")!;
  };
  const credentials = { client_id: client.id, client_secret: client.secret };
  const exchanged = await post("/oauth/token", {
    ...credentials,
    grant_type: "authorization_code",
    code: await authorize(),
    code_verifier: VERIFIER,
    redirect_uri: REDIRECT,
  });
  const tokens = JSON.parse(exchanged.text) as { access_token: string; refresh_token: string };
  const device = JSON.parse((await post("/oauth/device", { client_id: "flow-cli" })).text) as {
    device_code: string;
    user_code: string;
  };
  const claims = JSON.parse(Buffer.from(tokens.access_token.split(".")[1]!, "base64url").toString()) as {
    sid: string;
    sub: string;
  };
  return {
    cookie,
    email,
    sessionId: claims.sid,
    personId: claims.sub,
    client,
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token,
    code: await authorize(),
    deviceCode: device.device_code,
    userCode: device.user_code,
  };
}

async function create(call: Caller, { tokens }: Party, path: string, body: unknown) {
  const { status, text } = await call({ method: "POST", path: `/api/v3${path}`, token: tokens.admin, body });
  if (status !== 201) throw new Error(`${path}: ${status} ${text.slice(0, 300)}`);
  return (JSON.parse(text) as { data: { id: string; secret: string } }).data;
}

/** The attacker's session, clients and codes at the victim's site, and the victim's at the attacker's. */
export function identityProbes(
  origin: string,
  attacker: Party & { identity: Identity },
  victim: Party & { identity: Identity },
  /** Ids of the victim's connections for single sign-on. */
  connections: readonly string[],
): Probe[] {
  const [mine, theirs] = [attacker.identity, victim.identity];
  const [home, away] = [`/t/${attacker.slug}`, `/t/${victim.slug}`];
  const asMe = { origin, cookie: mine.cookie };
  const probe = (name: string, request: Omit<Request, "token"> & { token?: string }): Probe => ({
    name: `identity: ${name}`,
    request: { token: null, ...request },
    occupies: false,
  });
  const form = (
    name: string,
    path: string,
    fields: Record<string, string>,
    headers: Record<string, string> = asMe,
  ) => probe(name, { method: "POST", path, form: fields, headers });
  const pages = [
    "/account",
    "/device",
    "/account/tenants/new",
    "/sign-in",
    "/setup",
    "/.well-known/jwks.json",
  ];
  const ours = { client_id: mine.client.id, client_secret: mine.client.secret };
  const mixed = { client_id: theirs.client.id, client_secret: mine.client.secret };
  const redeem = { grant_type: "authorization_code", code_verifier: VERIFIER, redirect_uri: REDIRECT };
  const device = "urn:ietf:params:oauth:grant-type:device_code";
  const [head, , signature] = mine.accessToken.split(".");
  const swapped = [head, theirs.accessToken.split(".")[1], signature].join(".");
  return [
    ...pages.map((path) => probe(`page ${path}`, { method: "GET", path: away + path, headers: asMe })),
    form("a page's token at the victim's site", `${away}/session/token`, {}),
    probe("consent for the victim's client", {
      method: "GET",
      path: `${away}/oauth/authorize?${new URLSearchParams({ ...CHALLENGE, client_id: theirs.client.id, code_challenge: "x".repeat(43) })}`,
      headers: asMe,
    }),
    form("consent given for the victim's client", `${away}/oauth/authorize`, {
      ...CHALLENGE,
      client_id: theirs.client.id,
      code_challenge: "x".repeat(43),
      decision: "allow",
    }),
    ...[ours, mixed].flatMap((client) => [
      form("client credentials", `${away}/oauth/token`, { ...client, grant_type: "client_credentials" }, {}),
      form(
        "the victim's refresh token",
        `${away}/oauth/token`,
        { ...client, grant_type: "refresh_token", refresh_token: theirs.refreshToken },
        {},
      ),
      form("the victim's code", `${away}/oauth/token`, { ...client, ...redeem, code: theirs.code }, {}),
      form("introspection", `${away}/oauth/introspect`, { ...client, token: theirs.accessToken }, {}),
      form("revocation", `${away}/oauth/revoke`, { ...client, token: theirs.refreshToken }, {}),
    ]),
    form(
      "the victim's refresh token at home",
      `${home}/oauth/token`,
      { ...ours, grant_type: "refresh_token", refresh_token: theirs.refreshToken },
      {},
    ),
    form("the victim's code at home", `${home}/oauth/token`, { ...ours, ...redeem, code: theirs.code }, {}),
    form("introspection at home", `${home}/oauth/introspect`, { ...ours, token: theirs.accessToken }, {}),
    form(
      "introspection of a refresh token at home",
      `${home}/oauth/introspect`,
      { ...ours, token: theirs.refreshToken },
      {},
    ),
    form("revocation at home", `${home}/oauth/revoke`, { ...ours, token: theirs.accessToken }, {}),
    form(
      "revocation of a refresh token at home",
      `${home}/oauth/revoke`,
      { ...ours, token: theirs.refreshToken },
      {},
    ),
    form(
      "the victim's device code at home",
      `${home}/oauth/token`,
      { client_id: "flow-cli", grant_type: device, device_code: theirs.deviceCode },
      {},
    ),
    form("the victim's user code at home", `${home}/device`, { user_code: theirs.userCode }),
    form("the victim's user code refused", `${home}/device`, {
      user_code: theirs.userCode,
      decision: "deny",
    }),
    form("the victim's user code at its site", `${away}/device`, {
      user_code: theirs.userCode,
      decision: "allow",
    }),
    form("the victim's session ended", `${home}/account/sessions/end`, { id: theirs.sessionId }),
    form("the victim's session ended at its site", `${away}/account/sessions/end`, { id: theirs.sessionId }),
    ...["/Users", "/Groups", `/Users/${theirs.personId}`].flatMap((path) => [
      probe(`SCIM at the victim's site ${path}`, {
        method: "GET",
        path: `${away}/scim/v2${path}`,
        token: attacker.tokens.admin,
      }),
      probe(`SCIM at home ${path}`, {
        method: "GET",
        path: `${home}/scim/v2${path}`,
        token: attacker.tokens.admin,
      }),
    ]),
    probe("SCIM deletes the victim's owner", {
      method: "DELETE",
      path: `${home}/scim/v2/Users/${theirs.personId}`,
      token: attacker.tokens.admin,
    }),
    ...connections.flatMap((id) => [
      probe("the victim's connection at home", { method: "GET", path: `${home}/sso/oidc/${id}/login` }),
      probe("the victim's metadata at home", { method: "GET", path: `${home}/sso/saml/${id}/metadata` }),
      form("a response for the victim's connection", `${home}/sso/saml/${id}/acs`, {
        SAMLResponse: btoa("<x/>"),
      }),
    ]),
    form("the victim's set-up", `${away}/setup`, {
      code: attacker.setupCode,
      email: "thief@example.com",
      name: "T",
      password: PASSWORD,
    }),
    ...["/types", "/members", "/audit-logs"].flatMap((path) => [
      probe(`my token under the victim's name ${path}`, {
        method: "GET",
        path: `/api/v3${path}`,
        token: mine.accessToken,
        headers: { "x-flow-tenant": victim.slug },
      }),
      probe(`the victim's claims with my signature ${path}`, {
        method: "GET",
        path: `/api/v3${path}`,
        token: swapped,
      }),
    ]),
  ];
}

/** What must work for the victim as before: its session and its tokens. */
export async function stillWorks(
  call: Caller,
  origin: string,
  { slug, identity }: Party & { identity: Identity },
): Promise<string[]> {
  const headers = { origin, cookie: identity.cookie };
  const { id: client_id, secret: client_secret } = identity.client;
  const tries: [string, Request][] = [
    ["session", { method: "POST", path: `/t/${slug}/session/token`, form: {}, headers, token: null }],
    ["access token", { method: "GET", path: "/api/v3/types", token: identity.accessToken }],
    [
      "refresh token",
      {
        method: "POST",
        path: `/t/${slug}/oauth/token`,
        form: { client_id, client_secret, grant_type: "refresh_token", refresh_token: identity.refreshToken },
        token: null,
      },
    ],
    [
      "device",
      {
        method: "POST",
        path: `/t/${slug}/device`,
        form: { user_code: identity.userCode, decision: "allow" },
        headers,
        token: null,
      },
    ],
  ];
  const broken: string[] = [];
  for (const [name, request] of tries) if ((await call(request)).status !== 200) broken.push(name);
  return broken;
}
