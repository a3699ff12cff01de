import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, inject, it } from "vitest";
import { newTokenSecret } from "../../src/core/tokens.ts";
import { connect } from "../../src/db/client.ts";
import { issueSetupCode } from "../../src/domain/members/index.ts";
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
    expect(verdict.probes).toBeGreaterThan(1350);
    expect(verdict.statuses[404]).toBeGreaterThan(300);
  }, 120_000);

  it("is seen to have a hole where there is one", async () => {
    const [victim, attacker] = await Promise.all([newParty(), newParty()]);
    // Shows everybody the victim's lists.
    const proxy = createServer(async (request, response) => {
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
    expect(leaks.map(({ name }) => name)).toContain("listEntries as read");
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
