import { beforeAll, describe, expect, it } from "vitest";
import { asRole, asToken, reasonOf, titles } from "../support/access.ts";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

const NOTE = {
  id: "note",
  name: "Note",
  fields: [
    { id: "title", type: "short_text", required: true },
    { id: "kind", type: "short_text" },
    { id: "secret", type: "short_text" },
  ],
};
const sha256 = async (text: string) =>
  [...new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");

describe("the edge cache", () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await newTenant();
    await tenant.put("/types/note", NOTE);
    await tenant.published("note", { title: "Open", kind: "open", secret: "one" });
    await tenant.published("note", { title: "Closed", kind: "closed", secret: "two" });
  });
  const NARROW = [
    { actions: ["content:read"], fields: ["title", "kind"], conditions: { kind: "open" } },
    { actions: ["types:read"] },
  ];

  it("gives nobody what others may see, whoever came first: REST", async () => {
    const reader = await asRole(tenant, NARROW);
    const path = (n: number) => `/content/note?limit=${n}`;
    // Everybody's answer is in the cache before the narrowed one asks.
    expect(titles(await tenant.get(path(10)))).toEqual(["Closed", "Open"]);
    await eventually(async () => (await tenant.get(path(10))).headers.get("x-flow-cache") === "HIT", 10_000);
    for (let i = 0; i < 3; i++) {
      const own = await reader.get(path(10));
      expect([titles(own), own.headers.get("x-flow-cache")]).toEqual([["Open"], "BYPASS"]);
      expect(own.text).not.toMatch(/secret/);
    }
    // The narrowed one asks first.
    for (let i = 0; i < 3; i++) expect(titles(await reader.get(path(11)))).toEqual(["Open"]);
    expect(titles(await tenant.get(path(11), { token: tenant.tokens.read }))).toEqual(["Closed", "Open"]);
    expect(titles(await reader.get(path(11)))).toEqual(["Open"]);
    expect((await reader.get("/aggregate/note")).body.data).toEqual([{ count: 1 }]);
    expect((await tenant.get("/aggregate/note")).body.data).toEqual([{ count: 2 }]);
    expect((await reader.get("/aggregate/note")).body.data).toEqual([{ count: 1 }]);
  });

  it("nor in GraphQL: by POST, by GET, by a hash and by name", async () => {
    const reader = await asRole(tenant, NARROW);
    const query = `query Notes { noteList { title secret } }`;
    const hash = await sha256(query);
    expect((await tenant.put("/operations/Notes", { document: query })).status).toBeLessThan(300);
    const persisted = encodeURIComponent(
      JSON.stringify({ persistedQuery: { version: 1, sha256Hash: hash } }),
    );
    const ways: ((token: string) => Promise<any>)[] = [
      (token) => tenant.post("/graphql", { query }, { token }),
      (token) => tenant.get(`/graphql?query=${encodeURIComponent(query)}`, { token }),
      (token) => tenant.get(`/graphql?query=${encodeURIComponent(query)}&extensions=${persisted}`, { token }),
      (token) => tenant.get(`/graphql?extensions=${persisted}`, { token }),
      (token) => tenant.get("/graphql?documentId=Notes", { token }),
      (token) => tenant.post("/graphql", { documentId: "Notes" }, { token }),
    ];
    for (const [i, way] of ways.entries()) {
      const order = i % 2 === 0 ? [tenant.tokens.read, reader.secret] : [reader.secret, tenant.tokens.read];
      for (const token of [...order, ...order]) {
        const reply = await way(token);
        const wanted =
          token === reader.secret
            ? [{ title: "Open", secret: null }]
            : expect.arrayContaining([
                { title: "Closed", secret: "two" },
                { title: "Open", secret: "one" },
              ]);
        expect(reply.body.data?.noteList, `${i} ${reply.text}`).toEqual(wanted);
      }
    }
  });

  it("is shared by who may read all that is published, whatever else their role narrows", async () => {
    const author = await asToken(tenant, { role: "author" });
    await eventually(
      async () => (await author.get("/content/note?limit=12")).headers.get("x-flow-cache") === "HIT",
      10_000,
    );
    expect(titles(await author.get("/content/note?limit=12"))).toEqual(["Closed", "Open"]);
  });
});

describe("tokens", () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await newTenant();
    await tenant.put("/types/note", NOTE);
    await tenant.put("/types/memo", { ...NOTE, id: "memo", name: "Memo" });
    await tenant.published("note", { title: "N" });
    await tenant.published("memo", { title: "M" });
  });

  it("for some content types see no others, and scopes stay the ceiling of a role", async () => {
    const notes = await asToken(tenant, { scope: "admin", content_types: ["note"] });
    await tenant.get("/content/memo");
    expect(titles(await notes.get("/content/note"))).toEqual(["N"]);
    expect(reasonOf(await notes.get("/content/memo"))).toBe("access/not-granted");
    expect(reasonOf(await notes.post("/content/memo", { title: "x" }))).toBe("access/not-granted");
    expect((await notes.get("/types")).status).toBe(200);
    const both = await asToken(tenant, { role: "editor", content_types: ["memo"] });
    expect(titles(await both.get("/content/memo"))).toEqual(["M"]);
    expect((await both.get("/content/note")).status).toBe(403);
    const reader = await asToken(tenant, { scope: "read", role: "editor" });
    expect(reasonOf(await reader.post("/content/note", { title: "x" }))).toBe("access/scope-missing");
    const listed = (await tenant.get("/tokens")).body.data.find((one: any) => one.id === both.id);
    expect(listed).toMatchObject({ role: "editor", content_types: ["memo"] });
    expect(reasonOf(await tenant.post("/tokens", { name: "x", scope: "read", role: "editr" }))).toBe(
      "access/unknown-role",
    );
    expect(
      reasonOf(await tenant.post("/tokens", { name: "x", scope: "read", content_types: ["nots"] })),
    ).toBe("access/invalid-token");
  });

  it("with the scope sso_admin read the audit log and who may do what, and no content", async () => {
    const sso = await asToken(tenant, { scope: "sso_admin" });
    expect(sso.secret).toMatch(/^flow_sso_admin_/);
    await tenant.get("/content/note");
    for (const path of ["/audit-logs", "/roles", "/policies", "/access/me", "/tenant"])
      expect((await sso.get(path)).status, path).toBe(200);
    for (const path of [
      "/content/note",
      "/content/note?perspective=draft",
      "/types",
      "/assets",
      "/tokens",
      "/aggregate/note",
    ])
      expect((await sso.get(path)).status, path).toBe(403);
    expect((await sso.graphql(`{ noteList { title } }`)).text).not.toMatch(/"N"/);
    expect((await sso.post("/roles", { name: "x" })).status).toBe(403);
    expect((await tenant.get("/audit-logs")).status).toBe(200);
  });

  it("of roles that narrow make no more than they have", async () => {
    const keeper = await asRole(
      tenant,
      [{ actions: ["access:*", "tokens:*", "keys:*", "types:read", "content:read"], effect: "allow" }],
      { scope: "admin" },
    );
    expect(reasonOf(await keeper.post("/tokens", { name: "x", scope: "admin" }))).toBe(
      "access/more-than-yours",
    );
    expect(reasonOf(await keeper.post("/tokens", { name: "x", scope: "admin", role: "owner" }))).toBe(
      "members/owners-only",
    );
    expect((await keeper.post("/tokens", { name: "x", scope: "read", role: keeper.role.name })).status).toBe(
      201,
    );
    const jwk = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };
    expect(reasonOf(await keeper.post("/keys", { kid: "k", jwk }))).toBe("access/more-than-yours");
    expect(
      reasonOf(await keeper.post("/policies", { name: "more", grants: [{ actions: ["content:write"] }] })),
    ).toBe("access/more-than-yours");
    const less = await keeper.post("/policies", {
      name: "less",
      grants: [{ actions: ["content:read"], types: ["note"] }],
    });
    expect(less.status).toBe(201);
    const wide = await tenant.post("/policies", { name: "wide", grants: [{ actions: ["*"] }] });
    expect(reasonOf(await keeper.post("/roles", { name: "wide", policies: [wide.body.data.id] }))).toBe(
      "access/more-than-yours",
    );
    expect(
      reasonOf(await keeper.patch(`/policies/${keeper.policy.id}`, { grants: [{ actions: ["access:*"] }] })),
    ).toBe("access/own-role");
    expect(reasonOf(await keeper.patch(`/roles/${keeper.role.id}`, { policies: [] }))).toBe(
      "access/own-role",
    );
    expect(reasonOf(await keeper.delete(`/roles/${keeper.role.id}`))).toBe("access/own-role");
  });
});

describe("roles that are large", () => {
  it("work up to what a request can carry, and are refused beyond", async () => {
    const tenant = await newTenant();
    await tenant.put("/types/note", NOTE);
    await tenant.published("note", { title: "ö12", kind: "Ünï" });
    const policy = async (i: number) => {
      const grants = Array.from({ length: 12 }, (_, n) => ({
        actions: ["content:read"],
        conditions: { kind: { in: ["Ünï", "x".repeat(900) + n] } },
      }));
      const made = await tenant.post("/policies", { name: `p${i}`, grants });
      expect(made.status, made.text).toBe(201);
      return made.body.data.id as string;
    };
    const ids = [await policy(0), await policy(1), await policy(2), await policy(3), await policy(4)];
    await tenant.post("/roles", { name: "large", policies: ids.slice(0, 4) });
    await tenant.post("/roles", { name: "larger", policies: ids });
    const large = await asToken(tenant, { role: "large" });
    expect(titles(await large.get("/content/note"))).toEqual(["ö12"]);
    const larger = await asToken(tenant, { role: "larger" });
    expect(reasonOf(await larger.get("/content/note"))).toBe("access/too-many-grants");
    const big = Array.from({ length: 15 }, (_, n) => ({
      actions: ["content:read"],
      conditions: { kind: "y".repeat(900) + n },
    }));
    let status = 201;
    for (let i = 5; i < 50 && status === 201; i++)
      status = (await tenant.post("/policies", { name: `p${i}`, grants: big })).status;
    expect(status).toBe(402);
    expect((await tenant.get("/access/me")).status).toBe(200);
  });
});

describe("a change", () => {
  it("of a policy or a role is in force everywhere within ten seconds", async () => {
    const tenant = await newTenant();
    await tenant.put("/types/note", NOTE);
    await tenant.published("note", { title: "Open", kind: "open" });
    await tenant.published("note", { title: "Closed", kind: "closed" });
    const reader = await asRole(tenant, [{ actions: ["content:read"], conditions: { kind: "open" } }]);
    expect(titles(await reader.get("/content/note"))).toEqual(["Open"]);
    await tenant.patch(`/policies/${reader.policy.id}`, {
      grants: [{ actions: ["content:read"], conditions: { kind: "closed" } }],
    });
    await eventually(async () => titles(await reader.get("/content/note")).join() === "Closed", 10_000);
    await tenant.patch(`/roles/${reader.role.id}`, { policies: [] });
    await eventually(async () => (await reader.get("/content/note")).status === 403, 10_000);
    expect(reasonOf(await tenant.delete(`/roles/${reader.role.id}`))).toBe("access/role-in-use");
    expect((await tenant.delete(`/policies/${reader.policy.id}`)).status).toBe(204);
    expect((await tenant.delete(`/tokens/${reader.id}`)).status).toBe(204);
    expect((await tenant.delete(`/roles/${reader.role.name}`)).status).toBe(204);
    expect((await tenant.get(`/roles/${reader.role.id}`)).status).toBe(404);
  });
});
