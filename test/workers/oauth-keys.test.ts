import { expect, it } from "vitest";
import { newOwner } from "../support/person.ts";
import { newTenant } from "../support/tenant.ts";

it("keys are published before they sign, and rotate by one command", async () => {
  const tenant = await newTenant();
  const owner = await newOwner(tenant);
  const { id: client_id, secret: client_secret } = (
    await tenant.post("/oauth/clients", { name: "App", grants: ["client_credentials"], roles: ["editor"] })
  ).body.data;
  const grant = { grant_type: "client_credentials", client_id, client_secret };
  const newToken = async () =>
    JSON.parse((await owner.post("/oauth/token", grant)).text).access_token as string;
  const kidOf = (token: string) => JSON.parse(atob(token.split(".")[0]!)).kid as string;
  const isLetIn = async (token: string) => (await tenant.get("/types", { token })).status;
  const jwks = async () =>
    (JSON.parse((await owner.get("/.well-known/jwks.json")).text) as { keys: { kid: string; d?: string }[] })
      .keys;
  const before = await newToken();
  const [states, published] = [await tenant.get("/oauth/keys"), await jwks()];
  expect(states.body.data.map((key: { state: string }) => key.state).sort()).toEqual(["active", "next"]);
  expect(published.every((key) => key.d === undefined)).toBe(true);
  const next = states.body.data.find((key: { state: string }) => key.state === "next").kid as string;
  expect(published.map(({ kid }) => kid)).toContain(next);
  const early = await tenant.post("/oauth/keys/rotate", undefined);
  expect(early).toMatchObject({ status: 409, body: { error: { reason: "oauth/key-too-young" } } });
  expect((await tenant.post("/oauth/keys/rotate?force=true", undefined)).status).toBe(200);
  const after = await newToken();
  expect(kidOf(after)).toBe(next);
  expect([await isLetIn(after), await isLetIn(before)]).toEqual([200, 200]);
  expect((await jwks()).map(({ kid }) => kid)).toContain(kidOf(before));
});
