import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { builtinModules } from "node:module";
import { basename, dirname, join } from "node:path";
import { build, type Plugin } from "esbuild";
import { withoutWords } from "./without-words.ts";

/**
 * Bundles one Worker, minified, into `outdir`: index.js and its WebAssembly and text modules, as
 * `wrangler deploy` sends them. `texts` are generated text modules, by import name.
 */
export async function bundleWorker(
  config: string,
  entry: string,
  outdir: string,
  texts: Readonly<Record<string, string>> = {},
): Promise<void> {
  mkdirSync(outdir, { recursive: true });
  const nodeEnv = JSON.stringify("production");
  await build({
    entryPoints: [entry],
    absWorkingDir: dirname(config),
    outdir,
    entryNames: "index",
    bundle: true,
    minify: true,
    keepNames: true,
    sourcemap: true,
    sourceRoot: outdir,
    format: "esm",
    target: "es2024",
    supported: { "import-source": true, using: true },
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    define: {
      "navigator.userAgent": '"Cloudflare-Workers"',
      "process.env.NODE_ENV": nodeEnv,
      "global.process.env.NODE_ENV": nodeEnv,
      "globalThis.process.env.NODE_ENV": nodeEnv,
    },
    loader: { ".js": "jsx", ".mjs": "jsx", ".cjs": "jsx" },
    plugins: [wasmBeside(outdir), textsBeside(outdir, texts), wordless, nodeBuiltIns],
    logLevel: "error",
  });
}

/** WebAssembly is a separate module, named by its hash. */
const wasmBeside = (outdir: string): Plugin => ({
  name: "wasm-beside",
  setup({ onResolve, resolve }) {
    onResolve({ filter: /\.wasm$/ }, async ({ path, kind, resolveDir, pluginData }) => {
      if (pluginData === "resolving") return undefined;
      const found = await resolve(path, { kind, resolveDir, pluginData: "resolving" });
      if (found.errors.length > 0) return { errors: found.errors };
      const hash = createHash("sha1").update(readFileSync(found.path)).digest("hex");
      const name = `${hash}-${basename(found.path)}`;
      copyFileSync(found.path, join(outdir, name));
      return { path: `./${name}`, external: true };
    });
  },
});

/** So are texts that are made for the bundle. */
const textsBeside = (outdir: string, texts: Readonly<Record<string, string>>): Plugin => ({
  name: "texts-beside",
  setup({ onResolve }) {
    onResolve({ filter: /\.txt$/ }, ({ path }) => {
      const text = texts[basename(path)];
      if (text === undefined) return { errors: [{ text: `${path} was not built.` }] };
      writeFileSync(join(outdir, basename(path)), text);
      return { path: `./${basename(path)}`, external: true };
    });
  },
});

/** Words for people are in the API document, and no Worker reads them of the operations. */
const wordless: Plugin = {
  name: "wordless",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/]domain[\\/].*\.ts$/ }, async ({ path }) => ({
      contents: withoutWords(path, await readFile(path, "utf8")),
      loader: "ts",
    }));
  },
};

const BUILT_IN = new RegExp(`^(?:node:.+|${builtinModules.join("|")})$`);

/** What the runtime has of Node's own modules is imported from it, also where a package says `require`. */
const nodeBuiltIns: Plugin = {
  name: "node-built-ins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: BUILT_IN }, ({ path, kind }) =>
      kind === "require-call" ? { path, namespace: "node-built-in-modules" } : { path, external: true },
    );
    onLoad({ filter: /.*/, namespace: "node-built-in-modules" }, ({ path }) => ({
      contents: `import libDefault from '${path}';\nmodule.exports = libDefault;`,
      loader: "js",
    }));
  },
};
