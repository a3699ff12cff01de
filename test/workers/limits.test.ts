import { sql } from "drizzle-orm";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { describe, expect, inject, it } from "vitest";
import { newOwner, pageToken } from "../support/person.ts";
import { asOwner, newTenant, type Tenant } from "../support/tenant.ts";

const reason = (reply: { body: any }) => reply.body?.error?.reason;

async function newKey(tenant: Tenant, kid: string) {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const { kty, crv, x, y } = await exportJWK(publicKey);
  const jwk = { kty, crv, x, y };
  const made = await tenant.post("/keys", { kid, jwk });
  const sign = (claims: Record<string, unknown>) =>
    new SignJWT({ tid: tenant.tenantId, scope: "read", sub: "s", aud: "flowcms", ...claims })
      .setProtectedHeader({ alg: "ES256", kid })
      .sign(privateKey);
  return { made, jwk, sign };
}

describe("keys of a tenant", () => {
  it("never take the kid of a key that the tenant's issuer signs with", async () => {
    const tenant = await newTenant();
    const token = (await pageToken(await newOwner(tenant)))!;
    const kids = (await tenant.get("/oauth/keys")).body.data.map(({ kid }: { kid: string }) => kid);
    expect(kids).toHaveLength(2);
    for (const kid of [...kids, kids[0].toUpperCase(), `k-${crypto.randomUUID()}`]) {
      const { made } = await newKey(tenant, kid);
      expect([made.status, made.body.error.details?.[0]?.path], kid).toEqual([422, "kid"]);
    }
    // One that is there all the same stands behind ours.
    const { jwk } = await newKey(tenant, "own");
    await asOwner(
      tenant,
      ...kids.map(
        (kid: string) =>
          sql`insert into signing_keys (tenant_id, kid, alg, public_jwk, created_by)
            values (${tenant.tenantId}::uuid, ${kid}, 'ES256', ${JSON.stringify(jwk)}::jsonb, 'test')`,
      ),
    );
    await tenant.post("/tokens", { name: "So that the edge reads anew", scope: "read" });
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(`${inject("secondEdgeUrl")}/api/v3/access/me`, { headers })).status).toBe(200);
    expect((await tenant.get("/access/me", { token })).status).toBe(200);
  });

  it("speak for an hour from now at most, whatever iat says", async () => {
    const tenant = await newTenant();
    const { sign } = await newKey(tenant, "app");
    const now = Math.floor(Date.now() / 1000);
    const read = async (claims: Record<string, unknown>) =>
      tenant.get("/types", { token: await sign(claims) });
    expect((await read({ iat: now, exp: now + 600 })).status).toBe(200);
    expect((await read({ iat: now + 30, exp: now + 600 })).status).toBe(200);
    expect((await read({ exp: now + 600 })).status).toBe(200);
    for (const iat of [now + 120, now + 1e9])
      expect(reason(await read({ iat, exp: now + 1e9 + 600 })), String(iat)).toBe("access/issued-in-future");
    for (const iat of ["soon", [now], { now }, true])
      expect((await read({ iat, exp: now + 1e9 })).status, String(iat)).toBe(401);
    for (const claims of [{ iat: now, exp: now + 4000 }, { exp: now + 4000 }, { iat: -now, exp: now + 60 }])
      expect(reason(await read(claims)), JSON.stringify(claims)).toBe("access/token-lives-too-long");
  });
});

describe("claims of a JWT that a trusted key signed", () => {
  it("are of the form that they have to be, or it is refused by the claim's name", async () => {
    const tenant = await newTenant();
    const { sign } = await newKey(tenant, "app");
    const now = Math.floor(Date.now() / 1000);
    const read = async (claims: Record<string, unknown>) =>
      tenant.get("/types", { token: await sign({ iat: now, exp: now + 600, ...claims }) });
    for (const claims of [
      { scope: "read" },
      { scope: "openid read write" },
      { sub: "s".repeat(200) },
      { aud: ["other", "flowcms"] },
      { nbf: now - 5, jti: "one" },
    ])
      expect((await read(claims)).status, JSON.stringify(claims)).toBe(200);
    for (const [claim, values] of Object.entries({
      scope: [["admin"], ["read", "write"], { read: true }, 7, true, null],
      sub: ["", " ", "s".repeat(201), "a\u0000b", "a\nb", "\ud800", 7, ["s"], { s: 1 }, true],
      aud: [
        ["flowcms", 7],
        ["flowcms", null],
        ["flowcms", ["flowcms"]],
      ],
      iat: ["soon", null, true, [now]],
      exp: [String(now + 600), true, [now + 600]],
      nbf: ["soon", null, true, [now - 5]],
      jti: [7, "", "j".repeat(201), ["one"], null],
      client_id: [7, ["s"], null, ""],
    }))
      for (const value of values) {
        const { status, body } = await read({ [claim]: value });
        const { reason: why, details } = body.error ?? {};
        expect([status, why, details?.[0]?.path], `${claim}: ${JSON.stringify(value)}`).toEqual([
          401,
          "access/bad-claim",
          claim,
        ]);
      }
    for (const aud of ["other", ["other"], 7, {}]) expect((await read({ aud })).status).toBe(401);
  });
});

describe("an idempotency key of an upload", () => {
  const form = (bytes: Uint8Array, name = "a.bin") => {
    const body = new FormData();
    body.set("file", new File([bytes as BlobPart], name, { type: "application/octet-stream" }));
    return body;
  };

  it("stands for its bytes, whatever boundary stands between them", async () => {
    const tenant = await newTenant();
    const bytes = new Uint8Array(300_000);
    // It fills no more than 65,536 bytes at once.
    for (let at = 0; at < bytes.length; at += 60_000) crypto.getRandomValues(bytes.subarray(at, at + 60_000));
    const send = (raw: FormData) =>
      tenant.call("POST", "/assets", { raw, headers: { "idempotency-key": "upload" } });
    const first = await send(form(bytes));
    expect(first.status, first.text).toBe(201);
    const again = await send(form(bytes.slice()));
    expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([201, "true"]);
    expect(again.body.data.id).toBe(first.body.data.id);
    const other = bytes.slice();
    other[150_000] = other[150_000]! ^ 1;
    expect(reason(await send(form(other)))).toBe("http/idempotency-key-reused");
    expect(reason(await send(form(bytes, "b.bin")))).toBe("http/idempotency-key-reused");
  });
});

describe("limits", () => {
  it("are kept to for aliases, tokens and keys, also by many at once", async () => {
    const tenant = await newTenant();
    const id = tenant.tenantId;
    const [[[environment]]] = (await asOwner(
      tenant,
      sql`select id from environments where tenant_id = ${id}::uuid`,
      sql`insert into environment_aliases (tenant_id, name, environment_id)
        select ${id}::uuid, 'a' || i, (select id from environments where tenant_id = ${id}::uuid)
        from generate_series(1, 48) i`,
      sql`insert into api_tokens (tenant_id, id, name, scopes, secret_hash, created_by)
        select ${id}::uuid, 'tok_' || i, 'n', '{read}', 'h', 'test' from generate_series(1, 995) i`,
      sql`insert into api_tokens (tenant_id, id, name, scopes, secret_hash, created_by, expires_at)
        select ${id}::uuid, 'tok_old' || i, 'n', '{read}', 'h', 'test', now() - interval '1 day'
        from generate_series(1, 10) i`,
      sql`insert into signing_keys (tenant_id, kid, alg, public_jwk, created_by)
        select ${id}::uuid, 'k' || i, 'ES256', '{}', 'test' from generate_series(1, 49) i`,
    )) as [[[string]]];
    expect(environment).toBeTypeOf("string");
    const many = async (send: (i: number) => Promise<{ status: number }>) =>
      (await Promise.all([1, 2, 3, 4].map(send))).map(({ status }) => status).sort();
    const alias = (name: string) => tenant.put(`/environments/aliases/${name}`, { environment: "main" });
    expect(await many((i) => alias(`b${i}`))).toEqual([200, 200, 402, 402]);
    expect(reason(await alias("c"))).toBe("environments/too-many-aliases");
    expect((await alias("a1")).status).toBe(200);
    expect((await alias("aliases")).status).toBe(422);
    expect(await many((i) => tenant.post("/tokens", { name: `t${i}`, scope: "read" }))).toEqual([
      201, 201, 402, 402,
    ]);
    expect(reason(await tenant.post("/tokens", { name: "t", scope: "read" }))).toBe("access/too-many-tokens");
    expect((await newKey(tenant, "fiftieth")).made.status).toBe(201);
    expect(reason((await newKey(tenant, "one-more")).made)).toBe("access/too-many-keys");
  });

  it("are kept to for the tenants of a person, whose names are not the installation's own", async () => {
    const tenant = await newTenant();
    const owner = await newOwner(tenant);
    const make = (slug: string) => owner.post("/account/tenants/new", { slug, name: "New" });
    for (const slug of ["www", "api", "admin", "localhost", "sign-in", "well-known", "xn--80ak6aa92e", "t"])
      expect((await make(slug)).status, slug).toBe(422);
    expect((await make(`n-${Date.now()}`)).status).toBe(303);
    const [[person]] = (await asOwner(
      tenant,
      sql`select person_id from members where tenant_id = ${tenant.tenantId}::uuid`,
    )) as unknown as [[[string]]];
    await asOwner(
      tenant,
      sql`insert into tenants (tenant_id, slug, name)
        select gen_random_uuid(), ${`${tenant.slug}-`} || i, 'n' from generate_series(1, 18) i`,
      sql`insert into members (tenant_id, person_id, email, roles, source, created_by)
        select tenant_id, ${person![0]}, 'x', '{owner}', 'first', 'test' from tenants
        where slug like ${`${tenant.slug}-%`}`,
    );
    const refused = await make(`o-${Date.now()}`);
    expect([refused.status, refused.text.includes("at most 20 tenants")]).toEqual([402, true]);
  });
});
