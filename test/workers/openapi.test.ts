import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { Hono } from "hono";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { METHODS, type OperationFacts } from "../../src/core/operation.ts";
import { createContentApp } from "../../src/http/content-app.ts";
import { operationsOf, type ApiDocument } from "../../src/http/openapi/document.ts";
import type { IdentityApp } from "../../src/http/identity/app-env.ts";
import { mountIdentityApi } from "../../src/http/identity/mounts.ts";
import { GROUPS } from "../../src/http/openapi/groups.ts";
import { joinedMember, newOwner } from "../support/person.ts";
import { runBlock } from "../support/doc-blocks.ts";
import { inOrder, runExamples } from "../support/run-examples.ts";
import { ARTICLE, eventually, newTenant, type Tenant } from "../support/tenant.ts";

const operations = operationsOf(GROUPS);
const shapeOf = (method: string, path: string) => `${method.toUpperCase()} ${path.replace(/\{\w+\}/g, "{}")}`;
const load = async (headers: Record<string, string> = {}) => {
  const response = await fetch(`${inject("url")}/api/v3/openapi.json`, { headers });
  expect(response.status).toBe(200);
  return { response, document: (await response.json()) as ApiDocument };
};

function validatorOf(document: ApiDocument) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  (addFormats as unknown as (to: Ajv2020) => void)(ajv);
  ajv.addSchema(document, "api");
  const at = (...steps: string[]) =>
    `api#/${steps.map((step) => encodeURIComponent(step.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/")}`;
  return (value: unknown, ...steps: string[]) => {
    const validate = ajv.getSchema(at(...steps));
    if (!validate) throw new Error(`There is no schema at ${steps.join(" ")}.`);
    return validate(value) ? [] : validate.errors!.map((one) => `${one.instancePath} ${one.message}`);
  };
}
const answerAt = (operation: OperationFacts, status: number) =>
  [
    "paths",
    operation.path,
    operation.method,
    "responses",
    String(status),
    "content",
    "application/json",
    "schema",
  ] as const;

/** The routes of IDENTITY, whose app itself needs WebAssembly that only workerd loads as a module. */
function identityRoutes() {
  const app = new Hono<IdentityApp>();
  mountIdentityApi(app);
  return app.routes;
}

let tenant: Tenant;
let document: ApiDocument;
beforeAll(async () => {
  tenant = await newTenant();
  await newOwner(tenant);
  await joinedMember(tenant, ["editor"], "Ann");
  ({ document } = await load());
});

describe("openapi.json", () => {
  it("describes every route that is mounted, and none that is not", () => {
    const mounted = [...createContentApp().routes, ...identityRoutes()]
      .filter(({ method, path }) => method !== "ALL" && path.startsWith("/api/v3/"))
      .map(({ method, path }) =>
        shapeOf(method, path.slice("/api/v3".length).replace(/:\w+(?:\{[^}]*\})?/g, "{}")),
      );
    const described = operations.map(({ method, path }) => shapeOf(method, path));
    expect(described.filter((one, i) => described.indexOf(one) !== i)).toEqual([]);
    expect([...new Set(mounted)].sort()).toEqual(described.sort());
  });

  it("names each operation, tag and schema once and refers to nothing that is not there", () => {
    const names = operations.map((one) => one.operationId);
    expect(names.length).toBe(new Set(names).size);
    const schemas = GROUPS.flatMap((group) => Object.keys(group.schemas));
    expect(schemas.length).toBe(new Set(schemas).size);
    const text = JSON.stringify(document);
    for (const [, group, name] of text.matchAll(/"#\/components\/(\w+)\/([\w.]+)"/g))
      expect(document.components[group!], `${group} ${name}`).toHaveProperty([name!]);
  });

  it("says what each parameter of a list means", () => {
    const said = document.paths["/content/{type}"]!.get!.parameters!;
    for (const name of ["type", "perspective", "locale", "include", "sort", "filter", "q", "cursor"])
      expect(said.find((one) => one["name"] === name)?.["description"], name).toMatch(/\w{3}/);
    expect(document.components.schemas["Entry"]!["description"]).toContain("every entry");
  });

  it("gives examples that fit the schemas and are answered as they say", async () => {
    const problems = validatorOf(document);
    const seen: string[] = [];
    await runExamples(tenant, operations, (operation, reply) => {
      const { operationId, example, method, path } = operation;
      seen.push(operationId);
      expect(operation.statuses ?? [200], `${operationId}: ${reply.text}`).toContain(reply.status);
      if (operation.body) {
        const at = ["paths", path, method, "requestBody", "content", "application/json"] as const;
        expect(problems(example.request, ...at, "schema"), operationId).toEqual([]);
      }
      if (reply.status === 204 || operation.isFile) return;
      expect(problems(reply.body, ...answerAt(operation, reply.status)), operationId).toEqual([]);
      if (operation.hasEtag) expect(reply.headers.get("etag"), operationId).toBeTruthy();
      if (example.response === undefined) return;
      const shown = operation.isBare
        ? example.response
        : { status: "success", data: example.response, ...example.beside };
      const { pagination: _, receipt: __, ...answered } = operation.isBare ? { ...reply.body } : reply.body;
      expect(keysOf(answered), operationId).toEqual(keysOf(shown));
    });
    expect(seen.length).toBe(operations.length);
  });

  it("gives commands that a shell runs as they stand", async () => {
    const own = await newTenant();
    const env = { FLOW_URL: inject("url"), FLOW_TOKEN: own.tokens.admin };
    const chosenByServer =
      /^\/(?:receipts|tokens|webhooks|schedules|releases|members|invitations|teams|oauth\/clients|sso\/connections)\/|\/comments\//;
    for (const operation of inOrder(operations).filter((one) => !chosenByServer.test(one.path))) {
      const { source } = document.paths[operation.path]![operation.method]!["x-codeSamples"][0]!;
      const printed = await runBlock({ language: "sh", code: source, line: 1 }, env);
      expect(printed, operation.operationId).not.toMatch(/^\{"(?:status":"error|errors)"/);
    }
  });

  it("names the reason and status of every refusal", async () => {
    const problems = validatorOf(document);
    const none = "cnt_01jd3f0b6vfs8t4z9c7q2m5n99";
    await tenant.put("/types/article", ARTICLE);
    const { id } = (await tenant.post("/content/article", { title: "One", slug: "one" })).body.data;
    const refusals: [operationId: string, path: string, body?: unknown][] = [
      ["listEntries", "/content/nope"],
      ["listEntries", "/content/article?cursor=nope"],
      ["listEntries", "/content/article?sorrt=title"],
      ["listEntries", "/content/article?locale=xx"],
      ["aggregateEntries", "/aggregate/article?avg=title"],
      ["aggregateEntries", "/aggregate/nope"],
      ["getEntry", `/content/article/${none}`],
      ["listVersions", `/content/article/${none}/versions`],
      ["listVersions", `/content/article/${id}/versions?limit=x`],
      ["createEntry", "/content/article", []],
      ["createEntry", "/content/article", { title: 1 }],
      ["createEntry", "/content/article", { title: "Two", slug: "one" }],
      ["createEntry", "/content/article", { title: "Two", related: [none] }],
      ["createEntry", "/content/article?locale=xx", { title: "Two" }],
      ["createEntry", "/content/article", { title: "Two", id: "x" }],
      ["putEntry", "/content/article/x", { title: "Two" }],
      ["updateEntry", `/content/article/${id}`, { version: 9, title: "Two" }],
      ["updateEntry", `/content/article/${none}`, { title: "Two" }],
      ["deleteEntry", `/content/article/${none}`],
      ["publishEntry", "/content/publish", { id: none }],
      ["publishEntry", "/content/publish", {}],
      ["publishEntry", "/content/publish", { id, version: 9 }],
      ["unpublishEntry", "/content/unpublish", { id: none }],
      ["unpublishEntry", "/content/unpublish", { id, on_reference: "x" }],
      ["deleteEntry", `/content/article/${id}?on_reference=x`],
      ["deleteEntry", `/content/article/${id}?x=1`],
      ["bulkEntries", "/content/bulk", { operations: [] }],
      ["bulkEntries", "/content/bulk", { operations: [{ op: "publish", id: none }] }],
      ["bulkEntries", "/content/bulk", { operations: [{ op: "create", type: "nope", fields: {} }] }],
      ["bulkEntries", "/content/bulk", { operations: [{ op: "create", type: "article", fields: {} }] }],
      ["getVersion", `/content/article/${id}/versions/9`],
      ["getVersion", `/content/article/${id}/versions/x`],
      ["nameVersion", `/content/article/${id}/versions/1`, { name: "" }],
      ["diffVersions", `/content/article/${id}/diff?from=1`],
      ["diffVersions", `/content/article/${id}/diff?from=1&to=9`],
      ["restoreVersion", `/content/article/${id}/restore`, { version: 9 }],
      ["restoreVersion", `/content/article/${id}/restore`, { version: "x" }],
      ["duplicateEntry", `/content/article/${none}/duplicate`, {}],
      ["duplicateEntry", `/content/article/${id}/duplicate`, { id: "x" }],
      ["duplicateEntry", `/content/article/${id}/duplicate`, { id }],
      ["listReferences", `/content/article/${none}/references`],
      ["listReferences", `/content/article/${id}/references?limit=0`],
      ["listTrash", "/trash?limit=0"],
      ["listTrash", "/trash?cursor=nope"],
      ["restoreFromTrash", `/trash/${none}/restore`],
      ["eraseEntry", `/trash/${none}`],
      ["createSchedule", "/content/schedule", { id: none, at: "2099-01-31T09:30Z" }],
      ["createSchedule", "/content/schedule", { id, at: "2001-01-31T09:30Z" }],
      ["createSchedule", "/content/schedule", { id, at: "soon" }],
      ["createSchedule", "/content/schedule", { id, at: "2099-01-31T09:30", time_zone: "Mars/Base" }],
      ["createSchedule", "/content/schedule", { id, at: "2099-01-31T09:30Z", locales: ["xx"] }],
      ["createSchedule", "/content/schedule", { id }],
      ["listSchedules", "/schedules?state=x"],
      ["cancelSchedule", "/schedules/nope"],
      ["moveEntry", `/content/article/${id}/stage`, { stage: "x" }],
      ["moveEntry", `/content/article/${id}/stage`, {}],
      ["assignEntry", `/content/article/${id}/assignee`, { assignee: "x" }],
      ["createComment", `/content/article/${id}/comments`, { body: "" }],
      ["createComment", `/content/article/${none}/comments`, { body: "x" }],
      ["listComments", `/content/article/${none}/comments`],
      ["listComments", `/content/article/${id}/comments?limit=0`],
      ["resolveComment", `/content/article/${id}/comments/x`, { resolved: true }],
      ["deleteComment", `/content/article/${id}/comments/x`],
      ["listNotifications", "/notifications?limit=0"],
      ["createEnvironment", "/environments", { name: "main" }],
      ["createEnvironment", "/environments", { name: "x", from: "nope" }],
      ["createEnvironment", "/environments", { name: "X" }],
      ["deleteEnvironment", "/environments/main"],
      ["deleteEnvironment", "/environments/nope"],
      ["putAlias", "/environments/aliases/main", { environment: "main" }],
      ["putAlias", "/environments/aliases/x", { environment: "nope" }],
      ["deleteAlias", "/environments/aliases/nope"],
      ["createType", "/types", { id: "Bad Id" }],
      ["createType", "/types", ARTICLE],
      ["putType", "/types/other", ARTICLE],
      ["putType", "/types/article?version=99", ARTICLE],
      ["getType", "/types/nope"],
      ["deleteType", "/types/nope"],
      ["deleteType", "/types/article"],
      ["getAsset", "/assets/nope"],
      ["putAsset", "/assets/nope", { source_url: "https://example.org/a" }],
      ["createAsset", "/assets", {}],
      ["listAssets", "/assets?cursor=nope"],
      ["createToken", "/tokens", { name: "x", scope: "all" }],
      ["revokeToken", "/tokens/nope"],
      ["createKey", "/keys", {}],
      ["revokeKey", "/keys/nope"],
      ["getMember", "/members/nope"],
      ["updateMember", "/members/nope", {}],
      ["updateMember", "/members/nope", { roles: ["Not A Role"] }],
      ["removeMember", "/members/nope"],
      ["createInvitation", "/invitations", { email: "nobody", roles: [] }],
      ["revokeInvitation", "/invitations/nope"],
      ["createTeam", "/teams", { name: "" }],
      ["updateTeam", "/teams/nope", { name: "x" }],
      ["deleteTeam", "/teams/nope"],
      ["addToTeam", "/teams/nope/members/nope"],
      ["removeFromTeam", "/teams/nope/members/nope"],
      ["addDomain", "/domains", { domain: "x" }],
      ["verifyDomain", "/domains/nope.example.com/verify"],
      ["removeDomain", "/domains/nope.example.com"],
      ["createClient", "/oauth/clients", { name: "x", grants: ["authorization_code"] }],
      ["updateClient", "/oauth/clients/nope", { name: "x" }],
      ["renewClientSecret", "/oauth/clients/nope/secret"],
      ["deleteClient", "/oauth/clients/nope"],
      ["rotateIssuerKeys", "/oauth/keys/rotate"],
      ["updateEnvironment", "/environments/nope", {}],
      ["updateEnvironment", "/environments/main", { default_locale: "xx" }],
      ["updateTenant", "/tenant", { ip_ranges: ["nonsense"] }],
      ["updateTenant", "/tenant", { ip_ranges: ["203.0.113.0/24"] }],
      ["updateTenant", "/tenant", { sign_in: { sso: true } }],
      ["getConnection", "/sso/connections/nope"],
      ["createConnection", "/sso/connections", { type: "x" }],
      ["createConnection", "/sso/connections", { type: "saml", name: "x", saml: {} }],
      ["createConnection", "/sso/connections", { type: "saml", name: "x", saml: { metadata: "<x/>" } }],
      ["updateConnection", "/sso/connections/nope", {}],
      ["deleteConnection", "/sso/connections/nope"],
      ["listAuditLog", "/audit-logs?limit=x"],
      ["postGraphql", "/graphql", {}],
      ["postGraphql", "/graphql", []],
      ["postGraphql", "/graphql", { documentId: "nope" }],
      ["putOperation", "/operations/x", { document: "{" }],
      ["deleteOperation", "/operations/nope"],
    ];
    for (const [operationId, path, body] of refusals) {
      const { method, path: template } = operations.find((one) => one.operationId === operationId)!;
      const reply = await tenant.call(method.toUpperCase(), path, body === undefined ? {} : { body });
      const at = `${operationId} ${path}: ${reply.status} ${reply.text.slice(0, 200)}`;
      const isGraphql = operationId === "postGraphql";
      const error = isGraphql ? reply.body.errors[0].extensions : reply.body.error;
      expect(reply.status, at).toBeGreaterThanOrEqual(400);
      expect(
        problems(reply.body, "components", "schemas", isGraphql ? "GraphqlAnswer" : "Error"),
        at,
      ).toEqual([]);
      const described = document.paths[template]![method]!.responses[reply.status]?.["description"];
      expect(described, at).toContain(`\`${error.reason}\``);
      expect(described, at).toContain(`\`${error.code}\``);
    }
  });

  it("is served to everybody with an ETag, and refuses a token that is not one", async () => {
    const { response } = await load();
    const etag = response.headers.get("etag")!;
    expect(etag).toMatch(/^W\/"/);
    const known = await fetch(`${inject("url")}/v3/openapi.json`, { headers: { "if-none-match": etag } });
    expect(known.status).toBe(304);
    const refused = await tenant.get("/openapi.json", { token: "flow_read_nonsense" });
    expect(refused.status).toBe(401);
  });
});

describe("openapi.json with a token", () => {
  it("names no schema that nothing refers to", async () => {
    const own = await newTenant();
    await own.put("/types/word", { id: "word", name: "Word", fields: [{ id: "text", type: "short_text" }] });
    const headers = { authorization: `Bearer ${own.tokens.read}` };
    await eventually(async () => "/content/word" in (await load(headers)).document.paths);
    const { document: typed } = await load(headers);
    for (const shown of [typed, document]) {
      const text = JSON.stringify(shown);
      for (const name of Object.keys(shown.components.schemas))
        expect(text, name).toContain(`"#/components/schemas/${name}"`);
    }
  });

  it("describes the tenant's own types, and follows their changes", async () => {
    const own = await newTenant();
    const headers = { authorization: `Bearer ${own.tokens.read}` };
    expect(Object.keys((await load(headers)).document.paths)).toContain("/content/{type}");
    await own.put("/types/article", {
      ...ARTICLE,
      fields: [
        ...ARTICLE.fields,
        { id: "place", type: "location" },
        {
          id: "parts",
          type: "blocks",
          components: [{ id: "hero", fields: [{ id: "text", type: "short_text" }] }],
        },
      ],
    });
    await eventually(async () => "/content/article" in (await load(headers)).document.paths);
    const { document: typed } = await load(headers);
    const ids = Object.values(typed.paths).flatMap((item) =>
      METHODS.flatMap((one) => item[one]?.operationId ?? []),
    );
    expect(ids.length).toBe(new Set(ids).size);
    expect(typed.paths).not.toHaveProperty(["/content/{type}"]);

    const problems = validatorOf(typed);
    const values = {
      title: "Own",
      slug: "own",
      price: 2.5,
      rank: 1,
      live: true,
      day: "2026-01-31",
      kind: "essay",
      body: { html: "<p>x</p>" },
      place: { lat: 1, lon: 2 },
      parts: [{ type: "hero", text: "hi" }],
    };
    expect(problems(values, "components", "schemas", "article.input")).toEqual([]);
    expect(problems({ ...values, kind: "poem" }, "components", "schemas", "article.input")).not.toEqual([]);
    expect(problems({ slug: "own" }, "components", "schemas", "article.input")).not.toEqual([]);
    expect(problems({ slug: "own" }, "components", "schemas", "article.patch")).toEqual([]);

    const first = await own.published("article", values);
    await own.published("article", { title: "Second", related: [first] });
    const list = [
      "paths",
      "/content/article",
      "get",
      "responses",
      "200",
      "content",
      "application/json",
      "schema",
    ];
    for (const query of [
      "",
      "?q=own&highlight=true&facets=kind",
      "?include=related",
      "?fields=title",
      "?rich_text=html",
      "?perspective=draft",
    ]) {
      const { body, status } = await own.get(`/content/article${query}`);
      expect(status).toBe(200);
      expect(problems(body, ...list), query).toEqual([]);
    }
  });
});

/**
 * The names of an answer and of what stands in it, two deep: enough to see that an example is out of
 * date.
 */
function keysOf(value: unknown, depth = 2): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [keysOf(value[0], depth)];
  if (typeof value !== "object" || value === null || depth === 0) return null;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [
        key,
        key === "meta" || (key === "data" && depth < 2) ? null : keysOf(one, depth - 1),
      ]),
  );
}
