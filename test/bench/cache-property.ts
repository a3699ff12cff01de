import { spawn } from "node:child_process";
import { ROOT } from "../../src/dev/build.ts";

// The long run of test/workers/cache-property.test.ts.
const writes = /^\d+$/.exec(process.argv[process.argv.indexOf("--cache-property") + 1] ?? "")?.[0] ?? "10000";
const test = ["vitest", "run", "--project", "workers", "test/workers/cache-property.test.ts"];
const child = spawn("npx", test, {
  ...{ cwd: ROOT, stdio: "inherit" },
  env: { ...process.env, FLOW_CACHE_WRITES: writes },
});
child.on("exit", (code) => process.exit(code ?? 1));
