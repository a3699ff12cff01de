import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { QUIET, ROOT, WORKERS } from "./build.ts";
import { migrateFromEnvironment } from "./migrate.ts";

// `npm run deploy`: the schema first, since a Worker may need it; then each Worker before those that
// bind it.
try {
  await migrateFromEnvironment();
} catch (error) {
  console.error(`Nothing was deployed. ${(error as Error).message}`);
  process.exit(1);
}
const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
for (const { name, config } of WORKERS) {
  console.log(`\nDeploying ${name} …`);
  const env = { ...process.env, WRANGLER_SEND_METRICS: QUIET.WRANGLER_SEND_METRICS };
  const { status } = spawnSync(
    process.execPath,
    [wrangler, "deploy", "-c", config, ...process.argv.slice(2)],
    { cwd: ROOT, env, stdio: "inherit" },
  );
  if (status !== 0) {
    console.error(
      `\n${name} was not deployed; the Workers after it were not deployed either. Repeat \`npm run deploy\` when it is fixed.`,
    );
    process.exit(status ?? 1);
  }
}
