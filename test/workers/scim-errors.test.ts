import { beforeAll, describe, expect, inject, it } from "vitest";
import { scimOf } from "../support/scim.ts";
import { verifiedDomain } from "../support/sso.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;
let directory: ReturnType<typeof scimOf>;

const scim: (typeof directory)["send"] = (...args) => directory.send(...args);
const newUser: (typeof directory)["newUser"] = (...args) => directory.newUser(...args);

beforeAll(async () => {
  tenant = await newTenant();
  directory = scimOf(tenant, await verifiedDomain(tenant));
});

const ERROR = "urn:ietf:params:scim:api:messages:2.0:Error";

describe("errors of SCIM", () => {
  it.each([
    ["POST", "/Users", { userName: "no address" }, "userName"],
    ["POST", "/Users", {}, "userName"],
    ["POST", "/Users", { userName: "a@b.cd", externalId: "x".repeat(301) }, "externalId"],
    ["POST", "/Users", [], "The body"],
    ["POST", "/Groups", {}, "displayName"],
    ["POST", "/Groups", { displayName: "a\nb" }, "displayName"],
    ["POST", "/Groups", { displayName: "G", members: [{ value: 5 }] }, "members[0].value"],
    ["PATCH", "/Users/:user", "x", "The body"],
    ["PATCH", "/Users/:user", { Operations: [{ op: "move" }] }, "operations[0].op"],
    ["PATCH", "/Users/:user", { Operations: [{ op: "replace", path: "userName", value: 5 }] }, "userName"],
    [
      "PATCH",
      "/Groups/:group",
      { Operations: [{ op: "replace", path: "displayName", value: "" }] },
      "displayName",
    ],
    [
      "PATCH",
      "/Groups/:group",
      { Operations: [{ op: "replace", path: "externalId", value: 5 }] },
      "externalId",
    ],
    [
      "PATCH",
      "/Groups/:group",
      { Operations: [{ op: "add", path: "members", value: [{ value: 5 }] }] },
      "members",
    ],
    ["GET", "/Users?count=x", undefined, "count"],
    ["GET", "/Users?filter=userName+pr&filter=id+pr", undefined, "filter"],
    ["GET", "/Groups?count=1&%63ount=2", undefined, "count"],
    ["POST", "/Users/.search", { count: "x" }, "count"],
    ["POST", "/Users/.search", 7, "The body"],
  ])("of %s %s with %j begin with %s", async (method, path, body, begins) => {
    const user = path.includes(":user") ? (await newUser(`e-${crypto.randomUUID().slice(0, 8)}`)).id : "";
    const group = path.includes(":group")
      ? (await scim("POST", "/Groups", { displayName: `E ${crypto.randomUUID()}` })).body.id
      : "";
    const sent = typeof body === "string" ? JSON.stringify(body) : body;
    const refused = await scim(method, path.replace(":user", user).replace(":group", group), sent);
    expect(refused.status, refused.text).toBe(400);
    expect(refused.body).toMatchObject({ schemas: [ERROR], status: "400", scimType: expect.any(String) });
    expect(refused.body.detail.slice(0, begins.length + 1)).toMatch(/^.*[: ]$/);
    expect(refused.body.detail.startsWith(begins), refused.text).toBe(true);
  });

  it("are in SCIM's form at every SCIM path, with and without a token", async () => {
    const { slug } = tenant;
    const admin = `Bearer ${tenant.tokens.admin}`;
    for (const [method, path, status, headers] of [
      ["GET", `/t/${slug}/scim`, 404],
      ["GET", `/t/${slug}/scim/`, 404],
      ["GET", `/t/${slug}/scim/v1/Users`, 404],
      ["GET", `/t/${slug}/scim/v2`, 404],
      ["GET", `/t/${slug}/scim`, 401, { authorization: "Bearer nonsense" }],
      ["GET", "/t/nobody-here/scim", 404],
      ["GET", "/t/nobody-here/scim/v2/Users", 404],
      ["GET", `/t/${slug.toUpperCase()}/scim/v2/Users`, 404],
      ["GET", `/t/${slug}/scim/v2/Users/a%2Fb`, 400],
      ["GET", `/t/${slug}/scim/v2//Users`, 400],
      ["GET", `/t/${slug}/scim/v2/Users/%E0%A4`, 400],
      ["DELETE", `/t/${slug}/scim/v2/Users`, 405],
      ["POST", `/t/${slug}/scim/v2/ServiceProviderConfig`, 405],
      ["POST", `/t/${slug}/scim/v2/Users`, 415, { "content-encoding": "zstd" }],
      ["GET", `/t/${slug}/scim/v2/Users`, 412, { "if-match": '"none"' }],
    ] as [string, string, number, Record<string, string>?][])
      for (const accept of ["application/scim+json", "text/html"]) {
        const response = await fetch(inject("url") + path, {
          method,
          headers: { authorization: admin, accept, ...headers },
          body: method === "POST" ? "{}" : null,
        });
        expect([path, response.status, response.headers.get("content-type")]).toEqual([
          path,
          status,
          "application/scim+json",
        ]);
        expect(await response.json()).toMatchObject({
          schemas: [ERROR],
          status: String(status),
          detail: expect.any(String),
        });
      }
  });
});
