import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, inject, it } from "vitest";
import { hashSecret, newTokenSecret, parseToken } from "../../src/core/tokens.ts";
import { connect } from "../../src/db/client.ts";
import { issueSetupCode } from "../../src/domain/identity/members/index.ts";
import { attack } from "../attack/attack.ts";
import { newTenant } from "../support/tenant.ts";

async function newParty() {
  const tenant = await newTenant();
  const setupCode = newTokenSecret();
  await issueSetupCode(connect(inject("ownerUrl")), tenant.tenantId, setupCode);
  return { ...tenant, setupCode };
}

describe("the wall between tenants", () => {
  it("holds against every route and field with another tenant's token", async () => {
    const verdict = await attack(inject("url"), await newParty(), await newParty());
    expect(verdict.leaks).toEqual([]);
    expect(verdict.probes).toBeGreaterThan(5000);
    expect(verdict.statuses[404]).toBeGreaterThan(300);
  }, 120_000);

  it("is seen to have a hole where there is one", async () => {
    const [victim, attacker] = await Promise.all([newParty(), newParty()]);
    const hash = await hashSecret(parseToken(victim.tokens.read)!.secret);
    // Shows everybody the victim's lists, and goes by a path that it resolves after it was let through.
    const proxy = createServer(async (request, response) => {
      const { pathname } = new URL(request.url!, "http://proxy");
      if (request.url!.startsWith("/api/v3/") && pathname.startsWith("/internal/tenants/"))
        return void response.end(JSON.stringify({ tokens: [{ hash }] }));
      const isLeaky = request.method === "GET" && /^\/api\/v3\/content\/article(?:$|\?)/.test(request.url!);
      const headers = headersOf(request);
      if (isLeaky) headers.set("authorization", `Bearer ${victim.tokens.admin}`);
      if (headers.has("origin")) headers.set("origin", inject("url"));
      const body = await bodyOf(request);
      const init: RequestInit = { method: request.method!, headers, redirect: "manual" };
      if (body.length > 0) init.body = body;
      const answer = await fetch(`${inject("url")}${request.url}`, init);
      const text = Buffer.from(await answer.arrayBuffer());
      const passed = ["content-type", "set-cookie", "location"].flatMap((name) => {
        const value = answer.headers.get(name);
        return value === null ? [] : [[name, value] as const];
      });
      response.writeHead(answer.status, Object.fromEntries(passed));
      response.end(text);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const { leaks } = await attack(url, victim, attacker);
    proxy.close();
    const names = leaks.map(({ name }) => name);
    expect(names).toContain("listEntries as read");
    expect(names).toContain(`path /api/v3 to /internal/tenants/${victim.tenantId}/snapshot`);
    expect(leaks.some(({ request }) => request.includes("/%2e%2e/"))).toBe(true);
  }, 120_000);
});

function headersOf(request: IncomingMessage): Headers {
  const kept = Object.entries(request.headers).filter(
    ([name]) => !["host", "connection", "content-length", "transfer-encoding"].includes(name),
  );
  return new Headers(kept as [string, string][]);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
