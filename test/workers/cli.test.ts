import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { COMMANDS } from "../../src/cli/commands.ts";
import { runFlow, temporaryFolder } from "../support/run-flow.ts";
import { ARTICLE, newTenant, type Tenant } from "../support/tenant.ts";

const as = (tenant: Tenant, ...args: string[]) => runFlow(args, { token: tenant.tokens.admin });
const json = async (run: Promise<{ out: string }>) => JSON.parse((await run).out);

describe("the help of flow", () => {
  it("has a page with an example for every command and subcommand", async () => {
    for (const { name, help, pages } of COMMANDS) {
      expect(help, name).toMatch(/^flow /);
      expect(help.match(/^ {2}(?:\w+=.*)?flow /gm)?.length ?? 0, name).toBeGreaterThan(0);
      for (const [sub, page] of Object.entries(pages ?? {})) {
        expect(page, `${name} ${sub}`).toMatch(new RegExp(`^flow ${name} ${sub}`));
        expect(page, `${name} ${sub}`).toMatch(new RegExp(`^ {2}flow ${name} ${sub}|^ {2}contentful`, "m"));
      }
    }
    expect((await runFlow(["--help"])).out).toMatch(/flow import [^]*flow tokens /);
    expect((await runFlow(["import", "contentful", "--help"])).out).toMatch(/^flow import contentful FILE/);
    expect((await runFlow(["help", "types", "push"])).out).toMatch(/^flow types push/);
    expect((await runFlow(["--version"])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("names what was probably meant", async () => {
    for (const [args, meant] of [
      [["exprot"], '"export"'],
      [["tokens", "lst"], '"list"'],
      [["import", "contentfull", "x"], '"contentful"'],
      [["types", "pus"], '"push"'],
    ] as const)
      expect(await runFlow([...args])).toMatchObject({
        code: 2,
        out: "",
        err: expect.stringContaining(`Did you mean ${meant}?`),
      });
    expect(await runFlow(["export", "--frce"])).toMatchObject({
      code: 2,
      err: expect.stringContaining("--frce"),
    });
  });
});

describe("where flow finds FlowCMS", () => {
  it("keeps a login for its owner only, and never shows the token", async () => {
    const tenant = await newTenant();
    const { admin } = tenant.tokens;
    const home = temporaryFolder();
    const env = { XDG_CONFIG_HOME: home, FLOW_URL: undefined };
    const path = join(home, "flow/credentials.json");
    const wrong = await runFlow(["login", "--url", inject("url"), "--token", `${admin}x`], { env });
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining("FlowCMS refused") });
    expect(wrong.out + wrong.err).not.toContain(admin);
    expect(existsSync(path)).toBe(false);

    const done = await runFlow(["login", "--url", inject("url")], { env, token: admin });
    expect(done).toMatchObject({ code: 0, out: expect.stringContaining("environments: main") });
    expect(done.out + done.err).not.toContain(admin);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, "flow")).mode & 0o777).toBe(0o700);
    expect(await json(runFlow(["env", "list", "--json"], { env }))).toMatchObject([{ name: "main" }]);

    expect(await runFlow(["logout"], { env })).toMatchObject({ code: 0 });
    expect(readdirSync(join(home, "flow"))).toEqual([]);
    expect(await runFlow(["env", "list"], { env })).toMatchObject({
      code: 2,
      err: expect.stringContaining("flow login"),
    });
  });

  it("asks nothing without a terminal", async () => {
    const env = { FLOW_URL: undefined };
    expect(await runFlow(["login"], { env })).toMatchObject({
      code: 2,
      err: expect.stringContaining("--url"),
    });
    expect(await runFlow(["login", "--url", inject("url")], { env })).toMatchObject({
      code: 2,
      err: expect.stringContaining("FLOW_TOKEN"),
    });
  });

  it("takes options, variables, .env, the login and .flow/dev.json, in this order", async () => {
    const [option, variable, file, login, development] = await Promise.all(
      Array.from({ length: 5 }, () => newTenant()),
    );
    const url = inject("url");
    const cwd = temporaryFolder();
    const home = temporaryFolder();
    const bare = { XDG_CONFIG_HOME: home, FLOW_URL: undefined };
    const idsWith = async (args: string[] = [], env: Record<string, string | undefined> = bare) =>
      (await json(runFlow(["tokens", "list", "--json", ...args], { cwd, env })))
        .map((one: any) => one.id)
        .sort();
    const idsOf = async (tenant: Tenant) =>
      (await tenant.get("/tokens")).body.data.map((one: any) => one.id).sort();

    mkdirSync(join(cwd, ".flow"));
    writeFileSync(join(cwd, ".flow/dev.json"), JSON.stringify({ url, tokens: development!.tokens }));
    expect(await idsWith()).toEqual(await idsOf(development!));
    await runFlow(["login", "--url", url, "--token", login!.tokens.admin], { env: bare });
    expect(await idsWith()).toEqual(await idsOf(login!));
    writeFileSync(join(cwd, ".env"), `FLOW_URL=${url}\nFLOW_TOKEN=${file!.tokens.admin}\nOTHER=1\n`);
    expect(await idsWith()).toEqual(await idsOf(file!));
    const env = { ...bare, FLOW_URL: url, FLOW_TOKEN: variable!.tokens.admin };
    expect(await idsWith([], env)).toEqual(await idsOf(variable!));
    expect(await idsWith(["--token", option!.tokens.admin], env)).toEqual(await idsOf(option!));
  });

  it("sends a token only to the address that it was kept with", async () => {
    const tenant = await newTenant();
    const seen: string[] = [];
    const stranger = createServer((request, response) => {
      seen.push(request.headers.authorization ?? "");
      response.writeHead(404).end("{}");
    });
    await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
    const other = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    const env = { XDG_CONFIG_HOME: temporaryFolder(), FLOW_URL: undefined };
    await runFlow(["login", "--url", inject("url"), "--token", tenant.tokens.admin], { env });
    expect(await runFlow(["env", "list", "--url", other], { env })).toMatchObject({
      code: 2,
      err: expect.stringContaining(`No token for ${other}`),
    });
    expect(seen).toEqual([]);
    stranger.close();
  });
});

describe("flow init", () => {
  it("writes what is not there, and overwrites nothing", async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, ".env.example"), "MINE=1\n");
    expect(await json(runFlow(["init", "--json"], { cwd }))).toEqual({
      written: ["flow/types/page.ts"],
      kept: [".env.example"],
    });
    const page = readFileSync(join(cwd, "flow/types/page.ts"), "utf8");
    expect(page).toContain('from "flowcms/config"');
    writeFileSync(join(cwd, "flow/types/page.ts"), "mine");
    expect((await json(runFlow(["init", "--json"], { cwd }))).written).toEqual([]);
    expect(readFileSync(join(cwd, "flow/types/page.ts"), "utf8")).toBe("mine");
    expect(readFileSync(join(cwd, ".env.example"), "utf8")).toBe("MINE=1\n");
  });
});

describe("flow tokens and flow env", () => {
  it("makes tokens that work, lists them without secrets, and revokes them", async () => {
    const tenant = await newTenant();
    const made = await json(as(tenant, "tokens", "create", "site", "--expires", "30d", "--json"));
    expect(made).toMatchObject({ name: "site", scope: "read", token: expect.stringMatching(/^flow_read_/) });
    const days = (Date.parse(made.expires_at) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29.9);
    expect(days).toBeLessThan(30.1);
    expect((await tenant.get("/environments", { token: made.token })).status).toBe(200);
    const listed = await as(tenant, "tokens", "list");
    expect(listed.out).toMatch(new RegExp(`^ID +NAME[^]*${made.id} +site +read +all +20`, "m"));
    expect(listed.out).not.toContain("flow_read_");
    expect((await as(tenant, "tokens", "create", "b", "--quiet")).out).toMatch(/^flow_read_\S+\n$/);
    expect(await as(tenant, "tokens", "revoke", made.id)).toMatchObject({ code: 0, err: "" });
    expect(await as(tenant, "tokens", "revoke", made.id)).toMatchObject({ code: 1 });
    expect((await as(tenant, "tokens", "list")).out).not.toContain(made.id);
    expect(await as(tenant, "tokens", "create", "c", "--scope", "wirte")).toMatchObject({
      code: 2,
      err: expect.stringContaining('"write"'),
    });
  });

  it("makes, clones, names and deletes environments", async () => {
    const tenant = await newTenant();
    expect(await as(tenant, "env", "create", "shop", "--locale", "en", "--locale", "de:en")).toMatchObject({
      code: 0,
    });
    expect(await as(tenant, "env", "clone", "shop", "shop2")).toMatchObject({ code: 0 });
    expect(await as(tenant, "env", "alias", "live", "shop2")).toMatchObject({ code: 0 });
    expect(await json(as(tenant, "env", "list", "--json"))).toMatchObject([
      { name: "main", is_default: true, aliases: [] },
      { name: "shop", locales: [{ code: "en" }, { code: "de", fallback: "en" }] },
      { name: "shop2", aliases: ["live"], locales: [{ code: "en" }, { code: "de", fallback: "en" }] },
    ]);
    expect((await as(tenant, "env", "list")).out).toMatch(/^shop2 +live +en, de \(else en\)$/m);
    expect(await as(tenant, "env", "delete", "shop")).toMatchObject({
      code: 2,
      err: expect.stringContaining("--yes"),
    });
    expect(await as(tenant, "env", "delete", "shop2", "--yes")).toMatchObject({
      code: 1,
      err: expect.stringContaining("alias"),
    });
    for (const args of [
      ["alias", "live", "--delete"],
      ["delete", "shop2", "--yes"],
      ["delete", "shop", "--yes"],
    ])
      expect(await as(tenant, "env", ...args)).toMatchObject({ code: 0, err: "" });
    expect(await json(as(tenant, "env", "list", "--json"))).toHaveLength(1);
  });
});

describe("flow migrate", () => {
  const script = (text: string) => {
    const path = join(temporaryFolder(), "change.mjs");
    writeFileSync(path, text);
    return path;
  };
  const RENAME = script(`export default { type: "article", where: { kind: { eq: "note" } },
    migrate: (entry) => (entry.rank === 3 ? null : { kind: "news", rank: entry.rank }) };`);

  async function withArticles() {
    const tenant = await newTenant();
    await tenant.put("/types/article", ARTICLE);
    const ids: string[] = [];
    for (let rank = 1; rank <= 4; rank++)
      ids.push(
        await tenant.published("article", { title: `A${rank}`, rank, kind: rank === 4 ? "essay" : "note" }),
      );
    const kinds = async (query = "perspective=draft") =>
      (await tenant.get(`/content/article?sort=rank&${query}`)).body.data.map((one: any) => one.kind);
    return { tenant, ids, kinds };
  }

  it("shows what would change, changes it, and changes nothing when it is run again", async () => {
    const { tenant, ids, kinds } = await withArticles();
    const dry = await as(tenant, "migrate", RENAME, "--dry-run");
    expect(dry).toMatchObject({ code: 0, err: "" });
    expect(dry.out).toMatch(new RegExp(`article ${ids[0]} “A1”\n  - kind: "note"\n  \\+ kind: "news"\n`));
    expect(dry.out).not.toContain("rank");
    expect(dry.out).toMatch(/3 entries read, 2 would change, 1 unchanged, 0 failed\.\n$/);
    expect(await kinds()).toEqual(["note", "note", "note", "essay"]);

    const done = await json(as(tenant, "migrate", RENAME, "--json"));
    expect(done).toMatchObject({ ok: true, seen: 3, changed: 2, unchanged: 1, published: 0, failed: [] });
    expect(done.changes.map((one: any) => one.fields)).toEqual([
      { kind: { from: "note", to: "news" } },
      { kind: { from: "note", to: "news" } },
    ]);
    expect(await kinds()).toEqual(["news", "news", "note", "essay"]);
    expect(await kinds("")).toEqual(["note", "note", "note", "essay"]);
    expect(await json(as(tenant, "migrate", RENAME, "--json"))).toMatchObject({ seen: 1, changed: 0 });
  });

  it("publishes again what was published", async () => {
    const { tenant, ids, kinds } = await withArticles();
    await tenant.patch(`/content/article/${ids[1]}`, { title: "Being edited" });
    const done = await json(as(tenant, "migrate", RENAME, "--publish", "--json"));
    expect(done).toMatchObject({ changed: 2, published: 1 });
    expect(await kinds("")).toEqual(["news", "note", "note", "essay"]);
  });

  it("overwrites nothing that somebody saves meanwhile", async () => {
    const { tenant, ids } = await withArticles();
    const meanwhile = script(`let isEdited = false;
      export const type = "article";
      export async function migrate(entry) {
        if (entry.id === "${ids[0]}" && !isEdited) {
          isEdited = true;
          await fetch("${inject("url")}/api/v3/content/article/" + entry.id, {
            method: "PATCH", headers: { authorization: "Bearer ${tenant.tokens.admin}" }, body: JSON.stringify({ title: "Edited" }) });
        }
        return { title: entry.title + "!" };
      }`);
    const done = await json(as(tenant, "migrate", meanwhile, "--json", "--concurrency", "2"));
    expect(done).toMatchObject({ ok: true, seen: 4, changed: 4, retried: 1 });
    const { body } = await tenant.get("/content/article?perspective=draft&sort=rank&fields=title");
    expect(body.data.map((one: any) => one.title)).toEqual(["Edited!", "A2!", "A3!", "A4!"]);
  });

  it("keeps the locales that a script does not name", async () => {
    const tenant = await newTenant();
    await tenant.patch("/environments/main", { locales: [{ code: "en" }, { code: "de" }] });
    const fields = [{ id: "title", type: "short_text", localized: true, required: true }];
    await tenant.put("/types/page", { id: "page", name: "Page", fields });
    await tenant.post("/content/page?locale=*", { title: { en: "One", de: "Eins" } });
    const german = script(
      'export default { type: "page", migrate: (entry) => ({ title: { de: entry.title.de + "!" } }) };',
    );
    expect(await json(as(tenant, "migrate", german, "--json"))).toMatchObject({ changed: 1, failed: [] });
    const { body } = await tenant.get("/content/page?perspective=draft&locale=*");
    expect(body.data[0].title).toEqual({ en: "One", de: "Eins!" });
  });

  it("says what is wrong with a script, and which entries it fails for", async () => {
    const { tenant, kinds } = await withArticles();
    const cases: [string, number, RegExp][] = [
      ["/nowhere.mjs", 2, /There is no file/],
      [script("export default { type: 'article' }"), 2, /must export/],
      [script("import './no-such-file.mjs'"), 1, /cannot be loaded/],
      [script("export default { type: 'artcle', migrate() {} }"), 1, /artcle/],
    ];
    for (const [path, code, message] of cases)
      expect(await as(tenant, "migrate", path)).toMatchObject({ code, err: expect.stringMatching(message) });
    expect(await as(tenant, "migrate", RENAME, "--type", "page")).toMatchObject({ code: 2 });
    const failing = script(`export default { type: "article",
      migrate: (entry) => { if (entry.rank === 1) throw new Error("no idea"); return { kind: entry.rank === 2 ? "poem" : "news" }; } };`);
    const run = await as(tenant, "migrate", failing, "--json");
    expect(run.code).toBe(1);
    expect(JSON.parse(run.out).failed).toMatchObject([
      { title: "A1", reason: "no idea" },
      { title: "A2", reason: expect.stringContaining("kind must be one of") },
    ]);
    expect(await kinds()).toEqual(["note", "note", "news", "news"]);
  });
});
