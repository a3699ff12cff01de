import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { bundleSizes, DIST, runWrangler, WORKERS } from "../../src/dev/build.ts";

const FILE = new URL("../budgets.json", import.meta.url);
const YARDSTICK = fileURLToPath(new URL("../support/yardstick.toml", import.meta.url));
/** Compressors differ by a little between machines, start-up by how busy the machine is. */
const SIZE_TOLERANCE = 1.01;
const STARTUP_TOLERANCE = 2;
const STARTUP_TRIES = 4;

type Budgets = { gzip_bytes: Record<string, number>; startup_ratio: Record<string, number> };
const committed = () => JSON.parse(readFileSync(FILE, "utf8")) as Budgets;

/** The committed sizes only go down, and only where somebody looks at the change. */
function lowerSizes(measured: Record<string, number>): void {
  const budgets = committed();
  const isLower = Object.entries(measured).some(([name, value]) => value < budgets.gzip_bytes[name]! * 0.99);
  if (process.env["CI"] || !isLower) return;
  for (const [name, value] of Object.entries(measured))
    budgets.gzip_bytes[name] = Math.min(value, budgets.gzip_bytes[name] ?? value);
  writeFileSync(FILE, `${JSON.stringify(budgets, null, 2)}\n`);
}

it("every Worker deploys in less than 1 MB, and in no more than the committed size", () => {
  const budgets = committed().gzip_bytes;
  const sizes = Object.fromEntries(bundleSizes().map(({ name, gzipBytes }) => [name, gzipBytes]));
  for (const [name, bytes] of Object.entries(sizes)) {
    expect(bytes, name).toBeLessThan(1_000_000);
    expect(bytes, name).toBeLessThanOrEqual(budgets[name]! * SIZE_TOLERANCE);
  }
  lowerSizes(sizes);
});

it("wrangler deploys every Worker as it was built, byte for byte", async () => {
  for (const { name, config } of WORKERS) {
    const folder = mkdtempSync(join(tmpdir(), "flow-deployed-"));
    await runWrangler(["deploy", "--dry-run", "--outdir", folder, "-c", config]);
    const codeIn = (path: string) =>
      Object.fromEntries(
        readdirSync(path)
          .filter((file) => /\.(?:js|wasm|txt)$/.test(file))
          .map((file) => [
            file,
            createHash("sha256")
              .update(readFileSync(join(path, file)))
              .digest("hex"),
          ]),
      );
    expect(codeIn(join(DIST, name)), name).toEqual(codeIn(folder));
    rmSync(folder, { recursive: true });
  }
}, 180_000);

it("every Worker starts in time, and in no more yardsticks than committed", async () => {
  const budgets = committed().startup_ratio;
  for (const { name, config } of WORKERS) {
    const limit = budgets[name]! * STARTUP_TOLERANCE;
    let ratio = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < STARTUP_TRIES && ratio >= limit; attempt++) {
      const yardstick = await startupMs(YARDSTICK);
      ratio = Math.min(ratio, (await startupMs(config)) / yardstick);
    }
    expect(ratio, name).toBeGreaterThan(0);
    expect(ratio, name).toBeLessThan(limit);
  }
}, 180_000);

async function startupMs(config: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "flow-startup-"));
  const outfile = join(folder, "startup.cpuprofile");
  await runWrangler(["check", "startup", `--args=-c ${config}`, "--outfile", outfile]);
  const profile = JSON.parse(readFileSync(outfile, "utf8")) as Profile;
  rmSync(folder, { recursive: true });
  return loadMs(profile);
}

type Profile = { startTime: number; endTime: number };

/** How long loading the bundle and running its module scope took, in milliseconds. */
const loadMs = ({ startTime, endTime }: Profile): number => (endTime - startTime) / 1000;
