import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const DIST = join(ROOT, "dist");

/** Every Worker, in the order in which they are deployed: a Worker's bindings come before it. */
export const WORKERS = [
  {
    name: "identity",
    config: join(ROOT, "workers/identity/wrangler.toml"),
    entry: join(ROOT, "workers/identity/index.ts"),
  },
  {
    name: "webhooks",
    config: join(ROOT, "workers/webhooks/wrangler.toml"),
    entry: join(ROOT, "workers/webhooks/index.ts"),
  },
  {
    name: "content",
    config: join(ROOT, "workers/content/wrangler.toml"),
    entry: join(ROOT, "workers/content/index.ts"),
  },
  {
    name: "realtime",
    config: join(ROOT, "workers/realtime/wrangler.toml"),
    entry: join(ROOT, "workers/realtime/index.ts"),
  },
  { name: "gateway", config: join(ROOT, "wrangler.toml"), entry: join(ROOT, "workers/gateway/index.ts") },
  {
    name: "maintenance",
    config: join(ROOT, "workers/maintenance/wrangler.toml"),
    entry: join(ROOT, "workers/maintenance/index.ts"),
  },
] as const;

/** Keeps wrangler from asking the network for anything but the deploy itself. */
export const QUIET = {
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_WRITE_LOGS: "false",
  X_LOCAL_OBSERVABILITY: "false",
  WRANGLER_REGISTRY_PATH: join(ROOT, ".flow/registry"),
};

export type BundleSize = { name: string; gzipBytes: number };

/**
 * Bundles every Worker as it deploys, minified, into dist; does nothing when no source changed since.
 * The bundler runs in a process of its own, so that its memory is not ours to keep.
 */
export async function build(log: (line: string) => void = () => {}): Promise<void> {
  const stamp = join(DIST, "stamp");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprintOfSources()) return;
  log("Bundling the Workers …");
  await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url)], { cwd: ROOT });
}

async function bundle(): Promise<void> {
  const fingerprint = fingerprintOfSources();
  mkdirSync(DIST, { recursive: true });
  const [
    { bundleWorker },
    { createDocument },
    { GROUPS },
    { createManagement },
    { CONTENT_GROUPS },
    { IDENTITY_GROUPS },
  ] = await Promise.all([
    import("./bundle.ts"),
    import("../http/openapi/document.ts"),
    import("../http/openapi/groups.ts"),
    import("../http/graphql/management/create-management.ts"),
    import("../http/operation-groups.ts"),
    import("../http/identity/operation-groups.ts"),
  ]);
  const texts = {
    "openapi.txt": JSON.stringify(createDocument(GROUPS)),
    "management.txt": JSON.stringify(
      createManagement({ content: CONTENT_GROUPS, identity: IDENTITY_GROUPS }),
    ),
  };
  const bundles = WORKERS.map(async ({ name, config, entry }) => {
    rmSync(join(DIST, name), { recursive: true, force: true });
    await bundleWorker(config, entry, join(DIST, name), texts);
  });
  // esbuild works in a process of its own while this one reads wrangler.
  const { unstable_getMiniflareWorkerOptions: optionsOf } = await import("wrangler");
  const options = WORKERS.map(({ config }) => {
    const { workerOptions } = optionsOf(config);
    return { ...workerOptions, rootPath: undefined };
  });
  await Promise.all(bundles);
  writeFileSync(join(DIST, "workers.json"), JSON.stringify(options, null, 2));
  writeFileSync(join(DIST, "stamp"), fingerprint);
}

/** Runs the wrangler of this package, quietly. */
export async function runWrangler(args: string[]): Promise<string> {
  const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  const { stdout } = await promisify(execFile)(process.execPath, [wrangler, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...QUIET, NODE_ENV: "production" },
  });
  return stdout;
}

/** Compressed size of each bundle. */
export function bundleSizes(): BundleSize[] {
  return WORKERS.map(({ name }) => ({
    name,
    gzipBytes: gzipSync(readFileSync(join(DIST, name, "index.js"))).byteLength,
  }));
}

function fingerprintOfSources(): string {
  const hash = createHash("sha256");
  const visit = (path: string): void => {
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path).sort()) visit(join(path, name));
    } else if (!path.endsWith(".test.ts"))
      hash.update(relative(ROOT, path)).update("\0").update(readFileSync(path));
  };
  for (const name of [
    "src/core",
    "src/db",
    "src/domain",
    "src/http",
    "src/platform",
    "src/dev/bundle.ts",
    "src/dev/without-words.ts",
    "package.json",
    "workers",
    "wrangler.toml",
    "package-lock.json",
  ])
    visit(join(ROOT, name));
  return hash.digest("hex");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundle();
  for (const { name, gzipBytes } of bundleSizes())
    console.log(`${name.padEnd(12)} ${(gzipBytes / 1024).toFixed(1)} KiB gz`);
}
