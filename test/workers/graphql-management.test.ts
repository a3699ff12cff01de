import { buildClientSchema, getIntrospectionQuery, printSchema, buildSchema, validateSchema } from "graphql";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { fieldPlaceOf } from "../../src/http/graphql/management/field-places.ts";
import { operationsOf } from "../../src/http/openapi/document.ts";
import { GROUPS } from "../../src/http/openapi/groups.ts";
import { asToken } from "../support/access.ts";
import { graphqlTenant, ok as contentOk } from "../support/graphql.ts";
import { ok, refusal, run } from "../support/management.ts";
import { joinedMember, newOwner } from "../support/person.ts";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant();
  await tenant.post("/types", {
    id: "token",
    name: "Token",
    fields: [{ id: "title", type: "short_text" }],
  });
});

describe("the schema of management", () => {
  const load = async (on: Tenant, path = "/graphql/management") => {
    const { body } = await on.post(path, { query: getIntrospectionQuery() });
    return buildClientSchema(body.data);
  };

  it("has a field for every operation that the schema of content has none for", async () => {
    const [content, management] = await Promise.all([
      graphqlTenant().then(({ tenant: own }) => load(own, "/graphql")),
      load(tenant),
    ]);
    const fieldsOf = (schema: typeof content) => ({
      get: Object.keys(schema.getQueryType()!.getFields()),
      write: Object.keys(schema.getMutationType()!.getFields()),
    });
    const [ofContent, ofManagement] = [fieldsOf(content), fieldsOf(management)];
    const managed = { get: [] as string[], write: [] as string[] };
    /** What takes the place of an operation on entries: fields for each type. */
    const OF_TYPES: Record<string, string> = {
      listEntries: "articleList",
      getEntry: "article",
      aggregateEntries: "articleAggregate",
      createEntry: "createArticle",
      putEntry: "putArticle",
      updateEntry: "updateArticle",
      deleteEntry: "deleteArticle",
    };
    for (const operation of operationsOf(GROUPS)) {
      const { operationId, method, graphql, isBare, isFile } = operation;
      const kind = method === "get" ? "get" : "write";
      const place = fieldPlaceOf(operation);
      if (place === undefined) expect(isBare || isFile, operationId).toBe(true);
      if (place === "content") expect(ofContent[kind], operationId).toContain(graphql!.field);
      if (place === "types") expect(ofContent[kind], operationId).toContain(OF_TYPES[operationId]);
      if (place === "management") managed[kind].push(operationId);
    }
    expect(ofManagement.get.toSorted()).toEqual(managed.get.toSorted());
    expect(ofManagement.write.toSorted()).toEqual(managed.write.toSorted());
    expect(managed.write.length).toBeGreaterThan(30);
  });

  it("is valid, says what its fields and arguments mean, and has no types of content", async () => {
    const schema = await load(tenant);
    expect(validateSchema(schema)).toEqual([]);
    expect(validateSchema(buildSchema(printSchema(schema)))).toEqual([]);
    const { createToken } = schema.getMutationType()!.getFields();
    expect(createToken!.description).toContain("Create a token.");
    expect(createToken!.args.find(({ name }) => name === "ipRanges")!.description).toContain(
      "allowed IP ranges",
    );
    expect(String(createToken!.type)).toBe("IssuedToken");
    expect(Object.keys((schema.getType("Token") as any).getFields())).toContain("lastUsedAt");
    // The content type of that name has its own, in the other schema.
    expect((await contentOk(tenant, "{ tokenList { title } }")).tokenList).toEqual([]);
    expect((await ok(tenant, "{ listTokens { name } }")).listTokens.length).toBeGreaterThan(0);
  });

  it("is hidden where an environment hides its schema, and closed where only registered documents run", async () => {
    const own = await newTenant();
    const set = (graphql: object) => own.patch("/environments/main", { graphql });
    await set({ introspection: false });
    expect((await refusal(own, "{ __schema { queryType { name } } }")).reason).toBe(
      "graphql/invalid-document",
    );
    expect((await ok(own, "{ getTenant { slug } }")).getTenant.slug).toBe(own.slug);
    await own.put("/operations/who", { document: "{ getTenant { slug } }" });
    await set({ introspection: true, registered_only: true });
    expect((await refusal(own, "{ getTenant { slug } }")).reason).toBe("graphql/registered-only");
    const { body } = await own.post("/graphql/management", { documentId: "who" });
    expect(body.data.getTenant.slug).toBe(own.slug);
  });
});

describe("management by GraphQL", () => {
  it("makes, lists and revokes tokens, which are refused at once", async () => {
    const { createToken } = await ok(
      tenant,
      `mutation ($ranges: [String!]) {
        createToken(name: "By GraphQL", scope: "read", contentTypes: ["token"], ipRanges: $ranges, expiresAt: "2099-01-31T09:30:00Z") {
          id token contentTypes ipRanges environment expiresAt createdAt
        }
      }`,
      { ranges: ["0.0.0.0/0", "::/0"] },
    );
    expect(createToken).toMatchObject({ contentTypes: ["token"], ipRanges: ["0.0.0.0/0", "::/0"] });
    const { token, id } = createToken;
    const headers = { "cf-connecting-ip": "203.0.113.7" };
    expect((await tenant.get("/access/me", { token, headers })).status).toBe(200);
    const { listTokens } = await ok(tenant, "{ listTokens { id name scope createdBy lastUsedAt } }");
    expect(listTokens.find((one: { id: string }) => one.id === id)).toMatchObject({
      name: "By GraphQL",
      scope: "read",
    });
    expect(await ok(tenant, `mutation { revokeToken(id: "${id}") }`)).toEqual({ revokeToken: id });
    expect((await tenant.get("/access/me", { token, headers })).status).toBe(401);
  });

  it("tells every edge of a revocation, as REST does", async () => {
    const { id, secret } = await asToken(tenant, { scope: "read" });
    const elsewhere = async () => {
      const headers = { authorization: `Bearer ${secret}` };
      const response = await fetch(`${inject("secondEdgeUrl")}/api/v3/access/me`, { headers });
      await response.body?.cancel();
      return response.status;
    };
    expect(await elsewhere()).toBe(200);
    const { headers } = await run(tenant, `mutation { revokeToken(id: "${id}") }`);
    expect(headers.has("x-flow-snapshot")).toBe(false);
    await eventually(async () => (await elsewhere()) === 401);
  });

  it("asks IDENTITY for people: invitations, members and teams", async () => {
    const own = await newTenant();
    const owner = await newOwner(own);
    const member = await joinedMember(own, ["editor"], "Ann");
    const email = `x-${crypto.randomUUID().slice(0, 8)}@example.com`;
    const { createInvitation, createTeam } = await ok(
      own,
      `mutation ($email: String!) {
        createInvitation(email: $email, roles: ["viewer"]) { id email roles expiresAt }
        createTeam(name: "Writers", roles: ["author"]) { id members createdAt }
      }`,
      { email },
    );
    expect(createInvitation).toMatchObject({ email, roles: ["viewer"] });
    expect(await ok(own, `mutation { addToTeam(id: "${createTeam.id}", person: "${member.id}") }`)).toEqual({
      addToTeam: member.id,
    });
    const { listMembers, listInvitations, getMember } = await ok(
      own,
      `{ listMembers { email suspended } listInvitations { id } getMember(id: "${member.id}") { name roles teams { name roles } } }`,
    );
    expect(listMembers.map((one: { email: string }) => one.email).toSorted()).toEqual(
      [owner.email, member.email].toSorted(),
    );
    expect(listInvitations).toEqual([{ id: createInvitation.id }]);
    expect(getMember).toEqual({
      name: "Ann",
      roles: ["editor"],
      teams: [{ name: "Writers", roles: ["author"] }],
    });
    expect(
      await ok(
        own,
        `mutation { updateMember(id: "${member.id}", suspended: true) { suspended } revokeInvitation(id: "${createInvitation.id}") }`,
      ),
    ).toEqual({ updateMember: { suspended: true }, revokeInvitation: createInvitation.id });
    expect(await ok(own, `mutation { removeMember(id: "${member.id}") { tokens { id } } }`)).toEqual({
      removeMember: null,
    });
    expect(await refusal(own, `{ getMember(id: "${member.id}") { id } }`)).toEqual({
      code: "NOT_FOUND",
      reason: "members/no-such-member",
      paths: [],
    });
  });

  it("connects an identity provider and an application, whatever kind they are of", async () => {
    const { createConnection, createClient } = await ok(
      tenant,
      `mutation ($oidc: CreateConnectionOidcInput!, $mapping: JSON) {
        createConnection(type: "oidc", name: "Provider", roleMapping: $mapping, jit: false, oidc: $oidc) {
          id type jit roleMapping saml { entityId } oidc { issuer clientId hasSecret redirectUri }
        }
        createClient(name: "App", grants: ["client_credentials"]) { id secret redirectUris }
      }`,
      {
        mapping: { Writers: ["editor"] },
        oidc: { issuer: "https://idp.example.com", clientId: "flow", clientSecret: null },
      },
    );
    expect(createConnection).toMatchObject({
      type: "oidc",
      jit: false,
      roleMapping: { Writers: ["editor"] },
      saml: null,
      oidc: { issuer: "https://idp.example.com", clientId: "flow", hasSecret: false },
    });
    // The site that the gateway named, and not the Worker that asked.
    expect(createConnection.oidc.redirectUri).toContain(`${inject("url")}/t/${tenant.slug}/sso/oidc/`);
    expect(createClient.secret).toMatch(/./);
    const { renewClientSecret } = await ok(
      tenant,
      `mutation { renewClientSecret(id: "${createClient.id}") { id secret } }`,
    );
    expect(renewClientSecret.secret).not.toBe(createClient.secret);
  });

  it("makes content types at any depth, which the schema of content then has", async () => {
    const own = await newTenant();
    const fields = [
      { id: "title", type: "short_text", required: true },
      { id: "hero", type: "component", fields: [{ id: "headline", type: "short_text", max: 20 }] },
    ];
    const { createType } = await ok(
      own,
      `mutation ($fields: [FieldInput!]!) {
        createType(id: "lab_note", name: "Lab note", displayField: "title", fields: $fields,
          review: { stages: [{ id: "a" }, { id: "b", from: ["a"] }], publishFrom: ["b"] }) {
          id version displayField fields { id type fields { id max } } review { publishFrom stages { id from } }
        }
      }`,
      { fields },
    );
    expect(createType).toEqual({
      id: "lab_note",
      version: 1,
      displayField: "title",
      fields: [
        { id: "title", type: "short_text", fields: null },
        { id: "hero", type: "component", fields: [{ id: "headline", max: 20 }] },
      ],
      review: {
        publishFrom: ["b"],
        stages: [
          { id: "a", from: null },
          { id: "b", from: ["a"] },
        ],
      },
    });
    expect(await contentOk(own, `mutation { createLabNote(fields: { title: "T" }) { title } }`)).toEqual({
      createLabNote: { title: "T" },
    });
    const put = `mutation ($fields: [FieldInput!]!, $v: Int) { putType(id: "lab_note", name: "Note", fields: $fields, ifVersion: $v) { version name review { publishFrom } } }`;
    expect((await ok(own, put, { fields, v: 1 })).putType).toMatchObject({ version: 2, name: "Note" });
    expect(await refusal(own, put, { fields, v: 1 })).toMatchObject({
      code: "PRECONDITION_FAILED",
      reason: "http/precondition-failed",
    });
    const drop = `mutation ($loss: Boolean) { putType(id: "lab_note", name: "Note", fields: [{ id: "other", type: "integer" }], allowDataLoss: $loss) { fields { id } } }`;
    expect((await refusal(own, drop)).code).toBe("CONFLICT");
    expect((await ok(own, drop, { loss: true })).putType.fields).toEqual([{ id: "other" }]);
    expect(
      await refusal(
        own,
        `mutation { putType(id: "lab_note", newId: "other", name: "N", fields: [{ id: "a", type: "integer" }]) { id } }`,
      ),
    ).toEqual({
      code: "INVALID",
      reason: "types/id-differs",
      paths: ["newId"],
    });
  });

  it("keeps policies, roles, settings and the audit log, page by page", async () => {
    const own = await newTenant();
    const { createPolicy, createRole } = await ok(
      own,
      `mutation {
        createPolicy(name: "Reads", grants: [{ actions: ["content:read"], conditions: { created_by: "$me" } }]) {
          id grants { id actions conditions }
        }
        createRole(name: "reader") { id isBuiltIn policies }
      }`,
    );
    expect(createPolicy.grants).toEqual([
      { id: "grant-1", actions: ["content:read"], conditions: { created_by: "$me" } },
    ]);
    await ok(
      own,
      `mutation { updateRole(id: "${createRole.id}", policies: ["${createPolicy.id}"]) { policies } }`,
    );
    expect(
      await ok(
        own,
        `{ explainAccess(subject: "role:reader", action: "content:read") { allowed isConditional decidedBy { by } } }`,
      ),
    ).toEqual({
      explainAccess: { allowed: true, isConditional: false, decidedBy: { by: "grant" } },
    });
    const changed = await ok(
      own,
      `mutation {
        updateTenant(signIn: { secondFactor: true }) { signIn { sso secondFactor } }
        updateEnvironment(name: "main", locales: [{ code: "en" }, { code: "fr", fallback: "en" }]) { locales { code fallback } }
        createEnvironment(name: "stage") { name isDefault }
        putAlias(name: "next", environment: "stage") { environment }
      }`,
    );
    expect(changed).toEqual({
      updateTenant: { signIn: { sso: false, secondFactor: true } },
      updateEnvironment: {
        locales: [
          { code: "en", fallback: null },
          { code: "fr", fallback: "en" },
        ],
      },
      createEnvironment: { name: "stage", isDefault: false },
      putAlias: { environment: "stage" },
    });
    const log = `query ($cursor: String) { listAuditLog(limit: 2, cursor: $cursor) { items { id action actor { kind } meta } nextCursor totalCount } }`;
    const first = (await ok(own, log)).listAuditLog;
    expect([first.items.length, first.totalCount]).toEqual([2, null]);
    const second = (await ok(own, log, { cursor: first.nextCursor })).listAuditLog;
    expect(second.items.map(({ id }: { id: string }) => id)).not.toContain(first.items[0].id);
    const rest = (await own.get(`/audit-logs?limit=4`)).body.data;
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(
      rest.map(({ id }: { id: string }) => id),
    );
  });

  it("takes null for nothing, but where null is a value", async () => {
    const { createAsset } = await ok(
      tenant,
      `mutation { createAsset(sourceUrl: "https://example.com/a.png", title: "A", alt: null, createdAt: null) { id title alt version } }`,
    );
    expect(createAsset).toMatchObject({ title: "A", alt: null, version: 1 });
    const put = `mutation ($id: ID!) { putAsset(id: $id, sourceUrl: "https://example.com/a.png", title: null, ifVersion: 1) { title version } }`;
    expect((await ok(tenant, put, { id: createAsset.id })).putAsset).toEqual({ title: null, version: 2 });
    const { listAssets } = await ok(
      tenant,
      "{ listAssets(limit: 1) { items { id sizeBytes } totalCount nextCursor } }",
    );
    expect(listAssets.items).toHaveLength(1);
    expect(
      await ok(tenant, `mutation ($id: ID!) { deleteAsset(id: $id, force: true, ifVersion: 2) }`, {
        id: createAsset.id,
      }),
    ).toEqual({ deleteAsset: createAsset.id });
  });
});
