import { describe, expect, it } from "vitest";
import { requestMagicLink, requestReset, requestVerification } from "../../domain/identity/people/index.ts";
import type { IdentityContext } from "../../core/identity-context.ts";
import { homeOf, isOurs } from "./site.ts";

const home = (env: Parameters<typeof homeOf>[0], url: string, prefix = "", slug = "acme") =>
  homeOf(env, new URL(url), prefix, slug);

describe("where emails lead", () => {
  const env = { PUBLIC_URL: "https://cms.example", DEFAULT_TENANT: "first" };

  it("is the site itself at a host of the installation", () => {
    expect(home(env, "https://cms.example/reset", "/t/acme")).toBe("https://cms.example/t/acme");
    expect(home(env, "https://cms.example/reset", "", "first")).toBe("https://cms.example");
    expect(home({}, "https://flow.me.workers.dev/", "/t/acme")).toBe("https://flow.me.workers.dev/t/acme");
  });

  it("is PUBLIC_URL when the request came to any other host", () => {
    expect(home(env, "https://cms.acme.example/reset")).toBe("https://cms.example/t/acme");
    expect(home(env, "https://cms.acme.example/reset", "", "first")).toBe("https://cms.example");
    expect(home(env, "https://cms.example.evil.example/reset")).toBe("https://cms.example/t/acme");
    expect(isOurs(env, new URL("https://cms.example:8443/"))).toBe(false);
  });

  it("is nowhere without PUBLIC_URL, and no email is asked of the database for", async () => {
    expect(home({}, "https://cms.acme.example/reset")).toBeNull();
    const ctx = { site: { home: null } } as IdentityContext;
    const person = { id: "usr_1", email: "ann@example.com" };
    for (const ask of [
      () => requestReset(ctx, person),
      () => requestMagicLink(ctx, person),
      () => requestVerification(ctx, person),
    ])
      await expect(ask()).rejects.toMatchObject({ code: "UNAVAILABLE", reason: "identity/no-public-url" });
  });
});
