import { expect, it } from "vitest";
import { joinedMember, type Visitor } from "../support/person.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const DEVICE = "urn:ietf:params:oauth:grant-type:device_code";

/** A client of devices with the scopes read and write, and a code that the member allowed. */
async function deviceClient(tenant: Tenant, member: Visitor) {
  const made = await tenant.post("/oauth/clients", {
    name: "App",
    confidential: false,
    grants: [DEVICE, "refresh_token"],
    scopes: ["read", "write"],
  });
  expect(made.status, made.text).toBe(201);
  const { id: client_id } = made.body.data as { id: string };
  const ask = async (path: string, form: Record<string, string>) => {
    const answer = await member.post(path, { client_id, ...form });
    return JSON.parse(answer.text) as Record<string, string>;
  };
  const begin = async () => {
    const begun = await ask("/oauth/device", { scope: "read write" });
    await member.post("/device", { user_code: begun["user_code"]!, decision: "allow" });
    return begun["device_code"]!;
  };
  return { client_id, ask, begin };
}

it("a client that may have a scope no more loses it at the next refresh", async () => {
  const tenant = await newTenant();
  const member = await joinedMember(tenant, ["editor"]);
  const { client_id, ask, begin } = await deviceClient(tenant, member);
  const first = await ask("/oauth/token", { grant_type: DEVICE, device_code: await begin() });
  expect(first["scope"]).toBe("read write");
  const refresh = (token: Record<string, string>, form: Record<string, string> = {}) =>
    ask("/oauth/token", { grant_type: "refresh_token", refresh_token: token["refresh_token"]!, ...form });

  expect((await tenant.patch(`/oauth/clients/${client_id}`, { scopes: ["read"] })).status).toBe(200);
  const second = await refresh(first);
  expect(second["scope"]).toBe("read");
  expect((await refresh(second, { scope: "read write" }))["error"]).toBe("invalid_scope");
});

it("what was allowed before and is fetched after the client lost a scope is without it, and works at once", async () => {
  const tenant = await newTenant();
  const member = await joinedMember(tenant, ["editor"]);
  const { client_id, ask, begin } = await deviceClient(tenant, member);
  const codes = [await begin(), await begin()];
  const change = (scopes: string[]) => tenant.patch(`/oauth/clients/${client_id}`, { scopes });
  expect((await change(["read"])).status).toBe(200);
  const poll = (device_code: string) => ask("/oauth/token", { grant_type: DEVICE, device_code });
  const first = await poll(codes[0]!);
  expect(first["scope"]).toBe("read");
  expect((await tenant.get("/types", { token: first["access_token"]! })).status).toBe(200);
  // Nothing of what was asked for is left: the code waits for better times.
  expect((await change(["sso_admin"])).status).toBe(200);
  expect((await poll(codes[1]!))["error"]).toBe("invalid_grant");
  expect((await change(["write"])).status).toBe(200);
  const second = await poll(codes[1]!);
  expect(second["scope"]).toBe("write");
});
