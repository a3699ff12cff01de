import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, inject, it } from "vitest";
import { probeCache } from "../attack/cache-probes.ts";
import { callerOf } from "../attack/caller.ts";
import { plantType } from "../attack/plant.ts";
import { newTenant } from "../support/tenant.ts";

const bodyOf = async (request: IncomingMessage) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
};

/** A cache that keeps what `Accept` shaped, and a search that drafts change. */
async function leaky(admin: string) {
  const kept = new Map<string, string>();
  const url = inject("url");
  const proxy = createServer(async (request, response) => {
    const { method = "GET", url: path = "" } = request;
    const body = await bodyOf(request);
    const pass = (to: string, authorization: string) =>
      fetch(url + to, {
        method,
        headers: {
          authorization,
          ...(body === "" ? {} : { "content-type": "application/json" }),
          ...(request.headers["cache-control"] ? { "cache-control": "no-cache" } : {}),
        },
        ...(body === "" ? {} : { body }),
      });
    const key = `${method} ${path} ${body}`;
    const isFresh = request.headers["cache-control"] !== undefined;
    if (request.headers.accept === "text/event-stream") kept.set(key, "event: next\n\n");
    const answer = await pass(path, request.headers.authorization!);
    let text = (!isFresh && kept.get(key)) || (await answer.text());
    const q = /[?&]q=(\w{4,})/.exec(path)?.[1];
    if (q !== undefined && !path.includes("draft")) {
      const drafts = await pass(`/api/v3/content/article?limit=100&perspective=draft`, `Bearer ${admin}`);
      const { data } = (await drafts.json()) as { data: { title: string; status: string }[] };
      if (data.some(({ title, status }) => status === "draft" && title.toLowerCase().startsWith(q)))
        text = JSON.stringify({ status: "success", data: [] });
    }
    response.writeHead(answer.status, { "content-type": "application/json" }).end(text);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, close: () => proxy.close() };
}

describe("the probes of the cache", () => {
  const attacked = async (through?: (admin: string) => ReturnType<typeof leaky>) => {
    const tenant = await newTenant();
    const party = { ...tenant, setupCode: "" };
    const proxy = await through?.(tenant.tokens.admin);
    const call = callerOf(proxy?.url ?? inject("url"));
    await plantType(call, party);
    try {
      return await probeCache(call, party);
    } finally {
      proxy?.close();
    }
  };

  it("find nothing", async () => {
    const { probes, leaks } = await attacked();
    expect(leaks).toEqual([]);
    expect(probes).toBeGreaterThan(70);
  });

  it("find a cache that another caller's header shapes, and a search that tells of drafts", async () => {
    const names = new Set((await attacked(leaky)).leaks.map(({ name }) => name));
    expect(names).toEqual(new Set(["poisoned by accept: text/event-stream", "words of drafts"]));
  });
});
