import { join } from "node:path";
import { ROOT, runWrangler } from "../../src/dev/build.ts";

/** Bundles the Worker that the product is compared with, as the product's own are. */
export async function buildBenchWorker(): Promise<{ name: string; script: string }> {
  const out = join(ROOT, "dist/bench");
  await runWrangler([
    "deploy",
    "--dry-run",
    "--minify",
    "--outdir",
    out,
    "-c",
    join(ROOT, "test/bench/worker/wrangler.toml"),
  ]);
  return { name: "flowcms-bench", script: join(out, "index.js") };
}
