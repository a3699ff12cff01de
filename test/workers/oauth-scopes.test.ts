import { expect, it } from "vitest";
import { joinedMember } from "../support/person.ts";
import { newTenant } from "../support/tenant.ts";

const DEVICE = "urn:ietf:params:oauth:grant-type:device_code";

it("a client that may have a scope no more loses it at the next refresh", async () => {
  const tenant = await newTenant();
  const member = await joinedMember(tenant, ["editor"]);
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
  const begun = await ask("/oauth/device", { scope: "read write" });
  await member.post("/device", { user_code: begun["user_code"]!, decision: "allow" });
  const first = await ask("/oauth/token", { grant_type: DEVICE, device_code: begun["device_code"]! });
  expect(first["scope"]).toBe("read write");
  const refresh = (token: Record<string, string>, form: Record<string, string> = {}) =>
    ask("/oauth/token", { grant_type: "refresh_token", refresh_token: token["refresh_token"]!, ...form });

  expect((await tenant.patch(`/oauth/clients/${client_id}`, { scopes: ["read"] })).status).toBe(200);
  const second = await refresh(first);
  expect(second["scope"]).toBe("read");
  expect((await refresh(second, { scope: "read write" }))["error"]).toBe("invalid_scope");
});
