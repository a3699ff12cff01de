import { beforeAll, describe, expect, inject, it } from "vitest";
import { callerOf } from "../attack/caller.ts";
import { atHost, newHost } from "../support/at-host.ts";
import { newAddress } from "../support/person.ts";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

const call = callerOf(inject("url"));
let tenant: Tenant;
let other: Tenant;
let host: string;
beforeAll(async () => {
  [tenant, other] = [await newTenant(), await newTenant()];
  host = await newHost(tenant);
});

const ask = async (path: string, token: string | null, headers: Record<string, string>) => {
  const { status, text } = await call({ method: "GET", path, token, headers });
  return [status, /"reason":"([^"]+)"/.exec(text)?.[1]];
};

describe("a tenant that is named twice", () => {
  it("is one, or nobody is let in", async () => {
    const own = { host, "x-flow-tenant": tenant.slug };
    const mixed = { host, "x-flow-tenant": other.slug };
    expect(await ask("/api/v3/types", tenant.tokens.read, own)).toEqual([200, undefined]);
    for (const token of [tenant.tokens.read, other.tokens.read])
      expect(await ask("/api/v3/types", token, mixed)).toEqual([401, "access/wrong-tenant"]);
    expect(await ask("/api/v3/types", other.tokens.read, own)).toEqual([401, "access/wrong-tenant"]);
    for (const path of ["/api/v3/types", "/api/v3/content/article"])
      for (let round = 0; round < 2; round++)
        expect((await ask(path, tenant.tokens.read, mixed))[0], path).toBe(401);
    expect(await ask("/sign-in", null, own)).toEqual([200, undefined]);
    expect(await ask("/sign-in", null, mixed)).toEqual([404, "access/unknown-tenant"]);
    expect((await ask(`/t/${tenant.slug}/sign-in`, null, { "x-flow-tenant": other.slug }))[0]).toBe(404);
    expect((await ask(`/t/${tenant.slug}/scim/v2/Users`, tenant.tokens.admin, mixed))[0]).toBe(401);
  });

  it("is found whatever the spelling of the host", async () => {
    for (const spelling of [host.toUpperCase(), `${host}.`, `${host}:80`]) {
      expect(await ask("/api/v3/types", tenant.tokens.read, { host: spelling }), spelling).toEqual([
        200,
        undefined,
      ]);
      expect((await ask("/api/v3/types", other.tokens.read, { host: spelling }))[0], spelling).toBe(401);
      expect((await ask("/sign-in", null, { host: spelling }))[0], spelling).toBe(200);
    }
  });
});

it("what is valid is let in, however many guessed from the same address", async () => {
  const headers = { "cf-connecting-ip": newAddress() };
  const guess = (n: number) => ask("/api/v3/types", `flow_read_${"0".repeat(51)}${n % 10}_${n}`, headers);
  for (let n = 0; n < 620; n += 20) await Promise.all(Array.from({ length: 20 }, (_, i) => guess(n + i)));
  expect(await guess(1)).toEqual([429, "access/rate-limited"]);
  expect(await ask("/api/v3/types", null, headers)).toEqual([429, "access/rate-limited"]);
  for (const one of [tenant, await newTenant()]) {
    expect((await ask("/api/v3/types", one.tokens.read, headers))[0]).toBe(200);
    expect((await ask(`/t/${one.slug}/scim/v2/Users`, one.tokens.admin, headers))[0]).toBe(200);
  }
});

it("a host that was given up leads nowhere, and to another tenant when that has it", async () => {
  const given = await newHost(tenant);
  await eventually(async () => (await atHost(given, "/sign-in")).status === 200);
  expect((await ask("/api/v3/types", other.tokens.read, { host: given }))[0]).toBe(401);
  expect((await tenant.delete(`/domains/${given}`)).status).toBe(204);
  await eventually(async () => (await atHost(given, "/sign-in")).status === 404);
  expect((await ask("/api/v3/types", other.tokens.read, { host: given }))[0]).toBe(200);
  const { body } = await other.post("/domains", { domain: given, serves: true });
  const { name, value } = body.data.record;
  await fetch(`${inject("dnsUrl")}/set?name=${name}&value=${encodeURIComponent(value)}`);
  expect((await other.post(`/domains/${given}/verify`, undefined)).body.data.verified).toBe(true);
  await eventually(async () => (await ask("/api/v3/types", tenant.tokens.read, { host: given }))[0] === 401);
  expect((await ask("/api/v3/types", other.tokens.read, { host: given }))[0]).toBe(200);
});
