import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
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
import { writeTypes } from "../../src/cli/types/write-types.ts";
import { DEFINITIONS, LOCALES } from "../outside/definitions.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const OUTSIDE = join(ROOT, "test/outside");
const TSC = join(ROOT, "node_modules/typescript/lib/tsc.js");
const MAX_PACKED_BYTES = 200_000;

let folder: string;
let tenant: Tenant;
let tarball: string;
let node: string;

const run = async (command: string, args: string[], env: Record<string, string> = {}) =>
  promisify(execFile)(command, args, { cwd: folder, env: { ...process.env, ...env } }).then(
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
  for (const { fields, ...type } of DEFINITIONS)
    await tenant.put(`/types/${type.id}`, { ...type, fields: fields.filter((field) => !field.to) });
  for (const type of DEFINITIONS) await tenant.put(`/types/${type.id}`, type);
  const built = (await run(process.execPath, [join(ROOT, "src/dev/build-package.ts")])).out.trim();
  const packed = await run("npm", ["pack", built, "--json", "--pack-destination", folder]);
  tarball = (JSON.parse(packed.out) as { filename: string }[])[0]!.filename;
  writeFileSync(join(folder, "package.json"), '{ "name": "frontend", "private": true, "type": "module" }');
  const flags = ["--offline", "--ignore-scripts", "--no-audit", "--no-fund"];
  const installed = await run("npm", ["install", `./${tarball}`, ...flags]);
  expect(installed.code, installed.out).toBe(0);
  for (const name of ["program.mjs", "schema.ts", "typed-queries.ts"])
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
      const config = { compilerOptions, files: ["typed-queries.ts"] };
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
    expect(JSON.parse(written.out)).toEqual({ file: "flow-types.ts", types: 3, changed: true });
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

describe("the command in a project of somebody else", () => {
  it("keeps types as TypeScript files, which the package describes", async () => {
    const own = await newTenant();
    const env = { FLOW_URL: inject("url"), FLOW_TOKEN: own.tokens.admin };
    const newest = (...args: string[]) =>
      run(process.execPath, [join(folder, "node_modules/flowcms/bin/flow.js"), ...args], env);
    expect(await newest("init")).toMatchObject({ code: 0 });
    const pushed = await newest("types", "push");
    expect(pushed.code, pushed.out).toBe(0);
    expect((await own.get("/types/page")).body.data.fields).toHaveLength(4);
  });
});

describe("types as TypeScript", () => {
  /** Without what a formatter may change. */
  const plain = (text: string) => text.replace(/\s+/g, "").replace(/([(=<:])\|/g, "$1");

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
