import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from "jose";
import type { Visitor } from "./person.ts";
import type { Tenant } from "./tenant.ts";

export const CLIENT = { id: "flow", secret: "a secret of the client" };
export type Claims = JWTPayload & Record<string, unknown>;
/** What the next answers of the provider say: claims of the ID token, and how it is made otherwise. */
export type Behaviour = {
  claims: Claims;
  userinfo?: Claims;
  /** Makes the ID token in another way. */
  forge?: (claims: Claims) => Promise<string>;
  tokenStatus?: number;
  discovery?: object;
};

/** An OpenID provider on this machine that says what a test wants it to, right or wrong. */
export async function newOidcProvider() {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const keys = [{ ...(await exportJWK(publicKey)), kid: "k1", alg: "RS256", use: "sig" }];
  const behaviour: Behaviour = { claims: { sub: "s" } };
  const asked: URL[] = [];
  const codes = new Map<string, { nonce: string; challenge: string; redirectUri: string }>();
  const sign = (claims: Claims) =>
    new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "k1" }).sign(privateKey);
  let issuer = "";
  const server = createServer((request, response) => {
    void (async () => {
      const url = new URL(request.url!, issuer);
      asked.push(url);
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      const json = (body: object, status = 200) =>
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      if (url.pathname === "/.well-known/openid-configuration")
        return json({
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          userinfo_endpoint: `${issuer}/userinfo`,
          jwks_uri: `${issuer}/jwks`,
          response_types_supported: ["code"],
          subject_types_supported: ["public"],
          id_token_signing_alg_values_supported: ["RS256"],
          token_endpoint_auth_methods_supported: ["client_secret_basic"],
          ...behaviour.discovery,
        });
      if (url.pathname === "/jwks") return json({ keys });
      if (url.pathname === "/userinfo") return json({ sub: behaviour.claims.sub, ...behaviour.userinfo });
      if (url.pathname !== "/token") return json({}, 404);
      const code = codes.get(form.get("code") ?? "");
      const digest = await crypto.subtle.digest(
        "SHA-256",
        new TextEncoder().encode(form.get("code_verifier") ?? ""),
      );
      const basic = Buffer.from((request.headers.authorization ?? "").slice(6), "base64").toString();
      const isRight =
        code !== undefined &&
        code.challenge === Buffer.from(digest).toString("base64url") &&
        code.redirectUri === form.get("redirect_uri") &&
        decodeURIComponent(basic.replaceAll("+", " ")) === `${CLIENT.id}:${CLIENT.secret}`;
      if (!code || !isRight || behaviour.tokenStatus)
        return json({ error: "invalid_grant" }, behaviour.tokenStatus ?? 400);
      codes.delete(form.get("code")!);
      const now = Math.floor(Date.now() / 1000);
      const claims = {
        iss: issuer,
        aud: CLIENT.id,
        iat: now,
        exp: now + 300,
        nonce: code.nonce,
        ...behaviour.claims,
      };
      const idToken = await (behaviour.forge ?? sign)(claims);
      return json({ access_token: "at", token_type: "Bearer", expires_in: 300, id_token: idToken });
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    behaviour,
    asked,
    sign,
    /** What the authorisation endpoint would answer to the address that a browser was sent to. */
    authorize(address: string): { query: string; url: URL } {
      const url = new URL(address);
      const param = (name: string) => url.searchParams.get(name) ?? "";
      const code = crypto.randomUUID();
      codes.set(code, {
        nonce: param("nonce"),
        challenge: param("code_challenge"),
        redirectUri: param("redirect_uri"),
      });
      return { query: `?${new URLSearchParams({ code, state: param("state"), iss: issuer })}`, url };
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

export type OidcProvider = Awaited<ReturnType<typeof newOidcProvider>>;

/** A connection of the tenant to a provider. */
export async function connectOidc(
  tenant: Tenant,
  issuer: string,
  wanted: { oidc?: object; [field: string]: unknown } = {},
) {
  const made = await tenant.post("/sso/connections", {
    type: "oidc",
    name: "Acme",
    ...wanted,
    oidc: { issuer, client_id: CLIENT.id, client_secret: CLIENT.secret, ...wanted.oidc },
  });
  if (made.status !== 201) throw new Error(made.text);
  return made.body.data as { id: string; oidc: Record<string, unknown> };
}

const asJson = { headers: { accept: "application/json" } };
export const startOidc = (visitor: Visitor, { id }: { id: string }) =>
  visitor.send(`${visitor.prefix}/sso/oidc/${id}/login`, asJson);
export const callBack = (visitor: Visitor, { id }: { id: string }, query: string) =>
  visitor.send(`${visitor.prefix}/sso/oidc/${id}/callback${query}`, asJson);

/** The whole of it: a visitor signed in, or refused. */
export async function signInByOidc(
  visitor: Visitor,
  connection: { id: string },
  provider: OidcProvider,
  behaviour: Behaviour,
) {
  Object.assign(
    provider.behaviour,
    { userinfo: undefined, forge: undefined, tokenStatus: undefined, discovery: undefined },
    behaviour,
  );
  const started = await startOidc(visitor, connection);
  if (started.status !== 303) return started;
  return callBack(visitor, connection, provider.authorize(started.location!).query);
}
