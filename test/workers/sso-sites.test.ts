import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { atHost, newHost } from "../support/at-host.ts";
import { newVisitor } from "../support/person.ts";
import { connectSaml, newSamlIdp, requestIdOf, verifiedDomain } from "../support/sso.ts";
import { asOwner, newTenant, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;
let domain: string;
let host: string;

beforeAll(async () => {
  tenant = await newTenant();
  domain = await verifiedDomain(tenant);
  host = await newHost(tenant);
});

type Site = (path: string) => Promise<{ status: number; text: string; location?: string | undefined | null }>;
/** The sites of a tenant: its path at the installation, by either of its names, and its own host. */
const sites = (): Record<string, Site> => ({
  path: (path) => newVisitor(tenant).get(path),
  "another name": (path) =>
    newVisitor(tenant).send(`${inject("url").replace("127.0.0.1", "localhost")}/t/${tenant.slug}${path}`),
  "own host": (path) => atHost(host, path),
  "own host and path": (path) => atHost(host, `/t/${tenant.slug}${path}`),
});
const toldBy = (metadata: string) => ({
  entity_id: /entityID="([^"]+)"/.exec(metadata)![1],
  acs_url: /AssertionConsumerService[^>]*Location="([^"]+)"/.exec(metadata)![1],
});

describe("a connection", () => {
  it("has one set of addresses, whichever site is asked, in metadata and in every answer", async () => {
    const idp = await newSamlIdp();
    const made = await connectSaml(tenant, idp, { domains: [domain] });
    const { entity_id, acs_url } = made.saml.service_provider;
    for (const [name, site] of Object.entries(sites())) {
      const { text } = await site(`/sso/saml/${made.id}/metadata`);
      expect(toldBy(text), name).toEqual({ entity_id, acs_url });
    }
    const there = await atHost(host, `/api/v3/sso/connections/${made.id}`, { token: tenant.tokens.admin });
    expect(JSON.parse(there.text).data.saml.service_provider).toEqual(made.saml.service_provider);
    expect(there.text).not.toContain('"base"');
    const renamed = await tenant.patch(`/sso/connections/${made.id}`, { name: "Other" });
    expect(renamed.body.data.saml.service_provider).toEqual(made.saml.service_provider);
  });

  it("is signed in with at its own site, whichever site the sign-in started at", async () => {
    const idp = await newSamlIdp();
    const made = await connectSaml(tenant, idp, { domains: [domain] });
    const { acs_url, login_url } = made.saml.service_provider;
    const user = { subject: "ada", email: `ada@${domain}` };
    for (const [name, site] of Object.entries(sites())) {
      const begun = await site(`/sso/saml/${made.id}/login`);
      expect(begun.status, name).toBe(303);
      const visitor = newVisitor(tenant);
      let at = begun.location!;
      if (name === "path") continue;
      expect(at.startsWith(`${login_url}?`), `${name}: ${at}`).toBe(true);
      at = (await visitor.send(at)).location!;
      const metadata = (await visitor.get(`/sso/saml/${made.id}/metadata`)).text;
      const SAMLResponse = await idp.answer(at, metadata, user);
      const entered = await visitor.send(acs_url!, {
        method: "POST",
        body: new URLSearchParams({ SAMLResponse }),
      });
      expect([entered.status, entered.location], entered.text).toEqual([303, `${visitor.prefix}/account`]);
    }
  });

  it("made at the tenant's own host is at that host, and moves when the host is given up", async () => {
    const own = await newTenant();
    const there = await newHost(own);
    const idp = await newSamlIdp();
    const made = await atHost(there, "/api/v3/sso/connections", {
      token: own.tokens.admin,
      json: { type: "saml", name: "Own", saml: { metadata: idp.metadata } },
    });
    const { id, saml } = JSON.parse(made.text).data;
    expect(saml.service_provider.acs_url).toBe(`http://${there}/sso/saml/${id}/acs`);
    const elsewhere = await newVisitor(own).get(`/sso/saml/${id}/login?continue=/t/${own.slug}/device`);
    expect(elsewhere.location).toBe(`http://${there}/sso/saml/${id}/login?continue=%2Fdevice&sent=true`);
    const begun = await atHost(there, `/sso/saml/${id}/login?continue=%2Fdevice&sent=true`);
    expect(begun.location).toContain("https://idp.example/sso?");
    expect((await own.delete(`/domains/${there}`)).status).toBe(204);
    const moved = await own.get(`/sso/connections/${id}`);
    expect(moved.body.data.saml.service_provider.acs_url).toBe(
      `${inject("url")}/t/${own.slug}/sso/saml/${id}/acs`,
    );
  });

  it("is not redirected in a loop when its site has another address", async () => {
    const idp = await newSamlIdp();
    const made = await connectSaml(tenant, idp, { domains: [domain] });
    const begun = await atHost(host, `/sso/saml/${made.id}/login?sent=true`);
    expect(begun.location).toContain("https://idp.example/sso?");
  });
});

describe("a connection from before", () => {
  const fromBefore = async (idp: Awaited<ReturnType<typeof newSamlIdp>>) => {
    const made = await connectSaml(tenant, idp, { domains: [domain] });
    await asOwner(
      tenant,
      sql`update sso_connections set config = config - 'base' where tenant_id = ${tenant.tenantId}::uuid
        and id = ${made.id}`,
    );
    return made;
  };

  it("goes on at the site that its provider was configured with, and keeps it", async () => {
    const idp = await newSamlIdp();
    const made = await fromBefore(idp);
    const begun = await atHost(host, `/sso/saml/${made.id}/login`);
    expect(begun.location).toContain("https://idp.example/sso?");
    const acs = `http://${host}/sso/saml/${made.id}/acs`;
    const entity = `http://${host}/sso/saml/${made.id}/metadata`;
    const metadata = (await newVisitor(tenant).get(`/sso/saml/${made.id}/metadata`)).text
      .replaceAll(/entityID="[^"]+"/g, `entityID="${entity}"`)
      .replaceAll(/(AssertionConsumerService[^>]*Location=)"[^"]+"/g, `$1"${acs}"`);
    const answer = (changes: Record<string, string> = {}) =>
      idp.answer(begun.location!, metadata, { subject: "eve", email: `eve@${domain}` }, changes);
    const cookie = begun.cookies.map((one) => one.split(";")[0]).join("; ");
    const post = async (SAMLResponse: string) =>
      atHost(host, `/sso/saml/${made.id}/acs`, { cookie, form: { SAMLResponse } });
    // What was made for another site is refused at this one, whoever signed it.
    const other = made.saml.service_provider;
    const wrongs: Record<string, string>[] = [
      { Audience: other["entity_id"]! },
      { Destination: other["acs_url"]! },
      { SubjectRecipient: other["acs_url"]! },
    ];
    for (const wrong of wrongs)
      expect((await post(await answer(wrong))).status, JSON.stringify(wrong)).toBe(401);
    expect(requestIdOf(begun.location!)).toMatch(/^_/);
    const entered = await post(await answer());
    expect([entered.status, entered.location], entered.text).toEqual([303, "/account"]);
    const told = (await tenant.get(`/sso/connections/${made.id}`)).body.data.saml.service_provider;
    expect([told.entity_id, told.acs_url]).toEqual([entity, acs]);
  });
});
