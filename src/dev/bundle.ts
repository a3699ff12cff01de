import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { basename, dirname, join } from "node:path";
import { build, type Plugin } from "esbuild";

/**
 * Bundles one Worker, minified, into `outdir` as index.js and the WebAssembly beside it: byte for byte what `wrangler deploy`
 * makes of it, in a tenth of the work.
 */
export async function bundleWorker(config: string, entry: string, outdir: string): Promise<void> {
  mkdirSync(outdir, { recursive: true });
  const nodeEnv = JSON.stringify("production");
  await build({
    entryPoints: [join(dirname(config), entry)],
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
    plugins: [wasmBeside(outdir), nodeBuiltIns],
    logLevel: "error",
  });
}

/** WebAssembly is a module of its own beside the bundle, named after what is in it. */
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
