import { beforeAll, describe, expect, inject, it } from "vitest";
import { asToken } from "../support/access.ts";
import { ok, refusal, run } from "../support/management.ts";
import { joinedMember, newOwner, pageToken } from "../support/person.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant();
});

describe("what management refuses", () => {
  it("is said with REST's code and reason, in the names of arguments", async () => {
    expect(
      await refusal(tenant, `mutation { createToken(name: "T", scope: "read", ipRanges: ["no"]) { id } }`),
    ).toEqual({ code: "INVALID", reason: "access/invalid-token", paths: ["ipRanges[0]"] });
    expect(
      await refusal(
        tenant,
        `mutation { createType(id: "deep", name: "D", displayField: "X Y", fields: [{ id: "hero", type: "component", fields: [{ id: "a", type: "nope" }] }], review: { stages: [{ id: "a" }, { id: "b" }], publishFrom: ["Z Z"] }) { id } }`,
      ),
    ).toMatchObject({
      code: "INVALID",
      paths: expect.arrayContaining(["displayField", "fields[0].fields[0].type", "review.publishFrom[0]"]),
    });
    expect(
      await refusal(tenant, `mutation { updateConnection(id: "sso_1", saml: { ssoUrl: "nope" }) { id } }`),
    ).toMatchObject({ code: "INVALID", paths: ["saml.ssoUrl"] });
    expect(await refusal(tenant, "{ listAuditLog(limit: 1000) { nextCursor } }")).toMatchObject({
      code: "INVALID",
      paths: ["limit"],
    });
    const { errors, data } = await run(
      tenant,
      `mutation { a: revokeToken(id: "tok_none") b: createToken(name: "After", scope: "read") { name } }`,
    );
    expect([errors!.length, errors![0]!.path, data]).toEqual([1, ["a"], { a: null, b: { name: "After" } }]);
    expect((await ok(tenant, "{ listTokens { name } }")).listTokens).toContainEqual({ name: "After" });
  });

  it("is what is no id, before a path is made of it", async () => {
    const member = await joinedMember(tenant, ["viewer"], "Bob");
    for (const id of ["..", ".", "", "a/b", "a\\b", "a\u0000"])
      expect(
        await refusal(tenant, `mutation ($id: ID!, $p: String!) { removeFromTeam(id: $id, person: $p) }`, {
          id,
          p: member.id,
        }),
        JSON.stringify(id),
      ).toEqual({
        code: "INVALID",
        reason: "graphql/bad-argument",
        paths: ["id"],
      });
    expect((await tenant.get(`/members/${member.id}`)).status).toBe(200);
    expect((await refusal(tenant, `{ getRole(id: "a?b#c%2e") { id } }`)).code).toBe("NOT_FOUND");
  });

  it("is whatever the operation needs and the token has not, at both Workers", async () => {
    for (const [scope, query] of [
      ["read", "{ listTokens { id } }"],
      ["write", "{ listMembers { id } }"],
      ["write", `mutation { createToken(name: "T", scope: "admin") { token } }`],
      ["write", `mutation { createInvitation(email: "a@example.com", roles: []) { id } }`],
    ] as const)
      expect(await refusal(tenant, query, undefined, { token: tenant.tokens[scope] }), query).toMatchObject({
        code: "FORBIDDEN",
        reason: "access/scope-missing",
      });
    expect(
      (await ok(tenant, "{ describeMe { scopes isBound } }", undefined, { token: tenant.tokens.read }))
        .describeMe,
    ).toEqual({ scopes: ["read"], isBound: false });
    expect(
      (await tenant.post("/graphql/management", { query: "{ describeMe { id } }" }, { token: null })).status,
    ).toBe(401);
    const sso = await asToken(tenant, { scope: "sso_admin" });
    expect(
      (await ok(tenant, "{ listConnections { id } }", undefined, { token: sso.secret })).listConnections,
    ).toBeDefined();
  });

  it("is a token of another tenant, and another tenant's things", async () => {
    const other = await newTenant();
    const { id } = await asToken(other, { scope: "read" });
    expect(
      (await run(tenant, "{ describeMe { id } }", undefined, { headers: { "x-flow-tenant": other.slug } }))
        .status,
    ).toBe(401);
    expect(await refusal(tenant, `mutation { revokeToken(id: "${id}") }`)).toMatchObject({
      code: "NOT_FOUND",
      reason: "access/no-such-token",
    });
    expect((await other.get("/tokens")).body.data.some((one: { id: string }) => one.id === id)).toBe(true);
  });

  it("is what a token bound to an environment may not touch, as by REST", async () => {
    const bound = await asToken(tenant, { scope: "admin", environment: "main" });
    const body = { name: "T", scope: "read" };
    const rest = (await bound.post("/tokens", body)).body.error;
    const same = await refusal(
      tenant,
      `mutation { createToken(name: "T", scope: "read") { id } }`,
      undefined,
      { token: bound.secret },
    );
    expect([same.code, same.reason]).toEqual([rest.code, rest.reason]);
    const people = (await bound.get("/members")).body.error;
    const there = await refusal(tenant, "{ listMembers { id } }", undefined, { token: bound.secret });
    expect([there.code, there.reason]).toEqual([people.code, people.reason]);
  });
});

describe("a request to management", () => {
  it("is JSON, and not what a page of another site could send with its forms", async () => {
    const query = 'mutation { createToken(name: "Forged", scope: "read") { id } }';
    for (const type of ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"])
      for (const body of [JSON.stringify({ query }), String(new URLSearchParams({ query }))]) {
        const response = await fetch(`${inject("url")}/api/v3/graphql/management`, {
          method: "POST",
          headers: { authorization: `Bearer ${tenant.tokens.admin}`, "content-type": type },
          body,
        });
        expect([response.status, ((await response.json()) as any).errors[0].extensions.reason], type).toEqual(
          [415, "graphql/not-json"],
        );
      }
    const { listTokens } = await ok(tenant, "{ listTokens { name } }");
    expect(listTokens).not.toContainEqual({ name: "Forged" });
  });

  it("stops at the mutation by which the caller is refused from then on, at both Workers", async () => {
    const own = await newTenant();
    const owner = await newOwner(own);
    const token = await asToken(own, { scope: "admin" });
    const rest = `b: createToken(name: "After", scope: "read") { id } c: createTeam(name: "After") { id }`;
    const byToken = await run(own, `mutation { a: revokeToken(id: "${token.id}") ${rest} }`, undefined, {
      token: token.secret,
    });
    const member = await joinedMember(own, ["admin"], "Bob");
    const byPerson = await run(
      own,
      `mutation { a: removeMember(id: "${member.id}") { __typename } ${rest} }`,
      undefined,
      {
        token: (await pageToken(member))!,
      },
    );
    for (const { data, errors, text } of [byToken, byPerson]) {
      expect(data, text).toMatchObject({ b: null, c: null });
      expect(errors!.map(({ path, extensions }) => [path, extensions.code])).toEqual([
        [["b"], "UNAUTHENTICATED"],
        [["c"], "UNAUTHENTICATED"],
      ]);
    }
    const { listTokens, listTeams } = await ok(own, "{ listTokens { name } listTeams { name } }");
    expect([...listTokens, ...listTeams]).not.toContainEqual({ name: "After" });
    // Who revokes another goes on.
    const other = await asToken(own, { scope: "read" });
    const going = await ok(own, `mutation { a: revokeToken(id: "${other.id}") ${rest} }`, undefined, {
      token: (await pageToken(owner))!,
    });
    expect(going).toMatchObject({
      a: other.id,
      b: { id: expect.any(String) },
      c: { id: expect.any(String) },
    });
  });

  it("is kept nowhere, costs by its requests, and is answered as GraphQL over HTTP has it", async () => {
    const query = `/graphql/management?${new URLSearchParams({ query: "{ getTenant { slug } }" })}`;
    for (let i = 0; i < 2; i++) {
      const { status, headers } = await tenant.get(query);
      expect([status, headers.get("cache-control"), headers.get("x-flow-cache")]).toEqual([
        200,
        "no-store",
        "BYPASS",
      ]);
      expect(headers.get("x-query-cost")).toBe("401");
    }
    const many = Array.from({ length: 25 }, (_, i) => `t${i}: getTenant { slug }`).join(" ");
    expect((await refusal(tenant, `{ ${many} }`)).reason).toBe("graphql/cost-exceeded");
    const mutation = `/graphql/management?${new URLSearchParams({ query: `mutation { revokeToken(id: "x") }` })}`;
    expect((await tenant.get(mutation)).status).toBe(405);
    expect((await run(tenant, "{ nothing }")).status).toBe(400);
    expect((await refusal(tenant, "{ nothing }")).reason).toBe("graphql/invalid-document");
    expect((await tenant.post("/graphql/management", { query: "{ nothing }" })).status).toBe(200);
    expect(
      (await run(tenant, "{ getTenant { slug } }", undefined, { headers: { accept: "text/event-stream" } }))
        .status,
    ).toBe(406);
    expect((await tenant.call("OPTIONS", "/graphql/management")).headers.get("allow")).toContain("POST");
    expect((await tenant.delete("/graphql/management")).status).toBe(405);
    const { headers, body } = await tenant.get(query, { headers: { "x-flow-environment": "nowhere" } });
    expect([body.error.reason, headers.get("x-flow-cache")]).toEqual(["environments/not-found", "BYPASS"]);
  });

  it("with an Idempotency-Key does each of its writes once, in both Workers", async () => {
    const own = await newTenant();
    await newOwner(own);
    const headers = { "idempotency-key": "once" };
    const document = (name: string) =>
      `mutation { a: createTeam(name: "${name}") { id } b: createRole(name: "r") { id } c: createTeam(name: "Second") { id } }`;
    const first = await run(own, document("First"), undefined, { headers });
    expect(first.errors, first.text).toBeUndefined();
    const again = await run(own, document("First"), undefined, { headers });
    expect(again.data).toEqual(first.data);
    expect([first, again].map((one) => one.headers.get("idempotency-replayed"))).toEqual([null, "true"]);
    expect((await own.get("/teams")).body.data).toHaveLength(2);
    expect(await refusal(own, document("Other"), undefined, { headers })).toMatchObject({
      reason: "http/idempotency-key-reused",
    });
    expect((await own.get("/teams")).body.data).toHaveLength(2);
    const secret = { "idempotency-key": "secret" };
    const token = `mutation { createToken(name: "Once", scope: "read") { token } }`;
    expect((await run(own, token, undefined, { headers: secret })).data.createToken.token).toMatch(/^flow_/);
    expect(await refusal(own, token, undefined, { headers: secret })).toMatchObject({
      code: "CONFLICT",
      reason: "http/idempotency-unanswered",
    });
    expect(
      (await run(own, token, undefined, { headers: { "idempotency-key": "x".repeat(300) } })).status,
    ).toBe(400);
  });
});
