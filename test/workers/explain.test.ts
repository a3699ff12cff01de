import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { connect } from "../../src/db/client.ts";
import { AdminClient } from "../../src/sdk/admin.ts";
import { asRole, asToken, reasonOf, titles } from "../support/access.ts";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

const NOTE = {
  id: "note",
  name: "Note",
  fields: [
    { id: "title", type: "short_text", required: true },
    { id: "region", type: "short_text" },
    { id: "price", type: "number" },
    { id: "loud", type: "short_text", localized: true },
  ],
};

let tenant: Tenant;
let id: string;
beforeAll(async () => {
  tenant = await newTenant();
  await tenant.put("/types/note", NOTE);
  id = await tenant.published("note", { title: "N", region: "north", price: 5 });
  await tenant.published("note", { title: "S", region: "south" });
});

describe("an explanation", () => {
  const explain = async (query: Record<string, string>, who: { get(path: string): Promise<any> } = tenant) =>
    who.get(`/access/explain?${new URLSearchParams(query)}`);

  it("names the grant that decides, of an entry, a type and what is no content", async () => {
    const who = await asRole(tenant, [
      { id: "all", actions: ["content:read", "content:read-draft"] },
      { id: "cheap", actions: ["content:write"], conditions: { price: { lt: 10 } } },
      { id: "never-south", effect: "deny", actions: ["content:*"], conditions: { region: "south" } },
      { id: "no-price", effect: "deny", actions: ["content:write"], fields: ["price"] },
    ]);
    const of = { subject: `token:${who.id}`, resource: `entry:${id}` };
    const write = (await explain({ ...of, action: "content:write" })).body.data;
    expect(write).toMatchObject({
      allowed: true,
      decided_by: {
        by: "grant",
        grant: "cheap",
        policy: who.policy.id,
        role: who.role.name,
        effect: "allow",
      },
    });
    expect(write.considered.map((one: any) => [one.grant, one.applies])).toEqual([
      ["all", false],
      ["cheap", true],
      ["never-south", false],
      ["no-price", false],
    ]);
    expect((await explain({ ...of, action: "content:write", field: "price" })).body.data).toMatchObject({
      allowed: false,
      decided_by: { grant: "no-price", effect: "deny" },
    });
    const type = (await explain({ ...of, action: "content:write", resource: "type:note" })).body.data;
    expect(type).toMatchObject({ allowed: true, is_conditional: true });
    expect((await explain({ ...of, action: "content:publish" })).body.data).toMatchObject({
      allowed: false,
      decided_by: { by: "default" },
    });
    await tenant.patch(`/content/note/${id}`, { region: "south" });
    expect((await explain({ ...of, action: "content:write" })).body.data).toMatchObject({
      allowed: false,
      decided_by: { grant: "never-south" },
    });
    await tenant.patch(`/content/note/${id}`, { region: "north" });
    expect((await explain({ subject: of.subject, action: "tokens:write" })).body.data).toMatchObject({
      allowed: false,
      decided_by: { by: "scope", scopes: ["write"] },
    });
    expect((await explain({ action: "tokens:write" })).body.data).toMatchObject({
      allowed: true,
      decided_by: { by: "scope" },
    });
    expect((await explain({ action: "content:write", resource: `entry:${id}` }, who)).body.data.allowed).toBe(
      true,
    );
  });

  it("agrees with what happens", async () => {
    for (const role of ["author", "contributor", "viewer", "editor"]) {
      const who = await asToken(tenant, { role });
      const mine = role === "viewer" ? id : (await who.post("/content/note", { title: "Mine" })).body.data.id;
      for (const entry of [mine, id])
        for (const [action, call] of [
          ["content:write", () => who.patch(`/content/note/${entry}`, { price: 5 })],
          ["content:publish", () => who.post("/content/publish", { id: entry })],
        ] as const) {
          const { allowed } = (await explain({ subject: `role:${role}`, action, resource: `entry:${entry}` }))
            .body.data;
          const own = (await explain({ action, resource: `entry:${entry}` }, who)).body.data.allowed;
          const status = (await call()).status;
          expect(own, `${role} ${action}`).toBe(status === 200);
          // A role as such is nobody: nothing is its own.
          if (entry !== mine) expect(allowed, `${role} ${action}`).toBe(own);
        }
    }
  });

  it("is told of others only to who may know, and refuses what it cannot read", async () => {
    const who = await asToken(tenant, { role: "editor" });
    expect((await explain({ subject: "role:viewer", action: "content:read" }, who)).status).toBe(403);
    for (const [query, reason] of [
      [{ action: "content:raed" }, "access/bad-query"],
      [{ action: "content:read", subject: "role:nobody" }, "access/no-such-subject"],
      [{ action: "content:read", subject: "usr" }, "access/bad-query"],
      [{ action: "content:read", resource: "entry:cnt_01jd0000000000000000000055" }, "content/not-found"],
      [{ action: "content:read", resource: "type:nope" }, "content/unknown-type"],
      [{ action: "content:read", resource: "thing" }, "access/bad-query"],
    ] as const)
      expect(reasonOf(await explain(query)), JSON.stringify(query)).toBe(reason);
    expect((await explain({ action: "content:raed" })).text).toContain("Did you mean");
    const south = await asRole(tenant, [{ actions: ["content:*"], conditions: { region: "south" } }]);
    expect((await explain({ action: "content:read", resource: `entry:${id}` }, south)).status).toBe(404);
  });
});

describe("policies", () => {
  it("are checked by the schema, with the nearest valid name", async () => {
    const problem = async (grant: object) => {
      const { status, body } = await tenant.post("/policies", { name: "bad", grants: [grant] });
      return [status, body.error.details[0].path, body.error.details[0].message] as const;
    };
    const [status, path, message] = await problem({ actions: ["content:raed"] });
    expect([status, path, message]).toEqual([
      422,
      "grants[0].actions[0]",
      'is not an action. Did you mean "content:read"?',
    ]);
    expect((await problem({ actions: ["content:read"], types: ["nots"] }))[2]).toContain('"note"');
    expect((await problem({ actions: ["content:read"], types: ["note"], fields: ["titel"] }))[2]).toContain(
      '"title"',
    );
    expect(await problem({ actions: ["content:read"], types: ["note"], conditions: { prise: 1 } })).toEqual([
      422,
      "grants[0].conditions[prise]",
      expect.stringContaining('"price"'),
    ]);
    for (const conditions of [
      { loud: "x" },
      { price: { gt: "many" } },
      { region: "$you" },
      { price: { contains: "1" } },
      { title: { near: "1,2,3" } },
      { author: { name: "x" } },
      { price: [] },
      [],
    ])
      expect(
        (await problem({ actions: ["content:read"], types: ["note"], conditions }))[0],
        JSON.stringify(conditions),
      ).toBe(422);
    expect((await problem({ actions: ["tokens:write"], types: ["note"] }))[2]).toContain("only content");
    expect((await problem({ actions: ["content:read"], locales: ["de"] }))[1]).toBe("grants[0].locales[0]");
    expect(
      (
        await tenant.post("/policies", {
          name: "big",
          grants: Array.from({ length: 50 }, () => ({
            actions: ["content:read"],
            conditions: { title: "x".repeat(500) },
          })),
        })
      ).status,
    ).toBe(422);
  });

  it("and roles are the client's too", async () => {
    const flow = new AdminClient({ url: inject("url"), apiKey: tenant.tokens.admin });
    const policy = await flow.policies.create({ name: "P", grants: [{ actions: ["content:read"] }] });
    expect(policy.grants).toEqual([{ id: "grant-1", effect: "allow", actions: ["content:read"] }]);
    expect((await flow.policies.update(policy.id, { description: "D" })).description).toBe("D");
    const role = await flow.roles.create({ name: "p-role", policies: [policy.id] });
    expect(await flow.roles.get("p-role")).toEqual(role);
    expect((await flow.roles.list()).map(({ name }) => name)).toEqual(
      expect.arrayContaining(["owner", "viewer", "p-role"]),
    );
    expect(await flow.roles.update("p-role", { policies: [] })).toMatchObject({ policies: [] });
    await flow.roles.update("p-role", { policies: [policy.id] });
    await expect(flow.policies.delete(policy.id)).rejects.toMatchObject({ reason: "access/policy-in-use" });
    await expect(flow.roles.create({ name: "editor" })).rejects.toMatchObject({
      reason: "access/role-name-taken",
    });
    await expect(flow.roles.create({ name: "p-role" })).rejects.toMatchObject({
      reason: "access/role-name-taken",
    });
    await expect(flow.roles.delete("editor")).rejects.toMatchObject({ reason: "access/built-in-role" });
    await flow.roles.delete("p-role");
    await flow.policies.delete(policy.id);
    const me = await flow.access.me();
    expect(me).toMatchObject({ kind: "token", scopes: ["admin"], roles: null, is_narrowed: false });
    expect(me.permissions).toContain("access:write");
    expect(await flow.content.can("note", id)).toEqual({
      update: true,
      publish: true,
      unpublish: true,
      delete: true,
    });
  });
});

describe("a JWT", () => {
  it("says its roles and attributes; a role that nobody knows grants nothing", async () => {
    const { publicKey, privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
    const { kty, crv, x } = await exportJWK(publicKey);
    const key = (await tenant.post("/keys", { kid: "roles", jwk: { kty, crv, x } })).body.data;
    const signed = (claims: object) =>
      new SignJWT({ tid: key.tenant, scope: "write", ...claims })
        .setProtectedHeader({ alg: "EdDSA", kid: "roles" })
        .setAudience("flowcms")
        .setSubject("zoë")
        .setIssuedAt()
        .setExpirationTime("5m")
        .sign(privateKey);
    const policy = await tenant.post("/policies", {
      name: "regional",
      grants: [
        { actions: ["content:read", "content:read-draft"], conditions: { region: { in: "$actor.regions" } } },
        { effect: "deny", actions: ["content:*"], conditions: { "$actor.is_guest": true } },
      ],
    });
    expect(policy.status, policy.text).toBe(201);
    await tenant.post("/roles", { name: "regional", policies: [policy.body.data.id] });
    const list = async (claims: object) =>
      tenant.get("/content/note?sort=title", { token: await signed(claims) });
    await eventually(async () => (await list({})).status === 200, 12_000);
    const all = titles(await list({}));
    expect(all.length).toBeGreaterThan(1);
    const north = { roles: ["regional"], attributes: { regions: ["north", "öst"], is_guest: false } };
    expect(titles(await list(north))).toEqual(["N"]);
    expect(titles(await list({ ...north, attributes: { regions: ["south"], is_guest: false } }))).toEqual([
      "S",
    ]);
    // Without the attribute an allow permits nothing, and a deny that asks for it cannot hold.
    expect((await list({ roles: ["regional"] })).status).toBe(403);
    expect((await list({ ...north, attributes: { regions: ["north"], is_guest: true } })).status).toBe(403);
    expect((await list({ roles: ["nobody"] })).status).toBe(403);
    expect((await list({ roles: [] })).status).toBe(403);
    expect((await list({ roles: "owner" })).status).toBe(403);
    expect(titles(await list({ roles: ["owner"] }))).toEqual(all);
  });
});

describe("an environment", () => {
  it("of a grant is the only one in which it counts, by name or alias", async () => {
    const own = await newTenant();
    await own.put("/types/note", NOTE);
    await own.published("note", { title: "N" });
    await own.post("/environments", { name: "staging", from: "main" });
    await own.put("/environments/aliases/live", { environment: "main" });
    const staging = await asRole(own, [{ actions: ["content:*"], environments: ["staging"] }]);
    const live = await asRole(own, [
      { actions: ["content:*"] },
      { effect: "deny", actions: ["content:*"], environments: ["live"] },
    ]);
    const inStaging = { "x-flow-environment": "staging" };
    expect((await staging.get("/content/note")).status).toBe(403);
    expect(titles(await staging.get("/content/note", inStaging))).toEqual(["N"]);
    expect((await live.get("/content/note")).status).toBe(403);
    expect(titles(await live.get("/content/note", inStaging))).toEqual(["N"]);
  });
});

it("a policy and a comment are written once, also when the types have just changed elsewhere", async () => {
  const own = await newTenant();
  await own.put("/types/note", { id: "note", name: "N", fields: [{ id: "title", type: "short_text" }] });
  const entry = (await own.post("/content/note", { title: "A" })).body.data.id;
  // What the isolate knows of the types is old after each of these.
  const change = () =>
    connect(inject("ownerUrl")).query(
      "update environments set schema_version = schema_version + 1 where tenant_id = $1",
      [own.tenantId],
    );
  await change();
  const made = await own.post("/policies", { name: "P", grants: [{ actions: ["content:read"] }] });
  expect(made.status, made.text).toBe(201);
  await change();
  expect((await own.patch(`/policies/${made.body.data.id}`, { description: "D" })).status).toBe(200);
  await change();
  expect((await own.post(`/content/note/${entry}/comments`, { body: "Once" })).status).toBe(201);
  expect((await own.get(`/content/note/${entry}/comments`)).body.data).toHaveLength(1);
  const log = (await own.get("/audit-logs?limit=100")).body.data as { action: string }[];
  const counted = ["policy.created", "policy.updated", "comment.created"].map(
    (action) => log.filter((row) => row.action === action).length,
  );
  expect(counted).toEqual([1, 1, 1]);
});
