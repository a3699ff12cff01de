import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeAll, expect, it } from "vitest";
import { connectSaml, newSamlIdp, verifiedDomain, type SamlIdp } from "../support/sso.ts";
import { newVisitor } from "../support/person.ts";
import { asOwner, newTenant, type Tenant } from "../support/tenant.ts";
import { sql } from "drizzle-orm";

let tenant: Tenant;
let idp: SamlIdp;
const SSO_URL = "https://idp.example/sso";
const make = (saml: object, more: object = {}) =>
  tenant.post("/sso/connections", { type: "saml", name: "Acme", ...more, saml });

beforeAll(async () => {
  tenant = await newTenant();
  idp = await newSamlIdp();
});

it("is made of metadata, of an address of it, or field by field", async () => {
  const server = createServer((request, response) => {
    if (request.url === "/moved") response.writeHead(302, { location: "/metadata" }).end();
    else if (request.url === "/large") response.end("x".repeat(2 * 1024 * 1024));
    else response.end(request.url === "/metadata" ? idp.metadata : "nothing");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const saml of [
    { metadata: idp.metadata },
    { metadata_url: `${at}/metadata` },
    { entity_id: idp.entityId, sso_url: SSO_URL, certificates: [idp.key.certificate] },
  ]) {
    const made = await make(saml);
    expect(made.status, made.text).toBe(201);
    expect(made.body.data.saml).toMatchObject({
      entity_id: idp.entityId,
      sso_url: SSO_URL,
      allow_idp_initiated: false,
    });
    expect(made.body.data.saml.certificates).toHaveLength(1);
  }
  for (const [path, status, reason] of [
    ["/moved", 503, "sso/provider-unreachable"],
    ["/large", 503, "sso/provider-unreachable"],
    ["/nothing", 422, "sso/saml-metadata"],
  ] as const) {
    const refused = await make({ metadata_url: at + path });
    expect([refused.status, refused.body.error.reason], path).toEqual([status, reason]);
  }
  await new Promise((resolve) => server.close(resolve));
});

it("never shows a secret, and tells the provider who we are", async () => {
  const { id } = await connectSaml(tenant, idp);
  const all = [
    (await tenant.get(`/sso/connections/${id}`)).text,
    (await tenant.get("/sso/connections")).text,
  ].join();
  expect(all).toContain("BEGIN CERTIFICATE");
  expect(all).not.toMatch(/PRIVATE KEY|sealed/);
  const metadata = await newVisitor(tenant).get(`/sso/saml/${id}/metadata`);
  expect(metadata.headers.get("content-type")).toBe("application/samlmetadata+xml");
  expect(metadata.text).toContain(`${newVisitor(tenant).issuer}/sso/saml/${id}/acs`);
  const [rows] = await asOwner(tenant, sql`select sealed_secret from sso_connections where id = ${id}`);
  expect(rows![0]![0]).not.toContain("PRIVATE KEY");
});

it("is changed, and taken away, by admins of its tenant alone", async () => {
  const domain = await verifiedDomain(tenant);
  const { id } = await connectSaml(tenant, idp);
  const changed = await tenant.patch(`/sso/connections/${id}`, {
    name: "Other",
    domains: [domain],
    role_mapping: { Editors: ["editor"] },
    jit: false,
    saml: { groups_attribute: "roles" },
  });
  expect(changed.body.data, changed.text).toMatchObject({
    name: "Other",
    domains: [domain],
    jit: false,
    enabled: true,
    saml: { groups_attribute: "roles", entity_id: idp.entityId },
  });
  for (const [change, path] of [
    [{ default_roles: ["owner"] }, "default_roles"],
    [{ role_mapping: { Bosses: ["owner"] } }, "role_mapping.Bosses"],
    [{ nmae: "x" }, "nmae"],
    [{ domains: ["no domain"] }, "domains[0]"],
  ] as const) {
    const refused = await tenant.patch(`/sso/connections/${id}`, change);
    expect([refused.status, refused.body.error.details[0].path]).toEqual([422, path]);
  }
  expect((await tenant.patch(`/sso/connections/${id}`, { oidc: { client_id: "x" } })).status).toBe(422);
  const other = await newTenant();
  for (const [method, body] of [["GET"], ["PATCH", { name: "x" }], ["DELETE"]] as const) {
    expect((await other.call(method, `/sso/connections/${id}`, body ? { body } : {})).status, method).toBe(
      404,
    );
    expect(
      (
        await tenant.call(method, `/sso/connections/${id}`, {
          token: tenant.tokens.write,
          ...(body && { body }),
        })
      ).status,
    ).toBe(403);
  }
  expect((await tenant.delete(`/sso/connections/${id}`)).status).toBe(204);
  expect((await tenant.get(`/sso/connections/${id}`)).status).toBe(404);
  const log = await tenant.get("/audit-logs");
  const actions = log.body.data.map(({ action }: { action: string }) => action);
  expect(actions).toEqual(
    expect.arrayContaining(["sso.connection_created", "sso.connection_updated", "sso.connection_deleted"]),
  );
});
