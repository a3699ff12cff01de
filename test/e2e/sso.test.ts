import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium, openBrowser } from "../support/chromium.ts";
import { newVisitor } from "../support/person.ts";
import { connectSaml, newSamlIdp, verifiedDomain, type SamlIdp } from "../support/sso.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const chromium = findChromium();

describe.runIf(chromium !== undefined)("single sign-on in a browser", () => {
  let browser: Browser;
  let site: Server;
  let tenant: Tenant;
  let domain: string;
  let idp: SamlIdp;
  let connection: { id: string };

  beforeAll(async () => {
    tenant = await newTenant();
    domain = await verifiedDomain(tenant);
    // The identity provider is another site: its page posts the answer by a script, as they all do.
    site = createServer((request, response) => {
      void (async () => {
        const { text: metadata } = await newVisitor(tenant).get(`/sso/saml/${connection.id}/metadata`);
        const [, acs] = /AssertionConsumerService[^>]*Location="([^"]+)"/.exec(metadata)!;
        const answer = await idp.answer(`${at}${request.url}`, metadata, {
          subject: "ada",
          email: `ada@${domain}`,
        });
        response
          .setHeader("content-type", "text/html")
          .end(
            `<form method="post" action="${acs}"><input type="hidden" name="SAMLResponse" value="${answer}" /></form><script>document.forms[0].submit()</script>`,
          );
      })();
    });
    await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
    const at = `http://localhost:${(site.address() as AddressInfo).port}`;
    idp = await newSamlIdp({ ssoUrl: `${at}/sso` });
    connection = await connectSaml(tenant, idp, { domains: [domain], default_roles: ["viewer"] });
    browser = await openBrowser(chromium!);
  });
  afterAll(async () => {
    await browser?.close();
    await new Promise((resolve) => site.close(resolve));
  });

  it.each(["the button", "an address alone"])(
    "goes by %s to the provider and comes back signed in",
    async (way) => {
      const context = await browser.newContext();
      const page = await context.newPage();
      const { issuer, prefix } = newVisitor(tenant);
      await page.goto(`${issuer}/sign-in`);
      if (way === "the button") await page.getByText("Continue with Acme").click();
      else {
        await page.getByLabel("Email address").fill(`somebody@${domain}`);
        await page.getByRole("button", { name: "Sign in", exact: true }).click();
      }
      await page.waitForURL(`${issuer}/account`);
      expect(await page.textContent("main")).toContain(`ada@${domain}`);
      const status = await page.evaluate(
        async (path) => (await fetch(path, { method: "POST" })).status,
        `${prefix}/session/token`,
      );
      expect([
        status,
        (await context.cookies()).find(({ name }) => name === "__Host-flow_session")?.sameSite,
      ]).toEqual([200, "Lax"]);
      await context.close();
    },
  );
});
