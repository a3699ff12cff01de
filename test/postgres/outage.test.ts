import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { killStarted, npmStart, type Ready } from "../support/npm-start.ts";
import { findPostgres, newDatabase, quiet } from "../support/postgres.ts";
import { eventually } from "../support/tenant.ts";
import { newWay } from "../support/way.ts";

const isHere = await findPostgres();
const PASSWORD = "a wrong horse battery";

/** Asks for everything that takes a secret, right and wrong; answers what was answered, and the secrets. */
async function visit({ url, admin, tokens }: Ready, known: { cookie: string; client: [string, string] }) {
  const secrets = new Set([
    admin.password,
    PASSWORD,
    ...Object.values(tokens),
    known.cookie,
    known.client[1],
  ]);
  const statuses: [string, number][] = [];
  const ask = async (method: string, path: string, headers: Record<string, string>, body?: string) => {
    const response = await fetch(url + path, {
      method,
      headers: { accept: "text/html", origin: url, ...headers },
      body: body ?? null,
      redirect: "manual",
    });
    const text = await response.text();
    statuses.push([`${method} ${path}`, response.status]);
    for (const [, found] of text.matchAll(/"(?:access_token|refresh_token|secret|token)":"([^"]+)"/g))
      secrets.add(found!);
    const cookie = /__Host-flow_session=([^;]+)/.exec(response.headers.get("set-cookie") ?? "")?.[1];
    if (cookie) secrets.add(cookie);
    return { status: response.status, text, cookie };
  };
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const cookie = { cookie: `__Host-flow_session=${known.cookie}` };
  const bearer = (token: string) => ({ authorization: `Bearer ${token}`, accept: "application/json" });
  const garbage = `{"password":"${PASSWORD}", "secret": `;
  const code = "0123456789abcdefghjkmnpqrstvwxyz";
  secrets.add(code);
  const signIn = (password: string) =>
    ask("POST", "/sign-in", form, String(new URLSearchParams({ email: admin.email, password })));
  await signIn(PASSWORD);
  const signedIn = await signIn(admin.password);
  for (const path of ["/account", `/setup?code=${code}`, `/invitation?token=${code}`, `/reset/${code}`])
    await ask("GET", path, cookie);
  for (const path of [
    `/sign-in/link?token=${code}`,
    `/oauth/authorize?client_id=${known.client[0]}&state=${code}`,
  ])
    await ask("GET", path, cookie);
  await ask("POST", "/session/token", { ...form, ...cookie }, "");
  const [client_id, client_secret] = known.client;
  const grant = { grant_type: "client_credentials", client_id };
  for (const secret of [client_secret, code])
    await ask("POST", "/oauth/token", form, String(new URLSearchParams({ ...grant, client_secret: secret })));
  await ask(
    "POST",
    "/oauth/token",
    form,
    `grant_type=refresh_token&refresh_token=${code}&client_id=${client_id}`,
  );
  await ask(
    "POST",
    "/oauth/introspect",
    form,
    `token=${tokens.read}&client_id=${client_id}&client_secret=${code}`,
  );
  await ask("GET", "/scim/v2/Users", bearer(tokens.admin));
  await ask("GET", "/scim/v2/Users", bearer(`${tokens.admin}x`));
  await ask("GET", "/api/v3/members", bearer(tokens.admin));
  await ask("POST", "/api/v3/tokens", bearer(tokens.admin), '{"name":"CI","scope":"read"}');
  for (const path of ["/tokens", "/oauth/clients", "/sso/connections", "/graphql", "/content/blog_post"])
    await ask("POST", `/api/v3${path}`, bearer(tokens.admin), garbage);
  await ask(
    "POST",
    "/api/v3/graphql",
    bearer(tokens.admin),
    JSON.stringify({ query: `{ a(b: "${PASSWORD}") }` }),
  );
  const newest = await ask(
    "POST",
    "/api/v3/oauth/clients",
    bearer(tokens.admin),
    '{"name":"App","grants":["client_credentials"]}',
  );
  return { statuses, secrets, signedIn, newest };
}

describe.skipIf(!isHere)("a database that goes away", { timeout: 240_000 }, () => {
  afterAll(killStarted);

  it("is UNAVAILABLE and no fault, everywhere; and nothing secret is written down", async () => {
    const database = await newDatabase();
    const way = await newWay(database.url);
    const url = new URL(database.url);
    [url.hostname, url.port] = ["127.0.0.1", String(way.port)];
    const flow = npmStart(mkdtempSync(join(tmpdir(), "flow-outage-")), 0, { DATABASE_URL: url.href });
    const ready = await flow.ready;
    const first = await visit(ready, { cookie: "none", client: ["app_none", "none at all"] });
    const { id, secret } = JSON.parse(first.newest.text).data as { id: string; secret: string };
    const known = { cookie: first.signedIn.cookie!, client: [id, secret] as [string, string] };
    const before = await visit(ready, known);
    for (const [what, status] of before.statuses) expect(status, what).toBeLessThan(500);
    await way.cut();
    const during = await visit(ready, known);
    for (const [what, status] of during.statuses)
      expect([200, 303, 400, 401, 403, 404, 415, 503], what).toContain(status);
    expect(during.statuses.filter(([, status]) => status === 503).length).toBeGreaterThan(10);
    expect(during.signedIn.text).toContain("try again");
    await way.restore();
    const isBack = async (path: string) =>
      (await fetch(ready.url + path, { headers: { authorization: `Bearer ${ready.tokens.admin}` } }))
        .status === 200;
    await eventually(async () => (await isBack("/readyz")) && (await isBack("/scim/v2/Users")));
    const after = await visit(ready, known);
    expect(after.statuses).toEqual(before.statuses);
    const written = flow.written();
    expect(written).toContain("request.failed");
    for (const { secrets } of [first, before, during, after])
      for (const one of secrets) expect(written.includes(one), one).toBe(false);
    flow.child.kill("SIGINT");
    expect((await flow.ended).code).toBe(0);
    await database.drop();
  });

  it("lives through connections that Postgres ends in mid-query, and answers 503 for them", async () => {
    const database = await newDatabase();
    const flow = npmStart(mkdtempSync(join(tmpdir(), "flow-cut-")), 0, { DATABASE_URL: database.url.href });
    const { url, tokens } = await flow.ready;
    const owner = new pg.Client({ connectionString: database.url.href });
    const blocker = new pg.Client({ connectionString: database.url.href });
    await Promise.all([owner.connect(), blocker.connect()]);
    const waiting = async () => {
      const { rows } = await owner.query(
        "select count(*)::int as n from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'",
        [database.name],
      );
      return (rows[0] as { n: number }).n;
    };
    const { rows } = await blocker.query("select pg_backend_pid() as pid");
    const endAll = () =>
      owner.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> all($2)",
        [database.name, [(owner as unknown as { processID: number }).processID, rows[0].pid]],
      );
    const ask = async (method: string, path: string, token: string, body?: object) => {
      const response = await fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${token}` },
        body: body ? JSON.stringify(body) : null,
      });
      await response.arrayBuffer();
      return response.status;
    };
    const cached = () => ask("GET", "/v3/content/blog_post?limit=2", tokens.read);
    await quiet(database.url);
    await eventually(async () => (await cached()) === 200);

    const over = new AbortController();
    let n = 0;
    const statuses = new Map<number, number>();
    const work = async () => {
      while (!over.signal.aborted) {
        const one =
          n++ % 3 === 0
            ? await ask("POST", "/v3/content/author", tokens.write, { name: `Writer ${n}` })
            : await ask("GET", `/v3/content/blog_post?perspective=draft&limit=${(n % 50) + 1}`, tokens.write);
        statuses.set(one, (statuses.get(one) ?? 0) + 1);
      }
    };
    const load = Array.from({ length: 6 }, work);
    const untouched: number[] = [];
    for (let round = 0; round < 8; round++) {
      const before = statuses.get(503) ?? 0;
      await blocker.query("begin; lock table entries in access exclusive mode");
      await eventually(async () => (await waiting()) > 0);
      untouched.push(await cached(), await ask("GET", "/healthz", ""));
      await endAll();
      await blocker.query("rollback");
      await eventually(async () => (statuses.get(503) ?? 0) > before);
    }
    for (let round = 0; round < 20; round++) {
      await endAll();
      const asked = n;
      await eventually(async () => n > asked + 5);
    }
    over.abort();
    await Promise.all(load);
    expect([...statuses.keys()].filter((status) => ![200, 201, 503].includes(status))).toEqual([]);
    expect(new Set(untouched)).toEqual(new Set([200]));
    expect(flow.child.exitCode).toBeNull();
    await eventually(
      async () => (await ask("GET", "/v3/content/blog_post?perspective=draft", tokens.write)) === 200,
    );

    await Promise.all([owner.end(), blocker.end()]);
    flow.child.kill("SIGINT");
    expect((await flow.ended).code).toBe(0);
    await database.drop();
  });

  it("in mid-load fails no read that is kept, and loses no write that was acknowledged", async () => {
    const database = await newDatabase();
    const way = await newWay(database.url);
    const address = new URL(database.url);
    [address.hostname, address.port] = ["127.0.0.1", String(way.port)];
    const flow = npmStart(mkdtempSync(join(tmpdir(), "flow-load-")), 0, { DATABASE_URL: address.href });
    const { url, tokens } = await flow.ready;
    await quiet(database.url);
    const ask = async (method: string, path: string, token: string, body?: object) => {
      const response = await fetch(url + path, {
        ...{ method, headers: { authorization: `Bearer ${token}` } },
        body: body ? JSON.stringify(body) : null,
      });
      return { status: response.status, text: await response.text() };
    };
    const kept = [1, 2, 3, 4].map((n) => `/v3/content/blog_post?limit=${n}`);
    const right = new Map<string, string>();
    for (const path of kept) right.set(path, (await ask("GET", path, tokens.read)).text);

    const seen = new Map<string, number>();
    const note = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
    const over = new AbortController();
    const acknowledged: string[] = [];
    let phase = "before";
    let n = 0;
    const work = async () => {
      while (!over.signal.aborted) {
        const i = n++;
        const began = phase;
        // What is under way when something changes may end either way.
        const at = () => (began === phase ? phase : "across");
        if (i % 5 === 0) {
          const made = await ask("POST", "/v3/content/author", tokens.write, { name: `Writer ${i}` });
          if (made.status === 201) acknowledged.push(JSON.parse(made.text).data.id as string);
          note(`${at()} write ${made.status}`);
        } else if (i % 5 === 1) {
          const path = `/v3/content/blog_post?perspective=draft&limit=${(i % 50) + 1}`;
          const { status } = await ask("GET", path, tokens.write);
          note(`${at()} draft ${status}`);
        } else {
          const path = kept[i % kept.length]!;
          const { status, text } = await ask("GET", path, tokens.read);
          note(`${at()} kept ${status} ${text === right.get(path) ? "right" : text.slice(0, 200)}`);
        }
      }
    };
    const load = Array.from({ length: 6 }, work);
    const more = (count: number) => {
      const until = n + count;
      return eventually(async () => n > until);
    };
    await more(500);
    phase = "during";
    await way.cut();
    await more(1500);
    await way.restore();
    phase = "returning";
    const isBack = async () =>
      (await ask("POST", "/v3/content/author", tokens.write, { name: "x" })).status === 201;
    const tookMs = await eventually(isBack);
    phase = "after";
    await more(500);
    over.abort();
    await Promise.all(load);
    console.log(
      `back after ${tookMs.toFixed(0)} ms: ${JSON.stringify(Object.fromEntries([...seen].sort()))}`,
    );
    for (const what of seen.keys())
      expect(what).toMatch(/ kept 200 right$| draft (?:200|503)$| write (?:201|503)$/);
    expect([...seen.keys()].filter((what) => /^(?:before|after) .*503/.test(what))).toEqual([]);
    for (const what of ["during kept 200 right", "during draft 503", "during write 503", "after write 201"])
      expect(seen.get(what), what).toBeGreaterThan(0);
    for (const id of acknowledged) {
      const { status } = await ask("GET", `/v3/content/author/${id}?perspective=draft`, tokens.write);
      expect(status, id).toBe(200);
    }
    flow.child.kill("SIGINT");
    expect((await flow.ended).code).toBe(0);
    await database.drop();
  });
});
