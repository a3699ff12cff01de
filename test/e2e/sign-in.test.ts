import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { totpCode } from "../../src/domain/identity/people/totp.ts";
import { findChromium, openBrowser } from "../support/chromium.ts";
import { linkTo, newOwner, PASSWORD } from "../support/person.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const chromium = findChromium();

describe.runIf(chromium !== undefined)("the hosted pages in a browser", () => {
  let browser: Browser;
  let tenant: Tenant;
  let email: string;
  const refusals: string[] = [];
  /** By name, not by number: passkeys belong to a host's name. */
  let base: string;

  beforeAll(async () => {
    browser = await openBrowser(chromium!);
    tenant = await newTenant();
    ({ email } = await newOwner(tenant));
    base = `${inject("url").replace("127.0.0.1", "localhost")}/t/${tenant.slug}`;
  });
  afterAll(() => browser.close());
  afterEach(() => expect(refusals.splice(0), "what a page's own policy refused it").toEqual([]));

  const visit = async (javaScriptEnabled: boolean): Promise<{ context: BrowserContext; page: Page }> => {
    const context = await browser.newContext({ javaScriptEnabled });
    const page = await context.newPage();
    page.on("console", (message) => {
      if (message.text().includes("Content Security Policy")) refusals.push(message.text());
    });
    return { context, page };
  };
  const signIn = async (page: Page, as = email) => {
    await page.goto(`${base}/sign-in`);
    await page.getByLabel("Email address").fill(as);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
  };

  it("work without JavaScript: sign in, see what is wrong, sign out", async () => {
    const { context, page } = await visit(false);
    await page.goto(`${base}/account`);
    expect(new URL(page.url()).pathname).toBe(`/t/${tenant.slug}/sign-in`);
    expect((await page.locator("main").boundingBox())!.width).toBeLessThan(600);
    await page.getByLabel("Email address").fill(email);
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    expect(await page.getByRole("alert").first().textContent()).toContain("or the password is wrong");
    await signIn(page);
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Your account");
    expect(await page.getByText("In " + tenant.slug).textContent()).toContain("you are owner");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.goto(`${base}/account`);
    expect(page.url()).toContain("/sign-in");
    await context.close();
  });

  it("take a new password by an email, and an invitation, without JavaScript", async () => {
    const { context, page } = await visit(false);
    const invited = `guest-${tenant.slug}@example.com`;
    await tenant.post("/invitations", { email: invited, roles: ["editor"] });
    await page.goto((await linkTo(invited, "invites you")).replace("127.0.0.1", "localhost"));
    await page.getByLabel("Your name").fill("Gina Guest");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Join" }).click();
    expect(await page.getByText("Gina Guest").textContent()).toContain("Gina Guest");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("link", { name: "I forgot my password" }).click();
    await page.getByLabel("Email address").fill(invited);
    await page.getByRole("button", { name: "Send me a link" }).click();
    expect(await page.getByRole("status").textContent()).toContain("we sent it an email");
    await page.goto((await linkTo(invited, "Choose a new password")).replace("127.0.0.1", "localhost"));
    await page.getByLabel("New password").fill("a wholly new secret");
    await page.getByRole("button", { name: "Change the password" }).click();
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("The password is changed");
    await context.close();
  });

  it("ask for consent, and send the person back with a code, without JavaScript", async () => {
    const { context, page } = await visit(false);
    const redirect = "http://127.0.0.1:4999/callback";
    const made = await tenant.post("/oauth/clients", {
      name: "Reader <b>",
      confidential: false,
      grants: ["authorization_code"],
      redirect_uris: [redirect],
      scopes: ["read"],
    });
    await page.route(`${redirect}**`, (route) => route.fulfill({ body: "back" }));
    const query = new URLSearchParams({
      client_id: made.body.data.id,
      redirect_uri: redirect,
      response_type: "code",
      code_challenge: "x".repeat(43),
      code_challenge_method: "S256",
      state: "xyz",
    });
    await page.goto(`${base}/oauth/authorize?${query}`);
    await page.getByLabel("Email address").fill(email);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Allow Reader <b>?");
    await page.getByRole("button", { name: "Allow", exact: true }).click();
    await page.waitForURL(`${redirect}**`);
    const back = new URL(page.url()).searchParams;
    expect(back.get("state")).toBe("xyz");
    expect(back.get("code")).toMatch(/^[0-9a-z]{32}$/);
    expect(back.get("iss")).toBe(base);
    await context.close();
  });

  it("connect a device, without JavaScript", async () => {
    const { context, page } = await visit(false);
    const started = (await (
      await fetch(`${base}/oauth/device`, {
        method: "POST",
        body: new URLSearchParams({ client_id: "flow-cli" }),
      })
    ).json()) as { verification_uri_complete: string; user_code: string };
    await page.goto(started.verification_uri_complete);
    await page.getByLabel("Email address").fill(email);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    expect(await page.getByLabel("Code").inputValue()).toBe(started.user_code);
    await page.getByRole("button", { name: "Go on" }).click();
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Connect FlowCMS command line?");
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("The device is connected");
    await context.close();
  });

  it("make a passkey and sign in with it, and refuse it once it is removed", async () => {
    const { context, page } = await visit(true);
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    const devtools = await context.newCDPSession(page);
    await devtools.send("WebAuthn.enable");
    await devtools.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await signIn(page);
    await page.getByLabel("Name of a new passkey").fill("Test key");
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await page.getByText("Test key").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL("**/sign-in");
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await page.waitForURL("**/account");
    expect(await page.getByText("Olga Owner").textContent()).toContain("Olga Owner");
    await page.getByRole("button", { name: "Remove the passkey Test key" }).click();
    await page.getByText("The passkey was removed.").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL("**/sign-in");
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await page.getByText("The passkey could not be verified").waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });

  it("set up an authenticator app, and ask for its code", async () => {
    const { context, page } = await visit(false);
    const invited = `totp-${tenant.slug}@example.com`;
    await tenant.post("/invitations", { email: invited, roles: [] });
    await page.goto((await linkTo(invited, "invites you")).replace("127.0.0.1", "localhost"));
    await page.getByLabel("Your name").fill("Tina Totp");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Join" }).click();
    await page.getByRole("button", { name: "Set up an authenticator app" }).click();
    const shown = (await page.getByRole("img", { name: "Key to scan" }).boundingBox())!;
    expect(shown.width).toBeGreaterThan(150);
    expect(shown.height).toBeCloseTo(shown.width, 0);
    const secret = (await page.locator("#totp-secret").textContent())!.replaceAll(" ", "");
    const step = Math.floor(Date.now() / 30_000);
    await page.getByLabel("Code").fill(await totpCode(secret, step - 1));
    await page.getByRole("button", { name: "Confirm" }).click();
    expect(await page.locator("ul.codes li").count()).toBe(10);
    await page.getByRole("link", { name: "I have kept them" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await signIn(page, invited);
    await page.getByLabel("Code").fill(await totpCode(secret, step));
    await page.getByRole("button", { name: "Go on" }).click();
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Your account");
    await context.close();
  });

  it("change name and address, and delete the account, without JavaScript", async () => {
    const { context, page } = await visit(false);
    const [invited, wanted] = [`moves-${tenant.slug}@example.com`, `moved-${tenant.slug}@example.com`];
    await tenant.post("/invitations", { email: invited, roles: [] });
    await page.goto((await linkTo(invited, "invites you")).replace("127.0.0.1", "localhost"));
    await page.getByLabel("Your name").fill("Mona Moves");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Join" }).click();
    await page.getByLabel("Your name").fill("Mona Moved");
    await page.getByRole("button", { name: "Change the name" }).click();
    expect(await page.getByRole("status").textContent()).toContain("Your name was changed");
    await page.getByLabel("New email address").fill(wanted);
    await page.locator("#email-password").fill(PASSWORD);
    await page.getByRole("button", { name: "Change the address" }).click();
    expect(await page.getByRole("status").textContent()).toContain("We sent two emails");
    const link = (await linkTo(wanted, "Confirm your new")).replace("127.0.0.1", "localhost");
    await page.getByRole("button", { name: "Sign out" }).click();
    // Who opens the email elsewhere signs in first, with the address that still is theirs.
    await page.goto(link);
    await page.getByLabel("Email address").fill(invited);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("button", { name: "Change the address" }).click();
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Your address is changed");
    await page.getByRole("link", { name: "To your account" }).click();
    expect(await page.getByText(`Mona Moved (${wanted})`).count()).toBe(1);
    await page.getByLabel("Your email address, to confirm").fill(wanted);
    await page.locator("#delete-password").fill(PASSWORD);
    await page.getByRole("button", { name: "Delete the account" }).click();
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Your account is deleted");
    await page.goto(`${base}/account`);
    expect(page.url()).toContain("/sign-in");
    await context.close();
  });

  it("say to assistive technology what they show", async () => {
    const { context, page } = await visit(false);
    await signIn(page);
    for (const path of [
      "/sign-in",
      "/sign-in/link",
      "/sign-in/code",
      "/reset",
      "/account",
      "/device",
      "/account/tenants/new",
    ]) {
      await page.goto(base + path);
      const unnamed = await page
        .locator("input:not([type=hidden]):not([hidden]), button:not([hidden])")
        .evaluateAll((all) =>
          (
            all as unknown as {
              labels?: { length: number };
              ariaLabel?: string | null;
              textContent: string;
              outerHTML: string;
            }[]
          )
            .filter(
              (one) =>
                !(one.labels && one.labels.length > 0) && !one.ariaLabel && one.textContent.trim() === "",
            )
            .map((one) => one.outerHTML),
        );
      expect(unnamed, path).toEqual([]);
      expect(await page.locator("html").getAttribute("lang"), path).toBe("en");
      expect(await page.locator("h1").count(), path).toBe(1);
      expect(await page.locator("main").count(), path).toBe(1);
    }
    await context.close();
  });
});
