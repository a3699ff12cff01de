import { join } from "node:path";
import { ROOT, runWrangler } from "../../src/dev/build.ts";
import type { ExtraWorker } from "../../src/dev/start-workers.ts";

export const BASELINE = "flowcms-bench";
const BEHIND = "flowcms-bench-sql";

/**
 * Bundles the Worker that the product is compared with, as the product's own are. It runs twice: what
 * asks the database stands behind another Worker, as CONTENT stands behind the gateway.
 */
export async function buildBenchWorkers(): Promise<ExtraWorker[]> {
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
  const script = join(out, "index.js");
  return [
    { name: BASELINE, script, reaches: { BEHIND } },
    { name: BEHIND, script },
  ];
}
