import { sql } from "drizzle-orm";
import { expect, inject, it } from "vitest";
import { hashSecret } from "../../src/core/tokens.ts";
import { joinedMember } from "../support/person.ts";
import { asOwner, newTenant } from "../support/tenant.ts";

const REDIRECT = "https://app.example.com/back";
const VERIFIER = "v".repeat(43);

it("a refused code or refresh token is as good as before", async () => {
  const tenant = await newTenant();
  const member = await joinedMember(tenant, ["editor"]);
  const newClient = async () => {
    const made = await tenant.post("/oauth/clients", {
      name: "App",
      grants: ["authorization_code", "refresh_token"],
      redirect_uris: [REDIRECT],
      scopes: ["read", "write"],
    });
    return { client_id: made.body.data.id as string, client_secret: made.body.data.secret as string };
  };
  const [mine, other] = [await newClient(), await newClient()];
  const ask = async (form: Record<string, string>) => {
    const url = `${inject("url")}/t/${tenant.slug}/oauth/token`;
    const response = await fetch(url, { method: "POST", body: new URLSearchParams(form) });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(VERIFIER));
  const allowed = await member.post("/oauth/authorize", {
    client_id: mine.client_id,
    redirect_uri: REDIRECT,
    response_type: "code",
    scope: "read",
    code_challenge: Buffer.from(digest).toString("base64url"),
    code_challenge_method: "S256",
    decision: "allow",
  });
  const code = new URL(allowed.location!).searchParams.get("code")!;
  const redeem = { ...mine, grant_type: "authorization_code", code, redirect_uri: REDIRECT };
  for (const wrong of [
    { code_verifier: "x".repeat(43) },
    { code_verifier: "short" },
    { code_verifier: VERIFIER, ...other },
    { code_verifier: VERIFIER, redirect_uri: `${REDIRECT}/` },
    { code_verifier: VERIFIER, client_secret: "wrong" },
  ])
    expect((await ask({ ...redeem, ...wrong })).status).toBeGreaterThan(399);
  const first = await ask({ ...redeem, code_verifier: VERIFIER });
  expect(first.status, JSON.stringify(first.body)).toBe(200);

  const token = first.body["refresh_token"]!;
  const refresh = { ...mine, grant_type: "refresh_token", refresh_token: token };
  for (const scope of ["admin", "read write", "nonsense", " "])
    expect(await ask({ ...refresh, scope })).toMatchObject({ status: 400, body: { error: "invalid_scope" } });
  expect((await ask({ ...refresh, ...other })).body["error"]).toBe("invalid_grant");
  const hash = await hashSecret(token);
  const used = sql`select used_at from oauth_refresh_tokens where token_hash = ${hash}`;
  expect((await asOwner(tenant, used))[0]).toEqual([[null]]);
  const next = (await ask(refresh)).body;
  expect(next["scope"]).toBe("read");

  // Used up, and shown again long after, it ends the family, however wrongly it is asked for.
  const longAgo = sql`update oauth_refresh_tokens set used_at = used_at - interval '1 minute' where token_hash = ${hash}`;
  await asOwner(tenant, longAgo);
  expect((await ask({ ...refresh, scope: "admin" })).body["error"]).toBe("invalid_grant");
  const last = await ask({ ...refresh, refresh_token: next["refresh_token"]! });
  expect(last.body["error"]).toBe("invalid_grant");
});
