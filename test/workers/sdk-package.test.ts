import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { newSigningSecret, signedHeaders } from "../../src/domain/reach/webhooks/sign.ts";
import { writeTypes } from "../../src/cli/types/write-types.ts";
import { DEFINITIONS, LOCALES } from "../outside/definitions.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const OUTSIDE = join(ROOT, "test/outside");
const TSC = join(ROOT, "node_modules/typescript/lib/tsc.js");
/** Most of it is the compiler by which the command reads a project's own modules, then the rules of forms. */
const MAX_PACKED_BYTES = 740_000;

let folder: string;
let tenant: Tenant;
let tarball: string;
let node: string;

const run = async (command: string, args: string[], env: Record<string, string> = {}, cwd = folder) =>
  promisify(execFile)(command, args, { cwd, env: { ...process.env, ...env } }).then(
    ({ stdout }) => ({ code: 0, out: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      out: error.stdout + error.stderr,
    }),
  );

/** The machine's own Node when it has one that will do: the package promises 20. */
async function systemNode(): Promise<string> {
  for (const place of process.env["PATH"]!.split(delimiter)) {
    const path = join(place, "node");
    if (place.includes("node_modules") || !existsSync(path)) continue;
    const { code, out } = await run(path, ["-p", "process.versions.node"]);
    if (code === 0 && Number(out.split(".")[0]) >= 20) return path;
  }
  return process.execPath;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flow-outside-"));
  node = await systemNode();
  tenant = await newTenant();
  await tenant.patch("/environments/main", LOCALES);
  for (const { fields, back_references: _, ...type } of DEFINITIONS)
    await tenant.put(`/types/${type.id}`, { ...type, fields: fields.filter((field) => !field.to) });
  for (const type of DEFINITIONS) await tenant.put(`/types/${type.id}`, type);
  const built = (await run(process.execPath, [join(ROOT, "src/dev/build-package.ts")])).out.trim();
  const packed = await run("npm", ["pack", built, "--json", "--pack-destination", folder]);
  tarball = (JSON.parse(packed.out) as { filename: string }[])[0]!.filename;
  writeFileSync(join(folder, "package.json"), '{ "name": "frontend", "private": true, "type": "module" }');
  const flags = ["--offline", "--ignore-scripts", "--no-audit", "--no-fund"];
  const installed = await run("npm", ["install", `./${tarball}`, ...flags]);
  expect(installed.code, installed.out).toBe(0);
  for (const name of ["program.mjs", "schema.ts", "typed-queries.ts", "typed-values.ts"])
    cpSync(join(OUTSIDE, name), join(folder, name));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const connection = () => ({ FLOW_URL: inject("url"), FLOW_TOKEN: tenant.tokens.admin });
const flow = (...args: string[]) =>
  run(node, [join(folder, "node_modules/flowcms/bin/flow.js"), ...args], connection());

describe("the package in a project of somebody else", () => {
  it("is small and brings nothing along", () => {
    expect(statSync(join(folder, tarball)).size).toBeLessThan(MAX_PACKED_BYTES);
    expect(readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."))).toEqual([
      "flowcms",
    ]);
    const manifest = JSON.parse(
      readFileSync(join(folder, "node_modules/flowcms/package.json"), "utf8"),
    ) as object;
    expect(Object.keys(manifest).filter((key) => /dependencies|scripts/i.test(key))).toEqual([]);
  });

  it("reads, writes and publishes on the Node that is there", async () => {
    const { code, out } = await run(node, ["program.mjs"], connection());
    expect(code, out).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      status: "published",
      names: ["Outside"],
      refused: "content/not-found",
    });
  });

  it("verifies calls of webhooks", async () => {
    const secret = newSigningSecret();
    const body = JSON.stringify({ type: "entry.published" });
    const headers = await signedHeaders([secret], { id: "dlv_1", body, at: Date.now() });
    const script = `import { verifyWebhook } from "flowcms/webhooks";
      const call = ${JSON.stringify({ headers, body })};
      const refused = await verifyWebhook({ ...call, body: "{}" }, "${secret}").catch(({ name }) => name);
      console.log(JSON.stringify([await verifyWebhook(call, "${secret}"), refused]));`;
    const { out } = await run(node, ["--input-type=module", "-e", script]);
    expect(JSON.parse(out)).toEqual([JSON.parse(body), "WebhookError"]);
  });

  it("evaluates rules in a form", async () => {
    const script = `import { checkForm } from "flowcms/rules";
      const fields = [{ id: "a", type: "short_text", rules: [{ expression: "a.matches('^b+$')", message: "no" }] }];
      console.log(JSON.stringify(checkForm({ id: "t", fields }, { a: "c" }).problems));`;
    const { out } = await run(node, ["--input-type=module", "-e", script]);
    expect(JSON.parse(out)).toEqual([{ path: "a", message: "no" }]);
  });

  for (const [module, moduleResolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ])
    it(`has types that hold with moduleResolution ${moduleResolution}`, async () => {
      const compilerOptions = {
        module,
        moduleResolution,
        target: "es2022",
        lib: ["es2022", "dom", "dom.iterable"],
        types: [],
        strict: true,
        noEmit: true,
        allowImportingTsExtensions: true,
      };
      const config = { compilerOptions, files: ["typed-queries.ts", "typed-values.ts"] };
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
      const checked = await run(process.execPath, [TSC, "-p", "."]);
      expect(checked.code, checked.out).toBe(0);
    });

  it("has the command, which writes the types of what is there and says when they are old", async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
    expect((await flow("--version")).out).toBe(`${version}\n`);
    expect((await flow("types", "--check")).code).toBe(1);
    expect(existsSync(join(folder, "flow-types.ts"))).toBe(false);
    const written = await flow("types", "--json");
    expect(JSON.parse(written.out)).toEqual({ file: "flow-types.ts", types: 4, changed: true });
    expect(readFileSync(join(folder, "flow-types.ts"), "utf8")).toBe(writeTypes(DEFINITIONS, LOCALES));
    expect((await flow("types", "--check")).code).toBe(0);
    await tenant.put("/types/note", {
      id: "note",
      name: "Note",
      fields: [{ id: "text", type: "long_text" }],
    });
    const old = await flow("types", "--check");
    expect([old.code, old.out]).toEqual([1, expect.stringContaining("not up to date")]);
    expect((await flow("types", "everything")).code).toBe(2);
    expect((await flow("types", "--environment", "nowhere")).code).not.toBe(0);
  });
});

/** Every Node that is here: the one of this run, the machine's, and those that FLOW_TEST_NODES names. */
async function nodes(): Promise<Map<string, string>> {
  const named = (process.env["FLOW_TEST_NODES"] ?? "").split(delimiter).filter(Boolean);
  const found = new Map<string, string>();
  for (const path of [process.execPath, await systemNode(), ...named])
    found.set((await run(path, ["--version"])).out.trim(), path);
  return found;
}

describe("the command in a project of somebody else", () => {
  it("begins as the guide says", async () => {
    const own = await newTenant();
    const cwd = mkdtempSync(join(tmpdir(), "flow-project-"));
    const env = { FLOW_URL: inject("url"), FLOW_TOKEN: own.tokens.admin };
    const here = async (command: string, ...args: string[]) => {
      const done = await run(command, args, env, cwd);
      expect(done.code, done.out).toBe(0);
    };
    await here("npm", "init", "-y");
    await here("npm", "install", join(folder, tarball), "--offline", "--no-audit", "--no-fund");
    await here("npx", "--no", "flow", "init");
    await here("npx", "--no", "flow", "types", "push", "--keep-others");
    expect((await own.get("/types/page")).body.data.fields).toHaveLength(4);
    rmSync(cwd, { recursive: true });
  });

  it.each(["none", "module", "commonjs"])("reads its modules on every Node, type: %s", async (type) => {
    const cwd = mkdtempSync(join(tmpdir(), "flow-project-"));
    cpSync(join(folder, "node_modules"), join(cwd, "node_modules"), { recursive: true });
    writeFileSync(join(cwd, "package.json"), JSON.stringify(type === "none" ? {} : { type }));
    mkdirSync(join(cwd, "flow/types/fields"), { recursive: true });
    const files = {
      "flow/types/fields/title.ts": `enum Kind { Text = "short_text" }
        export const title = { id: "title", type: Kind.Text as "short_text" };`,
      "flow/types/a.ts": `import { defineType, type TypeDefinition } from "flowcms/config";
        import { title } from "./fields/title";
        export default defineType({ id: "a", name: "A", fields: [title] } satisfies TypeDefinition);`,
      "flow/types/b.mts": `import { title } from "./fields/title.ts";
        export default await Promise.resolve({ id: "b", name: "B", fields: [title] });`,
      "flow/types/c.cts": `const title: { id: string } = { id: "title", type: "short_text" } as never;
        module.exports = { id: "c", name: "C", fields: [title] };`,
      "flow/types/d.js": `import { defineType } from "flowcms/config";
        export default defineType({ id: "d", name: "D", fields: [{ id: "title", type: "short_text" }] });`,
      "flow/types/e.mjs": `export default { id: "e", name: "E", fields: [{ id: "title", type: "short_text" }] };`,
      "flow/types/f.cjs": `const { defineType } = require("flowcms/config");
        module.exports = defineType({ id: "f", name: "F", fields: [{ id: "title", type: "short_text" }] });`,
      "flow/types/g.js": `module.exports = { id: "g", name: "G", fields: [{ id: "title", type: "short_text" }] };`,
      "change.ts": `import { defineMigration } from "flowcms/config";
        export default defineMigration({ type: "a", migrate: () => null as null });`,
    };
    for (const [path, text] of Object.entries(files)) writeFileSync(join(cwd, path), text);
    const bin = join(cwd, "node_modules/flowcms/bin/flow.js");
    for (const [version, path] of await nodes()) {
      const own = await newTenant();
      const env = { FLOW_URL: inject("url"), FLOW_TOKEN: own.tokens.admin };
      const pushed = await run(path, [bin, "types", "push", "--keep-others", "--json"], env, cwd);
      expect(pushed.code, `${version}: ${pushed.out}`).toBe(0);
      expect(((await own.get("/types")).body.data as { id: string }[]).map(({ id }) => id).sort()).toEqual([
        ..."abcdefg",
      ]);
      const migrated = await run(path, [bin, "migrate", "change.ts", "--dry-run"], env, cwd);
      expect(migrated.code, `${version}: ${migrated.out}`).toBe(0);
    }
    rmSync(cwd, { recursive: true });
  });
});

describe("types as TypeScript", () => {
  /** Without what a formatter may change. */
  const plain = (text: string) =>
    text
      .replace(/\s+/g, "")
      .replaceAll(",}", "}")
      .replace(/([(=<:])\|/g, "$1");

  it("are what the tests of the client are written against", () => {
    expect(plain(readFileSync(join(OUTSIDE, "schema.ts"), "utf8"))).toBe(
      plain(writeTypes(DEFINITIONS, LOCALES)),
    );
  });

  it("do not depend on the order of the types", () => {
    expect(writeTypes(DEFINITIONS.toReversed(), LOCALES)).toBe(writeTypes(DEFINITIONS, LOCALES));
  });

  it("promise no value where a locale falls back to none", () => {
    const locales = [{ code: "en" }, { code: "fr" }];
    expect(writeTypes(DEFINITIONS, { locales })).toContain("title: string | null;");
    expect(writeTypes(DEFINITIONS, LOCALES)).toContain("title: string;");
  });

  it("have names that are nobody else's", () => {
    const types = ["locale", "schema", "a_1", "a1", "rich_text"].map((id) => ({
      id,
      name: id,
      fields: [{ id: "body", type: "rich_text" as const }],
    }));
    const text = writeTypes(types, LOCALES);
    const names = [...text.matchAll(/export type (\w+) /g)].map(([, name]) => name);
    expect(names).toEqual([
      "Locale",
      "A1",
      "A1Entry",
      "LocaleEntry",
      "RichTextEntry",
      "SchemaEntry",
      "Schema",
    ]);
    expect(text).toContain('import type { RichText } from "flowcms/client";');
  });

  it("hold with no type at all", () => {
    expect(writeTypes([], LOCALES)).not.toContain("import");
  });
});
