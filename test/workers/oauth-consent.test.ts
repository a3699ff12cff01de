import { beforeAll, expect, it } from "vitest";
import { joinedMember, newOwner, type Visitor } from "../support/person.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const LOOPBACK = "http://127.0.0.1:4999/callback";
const HTTPS = "https://app.example/callback";
const SCHEME = "com.example.app:/callback";

let tenant: Tenant;
let owner: Visitor;

beforeAll(async () => {
  tenant = await newTenant();
  owner = await newOwner(tenant);
});

async function newClient(confidential: boolean): Promise<string> {
  const made = await tenant.post("/oauth/clients", {
    name: "App",
    confidential,
    grants: ["authorization_code"],
    redirect_uris: [LOOPBACK, HTTPS, SCHEME],
    scopes: ["read"],
  });
  expect(made.status, made.text).toBe(201);
  return made.body.data.id;
}

const asking = (clientId: string, redirect: string, prompt?: string) => ({
  client_id: clientId,
  redirect_uri: redirect,
  response_type: "code",
  code_challenge: "x".repeat(43),
  code_challenge_method: "S256",
  ...(prompt === undefined ? {} : { prompt }),
});
/** What a visitor who follows a client's link gets. */
const ask = (visitor: Visitor, ...asked: Parameters<typeof asking>) =>
  visitor.get(`/oauth/authorize?${new URLSearchParams(asking(...asked))}`);
const allow = async (...asked: Parameters<typeof asking>) => {
  const allowed = await owner.post("/oauth/authorize", { ...asking(...asked), decision: "allow" });
  expect(new URL(allowed.location!).searchParams.get("code")).toMatch(/^[0-9a-z]{32}$/);
};
const errorOf = ({ location }: { location: string | null }) => new URL(location!).searchParams.get("error");

it.each([
  ["with a secret", true, LOOPBACK],
  ["with an https address", false, HTTPS],
])("a client %s is asked for once", async (_, confidential, redirect) => {
  const id = await newClient(confidential);
  expect((await ask(owner, id, redirect)).text).toContain("Allow App?");
  await allow(id, redirect);
  expect((await ask(owner, id, redirect)).location).toContain(`${redirect}?code=`);
  expect((await ask(owner, id, redirect, "consent")).text).toContain("Allow App?");
});

it.each([LOOPBACK, SCHEME])(
  "a public client at %s is asked for each time, as another program may be in its place",
  async (redirect) => {
    const id = await newClient(false);
    await allow(id, redirect);
    expect((await ask(owner, id, redirect)).text).toContain("Allow App?");
    expect((await ask(owner, id, redirect.replace("4999", "6666"))).text).toContain("Allow App?");
    expect(errorOf(await ask(owner, id, redirect, "none"))).toBe("consent_required");
  },
);

it("our own command line is asked for each time", async () => {
  const redirect = "http://127.0.0.1:4000/callback";
  await allow("flow-cli", redirect);
  expect((await ask(owner, "flow-cli", redirect)).text).toContain("Allow FlowCMS command line?");
});

it("the client is told of a stranger neither a code nor an address", async () => {
  const stranger = await joinedMember(await newTenant(), ["viewer"]);
  const id = await newClient(true);
  for (const prompt of [undefined, "none"]) {
    const { location } = await stranger.send(
      `${owner.prefix}/oauth/authorize?${new URLSearchParams(asking(id, HTTPS, prompt))}`,
    );
    expect(errorOf({ location })).toBe("access_denied");
    expect(decodeURIComponent(location!)).not.toContain(stranger.email.split("@")[0]);
  }
});
