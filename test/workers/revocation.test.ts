import { describe, expect, inject, it } from "vitest";
import { newOwner, pageToken } from "../support/person.ts";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

/** How a path of the API is answered by the isolate that did not hear of the revocation. */
const elsewhere = async (token: string, path = "/types", init: RequestInit = {}) => {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${inject("secondEdgeUrl")}/api/v3${path}`, { ...init, headers });
  await response.body?.cancel();
  return response.status;
};

const newToken = async (tenant: Tenant, scope: string): Promise<{ id: string; token: string }> =>
  (await tenant.post("/tokens", { name: "Leaked", scope })).body.data;

// Each with a tenant of its own: what one makes an isolate look up is known to the next.
describe.concurrent("in an isolate that did not hear of it", () => {
  it("a new token counts, though another was unknown just before", async () => {
    const tenant = await newTenant();
    const [gone, made] = [await newToken(tenant, "read"), await newToken(tenant, "read")];
    expect((await tenant.delete(`/tokens/${gone.id}`)).status).toBe(204);
    expect(await elsewhere(gone.token)).toBe(401);
    expect(await elsewhere(made.token)).toBe(200);
    const { token } = await newToken(tenant, "read");
    await eventually(async () => (await elsewhere(token)) === 200);
  });

  it("a revoked token is refused", async () => {
    const tenant = await newTenant();
    const { id, token } = await newToken(tenant, "read");
    expect(await elsewhere(token)).toBe(200);
    expect((await tenant.delete(`/tokens/${id}`)).status).toBe(204);
    expect((await tenant.get("/types", { token })).status).toBe(401);
    await eventually(async () => (await elsewhere(token)) === 401);
  });

  it("the tokens of a session that was ended are refused", async () => {
    const tenant = await newTenant();
    const owner = await newOwner(tenant);
    const token = (await pageToken(owner))!;
    expect(await elsewhere(token)).toBe(200);
    await owner.post("/sign-out", {});
    expect((await tenant.get("/types", { token })).status).toBe(401);
    await eventually(async () => (await elsewhere(token)) === 401);
  });

  it("a revoked token is refused sooner where it would change who may do what", async () => {
    const tenant = await newTenant();
    const { id, token } = await newToken(tenant, "admin");
    expect(await elsewhere(token)).toBe(200);
    expect((await tenant.delete(`/tokens/${id}`)).status).toBe(204);
    const rename = { method: "PATCH", body: '{"name":"Taken over"}' };
    await eventually(async () => (await elsewhere(token, "/tenant", rename)) === 401);
  });
});
