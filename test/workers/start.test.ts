import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openDns } from "../support/dns.ts";
import { killStarted, npmStart as start } from "../support/npm-start.ts";
import { eventually } from "../support/tenant.ts";

afterEach(killStarted);

/** What proxies say of a caller, and whoever would be taken for another. */
const FORWARDED = ["cf-connecting-ip", "x-forwarded-for", "x-real-ip", "true-client-ip", "x-client-ip"];

describe("npm start", { timeout: 240_000 }, () => {
  it("goes by the socket's address, whatever headers say, unless it is told which to believe", async () => {
    const flow = start(mkdtempSync(join(tmpdir(), "flow-start-")), 0, { FLOW_SEED: "none" });
    const { url, tokens } = await flow.ready;
    const api = async (path: string, token: string, headers: Record<string, string>, body?: object) => {
      const response = await fetch(`${url}${path}`, {
        method: body ? "POST" : "GET",
        headers: {
          authorization: `Bearer ${token}`,
          ...(body ? { "content-type": "application/json" } : {}),
          ...headers,
        },
        body: body ? JSON.stringify(body) : null,
      });
      return { status: response.status, body: (await response.json()) as any };
    };
    const made = async (ip_ranges: string[]) => {
      const { body } = await api(
        "/api/v3/tokens",
        tokens.admin,
        {},
        { name: `From ${ip_ranges[0]}`, scope: "admin", ip_ranges },
      );
      expect(body.data, JSON.stringify(body)).toBeDefined();
      return body.data.token as string;
    };
    const [office, here] = [await made(["203.0.113.0/24"]), await made(["127.0.0.1/32"])];
    const said = Object.fromEntries(FORWARDED.map((name) => [name, "203.0.113.9"]));
    const headers = {
      ...said,
      forwarded: "for=203.0.113.9",
      "mf-cf-blob": JSON.stringify({ clientIp: "203.0.113.9" }),
    };
    const query = { query: "{ __typename }" };
    // Twice: the second answer may come from memory. The address of the last has to be resolved first.
    for (let round = 0; round < 2; round++)
      for (const [path, body] of [
        ["/api/v3/types"],
        ["/api/v3/graphql", query],
        ["/t/demo/scim/v2/Users"],
        ["/v3/types?environment=m%61in"],
      ] as [string, object?][]) {
        expect((await api(path, office, headers, body)).status, path).toBe(403);
        expect((await api(path, here, headers, body)).status, path).toBe(200);
      }
    flow.child.kill("SIGINT");
    expect((await flow.ended).code).toBe(0);
  });

  it("brings a demonstration up, keeps what was acknowledged through kill -9, and refuses a second start", async () => {
    const cwd = mkdtempSync(join(tmpdir(), "flow-start-"));
    const first = start(cwd, 0);
    const { url, tokens } = await first.ready;
    expect(JSON.parse(readFileSync(join(cwd, ".flow/dev.json"), "utf8"))).toMatchObject({
      url,
      tenant: "demo",
      tokens,
    });
    const headers = { authorization: `Bearer ${tokens.write}` };
    const posts = (await (await fetch(`${url}/v3/content/blog_post`, { headers })).json()) as {
      data: unknown[];
    };
    expect(posts.data.length).toBeGreaterThan(2);

    const second = start(cwd, 0);
    expect(await second.ended).toMatchObject({ code: 1, err: expect.stringContaining("already") });

    const made = await fetch(`${url}/v3/content/blog_post`, {
      method: "POST",
      headers,
      body: JSON.stringify({ title: "Kept", slug: "kept" }),
    });
    expect(made.status).toBe(201);
    first.child.kill("SIGKILL");
    await first.ended;
    await eventually(async () => (await fetch(`${url}/healthz`).catch(() => undefined)) === undefined);

    const third = start(cwd, Number(new URL(url).port));
    const again = await third.ready;
    expect(again).toMatchObject({ url, tokens });
    expect((await fetch(`${url}/v3/content/blog_post/kept?perspective=draft`, { headers })).status).toBe(200);
    third.child.kill("SIGINT");
    expect((await third.ended).code).toBe(0);
  });

  it("says that a port is taken, and what an option must be", async () => {
    const cwd = mkdtempSync(join(tmpdir(), "flow-start-"));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    expect(await start(cwd, port).ended).toMatchObject({
      code: 1,
      err: expect.stringContaining(`Port ${port} is taken`),
    });
    server.close();
    expect(await start(cwd, 99_999).ended).toMatchObject({ code: 2, err: expect.stringContaining("--port") });
  });

  it("starts a killed workerd again under load, and ends when it dies too often", async () => {
    const flow = start(mkdtempSync(join(tmpdir(), "flow-start-")), 0);
    const { url, tokens } = await flow.ready;
    const headers = { authorization: `Bearer ${tokens.read}` };
    const ask = () =>
      fetch(`${url}/v3/content/blog_post?limit=1`, { headers }).then(
        async (response) => (await response.arrayBuffer(), response.status),
        () => "no connection",
      );
    const answers = new Map<number | string, number>();
    const over = new AbortController();
    const work = async () => {
      while (!over.signal.aborted) {
        const answer = await ask();
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
        if (answer !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const load = Array.from({ length: 4 }, work);
    for (let round = 1; round <= 2; round++) {
      const before = answers.get(200) ?? 0;
      await eventually(async () => (answers.get(200) ?? 0) > before + 10);
      killWorkerd(flow.child.pid!);
      await eventually(async () => flow.written().includes(`(${round} of 5 within a minute)`));
      await eventually(async () => (await ask()) === 200);
    }
    over.abort();
    await Promise.all(load);
    expect([...answers.keys()].filter((answer) => ![200, 503, "no connection"].includes(answer))).toEqual([]);
    for (let round = 3; round <= 6; round++) {
      killWorkerd(flow.child.pid!);
      if (round < 6) await eventually(async () => flow.written().includes(`(${round} of 5 within a minute)`));
    }
    expect(await flow.ended).toMatchObject({ code: 1, err: expect.stringContaining("not started again") });
  });

  it("gives the Workers every setting of its environment", async () => {
    const dns = await openDns();
    const emails: { to: string; from: string; text: string; token: string }[] = [];
    const provider = createHttpServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const email = JSON.parse(Buffer.concat(chunks).toString());
      emails.push({ ...email, token: request.headers.authorization });
      response.setHeader("content-type", "application/json").end('{"id":"1"}');
    });
    await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
    const { port } = provider.address() as { port: number };
    const flow = start(mkdtempSync(join(tmpdir(), "flow-start-")), 0, {
      DNS_URL: dns.url,
      EMAIL_URL: `http://127.0.0.1:${port}/emails`,
      EMAIL_TOKEN: "mail-token",
      EMAIL_FROM: "Us <us@example.com>",
      ADDRESS_HEADER: "X-Forwarded-For",
      MASTER_KEYS: `mine:${Buffer.alloc(32, 9).toString("base64")}`,
      RATE_LIMIT_PER_MINUTE: "4321",
      SIGN_UP: "open",
      DEFAULT_PLAN: "free",
      FLOW_SEED: "none",
    });
    const { url, tokens } = await flow.ready;
    const call = async (method: string, path: string, body?: object) => {
      const response = await fetch(`${url}/api/v3${path}`, {
        method,
        headers: { authorization: `Bearer ${tokens.admin}` },
        body: body ? JSON.stringify(body) : null,
      });
      return { status: response.status, headers: response.headers, body: (await response.json()) as any };
    };
    const types = await call("GET", "/types");
    expect(types.headers.get("ratelimit-policy")).toBe(
      '"default";q=4321;w=60, "writes";q=600;w=60, "costly-reads";q=120;w=60',
    );

    const office = { name: "Office", scope: "read", ip_ranges: ["203.0.113.0/24"] };
    const { token: ofOffice } = (await call("POST", "/tokens", office)).body.data;
    const from = async (headers: Record<string, string>) =>
      (await fetch(`${url}/api/v3/types`, { headers: { authorization: `Bearer ${ofOffice}`, ...headers } }))
        .status;
    expect(await from({ "x-forwarded-for": "198.51.100.1, 203.0.113.1" })).toBe(200);
    expect(await from({ "x-forwarded-for": "203.0.113.1, 198.51.100.1" })).toBe(403);
    expect(await from({ "cf-connecting-ip": "203.0.113.1" })).toBe(403);

    const domain = await call("POST", "/domains", { domain: "cms.example.org", serves: true });
    expect(domain.status).toBe(201);
    const { name, value } = domain.body.data.record as { name: string; value: string };
    await fetch(`${dns.url}/set?${String(new URLSearchParams({ name, value }))}`);
    const verified = await call("POST", "/domains/cms.example.org/verify");
    expect(verified.body.data.verified_at).not.toBeNull();

    const invited = await call("POST", "/invitations", { email: "new@example.com", roles: ["author"] });
    expect(invited.status, JSON.stringify(invited.body)).toBe(201);
    await eventually(async () => emails.length > 0);
    expect(emails[0]).toMatchObject({
      to: "new@example.com",
      from: "Us <us@example.com>",
      token: "Bearer mail-token",
    });
    const token = /token=([\w-]+)/.exec(emails[0]!.text)![1]!;
    const post = (path: string, form: Record<string, string>, cookie = "") =>
      fetch(`${url}/t/demo${path}`, {
        method: "POST",
        headers: { origin: url, cookie },
        body: new URLSearchParams(form),
        redirect: "manual",
      });
    const joined = await post("/invitation", { token, name: "New", password: "correct horse battery" });
    const cookie = joined.headers.getSetCookie().map((one) => one.split(";")[0]!);
    const made = await post("/account/tenants/new", { slug: "mine-too", name: "Mine" }, cookie.join("; "));
    expect(made.headers.get("location")).toBe("/t/mine-too/account");

    await call("PUT", "/types/note", { id: "note", name: "Note", fields: [{ id: "a", type: "long_text" }] });
    const operations = Array.from({ length: 400 }, () => ({
      op: "create",
      type: "note",
      fields: { a: "x" },
    }));
    const written = [];
    for (let i = 0; i < 2; i++) written.push((await call("POST", "/content/bulk", { operations })).status);
    expect(written).toEqual([200, 429]);

    flow.child.kill("SIGINT");
    expect((await flow.ended).code).toBe(0);
    provider.close();
    dns.close();
    expect(
      await start(mkdtempSync(join(tmpdir(), "flow-start-")), 0, { SIGN_UP: "yes" }).ended,
    ).toMatchObject({
      code: 2,
      err: expect.stringContaining('SIGN_UP must be open or closed, not "yes"'),
    });
  });
});

function killWorkerd(parent: number): void {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" }).split("\n");
  for (const line of lines) {
    const [pid, ppid, command] = line.trim().split(/\s+/);
    if (Number(ppid) === parent && command?.includes("workerd")) process.kill(Number(pid), "SIGKILL");
  }
}
