import { beforeAll, expect, it } from "vitest";
import { newAddress, newOwner, newVisitor, PASSWORD, type Visitor } from "../support/person.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;
let owner: Visitor & { email: string };
let stranger: Visitor;
beforeAll(async () => {
  tenant = await newTenant();
  owner = await newOwner(tenant);
  stranger = newVisitor(tenant);
});

const FORMS = [
  "/sign-in",
  "/sign-in/code",
  "/sign-in/link",
  "/sign-in/link/confirm",
  "/sign-out",
  "/reset",
  "/reset/confirm",
  "/verify",
  "/setup",
  "/invitation",
  "/device",
  "/account/name",
  "/account/email",
  "/account/email/confirm",
  "/account/delete",
  "/account/password",
  "/account/sessions/end",
  "/account/passkeys/remove",
  "/account/totp/confirm",
  "/account/applications/end",
  "/account/tenants/new",
  "/oauth/authorize",
  "/oauth/token",
  "/oauth/device",
  "/oauth/revoke",
  "/oauth/introspect",
  "/passkeys/begin",
  "/passkeys/finish",
  "/passkeys/sign-in/begin",
  "/passkeys/sign-in/finish",
  "/session/token",
];
const FIELDS =
  "email password code token continue name slug id decision user_code current secret client_id client_secret grant_type refresh_token redirect_uri scope code_verifier device_code".split(
    " ",
  );
const VALUES = [
  "",
  "x".repeat(5000),
  "'; drop table people; --",
  "\u0000",
  "\ud800",
  "🦊".repeat(300),
  "../../etc/passwd",
  "<script>alert(1)</script>",
  "[object Object]",
];
const bodyOf = (value: string) => new URLSearchParams(FIELDS.map((name) => [name, value])).toString();
const BODIES: [type: string, body: string | Uint8Array<ArrayBuffer>][] = [
  ...VALUES.map((value): [string, string] => ["application/x-www-form-urlencoded", bodyOf(value)]),
  ["application/x-www-form-urlencoded", "%%%&&&===&%ff=%fe"],
  ["application/x-www-form-urlencoded", "a=1&".repeat(500)],
  ["application/x-www-form-urlencoded", `email=${"y".repeat(70_000)}`],
  ["application/x-www-form-urlencoded", new Uint8Array([0xff, 0xfe, 0x00, 0x3d])],
  ["application/json", '{"email":{"$ne":null},"answer":{"id":1}}'],
  ["application/json", "[[[["],
  ["text/plain", "email=x"],
  ["multipart/form-data; boundary=x", "--x--"],
];

it("no form and no endpoint breaks on what nobody meant to send", async () => {
  for (const visitor of [owner, stranger]) {
    const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    for (const path of FORMS.filter((one) => one !== "/sign-out")) {
      const answers = await Promise.all(
        BODIES.map(([type, body]) =>
          fetch(visitor.issuer + path, {
            method: "POST",
            body,
            headers: {
              "content-type": type,
              origin: visitor.origin,
              cookie,
              accept: "text/html",
              "cf-connecting-ip": newAddress(),
            },
            redirect: "manual",
          }),
        ),
      );
      for (const [i, answer] of answers.entries()) {
        const text = await answer.text();
        const at = `${path} ${String(BODIES[i]![1]).slice(0, 40)}: ${answer.status} ${text.slice(0, 200)}`;
        expect(answer.status, at).toBeLessThan(500);
        expect(text, at).not.toMatch(/select |insert into|[\s"'(.]pg_|node_modules|\.ts:\d/i);
        if (answer.headers.get("content-type")?.startsWith("text/html"))
          expect(text, at).not.toContain("<script>alert(1)");
        const location = answer.headers.get("location");
        if (location) expect(new URL(location, visitor.origin).origin, at).toBe(visitor.origin);
      }
    }
  }
}, 120_000);

it("no page breaks on what stands in its address, and none leads away", async () => {
  const paths = FORMS.filter((one) => !one.startsWith("/passkeys"));
  for (const value of [
    ...VALUES.filter((one) => one.length < 4000),
    "//evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "/\\evil.example",
  ]) {
    const query = new URLSearchParams(FIELDS.map((name) => [name, value]));
    for (const visitor of [owner, stranger]) {
      const answers = await Promise.all(
        paths.map((path) =>
          visitor.send(`${visitor.prefix}${path}?${query}`, {
            headers: { "cf-connecting-ip": newAddress() },
          }),
        ),
      );
      for (const [i, { status, text, location }] of answers.entries()) {
        const at = `${paths[i]} ${value.slice(0, 40)}: ${status} ${text.slice(0, 200)}`;
        expect(status, at).toBeLessThan(500);
        expect(text, at).not.toContain("<script>alert(1)");
        expect(text, at).not.toMatch(/href="(?:javascript|https:\/\/evil|\/\/evil)/);
        if (location) expect(new URL(location, visitor.origin).origin, at).toBe(visitor.origin);
      }
    }
  }
}, 120_000);

it("a cookie, a method or a path that is not ours is refused, not served", async () => {
  for (const cookie of [
    "__Host-flow_session=x",
    `__Host-flow_session=${"0".repeat(32)}`,
    "__Host-flow_session=; =;;;",
    "a".repeat(8000),
  ])
    expect(
      (await stranger.send(`${stranger.prefix}/account`, { headers: { cookie } })).status,
      cookie.slice(0, 40),
    ).toBe(303);
  for (const method of ["PUT", "DELETE", "PATCH"])
    expect((await stranger.send(`${stranger.prefix}/sign-in`, { method })).status).toBe(405);
  for (const path of ["/account/nothing", "/oauth", "/oauth/nothing", "/passkeys", "/.well-known/jwks"])
    expect((await stranger.get(path)).status, path).toBe(404);
  expect((await stranger.get("/sso/saml/x/acs")).status).toBe(405);
  for (const path of ["/t/", "/t/UPPER/sign-in", "/t/../sign-in"])
    expect((await stranger.send(path)).status, path).toBe(404);
  for (const path of ["/t//sign-in", "/t/%00/sign-in", "/t/x%2f..%2fsign-in"])
    expect((await stranger.send(path)).status, path).toBe(400);
});

it("no sign-in redirects to another site", async () => {
  for (const way of [
    "/.//evil.example/x",
    "/../..//evil.example",
    "/%2e/%5cevil.example",
    "/\\evil.example",
  ]) {
    const goOn = stranger.prefix + way;
    const page = await stranger.get(`/sign-in?${new URLSearchParams({ continue: goOn })}`);
    expect(page.text, way).toContain(`data-continue="${stranger.prefix}/account"`);
    const { location } = await newVisitor(tenant).post("/sign-in", {
      email: owner.email,
      password: PASSWORD,
      continue: goOn,
    });
    expect(location, way).toBe(`${stranger.prefix}/account`);
  }
});

it("every page forbids frames, scripts of others and caches", async () => {
  for (const path of ["/sign-in", "/reset", "/account", "/setup?code=x", "/device"]) {
    const { headers } = await owner.get(path);
    const policy = headers.get("content-security-policy");
    if (headers.get("location")) continue;
    expect(policy, path).toContain("default-src 'none'");
    expect(policy, path).toContain("frame-ancestors 'none'");
    expect(policy, path).not.toContain("unsafe");
    expect(headers.get("cache-control"), path).toBe("no-store");
    expect(headers.get("x-content-type-options"), path).toBe("nosniff");
  }
});
