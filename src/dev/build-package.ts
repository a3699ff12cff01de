import { execFile } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "vite";
import { DIST, ROOT } from "./build.ts";

const PACKAGE = join(DIST, "flowcms");
const NODE = "node20";

/**
 * Builds dist/flowcms, the npm package with the client, the rules of forms and the command line as JavaScript, without
 * dependencies. Returns its folder.
 */
async function buildPackage(): Promise<string> {
  rmSync(PACKAGE, { recursive: true, force: true });
  mkdirSync(join(PACKAGE, "bin"), { recursive: true });
  await Promise.all([
    compileLibrary(join(PACKAGE, "dist/lib"), ["sdk/admin.ts", "sdk/webhooks.ts", "cli/config.ts"]),
    bundleCli(join(PACKAGE, "dist/cli")),
    bundleRules(join(PACKAGE, "dist/rules")),
  ]);
  writeFileSync(join(PACKAGE, "package.json"), `${JSON.stringify(manifest(), null, 2)}\n`);
  const bin = join(PACKAGE, "bin/flow.js");
  writeFileSync(
    bin,
    "#!/usr/bin/env node\nimport { run } from '../dist/cli/main.js';\n\nprocess.exitCode = await run(process.argv.slice(2));\n",
  );
  chmodSync(bin, 0o755);
  cpSync(join(ROOT, "LICENSE"), join(PACKAGE, "LICENSE"));
  cpSync(join(ROOT, "src/sdk/README.md"), join(PACKAGE, "README.md"));
  return PACKAGE;
}

function manifest(): object {
  const { name, version, license, type, engines } = JSON.parse(
    readFileSync(join(ROOT, "package.json"), "utf8"),
  ) as Record<string, unknown>;
  return {
    name,
    version,
    description: "Client and command line of FlowCMS",
    license,
    type,
    bin: { flow: "bin/flow.js" },
    exports: {
      "./client": { types: "./dist/lib/sdk/index.d.ts", default: "./dist/lib/sdk/index.js" },
      "./admin": { types: "./dist/lib/sdk/admin.d.ts", default: "./dist/lib/sdk/admin.js" },
      "./config": { types: "./dist/lib/cli/config.d.ts", default: "./dist/lib/cli/config.js" },
      "./rules": { types: "./dist/rules/core/rules/form.d.ts", default: "./dist/rules/form.js" },
      "./webhooks": { types: "./dist/lib/sdk/webhooks.d.ts", default: "./dist/lib/sdk/webhooks.js" },
      "./package.json": "./package.json",
    },
    sideEffects: false,
    engines,
  };
}

/**
 * One JavaScript file and one declaration per source, checked against what browsers and Node have in
 * common.
 */
async function compileLibrary(outDir: string, entries: string[], isBundled = false): Promise<void> {
  const options = {
    outDir,
    rootDir: join(ROOT, "src"),
    target: "es2022",
    lib: "es2022,dom,dom.iterable",
    module: "nodenext",
    types: "",
  };
  const flags = [
    "ignoreConfig",
    "strict",
    "declaration",
    "rewriteRelativeImportExtensions",
    "verbatimModuleSyntax",
    ...(isBundled ? ["emitDeclarationOnly", "skipLibCheck"] : []),
  ];
  await promisify(execFile)(
    process.execPath,
    [
      join(ROOT, "node_modules/typescript/lib/tsc.js"),
      ...entries.map((entry) => join(ROOT, "src", entry)),
      ...Object.entries(options).flatMap(([name, value]) => (value === "" ? [] : [`--${name}`, value])),
      ...flags.map((flag) => `--${flag}`),
    ],
    { cwd: ROOT },
  ).catch((error: Error & { stdout?: string }) => {
    throw new Error(`The client does not compile:\n${error.stdout ?? ""}`, { cause: error });
  });
  // Declarations keep the names of the sources, which older compilers do not find.
  const names = readdirSync(outDir, { recursive: true, encoding: "utf8" });
  for (const name of names.filter((one) => one.endsWith(".d.ts"))) {
    const path = join(outDir, name);
    writeFileSync(path, readFileSync(path, "utf8").replace(/(from "\.[\w./-]+)\.ts"/g, '$1.js"'));
  }
}

/** The rules of forms in one file with what they are made of, which the client does without. */
async function bundleRules(outDir: string): Promise<void> {
  const entry = "core/rules/form.ts";
  await build({
    root: ROOT,
    configFile: false,
    logLevel: "error",
    build: {
      outDir,
      target: "es2022",
      license: { fileName: "licenses.md" },
      rolldownOptions: { output: { minify: true } },
      lib: { entry: join(ROOT, "src", entry), formats: ["es"], fileName: () => "form.js" },
    },
  });
  await compileLibrary(outDir, [entry], true);
}

async function bundleCli(outDir: string): Promise<void> {
  await build({
    root: ROOT,
    configFile: false,
    logLevel: "error",
    ssr: { noExternal: true },
    build: {
      ssr: join(ROOT, "src/cli/main.ts"),
      outDir,
      target: NODE,
      minify: false,
      license: { fileName: "licenses.md" },
      rolldownOptions: { output: { entryFileNames: "main.js", codeSplitting: false } },
    },
    plugins: [{ name: "loader-beside", enforce: "pre", resolveId: (id) => (id === "jiti" ? LOADER : null) }],
  });
  copyLoader(outDir);
}

/** The module loader is a separate file next to the bundle: it loads its compiler only when needed. */
const LOADER = { id: "./jiti/lib/jiti.mjs", external: true };

function copyLoader(outDir: string): void {
  for (const path of ["package.json", "LICENSE", "lib/jiti.mjs", "dist/jiti.cjs", "dist/babel.cjs"])
    cpSync(join(ROOT, "node_modules/jiti", path), join(outDir, "jiti", path));
}

console.log(await buildPackage());
