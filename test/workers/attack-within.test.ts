import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, inject, it } from "vitest";
import { probeAfterwards } from "../attack/afterwards-probes.ts";
import { callerOf, type Caller } from "../attack/caller.ts";
import { probePairs } from "../attack/pair-probes.ts";
import { plant, plantType, type Party } from "../attack/plant.ts";
import { probeRights } from "../attack/rights-probes.ts";
import { newTenant } from "../support/tenant.ts";

type Asked = { method: string; path: string; headers: Headers; body: string };
type Answer = { status: number; headers: Headers; text: string };
/** A fault: what becomes of a request, `pass` being what should. */
type Fault = (asked: Asked, pass: (asked: Asked) => Promise<Answer>) => Promise<Answer>;

async function pass({ method, path, headers, body }: Asked): Promise<Answer> {
  const init: RequestInit = { method, headers, redirect: "manual" };
  if (body !== "") init.body = body;
  const answer = await fetch(inject("url") + path, init);
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

async function askedBy(request: IncomingMessage): Promise<Asked> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const headers = new Headers(request.headers as Record<string, string>);
  for (const name of ["host", "connection", "content-length", "transfer-encoding"]) headers.delete(name);
  return { method: request.method!, path: request.url!, headers, body: Buffer.concat(parts).toString() };
}

/** Calls through a proxy with the fault, if there is one. */
async function through<T>(fault: Fault | undefined, work: (call: Caller) => Promise<T>): Promise<T> {
  if (!fault) return work(callerOf(inject("url")));
  const proxy = createServer(async (request, response) => {
    const { status, headers, text } = await fault(await askedBy(request), pass);
    response.writeHead(status, { "content-type": headers.get("content-type") ?? "text/plain" }).end(text);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  try {
    return await work(callerOf(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`));
  } finally {
    proxy.close();
  }
}

const newParty = async (): Promise<Party> => ({ ...(await newTenant()), setupCode: "" });
const namesOf = ({ leaks }: { leaks: { name: string }[] }) => [...new Set(leaks.map(({ name }) => name))];

describe("two who ask the same at one moment", () => {
  const attacked = (fault?: Fault) =>
    through(fault, async (call) => {
      const [one, other] = [await newParty(), await newParty()];
      await plantType(call, one);
      await plantType(call, other);
      return probePairs(call, one, other);
    });

  it("get each their own", async () => {
    const verdict = await attacked();
    expect(verdict.leaks).toEqual([]);
    expect(verdict.probes).toBe(600);
  });

  it("are seen to get one answer where requests under way are shared", async () => {
    const underWay = new Map<string, Promise<Answer>>();
    const shared: Fault = (asked, go) => {
      const { method, path, body } = asked;
      if (method !== "GET" && !path.endsWith("/graphql")) return go(asked);
      const key = `${method} ${path} ${body}`;
      const answer = underWay.get(key) ?? go(asked).finally(() => underWay.delete(key));
      underWay.set(key, answer);
      return answer;
    };
    expect(namesOf(await attacked(shared))).toEqual([
      "two tenants at one moment",
      "two tokens at one moment",
    ]);
  });
});

describe("what was ended", () => {
  const attacked = (fault?: Fault, deadlineMs?: number) =>
    through(fault, async (call) => {
      const party = await newParty();
      await plantType(call, party);
      return probeAfterwards(call, party, deadlineMs);
    });

  it("goes on no longer than until the deadline", async () => {
    const verdict = await attacked();
    expect(verdict.leaks).toEqual([]);
    expect(verdict.probes).toBe(24);
  });

  it("is seen to go on where answers are kept and never purged", async () => {
    const kept = new Map<string, Answer>();
    const keeping: Fault = async (asked, go) => {
      const { method, path, body, headers } = asked;
      const key = `${method} ${path} ${body} ${headers.get("authorization")}`;
      const answer = kept.get(key) ?? (await go(asked));
      if (answer.status === 200 && (method === "GET" || path.endsWith("/graphql"))) kept.set(key, answer);
      return answer;
    };
    const { leaks, late } = await attacked(keeping, 3000);
    expect(late).toEqual([]);
    expect(leaks).toHaveLength(24);
    expect(namesOf({ leaks }).sort()).toEqual([
      "a token of a client that lost a scope",
      "a token of a client that was removed",
      "a token that was removed",
      "an entry that was deleted",
      "an entry that was withdrawn",
      "an entry that was withdrawn in a bulk",
    ]);
  });

  it("is told to be late, and is no leak, where it takes longer than promised", async () => {
    const kept = new Map<string, Answer>();
    let heldUntil = 0;
    const slow: Fault = async (asked, go) => {
      const { method, path, headers } = asked;
      const key = `${path} ${headers.get("authorization")}`;
      const isOfEntry = method === "GET" && path.startsWith("/api/v3/content/article/");
      if (isOfEntry && kept.has(key) && performance.now() < heldUntil) return kept.get(key)!;
      const answer = await go(asked);
      if (method !== "GET") heldUntil = performance.now() + 4000;
      if (isOfEntry && answer.status === 200) kept.set(key, answer);
      return answer;
    };
    const { leaks, late } = await attacked(slow);
    expect(leaks).toEqual([]);
    const slowOnes = late.filter(({ request }) => request.startsWith("GET /api/v3/content/article/"));
    expect(slowOnes).toHaveLength(6);
    for (const one of slowOnes) expect(one.tookMs).toBeGreaterThan(one.promisedMs);
  });

  it("is seen to come back where an old answer does", async () => {
    const old = new Map<string, Answer>();
    let refusals = 0;
    const returning: Fault = async (asked, go) => {
      const key = `${asked.method} ${asked.path} ${asked.body} ${asked.headers.get("authorization")}`;
      const answer = await go(asked);
      if (answer.status === 200) old.set(key, answer);
      return answer.status >= 400 && old.has(key) && ++refusals % 2 === 0 ? old.get(key)! : answer;
    };
    expect((await attacked(returning)).leaks.map(({ what }) => what)).toContain(
      "served again after it had ended",
    );
  });
});

describe("the rights of a tenant's own credentials", () => {
  const attacked = async (fault?: (admin: string) => Fault) => {
    const party = await newParty();
    return through(fault?.(`Bearer ${party.tokens.admin}`), async (call) =>
      probeRights(call, party, await plant(call, party)),
    );
  };

  it("hold against every operation", async () => {
    const verdict = await attacked();
    expect(verdict.leaks).toEqual([]);
    expect(verdict.probes).toBeGreaterThan(300);
  });

  it("are seen to be passed over", async () => {
    const lax =
      (admin: string): Fault =>
      (asked, go) => {
        const { path, body } = asked;
        const headers = new Headers(asked.headers);
        const isFreed =
          path === "/api/v3/content/publish" ||
          body.includes("mutation { publish") ||
          /[?&]environment=/.test(path) ||
          path.startsWith("/api/v3/content/memo");
        if (isFreed) headers.set("authorization", admin);
        const from = headers.get("x-forwarded-for");
        if (from !== null) headers.set("cf-connecting-ip", from);
        return go({ ...asked, headers });
      };
    const names = namesOf(await attacked(lax));
    expect(names).toContain("a token that reads: publishEntry");
    expect(names.some((name) => name.startsWith("a token that reads: GraphQL publish"))).toBe(true);
    expect(names.some((name) => name.startsWith("a token of handle"))).toBe(true);
    expect(names).toContain('a token from elsewhere, {"x-forwarded-for":"203.0.113.7"}');
    expect(names).toContain("a role for another type");
    expect(names).toContain("the tenant afterwards");
  });
});
